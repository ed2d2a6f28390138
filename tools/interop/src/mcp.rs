//! Servers of the Model Context Protocol, with the example `mcp` as their client.
//!
//! The output of the example shows what it received. The reference server, run by Node, resumes a
//! stream by sending what it has stored so far, and nothing after that: a client without an idle
//! timeout never receives its answer.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::{
    error::{Result, ScenarioError},
    follow::Tally,
    nginx::{Certificate, Installed, Modules, Nginx},
    packages::{node, version_of_node_package},
    payload::Seen,
    place,
    process::Process,
    report::{Boxed, Report},
    server::Program,
};

const STEPS: usize = 10;
const CALL: [&str; 3] =
    ["--call", "trigger-long-running-operation", r#"{"duration": 2, "steps": 10}"#];
const IDLE_TIMEOUT: [&str; 2] = ["--idle-timeout", "1"];

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    for (name, is_short, trials) in SERVERS {
        if report.includes(*is_short) {
            let outcome = trials(report).await;
            report.ended(name, outcome);
        }
    }
    Ok(())
}

type Trial = (&'static str, bool, fn(&mut Report) -> Boxed<'_>);

/// Servers, and `true` if `--short` includes them.
const SERVERS: &[Trial] = &[
    ("MCP server-everything", true, |report| Box::pin(reference(report))),
    ("MCP go-sdk", false, |report| Box::pin(go_sdk(report))),
];

async fn reference(report: &mut Report) -> Result<()> {
    let modules = node("node").await?;
    let package = modules.join("node_modules/@modelcontextprotocol/server-everything");
    let name = format!("MCP server-everything {}", version_of_node_package(&package).await?);
    let (process, [port]) = Process::start("mcp", READY, |_, [port]| {
        let mut command = Command::new("node");
        command.arg(package.join("dist/index.js")).arg("streamableHttp");
        // One of its tools returns its environment to any client.
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("PORT", port.to_string());
        Ok(command)
    })
    .await?;
    let url = format!("http://127.0.0.1:{port}/mcp");
    let logs = [&process];
    let all = "tools, progress, and a request of its own";
    report.scenario(&name, all, &logs, everything(&url)).await;
    report.scenario(&name, "cut by us, resumed by GET", &logs, cut_by_us(&url)).await;
    let behind = format!("{name} behind nginx");
    report.scenario(&behind, "nginx reloaded", &logs, cut_by_nginx(port)).await;
    Ok(())
}

/// Runs the server of `servers/go/mcp`. It has an event store, and sends all of its progress at
/// once.
async fn go_sdk(report: &mut Report) -> Result<()> {
    let module = Some("github.com/modelcontextprotocol/go-sdk");
    let program = Program::Go { main: "mcp", argument: None, module };
    let (server, name) = program.start("MCP go-sdk").await?;
    let url = format!("http://127.0.0.1:{}/mcp", server.port);
    let logs = [&server.process];
    report.scenario(&name, "a tool, progress", &logs, progress(&url)).await;
    report.scenario(&name, "cut by us, resumed by GET", &logs, cut_by_us(&url)).await;
    Ok(())
}

async fn progress(url: &str) -> Result<Tally> {
    let conversation = Conversation::start(&CALL, url)?.read(async || Ok(())).await?;
    conversation.says(&["answer: Long running operation completed", "end: 20"])?;
    conversation.tally(STEPS, 1)
}

async fn everything(url: &str) -> Result<Tally> {
    let conversation = Conversation::start(&[], url)?.read(async || Ok(())).await?;
    conversation.says(&[
        "answer: Echo: hello",
        "answer: Long running operation completed",
        "request: sampling/createMessage",
        "demo answer to: ",
        "end: 200 OK",
    ])?;
    conversation.tally(5, 1)
}

async fn cut_by_us(url: &str) -> Result<Tally> {
    let args = [&["--reconnect"], &CALL[..], &IDLE_TIMEOUT].concat();
    Conversation::start(&args, url)?.read(async || Ok(())).await?.resumed()
}

async fn cut_by_nginx(upstream: u16) -> Result<Tally> {
    let http = |[port]: [u16; 1]| {
        format!(
            "server {{
                listen 127.0.0.1:{port};
                location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; }}
            }}"
        )
    };
    let (installed, certificate) = (Installed::find().await?, Certificate::new()?);
    let (nginx, [port]) = Nginx::start(&installed, Modules::Own, &certificate, http).await?;
    let args = [&CALL[..], &IDLE_TIMEOUT].concat();
    let conversation = Conversation::start(&args, &format!("http://127.0.0.1:{port}/mcp"))?;
    conversation.read(async || nginx.reload().await).await?.resumed()
}

/// Run of the example, with its output.
struct Conversation {
    client: tokio::process::Child,
    lines: Vec<String>,
}

impl Conversation {
    fn start(args: &[&str], url: &str) -> Result<Self> {
        let mut command = Command::new(place::example("mcp")?);
        command.args(args).arg(url).stdin(Stdio::null()).stdout(Stdio::piped());
        let client = command.kill_on_drop(true).spawn()?;
        Ok(Self { client, lines: Vec::new() })
    }

    /// Reads the output to its end, and calls a function at the first progress.
    async fn read(mut self, at_first_progress: impl AsyncFnOnce() -> Result<()>) -> Result<Self> {
        let stdout = self.client.stdout.take().ok_or_else(|| ScenarioError::failed("no output"))?;
        let mut lines = BufReader::new(stdout).lines();
        let mut at_first_progress = Some(at_first_progress);
        while let Some(line) = lines.next_line().await? {
            self.lines.push(line);
            if self.progress().next().is_some() {
                if let Some(act) = at_first_progress.take() {
                    act().await?;
                }
            }
        }
        let status = self.client.wait().await?;
        if status.success() { Ok(self) } else { Err(self.failed(&status.to_string())) }
    }

    /// Returns the numbers of the progress notifications.
    fn progress(&self) -> impl Iterator<Item = u64> {
        let numbers = self.lines.iter().filter_map(|line| line.strip_prefix("  progress: "));
        numbers.filter_map(|rest| rest.split(' ').next()?.parse().ok())
    }

    /// Fails if one of these texts was not printed.
    fn says(&self, words: &[&str]) -> Result<()> {
        let says = |word: &str| self.lines.iter().any(|line| line.contains(word));
        match words.iter().find(|word| !says(word)) {
            Some(missing) => Err(self.failed(&format!("does not say `{missing}`"))),
            None => Ok(()),
        }
    }

    /// Returns the result of [`CALL`], whose stream was interrupted.
    fn resumed(&self) -> Result<Tally> {
        self.says(&["resumed: GET", "answer: Long running operation completed", "end: 20"])?;
        self.tally(STEPS, 2)
    }

    /// Counts the progress notifications, and the connections of their answer.
    fn tally(&self, steps: usize, connections: u64) -> Result<Tally> {
        let mut seen = Seen::up_to(steps);
        self.progress().for_each(|number| seen.count(number));
        let resumed = self.lines.iter().filter(|line| line.starts_with("  resumed: ")).count();
        Tally::of(seen, 1 + resumed as u64).checked()?.with_connections(connections)
    }

    fn failed(&self, why: &str) -> ScenarioError {
        ScenarioError::failed(format!("{why}\n{}", self.lines.join("\n")))
    }
}

const READY: &str = "listening on port";
