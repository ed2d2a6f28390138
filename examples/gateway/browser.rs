//! Produces the events of one response to a browser: those that it has not received yet.
//!
//! Holds only a position in the shared history. A slow browser therefore costs no memory and delays
//! no other: while its socket is full, nothing is polled here. A browser whose position has left
//! the history is notified of the gap. Knows nothing of HTTP.

use std::time::Duration;

use futures_util::{Stream, stream};
use sse_core::{BuildError, ServerSentEvent};
use tokio::sync::watch;

use crate::history::{History, Next, Position};

/// Type of the event that announces the types of later events, as a JSON array of strings. An
/// `EventSource` ignores events of types without a listener.
pub(crate) const TYPES: &str = "gateway-types";

/// Type of the event that reports a gap, as a JSON object. Its `missed` is the number of missed
/// events, or null if the browser sent an ID that the gateway does not know.
pub(crate) const GAP: &str = "gateway-gap";

/// Connected browser, from its request to the end of the response.
#[derive(Debug)]
pub(crate) struct Browser {
    history: watch::Receiver<History>,
    position: Position,
    /// Number of event types that have been announced.
    announced_types: usize,
    /// Reconnection time, until it has been sent.
    reconnection_time: Option<Duration>,
    _presence: Presence,
}

/// Entry in the number of connected browsers, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Presence(watch::Sender<usize>);

impl Browser {
    pub(crate) fn new(
        history: watch::Receiver<History>,
        position: Position,
        reconnection_time: Duration,
        presence: Presence,
    ) -> Self {
        let reconnection_time = Some(reconnection_time);
        Self { history, position, announced_types: 0, reconnection_time, _presence: presence }
    }

    pub(crate) fn into_events(self) -> impl Stream<Item = Result<ServerSentEvent, BuildError>> {
        stream::unfold(self, async |mut browser| browser.next().await.map(|event| (event, browser)))
    }

    async fn next(&mut self) -> Option<Result<ServerSentEvent, BuildError>> {
        if let Some(time) = self.reconnection_time.take() {
            return Some(ServerSentEvent::builder().retry(time).build());
        }
        loop {
            {
                let history = self.history.borrow_and_update();
                if history.is_closed() {
                    return None;
                }
                if self.announced_types < history.types().len() {
                    self.announced_types = history.types().len();
                    return Some(own(TYPES, &serde_json::json!(history.types())));
                }
                match history.next(&mut self.position) {
                    Next::Event(event) => return Some(Ok(event.clone())),
                    Next::Missed(missed) => {
                        return Some(own(GAP, &serde_json::json!({ "missed": missed })));
                    }
                    Next::Pending => {}
                    Next::End => return None,
                }
            }
            self.history.changed().await.ok()?;
        }
    }
}

impl Presence {
    pub(crate) fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Makes an event of the gateway's own. It has no ID, so that no browser's last event ID changes.
fn own(event_type: &str, data: &serde_json::Value) -> Result<ServerSentEvent, BuildError> {
    ServerSentEvent::builder().event(event_type).data(data.to_string()).build()
}
