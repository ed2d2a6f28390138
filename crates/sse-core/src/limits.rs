//! How much a parser holds for one event, and the error that says it would be more.
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
        Self { event: Self::CEILING, id: Self::CEILING, event_type: Self::CEILING }
    }

    /// Sets the largest event, in bytes: the lines of one block that matter (`data`, `event`,
    /// `id`, `retry`, and comments if they are kept), each with one byte for its end and a charge
    /// of [`LINE_CHARGE`](Self::LINE_CHARGE).
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
        Self { event: 16 * 1024 * 1024, id: 64 * 1024, event_type: 64 * 1024 }
    }
}

const fn at_most_ceiling(bytes: usize) -> usize {
    if bytes < Limits::CEILING { bytes } else { Limits::CEILING }
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

/// An event stream went over one of the [`Limits`]: the only error that a parser knows.
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
