//! Answers: what their reader says of the event stream, and what the session of the next attempt
//! takes over from the one before.
//!
//! Only an [`Answer`](crate::Answer) calls these; other sessions have no reader that judges.

use std::time::Duration;

use super::{Machine, State, refreshed::Refreshed};
use crate::{
    error::{Outcome, SseError},
    failure::Failure,
    policy::{End, EndKind},
    reconnect::Reconnect,
    state::EndReason,
};

/// State that the session of the next attempt of an answer takes over from the one before.
#[derive(Debug, Default)]
pub(crate) struct CarriedOver {
    /// Cause of the attempt; a transport learns from it whether a fresh connection is wanted.
    pub(crate) cause: Option<SseError>,
    /// Attempts of the answer so far.
    pub(crate) reconnect: Reconnect,
    /// Time at which the attempt may begin.
    pub(crate) begin_at: Duration,
    /// Reconnection time that the server has set.
    retry: Option<Duration>,
    /// Credentials that were refreshed.
    refreshed: Option<Box<Refreshed>>,
}

impl Machine {
    /// Begins as the next attempt of an answer.
    pub(crate) fn take_over(&mut self, carried: CarriedOver) {
        self.cause = carried.cause;
        self.reconnect = carried.reconnect;
        self.template.refreshed = carried.refreshed;
        if let Some(retry) = carried.retry {
            self.parser = std::mem::take(&mut self.parser).with_reconnection_time(retry);
        }
        self.enter(State::Waiting(carried.begin_at));
    }

    /// Returns what the next attempt takes over from this one.
    pub(crate) fn carry_over(
        &mut self,
        cause: SseError,
        reconnect: Reconnect,
        begin_at: Duration,
    ) -> CarriedOver {
        let refreshed = self.template.refreshed.take();
        CarriedOver { cause: Some(cause), reconnect, begin_at, retry: self.retry(), refreshed }
    }

    /// Ends the session at the end of its answer.
    pub(crate) fn answer_complete(&mut self, now: Duration) {
        self.abandon_connection(now);
        self.close_with(EndReason::Stopped);
    }

    /// Ends the session in the failure that its reader has found.
    pub(crate) fn answer_failed(&mut self, failure: Failure, now: Duration) {
        self.abandon_connection(now);
        self.fail(failure);
    }

    /// Returns the error of a failure of the answer, with what is known of this session.
    pub(crate) fn error(&self, outcome: impl Into<Outcome>) -> SseError {
        SseError::new(outcome, self.context())
    }

    /// Returns the end of the last connection as a policy sees it; `None` if there was none. It is
    /// never a regular one: the answer is not whole.
    pub(crate) fn end_of_answer(&self, lived: Duration) -> Option<End> {
        let facts = self.evidence.as_ref()?.facts();
        Some(End { facts, kind: EndKind::Other, lived, has_block: false, has_new_id: false })
    }

    /// Returns the reconnection time that the server has set.
    pub(crate) fn retry(&self) -> Option<Duration> {
        self.parser.reconnection_time()
    }
}
