//! Shared state of the gateway: the history, and the number of connected browsers.
//!
//! The upstream is the only writer; each browser watches for changes. The `watch` channel is both
//! the lock and the notification.

use sse_core::{BuildError, ServerSentEvent};
use tokio::sync::watch;

use crate::{
    browser::Presence,
    history::{Bounds, History},
};

/// Handle on the gateway. Clones share its state.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    history: watch::Sender<History>,
    browsers: watch::Sender<usize>,
}

impl Gateway {
    /// Creates a gateway whose event IDs start with the name of the run.
    pub(crate) fn new(run: String, bounds: Bounds) -> Self {
        Self {
            history: watch::Sender::new(History::new(run, bounds)),
            browsers: watch::Sender::new(0),
        }
    }

    /// Adds an event to the history, from which all browsers receive it.
    pub(crate) fn publish(&self, event: &ServerSentEvent) -> Result<(), BuildError> {
        let mut published = Ok(());
        self.history.send_modify(|history| published = history.push(event));
        published
    }

    /// Marks the history as complete: the upstream has no more events.
    pub(crate) fn end(&self) {
        self.history.send_modify(History::end);
    }

    /// Ends all responses, and the server.
    pub(crate) fn close(&self) {
        self.history.send_modify(History::close);
    }

    /// Waits until the gateway is closed.
    pub(crate) async fn closed(&self) {
        // Fails if no handle is left, which could close the gateway.
        let _ = self.history.subscribe().wait_for(History::is_closed).await;
    }

    pub(crate) fn history(&self) -> watch::Receiver<History> {
        self.history.subscribe()
    }

    /// Returns the number of connected browsers.
    pub(crate) fn browsers(&self) -> watch::Receiver<usize> {
        self.browsers.subscribe()
    }

    /// Counts a browser until the returned value is dropped.
    pub(crate) fn admit(&self) -> Presence {
        Presence::new(&self.browsers)
    }
}
