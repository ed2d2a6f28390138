//! Views of a session's state.

use std::time::Duration;

use http::Uri;
use sse_core::Skipped;

use super::{Machine, State};
use crate::{
    ack::{AckToken, AckTracker},
    body_end::EndEvidence,
    error::SseError,
    state::{EndReason, SessionState},
};

impl Machine {
    pub(crate) fn state(&self) -> SessionState {
        match self.state {
            State::Waiting(_) => SessionState::Waiting,
            State::Open(_) => SessionState::Open,
            State::Closed(_) => SessionState::Closed,
            _ => SessionState::Connecting,
        }
    }

    /// Returns `true` if the session has not made its first request.
    pub(crate) fn is_unstarted(&self) -> bool {
        matches!(self.state, State::Starting) && self.cause.is_none() && self.connections == 0
    }

    pub(crate) fn end_reason(&self) -> Option<EndReason> {
        match self.state {
            State::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns the wait before the next attempt, without jitter.
    pub(crate) fn reconnection_time(&self) -> Duration {
        self.reconnect.delay(self.config.reconnection.policy(), self.parser.reconnection_time())
    }

    /// Returns the ID that the next request sends.
    pub(crate) fn last_event_id(&self) -> &str {
        self.acks.as_ref().map_or_else(|| self.parser.last_event_id(), |acks| acks.id())
    }

    /// Returns the longest time until the head of a response to the last request: the option, or
    /// else the total timeout that is lifted from the request.
    pub(crate) fn head_timeout(&self) -> Option<Duration> {
        let lifted = self.template.total_timeout.filter(|_| self.config.request.lift_total_timeout);
        let deadlines = &self.config.connection.deadlines;
        deadlines.head.or(lifted).or(deadlines.default_head)
    }

    /// Returns the time of the last byte of the current connection.
    pub(crate) fn last_byte(&self) -> Option<Duration> {
        match &self.state {
            State::Open(connection) => connection.last_byte(),
            _ => None,
        }
    }

    /// Takes note that bytes of the body were read at this time, of which the first count.
    pub(crate) fn time_bytes(&self, read_at: Duration) {
        if let Some(stopwatch) = &self.stopwatch {
            stopwatch.bytes(read_at);
        }
    }

    /// Takes note that an event with data is yielded, of a chunk that was read at this time.
    /// Returns `true` if it is the first one of its connection.
    pub(crate) fn time_event(&self, read_at: Duration) -> bool {
        self.stopwatch.as_ref().is_some_and(|stopwatch| stopwatch.event(read_at))
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections
    }

    pub(crate) fn restarts(&self) -> u32 {
        self.restarts
    }

    pub(crate) fn skipped(&self) -> Skipped {
        self.parser.skipped()
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.reconnect.attempts()
    }

    pub(crate) fn cause(&self) -> Option<&SseError> {
        self.cause.as_ref()
    }

    pub(crate) fn end_evidence(&self) -> Option<EndEvidence> {
        self.evidence.as_deref().cloned()
    }

    /// Returns `true` if the session has ended regularly, although its event stream ended in the
    /// middle of an event.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_unfinished(&self) -> bool {
        use crate::body_end::Completeness::{Cut, Unfinished};
        let completeness = self.evidence.as_ref().map(|it| it.completeness());
        self.end_reason() == Some(EndReason::StreamEnded)
            && matches!(completeness, Some(Cut | Unfinished))
    }

    pub(crate) fn acks(&mut self) -> Option<&mut AckTracker> {
        self.acks.as_deref_mut()
    }

    pub(crate) fn yielded(&self) -> AckToken {
        self.acks.as_ref().map(|acks| acks.yielded()).unwrap_or_default()
    }

    pub(crate) fn history(&self) -> Option<String> {
        self.history.as_ref().map(|history| history.text())
    }

    pub(crate) fn shown_uri(&self) -> Option<Uri> {
        self.template.shown_uri()
    }
}
