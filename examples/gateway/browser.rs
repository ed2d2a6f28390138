//! One browser: what it has not seen yet, as the stream of events that is the body of its response.
//!
//! Holds a place in the shared history and nothing else, so that a slow browser costs no memory and
//! holds nobody up: nothing happens here while its socket is full. One that comes so late that the
//! history has gone on is told how much it has missed. Knows nothing of HTTP.

use std::time::Duration;

use futures_util::{Stream, stream};
use sse_core::{BuildError, ServerSentEvent};
use tokio::sync::watch;

use crate::history::{History, Next, Place};

/// The type of the event that names the types of those to come: a browser only sees events whose
/// type it listens to. Its data is a JSON array of strings.
pub(crate) const TYPES: &str = "gateway-types";

/// The type of the event that tells of a gap. Its data is a JSON object; `missed` is the number of
/// events, or null where the browser came with an ID that the gateway does not know.
pub(crate) const GAP: &str = "gateway-gap";

/// A browser, from its request to the end of the response.
#[derive(Debug)]
pub(crate) struct Browser {
    history: watch::Receiver<History>,
    place: Place,
    /// How many of the event types it has been told.
    told_types: usize,
    /// What it has not yet been told to wait before it reconnects.
    reconnection_time: Option<Duration>,
    _present: Present,
}

/// Is counted as long as it lives.
#[derive(Debug)]
pub(crate) struct Present(watch::Sender<usize>);

impl Browser {
    pub(crate) fn new(
        history: watch::Receiver<History>,
        place: Place,
        reconnection_time: Duration,
        present: Present,
    ) -> Self {
        let reconnection_time = Some(reconnection_time);
        Self { history, place, told_types: 0, reconnection_time, _present: present }
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
                if self.told_types < history.types().len() {
                    self.told_types = history.types().len();
                    return Some(own(TYPES, &serde_json::json!(history.types())));
                }
                match history.next(&mut self.place) {
                    Next::Event(event) => return Some(Ok(event.clone())),
                    Next::Missed(missed) => {
                        return Some(own(GAP, &serde_json::json!({ "missed": missed })));
                    }
                    Next::Nothing => {}
                    Next::End => return None,
                }
            }
            self.history.changed().await.ok()?;
        }
    }
}

impl Present {
    pub(crate) fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// An event of the gateway's own. It has no ID, and so moves no browser's last event ID.
fn own(event_type: &str, data: &serde_json::Value) -> Result<ServerSentEvent, BuildError> {
    ServerSentEvent::builder().event(event_type).data(data.to_string()).build()
}
