//! Observer of a life: checks that it is notified of each thing once, and in order.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Uri;
use sse_session::{Call, EndReason, ServerSentEvent, SessionObserver, SseError};

use crate::{invariant::Invariant, model::Expect, world::Shared};

/// Observer that compares what it is notified of with the world.
pub(crate) struct Witness {
    world: Arc<Shared>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) is_open: bool,
    pub(crate) opened: u64,
    pub(crate) events: usize,
    pub(crate) is_over: bool,
    pub(crate) calls: usize,
}

impl Witness {
    pub(crate) fn new(world: &Arc<Shared>) -> Arc<Self> {
        Arc::new(Self { world: world.clone(), seen: Mutex::default() })
    }

    /// Changes what was seen, and checks it.
    pub(crate) fn see(&self, change: impl FnOnce(&mut Seen) -> bool, observed: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let was_over = seen.is_over;
        seen.calls += 1;
        let holds = change(&mut seen) && !was_over;
        drop(seen);
        self.world.lock().check(Invariant::ObserversPaired, holds, observed);
    }

    /// Checks that the session was reported to have ended.
    pub(crate) fn check_over(&self, opened: u64, events: usize) {
        let seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_unused = seen.calls == 0;
        let holds = (seen.is_over || is_unused)
            && !seen.is_open
            && seen.opened == opened
            && seen.events == events;
        let observed = format!("{seen:?} instead of {opened} connections, {events} events");
        drop(seen);
        self.world.lock().check(Invariant::ObserversPaired, holds, &observed);
    }
}

impl SessionObserver for Witness {
    fn on_connecting(&self, _uri: &Uri, _attempt: u32) {
        self.see(|seen| !seen.is_open, "request beside a connection");
    }

    fn on_open(&self, _call: &Call) {
        let open = |seen: &mut Seen| {
            seen.opened += 1;
            !std::mem::replace(&mut seen.is_open, true)
        };
        self.see(open, "opened twice");
    }

    fn on_connection_closed(&self) {
        self.see(|seen| std::mem::replace(&mut seen.is_open, false), "closed what was not open");
    }

    fn on_bytes(&self, count: usize) {
        self.see(|seen| seen.is_open && count > 0, "bytes without a connection");
    }

    fn on_event(&self, _event: &ServerSentEvent) {
        let event = |seen: &mut Seen| {
            seen.events += 1;
            seen.is_open
        };
        self.see(event, "event without a connection");
    }

    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        self.see(|seen| !seen.is_open, "disconnect before the connection was closed");
        self.world.lock().check_disconnect(cause, delay);
    }

    fn on_failed(&self, _error: &SseError) {
        self.see(|seen| !seen.is_open, "failed before the connection was closed");
    }

    fn on_closed(&self, _reason: EndReason) {
        let end = |seen: &mut Seen| {
            seen.is_over = true;
            !seen.is_open
        };
        self.see(end, "closed before the connection was closed");
    }
}

impl crate::world::World {
    /// Checks a disconnect that the session reports.
    pub(crate) fn check_disconnect(&mut self, cause: &SseError, delay: Duration) {
        self.note(|| format!("disconnect reported: {cause}, again in {delay:?}"));
        match self.model.expect {
            Expect::Reconnect { wait, .. } => {
                if delay < wait.shortest {
                    let observed = format!("delay {delay:?} instead of {wait:?}");
                    self.violated(Invariant::NotTooEarly, observed);
                } else if delay > wait.longest {
                    let observed = format!("delay {delay:?} instead of {wait:?}");
                    self.violated(Invariant::NotTooLate, observed);
                }
            }
            Expect::Refresh | Expect::Repeat => {
                self.check(Invariant::NotTooLate, delay.is_zero(), "a wait before a repetition");
            }
            _ => {
                let observed = format!("disconnect reported with {:?} next", self.model.expect);
                self.violated(Invariant::WithinPolicy, observed);
            }
        }
    }
}
