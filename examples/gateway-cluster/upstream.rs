//! Session that follows the upstream: its options, and a log of its connections on standard error.

use std::sync::Arc;

use sse_direct::{Call, EndReason, SessionObserver, SseConfig, SseError};

/// Returns the options of a session that follows an upstream for weeks.
pub(crate) fn config() -> SseConfig {
    SseConfig::for_feeds().observer(Arc::new(Log))
}

#[derive(Debug)]
struct Log;

impl SessionObserver for Log {
    fn on_open(&self, call: &Call) {
        eprintln!("upstream: connected, {}", call.response().status());
    }

    fn on_disconnect(&self, cause: &SseError, delay: std::time::Duration) {
        eprintln!("upstream: {cause}; next attempt in {delay:.1?}");
    }

    fn on_closed(&self, reason: EndReason) {
        eprintln!("upstream: ended ({reason:?})");
    }
}
