//! How much a parser holds for one event, what it does with one that is larger, and how it says so.
//!
//! Numbers only: how they are counted is [`crate::meter`]'s.

use core::fmt;

/// What a [`Parser`](crate::Parser) is willing to hold in memory for one event.
///
/// The defaults let through everything that real services are known to send (single lines of a
/// megabyte among it) and stop a server that never ends its event.
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
    /// What each line that counts costs on top of its bytes, so that a great many short lines
    /// come to their limit too.
    pub const LINE_CHARGE: usize = 8;

    /// No limit goes above this, so that the places in an event fit 32 bits: decoding makes text
    /// at most three times as long as its bytes.
    const CEILING: usize = 1024 * 1024 * 1024;

    /// Limits as large as they can be: 1 GiB for each of them.
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

    /// Sets the largest event, in bytes: the lines of one block that matter (`data`, `event`,
    /// `id`, `retry`, and comments as long as they are [kept](crate::Parser::with_comments)), each
    /// with one byte for its end and a charge of [`LINE_CHARGE`](Self::LINE_CHARGE).
    ///
    /// Lines that do not matter take no memory and are not counted. The default is 16 MiB; a
    /// value above 1 GiB counts as 1 GiB.
    #[must_use]
    pub const fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.event = at_most_ceiling(bytes);
        self
    }

    /// Sets the longest value of an `id` field, in bytes.
    ///
    /// The default is 64 KiB; a value above 1 GiB counts as 1 GiB.
    #[must_use]
    pub const fn max_id_bytes(mut self, bytes: usize) -> Self {
        self.id = at_most_ceiling(bytes);
        self
    }

    /// Sets the longest value of an `event` field, in bytes.
    ///
    /// The default is 64 KiB; a value above 1 GiB counts as 1 GiB.
    #[must_use]
    pub const fn max_event_type_bytes(mut self, bytes: usize) -> Self {
        self.event_type = at_most_ceiling(bytes);
        self
    }

    /// Sets what becomes of an event that exceeds a limit.
    ///
    /// The default is [`ExcessPolicy::Fail`].
    #[must_use]
    pub const fn excess_policy(mut self, policy: ExcessPolicy) -> Self {
        self.policy = policy;
        self
    }

    pub(crate) const fn policy(&self) -> ExcessPolicy {
        self.policy
    }

    /// The number of bytes that `limit` stands for.
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

/// What a parser does with an event that exceeds one of the [`Limits`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExcessPolicy {
    /// Gives the error [`LimitExceeded`], and nothing after it. This is the default: whoever sends
    /// such an event may be up to no good, and nothing is missing without a word.
    #[default]
    Fail,
    /// Drops the event, counts it as [`Skipped`], and goes on behind the next blank line.
    ///
    /// The event's ID does not become the last event ID. A reconnection time in it counts if its
    /// line comes before what exceeds the limit. Whatever comes after that, up to the blank line,
    /// takes no memory, be it endless.
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

/// How many events a parser has dropped because they exceeded a limit, and the last of them.
///
/// None are dropped unless the policy is [`ExcessPolicy::Skip`]. Those without data count as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    count: u64,
    last: Option<LimitExceeded>,
}

impl Skipped {
    /// How many events have been dropped.
    ///
    /// An event counts as soon as the first byte over the limit has come, before it has ended.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Which limit the last of them exceeded, and where.
    #[must_use]
    pub const fn last(&self) -> Option<LimitExceeded> {
        self.last
    }

    pub(crate) fn add(&mut self, excess: LimitExceeded) {
        self.count += 1;
        self.last = Some(excess);
    }
}

/// The name of one of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// The bytes of one event: [`Limits::max_event_bytes`].
    Event,
    /// The bytes of an `id`: [`Limits::max_id_bytes`].
    Id,
    /// The bytes of an event type: [`Limits::max_event_type_bytes`].
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

/// An event stream went over one of the [`Limits`]: the only error that a parser knows, and none
/// where the policy is to [skip](ExcessPolicy::Skip).
///
/// Whatever was complete before it has been given out.
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

    /// Which limit it was.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// How many bytes the limit allows.
    #[must_use]
    pub const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Where the first byte over the limit stands, counted in bytes from the start of the event
    /// stream.
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
