//! Limits of a parser's memory, the policy for an event that exceeds one, and the error.
//!
//! Contains numbers only; [`crate::meter`] counts.

use core::fmt;

/// Limits on what a [`Parser`](crate::Parser) holds in memory for one event.
///
/// The defaults accept everything that real services are known to send, single lines of a megabyte
/// included, and stop a server that never ends its event.
///
/// ```
/// use sse_core::{Limits, Parser};
///
/// let limits = Limits::default().max_event_bytes(1024);
/// let mut parser = Parser::new().with_limits(limits);
/// let mut input: &[u8] = &[b"data: ".as_slice(), &[b'x'; 2000]].concat();
/// let error = parser.next_ref(&mut input).unwrap_err();
/// assert_eq!(error.max_bytes(), 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    event: usize,
    id: usize,
    event_type: usize,
    policy: ExcessPolicy,
}

impl Limits {
    /// Charge for each line that counts, in addition to its bytes, so that a large number of short
    /// lines reaches the limit too.
    pub const LINE_CHARGE: usize = 8;

    /// Maximum of every limit, so that the places in an event fit 32 bits: decoding makes text at
    /// most three times as long as its bytes.
    const CEILING: usize = 1024 * 1024 * 1024;

    /// Returns the highest possible limits: 1 GiB each.
    ///
    /// For input that you have produced yourself.
    #[must_use]
    pub const fn highest() -> Self {
        Self {
            event: Self::CEILING,
            id: Self::CEILING,
            event_type: Self::CEILING,
            policy: ExcessPolicy::Fail,
        }
    }

    /// Sets the maximum size of an event, in bytes: the lines of one block that are not ignored
    /// (`data`, `event`, `id`, `retry`, and comments if they are
    /// [kept](crate::Parser::with_comments)), each with one byte for its end and a charge of
    /// [`LINE_CHARGE`](Self::LINE_CHARGE).
    ///
    /// Ignored lines take no memory and do not count. Defaults to 16 MiB; a value above 1 GiB
    /// counts as 1 GiB.
    #[must_use]
    pub const fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.event = at_most_ceiling(bytes);
        self
    }

    /// Sets the maximum length of the value of an `id` field, in bytes.
    ///
    /// Defaults to 64 KiB; a value above 1 GiB counts as 1 GiB.
    #[must_use]
    pub const fn max_id_bytes(mut self, bytes: usize) -> Self {
        self.id = at_most_ceiling(bytes);
        self
    }

    /// Sets the maximum length of the value of an `event` field, in bytes.
    ///
    /// Defaults to 64 KiB; a value above 1 GiB counts as 1 GiB.
    #[must_use]
    pub const fn max_event_type_bytes(mut self, bytes: usize) -> Self {
        self.event_type = at_most_ceiling(bytes);
        self
    }

    /// Sets what the parser does with an event that exceeds a limit.
    ///
    /// Defaults to [`ExcessPolicy::Fail`].
    #[must_use]
    pub const fn excess_policy(mut self, policy: ExcessPolicy) -> Self {
        self.policy = policy;
        self
    }

    pub(crate) const fn policy(&self) -> ExcessPolicy {
        self.policy
    }

    /// Returns the value of `limit`, in bytes.
    #[must_use]
    #[inline]
    pub const fn max_bytes(&self, limit: Limit) -> usize {
        match limit {
            Limit::Event => self.event,
            Limit::Id => self.id,
            Limit::EventType => self.event_type,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event: 16 * 1024 * 1024,
            id: 64 * 1024,
            event_type: 64 * 1024,
            policy: ExcessPolicy::Fail,
        }
    }
}

const fn at_most_ceiling(bytes: usize) -> usize {
    if bytes < Limits::CEILING { bytes } else { Limits::CEILING }
}

/// Policy of a parser for an event that exceeds one of the [`Limits`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExcessPolicy {
    /// Returns the error [`LimitExceeded`], and nothing after it. This is the default: the sender
    /// of such an event may be malicious, and no event goes missing silently.
    #[default]
    Fail,
    /// Drops the event, counts it as [`Skipped`], and continues after the next blank line.
    ///
    /// The event's ID does not become the last event ID. A reconnection time in it takes effect if
    /// its line comes before the byte that exceeds the limit. Everything after that byte, up to the
    /// blank line, takes no memory, even if it is endless.
    ///
    /// ```
    /// use sse_core::{ExcessPolicy, Limits, Parser};
    ///
    /// let limits = Limits::default().max_event_bytes(30).excess_policy(ExcessPolicy::Skip);
    /// let mut parser = Parser::new().with_limits(limits);
    /// let mut input: &[u8] = b"id: 1\ndata: far too much\n\ndata: little\n\n";
    /// assert_eq!(parser.next_ref(&mut input)?.expect("an event").data(), "little");
    /// assert_eq!(parser.last_event_id(), "");
    /// assert_eq!(parser.skipped().count(), 1);
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    Skip,
}

/// Number of events that a parser has dropped because they exceeded a limit, and details of the
/// last one.
///
/// None are dropped unless the policy is [`ExcessPolicy::Skip`]. Events without data count as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    count: u64,
    last: Option<LimitExceeded>,
}

impl Skipped {
    /// Returns the number of events that have been dropped.
    ///
    /// An event counts as soon as the first byte over the limit has arrived, before the event ends.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Returns the limit that the last dropped event exceeded, and the position of the excess.
    #[must_use]
    pub const fn last(&self) -> Option<LimitExceeded> {
        self.last
    }

    pub(crate) fn add(&mut self, excess: LimitExceeded) {
        self.count += 1;
        self.last = Some(excess);
    }
}

/// Name of one of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Size of an event: [`Limits::max_event_bytes`].
    Event,
    /// Length of an `id`: [`Limits::max_id_bytes`].
    Id,
    /// Length of an event type: [`Limits::max_event_type_bytes`].
    EventType,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "event",
            Self::Id => "id",
            Self::EventType => "event type",
        })
    }
}

/// Error that an event stream exceeds one of the [`Limits`]: the only error of a parser, which does
/// not occur if the policy is to [skip](ExcessPolicy::Skip).
///
/// All events that were complete before it have been returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitExceeded {
    limit: Limit,
    max_bytes: usize,
    position: u64,
}

impl LimitExceeded {
    pub(crate) const fn new(limit: Limit, max_bytes: usize, position: u64) -> Self {
        Self { limit, max_bytes, position }
    }

    /// Returns the limit that was exceeded.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// Returns the value of the limit, in bytes.
    #[must_use]
    pub const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Returns the position of the first byte over the limit, counted in bytes from the start of
    /// the event stream.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, max_bytes, position } = self;
        write!(f, "{limit} exceeds {max_bytes} bytes at byte {position} of the event stream")
    }
}

impl core::error::Error for LimitExceeded {}
