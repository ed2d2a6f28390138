//! A URL in, its events in the gateway out, for as long as there are any.
//!
//! The session reconnects and resumes by itself; browsers notice nothing but a pause. An observer
//! says on stderr what becomes of the connection.

use std::{sync::Arc, time::Duration};

use sse_reqwest::{
    Call, EndReason, IdleTimeout, ReconnectPolicy, SessionObserver, SseClient, SseConfig, SseError,
    reqwest,
};

use crate::gateway::Gateway;

/// Follows the upstream until it says that there is no more.
///
/// A failure is one that no further attempt would mend, such as a 404.
pub(crate) async fn follow(
    url: &str,
    config: SseConfig,
    gateway: &Gateway,
) -> Result<(), SseError> {
    let client = SseClient::new(reqwest::Client::new(), config);
    let mut session = client.sse_session(url).await?;
    while let Some(event) = session.next().await {
        let event = event?;
        if let Err(error) = gateway.publish(&event) {
            eprintln!("upstream: cannot pass on a {:?}: {error}", event.event_type());
        }
    }
    Ok(())
}

/// How an upstream is followed for weeks.
pub(crate) fn config() -> SseConfig {
    SseConfig::new()
        .reconnect(ReconnectPolicy::exponential())
        .retry_first_connection(true)
        .head_timeout(Duration::from_secs(30))
        // A connection that has died without a word is noticed by the keep-alives that stop.
        .idle_timeout(IdleTimeout::auto())
        .observer(Arc::new(Log))
}

#[derive(Debug)]
struct Log;

impl SessionObserver for Log {
    fn on_open(&self, call: &Call) {
        eprintln!("upstream: connected, {}", call.response().status());
    }

    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        eprintln!("upstream: {cause}; next attempt in {delay:.1?}");
    }

    fn on_closed(&self, reason: EndReason) {
        eprintln!("upstream: no more ({reason:?})");
    }
}
