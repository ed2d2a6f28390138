//! What the upstream, the browsers and the program share: the history, and who is there.
//!
//! One value that is changed by one writer and watched by all readers; the `watch` channel is both
//! its lock and its alarm.

use sse_core::{BuildError, ServerSentEvent};
use tokio::sync::watch;

use crate::{
    browser::Present,
    history::{Bounds, History},
};

/// A handle on the gateway. Clones are handles on the same one.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    history: watch::Sender<History>,
    browsers: watch::Sender<usize>,
}

impl Gateway {
    /// A gateway whose event IDs start with the name of the run.
    pub(crate) fn new(run: String, bounds: Bounds) -> Self {
        Self {
            history: watch::Sender::new(History::new(run, bounds)),
            browsers: watch::Sender::new(0),
        }
    }

    /// Hands an event to all browsers, now or when they come for it.
    pub(crate) fn publish(&self, event: &ServerSentEvent) -> Result<(), BuildError> {
        let mut published = Ok(());
        self.history.send_modify(|history| published = history.push(event));
        published
    }

    /// Says that the upstream has no more events.
    pub(crate) fn end(&self) {
        self.history.send_modify(History::end);
    }

    /// Ends all responses, and the server with them.
    pub(crate) fn close(&self) {
        self.history.send_modify(History::close);
    }

    /// Waits until the gateway is closed.
    pub(crate) async fn closed(&self) {
        // It fails if there is nobody left to close it, and then it is closed.
        let _ = self.history.subscribe().wait_for(History::is_closed).await;
    }

    pub(crate) fn history(&self) -> watch::Receiver<History> {
        self.history.subscribe()
    }

    /// How many browsers are there.
    pub(crate) fn browsers(&self) -> watch::Receiver<usize> {
        self.browsers.subscribe()
    }

    pub(crate) fn admit(&self) -> Present {
        Present::new(&self.browsers)
    }
}
