//! Facts of a disconnect, as a policy sees them, and of the end of its connection.

use std::time::Duration;

use crate::{
    body_end::{EndEvidence, EndFacts},
    error::SseError,
};

/// Facts about a connection that ended, or that could not be made: the input of a
/// [custom policy](crate::ReconnectPolicy::custom).
#[derive(Debug, Clone, Copy)]
pub struct Disconnect<'a> {
    pub(crate) cause: &'a SseError,
    /// End of the connection; `None` if it never was open.
    pub(crate) end: Option<End>,
    pub(crate) attempts: u32,
    /// Number of event streams that could not be decoded since the last healthy connection, this
    /// one included.
    pub(crate) decode_failures: u32,
    pub(crate) outage: Duration,
    pub(crate) retry: Option<Duration>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) is_restart: bool,
    pub(crate) restarts: u32,
    pub(crate) random: f64,
}

/// End of a connection, as far as it decides what follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) facts: EndFacts,
    pub(crate) kind: EndKind,
    /// Time for which the body was read.
    pub(crate) lived: Duration,
    /// `true` if at least one block was complete, with data or without, and had more than unknown
    /// lines.
    pub(crate) has_block: bool,
    /// `true` if there is a last event ID that differs from the one when the connection opened.
    pub(crate) has_new_id: bool,
}

/// Kind of the end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndKind {
    /// The response is complete, as far as HTTP shows it, and so is its last block.
    Regular,
    /// A deadline of the session expired.
    Deadline,
    /// The body could not be decoded.
    Undecodable,
    Other,
}

impl Disconnect<'_> {
    /// Returns the cause. A regular end of the event stream is a cause too
    /// ([`StreamEnded`](crate::SseErrorKind::StreamEnded)).
    #[must_use]
    pub fn cause(&self) -> &SseError {
        self.cause
    }

    /// Returns how the connection ended, and how much was received over it; `None` if it never was
    /// open.
    #[must_use]
    pub fn end_evidence(&self) -> Option<EndEvidence> {
        self.end.and_then(|_| self.cause.end_evidence())
    }

    /// Returns how long the connection was open; zero if it never was.
    #[must_use]
    pub fn lived(&self) -> Duration {
        self.end.map_or(Duration::ZERO, |end| end.lived)
    }

    /// Returns the number of events with data that the connection brought, hidden ones included.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.end.map_or(0, |end| end.facts.messages)
    }

    /// Returns the number of attempts that failed in a row since the last healthy connection.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns how long ago the last healthy connection ended, or the first attempt failed.
    #[must_use]
    pub fn outage(&self) -> Duration {
        self.outage
    }

    /// Returns `true` if another attempt would restart the session: it has received events, and the
    /// next request would [not say](crate::ReconnectPolicy::max_restarts) from which one to resume.
    /// The same events may come again.
    #[must_use]
    pub fn is_restart(&self) -> bool {
        self.is_restart
    }

    /// Returns the number of connections so far that [restarted](Self::is_restart) the session.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// Returns the reconnection time that the server has set with a `retry` field, at least 100 ms,
    /// and at most [`max_server_delay`](crate::ReconnectPolicy::max_server_delay).
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Returns the delay that the `Retry-After` header of a rejected response asks for, at most
    /// [`max_server_delay`](crate::ReconnectPolicy::max_server_delay). The
    /// [error](SseError::retry_after) has it as it was sent.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns a random number from 0 to 1, for jitter of your own.
    #[must_use]
    pub fn random(&self) -> f64 {
        self.random
    }
}

#[cfg(test)]
impl<'a> Disconnect<'a> {
    /// Creates the disconnect of a connection that was accepted and closed at once.
    pub(crate) fn accept_then_close(cause: &'a SseError) -> Self {
        Self {
            cause,
            end: Some(End::without_a_byte(EndKind::Regular)),
            attempts: 0,
            decode_failures: 0,
            outage: Duration::ZERO,
            retry: None,
            retry_after: None,
            is_restart: false,
            restarts: 0,
            random: 0.0,
        }
    }
}

#[cfg(test)]
impl End {
    /// Creates the end of a connection without a byte, at once.
    pub(crate) fn without_a_byte(kind: EndKind) -> Self {
        let body_end = crate::body_end::BodyEnd::LastChunk;
        let facts = EndFacts { body_end, bytes: 0, messages: 0, since_last_byte: None };
        Self { facts, kind, lived: Duration::ZERO, has_block: false, has_new_id: false }
    }
}
