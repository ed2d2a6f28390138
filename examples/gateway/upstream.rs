//! Follows the upstream and adds its events to the gateway.
//!
//! The session reads its connection itself, and reconnects and resumes on its own; browsers notice
//! only a pause. An observer logs what happens to the connection to standard error.

use std::{sync::Arc, time::Duration};

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
    let mut session = client.sse_session(url).await?;
    while let Some(event) = session.next().await {
        let event = event?;
        if let Err(error) = gateway.publish(&event) {
            eprintln!("upstream: cannot forward a {:?}: {error}", event.event_type());
        }
    }
    Ok(())
}

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
