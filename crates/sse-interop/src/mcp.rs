//! The reference server of the Model Context Protocol, by Node, and the example `mcp` as its client.
//!
//! Here the client is a program, and what it prints tells what came. The server resumes a stream with
//! what it holds by then, and sends nothing more on it: a client that does not lose patience with
//! the silence never gets its answer.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::{
    follow::Tally,
    nginx::{Certificate, Installed, Modules, Nginx},
    packages::{node, version_of_node_package},
    payload::Seen,
    place,
    process::Process,
    report::Report,
    trouble::{Result, Trouble},
};

const STEPS: usize = 10;
const CALL: [&str; 3] =
    ["--call", "trigger-long-running-operation", r#"{"duration": 2, "steps": 10}"#];
const IMPATIENT: [&str; 2] = ["--idle-timeout", "1"];

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    let modules = node().await?;
    let package = modules.join("node_modules/@modelcontextprotocol/server-everything");
    let name = format!("MCP server-everything {}", version_of_node_package(&package).await?);
    let (process, [port]) = Process::start("mcp", READY, |_, [port]| {
        let mut command = Command::new("node");
        command.arg(package.join("dist/index.js")).arg("streamableHttp");
        // One of its tools tells whoever asks what stands in its environment.
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

async fn everything(url: &str) -> Result<Tally> {
    let conversation = Conversation::start(&[], url)?.read(async || Ok(())).await?;
    conversation.says(&[
        "answer: Echo: hello",
        "answer: Long running operation completed",
        "asked: sampling/createMessage",
        "no model was asked",
        "end: 200 OK",
    ])?;
    conversation.tally(5, 1)
}

async fn cut_by_us(url: &str) -> Result<Tally> {
    let args = [&["--cut"], &CALL[..], &IMPATIENT].concat();
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
    let args = [&CALL[..], &IMPATIENT].concat();
    let conversation = Conversation::start(&args, &format!("http://127.0.0.1:{port}/mcp"))?;
    conversation.read(async || nginx.reload().await).await?.resumed()
}

/// What the example prints.
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

    /// Reads all that the client prints, and does something when it tells of the first progress.
    async fn read(mut self, at_first_progress: impl AsyncFnOnce() -> Result<()>) -> Result<Self> {
        let stdout = self.client.stdout.take().ok_or_else(|| Trouble::failed("no output"))?;
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

    /// The numbers of what was told of progress.
    fn progress(&self) -> impl Iterator<Item = u64> {
        let numbers = self.lines.iter().filter_map(|line| line.strip_prefix("  progress: "));
        numbers.filter_map(|rest| rest.split(' ').next()?.parse().ok())
    }

    /// Whether all of these are among what was printed.
    fn says(&self, words: &[&str]) -> Result<()> {
        let says = |word: &str| self.lines.iter().any(|line| line.contains(word));
        match words.iter().find(|word| !says(word)) {
            Some(missing) => Err(self.failed(&format!("does not say `{missing}`"))),
            None => Ok(()),
        }
    }

    /// What came of [`CALL`], whose stream was cut.
    fn resumed(&self) -> Result<Tally> {
        self.says(&["resumed: GET", "answer: Long running operation completed", "end: 200 OK"])?;
        self.tally(STEPS, 2)
    }

    /// The connections are those of the answer that is long in coming.
    fn tally(&self, steps: usize, connections: u64) -> Result<Tally> {
        let mut seen = Seen::up_to(steps);
        self.progress().for_each(|number| seen.count(number));
        let resumed = self.lines.iter().filter(|line| line.starts_with("  resumed: ")).count();
        Tally::of(seen, 1 + resumed as u64).judged()?.with_connections(connections)
    }

    fn failed(&self, why: &str) -> Trouble {
        Trouble::failed(format!("{why}\n{}", self.lines.join("\n")))
    }
}

const READY: &str = "listening on port";
