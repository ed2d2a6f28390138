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
    /// line ends, with or without a blank line after it. Those that follow another within less than
    /// a second count as one, as some servers begin with several. To be counted, comments are kept,
    /// and an event has the last ones of its block.
    ///
    /// A session whose connections brought fewer than four keep-alives each is never disconnected.
    /// The limit that one connection has taught applies to the next ones from their head on, until
    /// they have shown three gaps of their own. If it expires before that, on a connection that
    /// brought a keep-alive, the server may have changed its interval, and the limit is doubled for
    /// the next connection. A connection without a keep-alive shows nothing, and leaves the limit as
    /// it is.
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
    /// Returns how long the body may be silent now, and the deadline that this is.
    #[inline]
    pub(crate) fn silence(
        &self,
        received_bytes: bool,
        keep_alives: &KeepAliveInterval,
    ) -> Option<(Duration, Deadline)> {
        if let (false, Some(limit)) = (received_bytes, self.first_byte) {
            return Some((limit, Deadline::FirstByte));
        }
        let limit = match self.idle.kind {
            Kind::Off => None,
            Kind::After(limit) => Some(limit),
            Kind::Auto => keep_alives.longest_silence(),
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

/// Interval at which a server sends keep-alives, as one connection shows it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeepAliveInterval {
    /// Longest silence by what earlier connections have shown.
    learned: Option<Duration>,
    last: Option<Duration>,
    gaps: u32,
    longest: Duration,
}

impl KeepAliveInterval {
    /// Creates the interval of a new connection, with the longest silence that earlier ones have
    /// taught.
    pub(crate) fn new(learned: Option<Duration>) -> Self {
        Self { learned, ..Self::default() }
    }

    /// Takes the time of a keep-alive.
    pub(crate) fn keep_alive(&mut self, at: Duration) {
        let Some(last) = self.last else {
            self.last = Some(at);
            return;
        };
        let gap = at.saturating_sub(last);
        if gap >= SHORTEST_GAP {
            self.last = Some(at);
            self.gaps = self.gaps.saturating_add(1);
            self.longest = self.longest.max(gap);
        }
    }

    /// Returns the longest silence by which the next connection begins. `is_expired` says that this
    /// connection was silent for longer.
    pub(crate) fn learned(&self, is_expired: bool) -> Option<Duration> {
        let silence = self.longest_silence()?;
        // A mute connection is dead, however long it is.
        let may_have_changed = is_expired && !self.has_shown() && self.last.is_some();
        Some(if may_have_changed { silence.saturating_mul(2) } else { silence })
    }

    fn longest_silence(&self) -> Option<Duration> {
        let shown = self.longest.saturating_mul(3).max(SHORTEST_AUTO_TIMEOUT);
        if self.has_shown() { Some(shown) } else { self.learned.map(|silence| silence.max(shown)) }
    }

    fn has_shown(&self) -> bool {
        self.gaps >= 3
    }
}

/// Keep-alives that are closer together count as one.
const SHORTEST_GAP: Duration = Duration::from_secs(1);

const SHORTEST_AUTO_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Deadline, Deadlines, IdleTimeout, KeepAliveInterval};

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn interval(learned: Option<u64>, keep_alives_at: &[u64]) -> KeepAliveInterval {
        let mut interval = KeepAliveInterval::new(learned.map(secs));
        keep_alives_at.iter().for_each(|&at| interval.keep_alive(secs(at)));
        interval
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
            assert_eq!(deadlines.silence(received, &KeepAliveInterval::default()), expected);
        }
    }

    #[track_caller]
    fn check(learned: Option<u64>, keep_alives_at: &[u64], expected: Option<u64>) {
        let deadlines = Deadlines { idle: IdleTimeout::auto(), ..Deadlines::default() };
        let silence = deadlines.silence(true, &interval(learned, keep_alives_at));
        assert_eq!(silence, expected.map(|limit| (secs(limit), Deadline::Idle)));
    }

    #[test]
    fn auto_learns_from_three_gaps() {
        check(None, &[], None);
        check(None, &[1], None);
        check(None, &[0, 15, 30], None);
        check(None, &[0, 15, 30, 45], Some(45));
        check(None, &[0, 15, 45, 60], Some(90));
        check(None, &[0, 1, 2, 3], Some(10));
        // Several at once are one.
        check(None, &[0, 0, 0, 0], None);
        check(None, &[0, 0, 0, 0, 15, 15, 30], None);
        check(None, &[0, 0, 15, 15, 30, 45], Some(45));
    }

    #[test]
    fn auto_starts_with_the_silence_that_earlier_connections_taught() {
        check(Some(45), &[], Some(45));
        check(Some(45), &[0, 30], Some(90));
        check(Some(45), &[0, 5], Some(45));
        // Three gaps of its own replace it.
        check(Some(45), &[0, 5, 10, 15], Some(15));
        check(Some(45), &[0, 60, 120, 180], Some(180));
    }

    #[test]
    fn auto_doubles_a_silence_that_was_too_long_before_a_connection_has_shown_its_own() {
        #[track_caller]
        fn check(before: Option<u64>, at: &[u64], is_expired: bool, expected: Option<u64>) {
            assert_eq!(interval(before, at).learned(is_expired), expected.map(secs));
        }
        check(None, &[0, 15], false, None);
        check(None, &[0, 15, 30, 45], false, Some(45));
        check(None, &[0, 15, 30, 45], true, Some(45));
        check(Some(45), &[], false, Some(45));
        check(Some(45), &[0], true, Some(90));
        check(Some(45), &[0, 30], true, Some(180));
        check(Some(45), &[0, 5, 10, 15], true, Some(15));
        // Without a keep-alive.
        check(Some(45), &[], true, Some(45));
    }
}
