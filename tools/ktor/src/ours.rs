//! Program of ours: does with a session what `client/Main.kt` does with Ktor's.
//!
//! Its argument is the transport, `reqwest` or `direct`. Orders are lines on standard input, and
//! reports lines on standard output. Canceling is dropping the future that reads the session.

use std::{error::Error, iter, process::ExitCode, time::Duration};

use bytes::Bytes;
use http::{Method, Request};
use sse_direct::DirectTransport;
use sse_reqwest::{
    ClientBuilderExt as _, ClientSseSession, OpenSession, ServerSentEvent, SseClient, SseConfig,
    SseError,
};
use sse_typed::{EventStreamExt as _, TypedError};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, stdin},
    task::JoinHandle,
};

use crate::{
    seen::{Event, Seen},
    wanted::{Order, Wanted},
};

/// Obeys the orders until standard input ends.
pub(crate) async fn run(transport: &str) -> ExitCode {
    match obey(transport).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

type BoxError = Box<dyn Error + Send + Sync>;

async fn obey(transport: &str) -> Result<(), BoxError> {
    let is_direct = match transport {
        "reqwest" => false,
        "direct" => true,
        other => return Err(format!("no such transport: {other}").into()),
    };
    let mut lines = BufReader::new(stdin()).lines();
    let mut session: Option<JoinHandle<()>> = None;
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Order::Open(wanted) => session = Some(tokio::spawn(follow(wanted, is_direct))),
            Order::Cancel { .. } => {
                if let Some(session) = session.take() {
                    stop(session).await;
                    say(&Seen::Canceled(true));
                }
            }
            Order::Close { .. } => {
                if let Some(session) = session.take() {
                    stop(session).await;
                }
                say(&Seen::Closed(true));
            }
        }
    }
    Ok(())
}

/// Drops the task's future, and waits until that has happened.
async fn stop(session: JoinHandle<()>) {
    session.abort();
    // It has ended, or was canceled.
    let _ = session.await;
}

async fn follow(wanted: Wanted, is_direct: bool) {
    match read(wanted, is_direct).await {
        Ok(()) => say(&Seen::End(true)),
        Err(error) => say(&Seen::Error(describe(&*error))),
    }
}

async fn read(wanted: Wanted, is_direct: bool) -> Result<(), BoxError> {
    let mut session = open(&wanted, is_direct)?.await?;
    say(&Seen::Open(session.call().response().status().as_u16()));
    if wanted.typed {
        return read_typed(session).await;
    }
    for _ in 0..wanted.take.unwrap_or_default() {
        // The caller takes that many events, and continues after that.
        let Some(event) = session.next().await else { break };
        say(&Seen::Event(of_event(&event?)));
    }
    while let Some(event) = session.next().await {
        let event = event?;
        say(&Seen::Event(of_event(&event)));
        if wanted.fail_at.as_deref() == Some(event.data()) {
            return Err("the caller's own".into());
        }
    }
    Ok(())
}

async fn read_typed(session: ClientSseSession) -> Result<(), BoxError> {
    let mut values = session.json::<i64>();
    while let Some(value) = values.next().await {
        match value {
            Ok(value) => say(&Seen::Value(Some(value.into_data()))),
            Err(TypedError::Session(error)) => return Err(error.into()),
            Err(error) => say(&Seen::Undecoded(error.to_string())),
        }
    }
    Ok(())
}

fn open(wanted: &Wanted, is_direct: bool) -> Result<OpenSession, BoxError> {
    let mut config =
        SseConfig::new().show_comment_events(wanted.comments).show_retry_events(wanted.retries);
    if wanted.attempts > 0 {
        config = config
            .max_reconnection_attempts(wanted.attempts)
            .reconnection_time(Duration::from_millis(wanted.wait));
    }
    if let Some(idle) = wanted.idle {
        config = config.idle_timeout(Duration::from_millis(idle));
    }
    let method = if wanted.body.is_some() { Method::POST } else { Method::GET };
    let body = wanted.body.clone().unwrap_or_default();
    let mut request = Request::builder().method(method).uri(&wanted.url);
    if let Some(id) = &wanted.last_event_id {
        request = request.header("last-event-id", id);
    }
    let request = request.body(Bytes::from(body))?;
    if is_direct {
        let client = sse_direct::SseClient::new(DirectTransport::tcp(), config);
        return Ok(client.sse_session(request));
    }
    // Variables of the environment must not lead to a proxy.
    let http = reqwest::Client::builder().for_event_streams().no_proxy().build()?;
    let request = reqwest::Request::try_from(request)?;
    let builder = reqwest::RequestBuilder::from_parts(http.clone(), request);
    Ok(SseClient::new(http, config).sse_session(builder))
}

fn of_event(event: &ServerSentEvent) -> Event {
    let owned = |text: &str| text.to_owned();
    Event {
        event: event.event().map(owned),
        id: event.id().map(owned),
        retry: event.retry().and_then(|time| i64::try_from(time.as_millis()).ok()),
        comments: event.comments().map(owned),
        data: event.has_data().then(|| event.data().to_owned()),
    }
}

/// Returns the text of a log: the kind of a session's error, the message, and its causes.
fn describe(error: &(dyn Error + 'static)) -> String {
    let kind = error.downcast_ref::<SseError>().map(|error| format!("{:?}: ", error.kind()));
    let causes = iter::successors(Some(error), |error| Error::source(*error));
    let mut texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.dedup();
    kind.unwrap_or_default() + &texts.join(" < ")
}

fn say(seen: &Seen) {
    // Strings and numbers are always JSON.
    println!("{}", serde_json::to_string(seen).unwrap_or_default());
}
