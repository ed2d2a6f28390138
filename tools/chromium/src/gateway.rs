//! Checks the page of the example `gateway`, which runs as a process: it shows the events that a
//! session receives from the same stream, and survives a restart of the gateway.

use std::{path::Path, process::Stdio};

use serde::{Deserialize, Serialize};
use sse_reqwest::{SseClient, SseConfig, SseError};
use sse_test::{Reply, ScriptedServer, TestClock};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{LIMIT, Outcome, devtools::DevTools, http_client, in_time, page::Page};

/// Contents of the page, in the order of the events.
#[derive(Debug, PartialEq, Deserialize)]
struct Shown {
    state: String,
    count: usize,
    last_event_id: String,
    gaps: usize,
    events: Vec<Row>,
}

/// Type, ID and data.
type Row = (String, String, String);

#[derive(Debug, Serialize)]
struct Wanted {
    events: usize,
    state: &'static str,
}

/// Compares the page with the events that a session receives.
pub(crate) async fn compare(devtools: &mut DevTools, program: &Path) -> Outcome<()> {
    let upstream = ScriptedServer::start([
        // The rest is sent while the page is open, after a disconnect of the upstream.
        Reply::events(FIRST).pause().send("event: late\ndata: a new type\n\nda").cut(),
        Reply::events(REST),
        Reply::status(204),
    ])
    .await;
    let mut gateway = Gateway::start(program, "127.0.0.1:0", Some(&upstream.url("/"))).await?;
    let mut page = Page::open(devtools, &gateway.url).await?;
    let first = shown(&mut page, FIRST_EVENTS, "open").await?;
    upstream.go_on();
    let all = shown(&mut page, FIRST_EVENTS + REST_EVENTS, "closed").await?;
    let received = events(&format!("{}events", gateway.url)).await?;
    let expected = Shown {
        state: "closed".to_owned(),
        count: FIRST_EVENTS + REST_EVENTS,
        last_event_id: received.last().map(|(_, id, _)| id.clone()).unwrap_or_default(),
        gaps: 0,
        events: received,
    };
    if first.events != expected.events[..first.events.len().min(expected.events.len())] {
        return Err(format!("the page shows {first:#?} of {expected:#?}").into());
    }
    if all != expected {
        return Err(format!("the page shows {all:#?} instead of {expected:#?}").into());
    }
    gateway.stop().await?;
    page.close().await?;
    println!("page: shows the same {} events as a session", all.count);
    Ok(())
}

/// Uses the buttons of the page, and checks that no event is lost or shown twice.
pub(crate) async fn buttons(devtools: &mut DevTools, program: &Path) -> Outcome<()> {
    let mut gateway = Gateway::start(program, "127.0.0.1:0", None).await?;
    let mut page = Page::open(devtools, &gateway.url).await?;
    let seen = shown(&mut page, 1, "open").await?.events.len();

    page.call_function::<()>(CLICK, &"connection").await?;
    let seen = shown(&mut page, seen, "closed").await?.events.len();
    page.call_function::<()>(CLICK, &"connection").await?;
    let seen = shown(&mut page, seen + 1, "open").await?.events.len();

    page.call_function::<()>(CLICK, &"pause").await?;
    page.call_function::<()>(ONE_IS_WAITING, &()).await?;
    let paused = shown(&mut page, seen, "open").await?;
    page.call_function::<()>(CLICK, &"pause").await?;
    let all = shown(&mut page, paused.events.len() + 1, "open").await?;

    let numbers = all.events.iter().map(|(_, id, _)| id.rsplit('-').next().map(str::parse));
    let expected = (1..=all.events.len()).map(|number| Some(Ok(number)));
    if !numbers.eq(expected) || all.gaps > 0 || paused.count <= paused.events.len() {
        return Err(format!("the page shows {paused:#?}, and at last {all:#?}").into());
    }
    gateway.stop().await?;
    page.close().await?;
    println!("page: its buttons lose no event");
    Ok(())
}

