//! Progress of a session, for the tasks that publish to it and disrupt it.
//!
//! They wait for events, never for a time.

use sse_reqwest::{Call, SessionHandle, SseError};
use tokio::sync::watch;

/// Progress of a session, which other tasks can wait for.
#[derive(Debug, Default)]
pub(crate) struct Progress(watch::Sender<State>);

#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// Number of the last event.
    pub(crate) number: u64,
    /// Number of the last event that may be sent, if later ones are held back.
    held_after: Option<u64>,
    pub(crate) connections: u64,
    /// Status of the last rejected attempt, if no connection followed it.
    rejected: Option<u16>,
    /// Process of nginx that serves the connection, if its configuration sends that.
    pub(crate) worker: Option<String>,
    pub(crate) handle: Option<SessionHandle>,
}

impl Progress {
    pub(crate) fn received(&self, number: u64) {
        self.0.send_modify(|state| state.number = number);
    }

    pub(crate) fn opened(&self, call: &Call, handle: &SessionHandle) {
        let worker = call.response().headers().get(WORKER_HEADER);
        let worker = worker.and_then(|pid| pid.to_str().ok()).map(str::to_owned);
        self.0.send_modify(|state| {
            state.connections += 1;
            state.rejected = None;
            state.worker = worker;
            state.handle = Some(handle.clone());
        });
    }

    pub(crate) fn disconnected(&self, cause: &SseError) {
        if let Some(status) = cause.status() {
            self.0.send_modify(|state| state.rejected = Some(status.as_u16()));
        }
    }

    /// Waits until the session has received the event with this number.
    pub(crate) async fn number(&self, number: u64) -> State {
        self.until(|state| state.number >= number).await
    }

    /// Waits until the session has had this number of connections.
    pub(crate) async fn connections(&self, count: u64) -> State {
        self.until(|state| state.connections >= count).await
    }

    /// Waits until an attempt to reconnect was rejected with this status.
    pub(crate) async fn rejection(&self, status: u16) -> State {
        self.until(|state| state.rejected == Some(status)).await
    }

    /// Holds back events after this number, until they are [released](Self::release).
    pub(crate) fn hold_after(&self, number: u64) {
        self.0.send_modify(|state| state.held_after = Some(number));
    }

    pub(crate) fn release(&self) {
        self.0.send_modify(|state| state.held_after = None);
    }

    /// Waits until the event with this number may be sent. Sending stays close to receiving, so
    /// that the session is disrupted while there are events to come.
    pub(crate) async fn may_send(&self, number: u64) {
        self.until(|state| {
            number <= state.number + AHEAD && state.held_after.is_none_or(|last| number <= last)
        })
        .await;
    }

    async fn until(&self, holds: impl FnMut(&State) -> bool) -> State {
        let mut states = self.0.subscribe();
        // Fails only without a sender, which `self` is.
        let state = states.wait_for(holds).await;
        state.map(|state| state.clone()).unwrap_or_default()
    }
}

/// Number of events that may be sent ahead of the last one received.
const AHEAD: u64 = 16;

/// Header in which nginx sends the number of its process.
pub(crate) const WORKER_HEADER: &str = "x-worker";
