//! Deadlines of a connection: for its head, its first byte, and its silences.
//!
//! Pure: times are arguments.

use std::time::Duration;

use crate::keep_alives::SHORTEST_AUTO_TIMEOUT;

/// Limits of the parts of a response. `None` means no limit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deadlines {
    pub(crate) head: Option<Duration>,
    /// Limit of the head, unless `head` or a total timeout that is lifted from the request is one.
    pub(crate) default_head: Option<Duration>,
    pub(crate) first_byte: Option<Duration>,
    pub(crate) idle: IdleTimeout,
}

/// Limit of the silence of a connection.
///
/// Any byte ends a silence, including those of comments and of events that are not shown. Only the
/// time in which the session waits for bytes counts, so that a slow consumer does not make its
/// server look dead.
///
/// ```
/// use std::time::Duration;
/// use sse_session::{IdleTimeout, SseConfig};
///
/// // A server that is known to send something every 15 s.
/// let config = SseConfig::new().idle_timeout(Duration::from_secs(45));
/// // A server whose interval is not known.
/// let config = SseConfig::new().idle_timeout(IdleTimeout::auto());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IdleTimeout {
    kind: Kind,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Off,
    After(Duration),
    Auto,
}

/// Deadline that expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deadline {
    /// Deadline for the head of the response, which starts when the request is sent.
    Head,
    /// Deadline for the first byte of the body, which starts when the head is received.
    FirstByte,
    /// Deadline for the next byte of the body.
    Idle,
    /// Deadline for the first delta of an [`Answer`](crate::Answer), which starts with its first
    /// request: its [budget](crate::Answer::budget).
    Budget,
}

impl IdleTimeout {
    /// Creates a limit that never expires. This is the default.
    #[must_use]
    pub const fn off() -> Self {
        Self { kind: Kind::Off }
    }

    /// Creates a limit of this time: the session closes a connection that is silent for longer.
    #[must_use]
    pub const fn after(time: Duration) -> Self {
        Self { kind: Kind::After(time) }
    }

    /// Creates a limit that the session learns from the keep-alives of its server: after three gaps
    /// between keep-alives, three times the longest gap, but at least 10 s.
    ///
    /// Keep-alives are comments, and the events that
    /// [`keep_alive_events`](crate::SseConfig::keep_alive_events) names. A comment counts when its
    /// line ends, with or without a blank line after it. Keep-alives that follow another within
    /// less than a second count as one, as some servers begin with several. The parser keeps
    /// comments in order to count them, so an event has the last ones of its block.
    ///
    /// The gaps of several connections add up. A gap counts only if the arrival of both its
    /// keep-alives is known: the session was waiting for them and read them at once, or read them
    /// right after bytes for which that is so. While a consumer stays away for ten minutes, the
    /// session therefore learns nothing, even if that consumer has polled it before. Two cases may
    /// look like a silence: a thread that is blocked together with its runtime, and in browsers any
    /// consumer that polls the session and then stays away.
    ///
    /// A session whose server sends no keep-alives is never disconnected. The limit that is learned
    /// applies to the next connections from their head on, until they have shown three gaps of
    /// their own. If it expires before that, on a connection that brought a keep-alive, the server
    /// may have changed its interval, and the limit is doubled for the next connection, up to half
    /// an hour. A connection without a keep-alive does not change the limit.
    #[must_use]
    pub const fn auto() -> Self {
        Self { kind: Kind::Auto }
    }

    /// Returns `true` if keep-alives have to be counted.
    pub(crate) fn learns(self) -> bool {
        self.kind == Kind::Auto
    }
}

impl From<Duration> for IdleTimeout {
    fn from(time: Duration) -> Self {
        Self::after(time)
    }
}

impl Deadlines {
    /// Returns how long the body may be silent now, and which deadline that is, given the limit
    /// learned from keep-alives.
    #[inline]
    pub(crate) fn silence(
        &self,
        received_bytes: bool,
        learned: impl FnOnce() -> Option<Duration>,
    ) -> Option<(Duration, Deadline)> {
        if let (false, Some(limit)) = (received_bytes, self.first_byte) {
            return Some((limit, Deadline::FirstByte));
        }
        let limit = match self.idle.kind {
            Kind::Off => None,
            Kind::After(limit) => Some(limit),
            Kind::Auto => learned(),
        };
        limit.map(|limit| (limit, Deadline::Idle))
    }

    /// Returns the shortest silence that may be too long, whatever has been received.
    pub(crate) fn shortest_silence(&self) -> Option<Duration> {
        let idle = match self.idle.kind {
            Kind::Off => None,
            Kind::After(limit) => Some(limit),
            Kind::Auto => Some(SHORTEST_AUTO_TIMEOUT),
        };
        self.first_byte.into_iter().chain(idle).min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Deadline, Deadlines, IdleTimeout};

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn before_the_first_byte_its_own_limit_counts_and_then_the_other() {
        let first_byte = Some(secs(5));
        let idle = IdleTimeout::after(secs(9));
        let off = IdleTimeout::off();
        let cases = [
            (None, off, false, None),
            (None, off, true, None),
            (first_byte, off, false, Some((secs(5), Deadline::FirstByte))),
            (first_byte, off, true, None),
            (None, idle, false, Some((secs(9), Deadline::Idle))),
            (None, idle, true, Some((secs(9), Deadline::Idle))),
            (first_byte, idle, false, Some((secs(5), Deadline::FirstByte))),
            (first_byte, idle, true, Some((secs(9), Deadline::Idle))),
        ];
        for (first_byte, idle, received, expected) in cases {
            let deadlines = Deadlines { first_byte, idle, ..Deadlines::default() };
            assert_eq!(deadlines.silence(received, || None), expected);
        }
    }

    #[test]
    fn auto_is_the_limit_that_was_learned() {
        let deadlines = Deadlines { idle: IdleTimeout::auto(), ..Deadlines::default() };
        assert_eq!(deadlines.silence(true, || None), None);
        let learned = deadlines.silence(true, || Some(secs(45)));
        assert_eq!(learned, Some((secs(45), Deadline::Idle)));
    }
}
