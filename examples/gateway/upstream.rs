//! Follows the upstream and adds its events to the gateway.
//!
//! The session reads its connection itself, and reconnects and resumes on its own; browsers notice
//! only a pause. An observer logs what happens to the connection to standard error.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use sse_direct::{Call, EndReason, SessionObserver, SseClient, SseConfig, SseError};

use crate::gateway::Gateway;

/// Follows the upstream until it has no more events.
///
/// Fails only if no further attempt would help, for example with a 404 to the first request.
pub(crate) async fn follow(
    url: &str,
    client: SseClient,
    gateway: &Gateway,
) -> Result<(), SseError> {
    let mut bursts = client.sse_session(url).await?.ready_chunks(MAX_BURST);
    while let Some(burst) = bursts.next().await {
        let mut failure = None;
        let events: Vec<_> = burst
            .into_iter()
            .map_while(|event| event.map_err(|error| failure = Some(error)).ok())
            .collect();
        if let Err(error) = gateway.publish(&events) {
            eprintln!("upstream: cannot forward an event: {error}");
        }
        if let Some(error) = failure {
            return Err(error);
        }
    }
    Ok(())
}

/// Number of events that are taken at once, if that many are there: browsers are woken once for all
/// of them.
const MAX_BURST: usize = 256;

/// Returns the options of a session that follows an upstream for weeks.
pub(crate) fn config() -> SseConfig {
    SseConfig::for_feeds().observer(Arc::new(Log))
}

#[derive(Debug)]
struct Log;

impl SessionObserver for Log {
    fn on_open(&self, call: &Call) {
        let response = call.response();
        match response.remote_addr() {
            Some(address) => eprintln!("upstream: connected to {address}, {}", response.status()),
            None => eprintln!("upstream: connected, {}", response.status()),
        }
    }

    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        eprintln!("upstream: {cause}; next attempt in {delay:.1?}");
    }

    fn on_closed(&self, reason: EndReason) {
        eprintln!("upstream: ended ({reason:?})");
    }
}