/// Restarts the gateway while its page is open.
pub(crate) async fn restart(devtools: &mut DevTools, program: &Path) -> Outcome<()> {
    let mut gateway = Gateway::start(program, "127.0.0.1:0", None).await?;
    let mut page = Page::open(devtools, &gateway.url).await?;
    let before = shown(&mut page, 1, "open").await?;
    gateway.stop().await?;
    let away = shown(&mut page, 1, "connecting").await?;
    let address = gateway.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut gateway = Gateway::start(program, &address, None).await?;
    let back = shown(&mut page, away.count + 1, "open").await?;
    gateway.stop().await?;
    page.close().await?;
    let states = [&before, &away, &back].map(|it| (it.state.as_str(), it.gaps));
    if states != [("open", 0), ("connecting", 0), ("open", 1)] {
        return Err(format!("the page changed from {before:#?} to {away:#?} to {back:#?}").into());
    }
    println!("page: continues after a restart, and reports it");
    Ok(())
}

async fn shown(page: &mut Page<'_>, events: usize, state: &'static str) -> Outcome<Shown> {
    let shown: Shown = page.call_function(SHOWN, &Wanted { events, state }).await?;
    if shown.state != state || shown.events.len() < events {
        return Err(format!("expected {events} events and state {state}: {shown:#?}").into());
    }
    Ok(shown)
}

/// Returns the events that a session receives.
async fn events(url: &str) -> Result<Vec<Row>, SseError> {
    let config = SseConfig::new().max_reconnection_attempts(3).clock(TestClock::skipping());
    let client = SseClient::new(http_client(), config);
    let mut session = client.sse_session(url).await?;
    let mut events = Vec::new();
    while let Some(event) = session.next().await {
        let event = event?;
        // Events of the gateway's own are not shown.
        if event.event_type() != "gateway-types" {
            let id = session.last_event_id().to_owned();
            events.push((event.event_type().to_owned(), id, event.data().to_owned()));
        }
    }
    Ok(events)
}

/// Running gateway.
#[derive(Debug)]
struct Gateway {
    process: Child,
    url: String,
}

impl Gateway {
    async fn start(program: &Path, listen: &str, upstream: Option<&str>) -> Outcome<Self> {
        let mut command = Command::new(program);
        command.args(["--listen", listen]).stdout(Stdio::piped()).kill_on_drop(true);
        // Its upstream is on this machine.
        command.env("NO_PROXY", "127.0.0.1");
        if let Some(url) = upstream {
            command.args(["--upstream", url]);
        }
        let mut process = command
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let stdout = process.stdout.take().ok_or("no pipe for stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let url = in_time("starting the gateway", LIMIT, lines.next_line()).await??;
        Ok(Self { process, url: url.ok_or("the gateway ended at once")? })
    }

    /// Stops the gateway, on Unix with SIGINT, and checks its exit status.
    async fn stop(&mut self) -> Outcome<()> {
        if cfg!(unix) {
            let id = self.process.id().ok_or("the gateway has ended")?.to_string();
            Command::new("kill").args(["-INT", &id]).status().await?;
            let status = in_time("the gateway's end", LIMIT, self.process.wait()).await??;
            if !status.success() {
                return Err(format!("the gateway ended with {status}").into());
            }
        } else {
            self.process.kill().await?;
        }
        Ok(())
    }
}

const CLICK: &str = "(id) => document.getElementById(id).click()";

/// Waits until the button shows the number of waiting events.
const ONE_IS_WAITING: &str = r#"() => new Promise((resolve, reject) => {
  const button = document.getElementById("pause");
  const look = () => { if (button.textContent.includes("more")) resolve(); };
  new MutationObserver(look).observe(button, { subtree: true, childList: true, characterData: true });
  setTimeout(() => reject(new Error("no waiting events")), 20_000);
  look();
})"#;

const SHOWN: &str = include_str!("shown.js");

/// Events that a page could mishandle: markup, line breaks, empty data, and types with a meaning in
/// `EventSource` or JavaScript.
const FIRST: &str = "\
event: greeting\nid: a\ndata: hello\n\n\
data: <img src=x onerror=\"throw 1\">&amp;\n\n\
data: two\ndata: lines\ndata:\n\n\
data\n\n\
event: error\ndata: an error in name only\n\n\
event: open\ndata: so is this\n\n\
event: __proto__\ndata: {}\n\n\
event: día…😀\ndata: \u{FEFF}\u{2028}é\n\n";

const FIRST_EVENTS: usize = 8;

const REST: &str = "id: b\ndata: after a disconnect\n\nevent: late\ndata: the last\n\n";

/// Includes the one before the disconnect.
const REST_EVENTS: usize = 3;
