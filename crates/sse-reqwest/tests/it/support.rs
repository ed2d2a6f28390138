//! Steps that many tests share. The servers and the clock are those of sse-test.
//!
//! Knows no expected results.

mod web; // responses of a well-behaved server

use std::{error::Error, future::poll_fn, pin::Pin, task::Poll, time::Duration};

use futures_util::Stream;
use sse_reqwest::{
    ClientSseSession, ServerSentEvent, SessionState, SseClient, SseConfig, SseError,
};

pub(crate) use sse_test::{Reply, ScriptedServer, SeenRequest as Seen, TestClock, WebServer};
pub(crate) use web::{event_stream, text};

/// Runs a test to its end, on one thread; a test that hangs fails.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(within_guard(test))
}

/// Like [`run`], for a test with a runtime of its own.
pub(crate) async fn within_guard<T>(test: impl Future<Output = T>) -> T {
    tokio::time::timeout(GUARD, test).await.expect("the test hangs")
}

/// Long enough for any machine: only a test that fails waits this long.
const GUARD: Duration = Duration::from_secs(30);

/// Returns a builder of clients for loopback that ignore the proxies of the environment. They
/// decode nothing, as if reqwest had been built without its codings.
pub(crate) fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().no_gzip().no_brotli().no_deflate().no_zstd()
}

/// Returns a client for loopback.
pub(crate) fn http() -> reqwest::Client {
    builder().build().unwrap()
}

/// Returns an `SseClient` with this configuration.
pub(crate) fn sse(config: SseConfig) -> SseClient {
    SseClient::new(http(), config)
}

/// Returns the default configuration, with this many attempts to reconnect, without a wait.
pub(crate) fn reconnecting(attempts: u32) -> SseConfig {
    SseConfig::new().max_reconnection_attempts(attempts).reconnection_time(Duration::ZERO)
}

/// Opens a session, which must succeed.
pub(crate) async fn open(config: SseConfig, url: String) -> ClientSseSession {
    sse(config).sse_session(url).await.unwrap()
}

/// Takes an event, which must come.
pub(crate) async fn event(session: &mut ClientSseSession) -> ServerSentEvent {
    session.next().await.expect("the session has ended").unwrap()
}

/// Takes the data of an event, which must come.
pub(crate) async fn data(session: &mut ClientSseSession) -> String {
    event(session).await.data().to_owned()
}

/// Takes all events up to the end, and the error if there is one.
pub(crate) async fn rest(
    session: &mut ClientSseSession,
) -> (Vec<ServerSentEvent>, Option<SseError>) {
    let mut events = Vec::new();
    loop {
        match session.next().await {
            Some(Ok(event)) => events.push(event),
            Some(Err(error)) => return (events, Some(error)),
            None => return (events, None),
        }
    }
}

/// Takes the data of all events up to an end that must be without an error.
pub(crate) async fn rest_of_data(session: &mut ClientSseSession) -> Vec<String> {
    let (events, error) = rest(session).await;
    assert!(error.is_none(), "{error:?}");
    events.iter().map(|event| event.data().to_owned()).collect()
}

/// Takes the error, which must come next.
pub(crate) async fn failure(session: &mut ClientSseSession) -> SseError {
    let next = session.next().await.expect("the session has ended");
    next.expect_err("an event where an error was to come")
}

/// Opens a session, which must fail.
pub(crate) async fn refusal(config: SseConfig, url: String) -> SseError {
    let opened = sse(config).sse_session(url).await;
    opened.expect_err("a session where an error was to come")
}

/// Drives a session until it is in this state. It must yield nothing before.
pub(crate) async fn reach(session: &mut ClientSseSession, state: SessionState) {
    poll_fn(|cx| {
        let polled = Pin::new(&mut *session).poll_next(cx);
        assert!(polled.is_pending(), "the session yields {polled:?}");
        if session.state() == state { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Returns the texts of all sources of an error, the nearest first.
pub(crate) fn causes(error: &dyn Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}
