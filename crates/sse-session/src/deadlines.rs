//! Deadlines of a connection: for its head, its first byte, and its silences.
//!
//! Pure: times are arguments.

use std::time::Duration;

/// Limits of the parts of a response. `None` means no limit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deadlines {
    pub(crate) head: Option<Duration>,
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

    /// Creates a limit that each connection learns from the comments of its server: after three
    /// gaps between comments, three times the longest gap, but at least 10 s.
    ///
    /// A connection that brought fewer than four comments is never closed. A comment counts when
    /// its block ends, with the blank line that servers send after it. To be counted, comments are
    /// kept until then: they count toward the [limits](crate::SseConfig::limits), and an event has
    /// those of its block.
    #[must_use]
    pub const fn auto() -> Self {
        Self { kind: Kind::Auto }
    }

    /// Returns `true` if comments have to be counted.
    pub(crate) fn counts_comments(self) -> bool {
        self.kind == Kind::Auto
    }
}

impl From<Duration> for IdleTimeout {
    fn from(time: Duration) -> Self {
        Self::after(time)
    }
}

impl Deadlines {
    /// Returns how long the body may be silent now, and the deadline that this is.
    #[inline]
    pub(crate) fn silence(
        &self,
        received_bytes: bool,
        comments: &CommentInterval,
    ) -> Option<(Duration, Deadline)> {
        if let (false, Some(limit)) = (received_bytes, self.first_byte) {
            return Some((limit, Deadline::FirstByte));
        }
        let limit = match self.idle.kind {
            Kind::Off => None,
            Kind::After(limit) => Some(limit),
            Kind::Auto => comments.longest_silence(),
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

/// Interval at which a server sends comments over one connection.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CommentInterval {
    last: Option<Duration>,
    gaps: u32,
    longest: Duration,
}

impl CommentInterval {
    /// Takes the time of a comment.
    pub(crate) fn comment(&mut self, at: Duration) {
        if let Some(last) = self.last.replace(at) {
            self.gaps = self.gaps.saturating_add(1);
            self.longest = self.longest.max(at.saturating_sub(last));
        }
    }

    fn longest_silence(&self) -> Option<Duration> {
        let silence = self.longest.saturating_mul(3).max(SHORTEST_AUTO_TIMEOUT);
        (self.gaps >= 3).then_some(silence)
    }
}

const SHORTEST_AUTO_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CommentInterval, Deadline, Deadlines, IdleTimeout};

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn rhythm(comments_at: &[u64]) -> CommentInterval {
        let mut rhythm = CommentInterval::default();
        comments_at.iter().for_each(|&at| rhythm.comment(secs(at)));
        rhythm
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
            assert_eq!(deadlines.silence(received, &CommentInterval::default()), expected);
        }
    }

    #[test]
    fn auto_learns_from_three_gaps() {
        let cases: [(&[u64], Option<u64>); 7] = [
            (&[], None),
            (&[1], None),
            (&[0, 15, 30], None),
            (&[0, 15, 30, 45], Some(45)),
            (&[0, 15, 45, 60], Some(90)),
            (&[0, 1, 2, 3], Some(10)),
            (&[0, 0, 0, 0], Some(10)),
        ];
        let deadlines = Deadlines { idle: IdleTimeout::auto(), ..Deadlines::default() };
        for (comments_at, expected) in cases {
            let expected = expected.map(|limit| (secs(limit), Deadline::Idle));
            let silence = deadlines.silence(true, &rhythm(comments_at));
            assert_eq!(silence, expected, "{comments_at:?}");
        }
    }
}
