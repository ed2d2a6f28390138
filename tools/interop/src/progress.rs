//! Progress of a session, for the tasks that publish to it and disrupt it.
//!
//! They wait for events, never for a time.

use sse_reqwest::{BodyEnd, Call, SessionHandle, SseError};
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
    is_open: bool,
    /// Status of the last rejected attempt, if no connection followed it.
    rejected: Option<u16>,
    /// Process of nginx that serves the connection, if its configuration sends that.
    pub(crate) worker: Option<String>,
    pub(crate) handle: Option<SessionHandle>,
    /// Numbers of events after which the session reconnects, the next one first.
    cuts: &'static [u64],
    /// Ends of the connections that were open, and ended without the session asking for it.
    pub(crate) ends: Vec<BodyEnd>,
}

impl Progress {
    /// Returns the progress of a session that reconnects after the events with these numbers.
    pub(crate) fn with_cuts(cuts: &'static [u64]) -> Self {
        Self(watch::Sender::new(State { cuts, ..State::default() }))
    }

    pub(crate) fn received(&self, number: u64) {
        self.0.send_modify(|state| {
            state.number = number;
            if let Some((next, rest)) = state.cuts.split_first() {
                if number >= *next {
                    state.cuts = rest;
                    if let Some(handle) = &state.handle {
                        handle.reconnect_now();
                    }
                }
            }
        });
    }

    pub(crate) fn opened(&self, call: &Call, handle: &SessionHandle) {
        let worker = call.response().headers().get(WORKER_HEADER);
        let worker = worker.and_then(|pid| pid.to_str().ok()).map(str::to_owned);
        self.0.send_modify(|state| {
            state.connections += 1;
            state.is_open = true;
            state.rejected = None;
            state.worker = worker;
            state.handle = Some(handle.clone());
        });
    }

    pub(crate) fn disconnected(&self, cause: &SseError) {
        self.0.send_modify(|state| {
            if let Some(status) = cause.status() {
                state.rejected = Some(status.as_u16());
            }
            // Attempts to connect have no end, and have to leave that of the last connection.
            if let Some(evidence) = cause.end_evidence().filter(|_| state.is_open) {
                state.ends.push(evidence.body_end());
            }
            state.is_open = false;
        });
    }

    /// Waits until the session has received the event with this number.
    pub(crate) async fn number(&self, number: u64) -> State {
        self.until(|state| state.number >= number).await
    }

    /// Waits until the session has had this number of connections.
    pub(crate) async fn connections(&self, count: u64) -> State {
        self.until(|state| state.connections >= count).await
    }

    /// Waits until this number of connections has ended.
    pub(crate) async fn ends(&self, count: usize) -> State {
        self.until(|state| state.ends.len() >= count).await
    }

    /// Waits until an attempt to reconnect was rejected with any status.
    pub(crate) async fn any_rejection(&self) -> State {
        self.until(|state| state.rejected.is_some()).await
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
