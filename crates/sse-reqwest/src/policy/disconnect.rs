//! Facts of a disconnect, as a policy sees them.

use std::time::Duration;

use crate::error::SseError;

/// Facts about a connection that failed or ended, or that could not be made: what a
/// [custom policy](crate::ReconnectPolicy::custom) decides by.
#[derive(Debug, Clone, Copy)]
pub struct Disconnect<'a> {
    pub(crate) cause: &'a SseError,
    pub(crate) life: Life,
    pub(crate) attempts: u32,
    pub(crate) outage: Duration,
    pub(crate) retry: Option<Duration>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) random: f64,
}

/// History of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    /// Time that it was open; zero if it never was.
    pub(crate) lived: Duration,
    /// Number of events with data that it brought.
    pub(crate) messages: u64,
    pub(crate) end: LifeEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LifeEnd {
    /// The server ended the event stream.
    Regular,
    Broken,
}

impl Disconnect<'_> {
    /// Returns the cause. A regular end of the event stream is one too
    /// ([`StreamEnded`](crate::SseErrorKind::StreamEnded)).
    #[must_use]
    pub fn cause(&self) -> &SseError {
        self.cause
    }

    /// Returns how long the connection was open; zero if it never was.
    #[must_use]
    pub fn lived(&self) -> Duration {
        self.life.lived
    }

    /// Returns the number of events with data that the connection brought, hidden ones included.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.life.messages
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

    /// Returns the reconnection time that the server has set with a `retry` field, at least 100 ms.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Returns the delay that the `Retry-After` header of a rejected response asks for.
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
