//! How far a session has come, for those who send to it and those who disturb it.
//!
//! They wait for what has happened, and never for a time.

use sse_reqwest::{Call, SessionHandle, SseError};
use tokio::sync::watch;

/// Is told of what comes, and lets others wait for it.
#[derive(Debug, Default)]
pub(crate) struct Progress(watch::Sender<State>);

#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The number of the last event.
    pub(crate) number: u64,
    /// The number of the last event that may be sent, if there are more to come than may be.
    held_after: Option<u64>,
    pub(crate) connections: u64,
    /// The status of the last refusal, if no connection came after it.
    refused: Option<u16>,
    /// Which of nginx's processes serves the connection, where it says so.
    pub(crate) worker: Option<String>,
    pub(crate) handle: Option<SessionHandle>,
}

impl Progress {
    pub(crate) fn came_to(&self, number: u64) {
        self.0.send_modify(|state| state.number = number);
    }

    pub(crate) fn opened(&self, call: &Call, handle: &SessionHandle) {
        let worker = call.response().headers().get(WORKER_HEADER);
        let worker = worker.and_then(|pid| pid.to_str().ok()).map(str::to_owned);
        self.0.send_modify(|state| {
            state.connections += 1;
            state.refused = None;
            state.worker = worker;
            state.handle = Some(handle.clone());
        });
    }

    pub(crate) fn lost(&self, cause: &SseError) {
        if let Some(status) = cause.status() {
            self.0.send_modify(|state| state.refused = Some(status.as_u16()));
        }
    }

    /// Waits until the session has come to the event of this number.
    pub(crate) async fn number(&self, number: u64) -> State {
        self.until(|state| state.number >= number).await
    }

    /// Waits until the session has had so many connections.
    pub(crate) async fn connections(&self, count: u64) -> State {
        self.until(|state| state.connections >= count).await
    }

    /// Waits until an attempt to reconnect was refused with this status.
    pub(crate) async fn refusal(&self, status: u16) -> State {
        self.until(|state| state.refused == Some(status)).await
    }

    /// Keeps what comes after the event of this number from being sent, until it is
    /// [let go](Self::let_go).
    pub(crate) fn hold_after(&self, number: u64) {
        self.0.send_modify(|state| state.held_after = Some(number));
    }

    pub(crate) fn let_go(&self) {
        self.0.send_modify(|state| state.held_after = None);
    }

    /// Waits until the event of this number may be sent, which is never far ahead of those that have
    /// come: the session is to be disturbed while there is more to come.
    pub(crate) async fn may_send(&self, number: u64) {
        self.until(|state| {
            number <= state.number + AHEAD && state.held_after.is_none_or(|last| number <= last)
        })
        .await;
    }

    async fn until(&self, holds: impl FnMut(&State) -> bool) -> State {
        let mut states = self.0.subscribe();
        // The sender is `self`, and so is there.
        let state = states.wait_for(holds).await;
        state.map(|state| state.clone()).unwrap_or_default()
    }
}

const AHEAD: u64 = 16;

/// By this header a configuration of nginx tells the process.
pub(crate) const WORKER_HEADER: &str = "x-worker";
