//! The facts of a disconnect, as a policy sees them.

use std::time::Duration;

use crate::error::SseError;

/// What is known when a connection was lost, or could not be made.
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

/// What a connection has been good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    /// How long it was open; zero if it never was.
    pub(crate) lived: Duration,
    /// How many events with data it brought.
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
    /// What happened. That the server ended the event stream regularly is among the causes.
    #[must_use]
    pub fn cause(&self) -> &SseError {
        self.cause
    }

    /// How long the connection was open; zero if it never was.
    #[must_use]
    pub fn lived(&self) -> Duration {
        self.life.lived
    }

    /// How many events with data the connection brought, hidden ones among them.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.life.messages
    }

    /// How many attempts have failed in a row since a connection was last of use.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// For how long there has been no connection of use.
    #[must_use]
    pub fn outage(&self) -> Duration {
        self.outage
    }

    /// The reconnection time that the server has set with a `retry` field, 100 ms at least.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// What a refusal asked for with `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// A random number from 0 to 1, for jitter of your own.
    #[must_use]
    pub fn random(&self) -> f64 {
        self.random
    }
}
