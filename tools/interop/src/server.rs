//! Server of another project as a row of a table: how it is installed and started, where its
//! events are, and which scenarios it has.

use std::ffi::OsString;

use reqwest::Client;
use sse_reqwest::{ServerSentEvent, SseClient, SseRequest};
use tokio::process::Command;

use crate::{
    client::Protocol,
    command::without_variables,
    cursor,
    error::{Result, ScenarioError},
    form::Form,
    packages::{
        Go, Jvm, jvm, node, python, server_file, version_of_node, version_of_node_package,
        version_of_python_package,
    },
    place::TempDir,
    process::{Process, Ready},
    scenarios::Scenario,
};

/// Server with a program in `servers/`.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) program: Program,
    pub(crate) protocol: Protocol,
    pub(crate) feed: Feed,
    pub(crate) form: Form,
    pub(crate) scenarios: &'static [Scenario],
    /// `true` if `--short` includes it.
    pub(crate) is_short: bool,
}

/// Program of a server, and the package that it shows. The versions are pinned in `servers/`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Program {
    /// ASGI application, run by uvicorn.
    Python { application: &'static str, package: &'static str },
    /// Source file for Node in a directory of packages, and the package that it shows; without a
    /// package, it uses Node alone.
    Node { packages: &'static str, source: &'static str, package: Option<&'static str> },
    /// Main package in Go with its argument, and the module; `None` for the standard library.
    Go { main: &'static str, argument: Option<&'static str>, module: Option<&'static str> },
    /// Project for the JVM with the argument of its program, and the library.
    Jvm { project: &'static Jvm, argument: Option<&'static str>, library: &'static str },
}

/// Requests for a server's events.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Feed {
    /// The parameters of the URL select events, whose IDs are their numbers.
    Query(&'static str),
    /// The server has a history of [`EVENTS`] events, and another of the first three events. The
    /// session resumes after this ID.
    History { all: &'static str, three: &'static str, after: [&'static str; 2] },
    /// The variables of a GraphQL subscription select events, which have no IDs.
    GraphQl,
    /// The input of a tRPC procedure selects events.
    Trpc,
    /// Streams of the protocol Durable Streams, which have no IDs: the URL has an offset, and
    /// events of the type `control` say the next one.
    Durable,
}

/// Events that a request selects.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Query {
    /// Number of the last event; [`EVENTS`] if it is 0.
    pub(crate) last: usize,
    /// Action after a number of events: `end`, `cut`, `fail` or `hold`.
    pub(crate) after: Option<(&'static str, usize)>,
    /// `true` if no terminal event follows the last event.
    pub(crate) is_open_ended: bool,
    /// `true` for [`SPACED`] instead of numbered events.
    pub(crate) is_spaced: bool,
}

/// Number of events of most scenarios.
pub(crate) const EVENTS: usize = 300;

/// Data that begin with a space.
pub(crate) const SPACED: &str = " after a space";

/// Number of events before a failure or a shutdown.
pub(crate) const FEW: usize = 3;

impl Query {
    fn pairs(self) -> Vec<(String, usize)> {
        let last = if self.last == 0 { EVENTS } else { self.last };
        let mut pairs = vec![("last".to_owned(), last)];
        pairs.extend(self.after.map(|(what, count)| (format!("{what}-after"), count)));
        pairs.extend(self.is_open_ended.then(|| ("open-ended".to_owned(), 1)));
        pairs.extend(self.is_spaced.then(|| ("spaced".to_owned(), 1)));
        pairs
    }
}

impl Feed {
    /// Returns the request for these events. `path` replaces that of a [`Feed::Query`].
    pub(crate) fn request(
        self,
        client: &SseClient,
        port: u16,
        path: Option<&str>,
        query: Query,
    ) -> SseRequest {
        let base = format!("http://127.0.0.1:{port}");
        let pairs = query.pairs();
        match self {
            Self::Query(own) => {
                let pairs: Vec<_> = pairs.iter().map(|(key, it)| format!("{key}={it}")).collect();
                client.request(format!("{base}/{}?{}", path.unwrap_or(own), pairs.join("&")))
            }
            Self::History { all, three, after } => {
                let is_three = query.after.is_some();
                let url = format!("{base}/{}", if is_three { three } else { all });
                let after = after[usize::from(is_three)];
                client.request(url).configure(|config| config.last_event_id(after))
            }
            Self::GraphQl => {
                let arguments: Vec<_> = pairs
                    .iter()
                    .map(|(key, it)| format!("{}: {it}", key.replace("-after", "After")))
                    .collect();
                let text = format!("subscription {{ numbers({}) }}", arguments.join(", "));
                let body = serde_json::json!({ "query": text }).to_string();
                let post = client.http_client().post(format!("{base}/"));
                client.request(post.header("content-type", "application/json").body(body))
            }
            Self::Trpc => {
                let input: serde_json::Map<_, _> =
                    pairs.into_iter().map(|(key, it)| (key, it.into())).collect();
                let input = serde_json::Value::Object(input).to_string();
                let url = reqwest::Url::parse_with_params(
                    &format!("{base}/numbers"),
                    [("input", &input)],
                );
                client.request(url.map_or_else(|_| base.clone(), String::from))
            }
            Self::Durable => {
                let path = if query.after.is_some() { "three" } else { "all" };
                let url = format!("{base}/{path}?live=sse&offset=");
                let make = move |http: &Client, offset: &str| {
                    std::future::ready(http.get(format!("{url}{offset}")))
                };
                cursor::request(client, "-1", make, next_offset)
            }
        }
    }
}

/// Returns the offset in a control event of Durable Streams. The data of other events are
/// arbitrary.
fn next_offset(event: &ServerSentEvent, _: &str) -> Option<String> {
    if event.event_type() != "control" {
        return None;
    }
    let control: serde_json::Value = serde_json::from_str(event.data()).ok()?;
    control["streamNextOffset"].as_str().map(str::to_owned)
}

/// Running server.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) port: u16,
    start: Start,
}

/// Command that starts a server once it is installed.
#[derive(Debug, Clone)]
struct Start {
    program: std::path::PathBuf,
    arguments: Vec<String>,
    /// `true` if the port is an argument, after `--port`.
    has_port_argument: bool,
    is_java: bool,
    ready: &'static str,
}

impl Server {
    /// Installs and starts it, and returns its name with its version.
    pub(crate) async fn start(&self) -> Result<(Running, String)> {
        self.program.start(self.name).await
    }
}

impl Running {
    /// Starts another process with the same port and directory, after the first one has ended.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        let (start, port) = (&self.start, self.port);
        self.process
            .restart(Ready::Log(start.ready), &[port], |dir| Ok(start.command(dir, port)))
            .await
    }
}

impl Program {
    /// Installs and starts it, and returns the name of its server with the version.
    pub(crate) async fn start(self, name: &str) -> Result<(Running, String)> {
        let (start, version) = self.install().await?;
        let (process, [port]) =
            Process::start(&name.replace('/', "-"), start.ready, |dir, [port]| {
                Ok(start.command(dir, port))
            })
            .await?;
        Ok((Running { process, port, start }, format!("{name} {version}")))
    }

    async fn install(self) -> Result<(Start, String)> {
        let start = |program, arguments: &[&str]| Start {
            program,
            arguments: arguments.iter().map(|&it| it.to_owned()).collect(),
            has_port_argument: false,
            is_java: false,
            ready: "listening",
        };
        match self {
            Self::Python { application, package } => {
                let python = python().await?;
                let version = version_of_python_package(&python, package).await?;
                let sources = server_file("python").to_string_lossy().into_owned();
                let options = ["-B", "-m", "uvicorn", application, "--no-access-log"];
                let grace = ["--timeout-graceful-shutdown", "1", "--app-dir", &sources];
                let mut start = start(python, &[&options[..], &grace].concat());
                start.has_port_argument = true;
                start.ready = "Uvicorn running on";
                Ok((start, version))
            }
            Self::Node { packages, source, package } => {
                let modules = node(packages).await?;
                let version = match package {
                    Some(package) => {
                        let dir = modules.join("node_modules").join(package);
                        version_of_node_package(&dir).await?
                    }
                    None => version_of_node().await?,
                };
                // Node looks for packages in the directory of the program.
                for (dir, file) in [("node", "numbers.mjs"), (packages, source)] {
                    std::fs::copy(server_file(dir).join(file), modules.join(file))?;
                }
                let program = modules.join(source).to_string_lossy().into_owned();
                Ok((start("node".into(), &[&program]), version))
            }
            Self::Jvm { project, argument, library } => {
                let (built, java) = jvm(project).await?;
                let version = built.version_of(library).map_err(ScenarioError::of_build)?;
                let mut start = start(java.program("java"), &[]);
                start.is_java = true;
                start.arguments =
                    built.arguments(project.class).map_err(ScenarioError::of_build)?;
                start.arguments.extend(argument.map(str::to_owned));
                Ok((start, version))
            }
            Self::Go { main, argument, module } => {
                let go = Go::find("go").await?;
                let program = go.build(&format!("./{main}"), main).await?;
                let version = go.version(module).await?;
                Ok((start(program, argument.as_slice()), version))
            }
        }
    }
}

impl Start {
    fn command(&self, dir: &TempDir, port: u16) -> Command {
        let mut command = Command::new(&self.program);
        if self.is_java {
            // A killed process leaves its temporary files, and those for tools that observe it.
            let mut temporary = OsString::from("-Djava.io.tmpdir=");
            temporary.push(dir.path());
            command.arg(temporary).arg("-XX:-UsePerfData");
            without_variables(&mut command, &["SERVER_", "SPRING_", "MICRONAUT_", "QUARKUS_"]);
        }
        command.args(&self.arguments).env("PORT", port.to_string()).current_dir(dir.path());
        if self.has_port_argument {
            command.args(["--port", &port.to_string()]);
        }
        command
    }
}
