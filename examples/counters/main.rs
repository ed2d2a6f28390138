//! Counts what happens to a session, for a dashboard: with an observer, of which the code that
//! reads the session knows nothing.
//!
//! Follows the demo server, which cuts its first connection, to the end, and prints the counters. A
//! program with a metrics library increments that library's counters instead.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use sse_examples::demo_server;
use sse_reqwest::{
    Call, ClientBuilderExt, EndReason, ServerSentEvent, SessionObserver, SseClient, SseConfig,
    SseError, http::Uri, reqwest,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = demo_server::start().await?;
    let counters = Arc::new(Counters::default());
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let config = SseConfig::new()
        .max_reconnection_attempts(5)
        .head_timeout(Duration::from_secs(30))
        .observer(counters.clone());
    let client = SseClient::new(http, config);

    let mut session = client.sse_session(format!("http://{address}/events")).await?;
    while let Some(event) = session.next().await {
        event?;
    }
    print!("{counters}");
    Ok(())
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    connections: AtomicU64,
    open_connections: AtomicU64,
    disconnects: AtomicU64,
    waited_millis: AtomicU64,
    bytes: AtomicU64,
    events: AtomicU64,
    ended_sessions: AtomicU64,
}

impl SessionObserver for Counters {
    fn on_connecting(&self, _uri: &Uri, _attempt: u32) {
        self.requests.fetch_add(1, Relaxed);
    }

    fn on_open(&self, _call: &Call) {
        self.connections.fetch_add(1, Relaxed);
        self.open_connections.fetch_add(1, Relaxed);
    }

    fn on_connection_closed(&self, _call: &Call) {
        self.open_connections.fetch_sub(1, Relaxed);
    }

    fn on_bytes(&self, count: usize) {
        self.bytes.fetch_add(count as u64, Relaxed);
    }

    fn on_event(&self, _event: &ServerSentEvent) {
        self.events.fetch_add(1, Relaxed);
    }

    fn on_disconnect(&self, _cause: &SseError, delay: Duration) {
        self.disconnects.fetch_add(1, Relaxed);
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.waited_millis.fetch_add(millis, Relaxed);
    }

    fn on_closed(&self, _reason: EndReason) {
        self.ended_sessions.fetch_add(1, Relaxed);
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, counter) in [
            ("requests", &self.requests),
            ("connections", &self.connections),
            ("open_connections", &self.open_connections),
            ("disconnects", &self.disconnects),
            ("waited_ms", &self.waited_millis),
            ("bytes", &self.bytes),
            ("events", &self.events),
            ("ended_sessions", &self.ended_sessions),
        ] {
            writeln!(f, "{name} {}", counter.load(Relaxed))?;
        }
        Ok(())
    }
}
