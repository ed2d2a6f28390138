//! FastAPI, Hono and NestJS: servers whose streams end regularly, whether they are complete,
//! failed, or have no more events.

use std::fmt;

use sse_reqwest::{BodyEnd, EndReason, SseClient, SseConfig};
use tokio::process::Command;

use crate::{
    client::{Protocol, config},
    follow::follow,
    packages::{node, python, server_file, version_of_node_package, version_of_python_package},
    payload::{Seen, TICK},
    process::Process,
    progress::Progress,
    report::Report,
    trouble::{Result, Trouble},
};

const EVENTS: usize = 300;
/// Number of events before a failure.
const BEFORE_FAILURE: usize = 3;

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    for framework in [FASTAPI, HONO, NEST] {
        let outcome = trials_of(report, &framework).await;
        report.ended(framework.name, outcome);
    }
    Ok(())
}

/// Framework with a server in `servers/`, and what its clients see of a failure.
struct Framework {
    name: &'static str,
    package: &'static str,
    /// Source file of the server for Node; `None` if it is the one for Python.
    source: Option<&'static str>,
    failures: &'static [(&'static str, &'static str, Sign)],
}

const FASTAPI: Framework = Framework {
    name: "FastAPI",
    package: "fastapi",
    source: None,
    failures: &[("a failure", "events", Sign::None)],
};

const HONO: Framework = Framework {
    name: "Hono",
    package: "hono",
    source: Some("hono.mjs"),
    failures: &[
        ("a failure, without onError", "events", Sign::None),
        ("a failure, with onError", "reported", Sign::ErrorEvent),
    ],
};

const NEST: Framework = Framework {
    name: "NestJS",
    package: "@nestjs/core",
    source: Some("nest.mjs"),
    failures: &[("a failure", "events", Sign::ErrorEventWithId)],
};

/// Sign of a failure in a stream that ends regularly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    None,
    ErrorEvent,
    /// The event changes the last event ID.
    ErrorEventWithId,
}

async fn trials_of(report: &mut Report, framework: &Framework) -> Result<()> {
    let (process, port, version) = start(framework).await?;
    let name = format!("{} {version}", framework.name);
    let logs = [&process];
    let url = |path: &str, query: &str| format!("http://127.0.0.1:{port}/{path}?{query}");

    let scenario = async {
        let request = Protocol::Http1.client(None)?.request(url("events", ENDED));
        follow(request, Seen::up_to(EVENTS), &Progress::default()).await?.with_connections(5)
    };
    report.scenario(&name, "ended by the server, resumed", &logs, scenario).await;

    for (what, path, sign) in framework.failures {
        let query = format!("last=10&fail-after={BEFORE_FAILURE}");
        report.scenario(&name, what, &logs, failure(url(path, &query), *sign)).await;
    }
    let scenario = no_more_events(url("events", "last=5&open-ended=1"));
    report.scenario(&name, "no more events", &logs, scenario).await;
    Ok(())
}

/// Query of a stream that ends four times too early.
const ENDED: &str = "last=300&end-after=60";

async fn start(framework: &Framework) -> Result<(Process, u16, String)> {
    let Some(source) = framework.source else {
        let python = python().await?;
        let version = version_of_python_package(&python, framework.package).await?;
        let (process, [port]) =
            Process::start(framework.name, "Uvicorn running on", |_, [port]| {
                let mut command = Command::new(&python);
                command
                    .args(["-B", "-m", "uvicorn", "feeds_app:app", "--no-access-log"])
                    .args(["--port", &port.to_string(), "--app-dir"])
                    .arg(server_file("python"));
                Ok(command)
            })
            .await?;
        return Ok((process, port, version));
    };
    let modules = node().await?;
    let package = modules.join("node_modules").join(framework.package);
    let version = version_of_node_package(&package).await?;
    let (process, [port]) = Process::start(framework.name, "listening", |dir, [port]| {
        // Node looks for packages in the directory of the program.
        for file in ["numbers.mjs", source] {
            std::fs::copy(server_file("node").join(file), modules.join(file))?;
        }
        let mut command = Command::new("node");
        command.arg(modules.join(source)).env("PORT", port.to_string()).current_dir(dir.path());
        Ok(command)
    })
    .await?;
    Ok((process, port, version))
}

/// Events before the end of a session, and how the stream ended.
#[derive(Debug)]
struct Ended {
    ticks: usize,
    connections: u64,
    /// Type and ID of the last event, if it is not one of the numbered ones.
    other: Option<(String, String)>,
    reason: Option<EndReason>,
    body_end: Option<BodyEnd>,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ticks, connections, .. } = self;
        write!(f, "events {ticks:4}  connections {connections:2}")?;
        if let Some((event_type, id)) = &self.other {
            write!(f, "  an event of type {event_type}, last ID {id}")?;
        }
        match self.body_end {
            Some(body_end) => write!(f, "  {body_end:?}"),
            None => Ok(()),
        }
    }
}

async fn run(url: String, config: SseConfig) -> Result<Ended> {
    let client = SseClient::new(Protocol::Http1.http(None)?.build()?, config);
    let mut session = client.sse_session(url).await?;
    let (mut ticks, mut other) = (0, None);
    while let Some(event) = session.next().await {
        let event = event?;
        if event.event_type() == TICK {
            ticks += 1;
        } else {
            let id = session.last_event_id().to_owned();
            other = Some((event.event_type().to_owned(), id));
        }
    }
    let connections = session.connections();
    let (reason, evidence) = (session.end_reason(), session.end_evidence());
    let body_end = evidence.map(|evidence| evidence.body_end());
    Ok(Ended { ticks, connections, other, reason, body_end })
}

/// Checks what is seen of a failure in the middle of a stream.
async fn failure(url: String, sign: Sign) -> Result<Ended> {
    let ended = run(url, SseConfig::new()).await?;
    let last_id = BEFORE_FAILURE.to_string();
    let seen = match &ended.other {
        None => Sign::None,
        Some((event_type, id)) if event_type == "error" && *id == last_id => Sign::ErrorEvent,
        Some((event_type, _)) if event_type == "error" => Sign::ErrorEventWithId,
        Some(_) => return Err(Trouble::failed(format!("another event: {ended}"))),
    };
    let is_regular = ended.reason == Some(EndReason::StreamEnded)
        && ended.body_end == Some(BodyEnd::LastChunk)
        && ended.ticks == BEFORE_FAILURE;
    if is_regular && seen == sign {
        return Ok(ended);
    }
    Err(Trouble::failed(format!("{ended}: expected {sign:?} and a regular end")))
}

/// Checks that a session with reconnection ends where the server has no more events.
async fn no_more_events(url: String) -> Result<Ended> {
    let ended = run(url, config().finish_on_empty_reconnection(true)).await?;
    let is_end = ended.reason == Some(EndReason::StreamEnded) && ended.ticks == 5;
    if is_end && ended.connections == 2 && ended.other.is_none() {
        return Ok(ended);
    }
    Err(Trouble::failed(format!("{ended}: expected the end after an empty response")))
}
