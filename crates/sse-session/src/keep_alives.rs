//! Keep-alives: the limit of silence learned from them, over several connections.
//!
//! Pure: times are arguments.

mod arrivals;

use std::{mem, time::Duration};

use self::arrivals::{Arrivals, SHORTEST_GAP};

/// Keep-alives of one connection, for an idle timeout that learns from them.
#[derive(Debug)]
pub(crate) struct KeepAlives {
    learned: LearnedLimit,
    /// Arrival of the last keep-alive, if it is known.
    last: Option<Duration>,
    /// If `true`, the connection has brought a keep-alive.
    has_any: bool,
    arrivals: Arrivals,
    /// Number of comment lines that the parser has counted so far.
    comment_lines: u32,
}

/// Limit of silence learned from the keep-alives of a session so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LearnedLimit {
    /// Limit of a silence, by the last gaps that were enough to show one.
    limit: Option<Duration>,
    /// Number of gaps since then.
    gaps: u32,
    /// The longest of them.
    longest: Duration,
}

impl KeepAlives {
    /// Creates the keep-alives of a connection whose head has been received, with the limit learned
    /// from earlier connections.
    pub(crate) fn new(learned: LearnedLimit, comment_lines: u32, now: Duration) -> Self {
        let arrivals = Arrivals::new(now);
        Self { learned, last: None, has_any: false, arrivals, comment_lines }
    }

    /// Takes note that no byte of the body is available.
    pub(crate) fn waiting(&mut self, now: Duration) {
        self.arrivals.waiting(now);
    }

    /// Takes note that the transport had something at this time, which is read next.
    pub(crate) fn woken(&mut self, at: Duration) {
        self.arrivals.woken(at);
    }

    /// Takes the number of bytes received so far, and when the last of them were read.
    pub(crate) fn received(&mut self, bytes: u64, now: Duration) {
        self.arrivals.received(bytes, now);
    }

    /// Takes the number of comment lines so far. Lines that the last chunk has ended are one
    /// keep-alive.
    pub(crate) fn comments(&mut self, comment_lines: u32) {
        if mem::replace(&mut self.comment_lines, comment_lines) != comment_lines {
            self.keep_alive();
        }
    }

    /// Takes note that the last chunk had a keep-alive.
    pub(crate) fn keep_alive(&mut self) {
        self.has_any = true;
        let (Some(last), Some(at)) = (self.last, self.arrivals.known()) else {
            // A gap needs both ends.
            self.last = self.arrivals.known();
            return;
        };
        let gap = at.saturating_sub(last);
        if gap >= SHORTEST_GAP {
            self.last = Some(at);
            self.learned.add(gap);
        }
    }

    /// Returns the longest silence that is accepted, or `None` without a limit.
    pub(crate) fn longest_silence(&self) -> Option<Duration> {
        self.learned.longest_silence()
    }

    /// Returns what the next connection begins with. `is_expired` says that this connection was
    /// silent for longer than its limit.
    pub(crate) fn learned(&self, is_expired: bool) -> LearnedLimit {
        // A mute connection is dead, however long it is.
        self.learned.next(is_expired && self.has_any)
    }
}

impl LearnedLimit {
    fn add(&mut self, gap: Duration) {
        self.gaps = self.gaps.saturating_add(1);
        self.longest = self.longest.max(gap);
    }

    fn longest_silence(&self) -> Option<Duration> {
        let shown = self.longest.saturating_mul(3).max(SHORTEST_AUTO_TIMEOUT);
        if self.has_shown() { Some(shown) } else { self.limit.map(|limit| limit.max(shown)) }
    }

    /// Returns `true` if the gaps are enough to replace the limit.
    fn has_shown(&self) -> bool {
        self.gaps >= 3
    }

    fn next(self, may_have_changed: bool) -> Self {
        let limit = self.longest_silence();
        if self.has_shown() {
            return Self { limit, ..Self::default() };
        }
        if may_have_changed {
            let doubled = |limit: Duration| limit.saturating_mul(2).min(LONGEST_DOUBLED.max(limit));
            return Self { limit: limit.map(doubled), ..Self::default() };
        }
        Self { limit, ..self }
    }
}

/// Shortest limit that can be learned.
pub(crate) const SHORTEST_AUTO_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest limit that doubling leads to, three times ten minutes. Servers send keep-alives for what
/// drops silent connections on the way, and most of that does so within ten minutes.
const LONGEST_DOUBLED: Duration = Duration::from_secs(30 * 60);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{KeepAlives, LearnedLimit};

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    const NOTHING: LearnedLimit = LearnedLimit { limit: None, gaps: 0, longest: Duration::ZERO };

    const fn limit(limit: u64) -> LearnedLimit {
        LearnedLimit { limit: Some(secs(limit)), ..NOTHING }
    }

    /// A connection whose session waits all the time, and is woken. Its keep-alives come at these
    /// times.
    fn connection(learned: LearnedLimit, keep_alives_at: &[u64]) -> KeepAlives {
        let mut keep_alives = KeepAlives::new(learned, 0, Duration::ZERO);
        keep_alives.waiting(Duration::ZERO);
        for (&at, bytes) in keep_alives_at.iter().zip(1..) {
            keep_alives.woken(secs(at));
            keep_alives.received(bytes, secs(at));
            keep_alives.keep_alive();
            keep_alives.waiting(secs(at));
        }
        keep_alives
    }

    #[track_caller]
    fn check(learned: LearnedLimit, keep_alives_at: &[u64], expected: Option<u64>) {
        let silence = connection(learned, keep_alives_at).longest_silence();
        assert_eq!(silence, expected.map(secs));
    }

    #[test]
    fn auto_learns_from_three_gaps() {
        check(NOTHING, &[], None);
        check(NOTHING, &[0], None);
        check(NOTHING, &[0, 15, 30], None);
        check(NOTHING, &[0, 15, 30, 45], Some(45));
        check(NOTHING, &[0, 15, 45, 60], Some(90));
        check(NOTHING, &[0, 1, 2, 3], Some(10));
        // Several at once are one.
        check(NOTHING, &[0, 0, 0, 0], None);
        check(NOTHING, &[0, 0, 0, 0, 15, 15, 30], None);
        check(NOTHING, &[0, 0, 15, 15, 30, 45], Some(45));
    }

    #[test]
    fn auto_starts_with_the_silence_that_was_learned_from_earlier_connections() {
        check(limit(45), &[], Some(45));
        check(limit(45), &[0, 30], Some(90));
        check(limit(45), &[0, 5], Some(45));
        // Three gaps of its own replace it.
        check(limit(45), &[0, 5, 10, 15], Some(15));
        check(limit(45), &[0, 60, 120, 180], Some(180));
    }

    #[test]
    fn auto_adds_up_the_gaps_of_connections_that_are_too_short_to_show_three() {
        let first = connection(NOTHING, &[0, 15, 30]).learned(false);
        assert_eq!(first.longest_silence(), None);
        check(first, &[0], None);
        // The time between two connections is not a gap.
        check(first, &[20, 30], Some(45));
        let alone = (0..3).fold(NOTHING, |learned, _| connection(learned, &[0, 20]).learned(false));
        assert_eq!(alone, limit(60));
        // They add up to a shorter limit, too.
        let faster =
            (0..3).fold(limit(60), |learned, _| connection(learned, &[0, 5]).learned(false));
        assert_eq!(faster, limit(15));
    }

    #[test]
    fn auto_doubles_a_silence_that_was_too_long_before_a_connection_has_shown_its_own() {
        #[track_caller]
        fn check(before: LearnedLimit, at: &[u64], is_expired: bool, expected: LearnedLimit) {
            assert_eq!(connection(before, at).learned(is_expired), expected);
        }
        check(NOTHING, &[0, 15, 30, 45], false, limit(45));
        check(NOTHING, &[0, 15, 30, 45], true, limit(45));
        check(limit(45), &[], false, limit(45));
        check(limit(45), &[0], true, limit(90));
        check(limit(45), &[0, 30], true, limit(180));
        check(limit(45), &[0, 5, 10, 15], true, limit(15));
        // Without a keep-alive.
        check(limit(45), &[], true, limit(45));
        // The gaps of an interval that may be past do not count.
        let two_gaps = connection(limit(45), &[0, 5, 10]).learned(false);
        check(two_gaps, &[0], true, limit(90));
    }

    #[test]
    fn auto_doubles_up_to_half_an_hour() {
        let mut learned = limit(45);
        for _ in 0..99 {
            learned = connection(learned, &[0]).learned(true);
        }
        assert_eq!(learned, limit(1800));
        // Gaps may show more.
        check(learned, &[0, 900, 1800, 2700], Some(2700));
        assert_eq!(connection(limit(2700), &[0]).learned(true), limit(2700));
    }

    /// A session that waits at some times, and reads at others.
    struct Reads(KeepAlives, u64);

    impl Reads {
        fn new() -> Self {
            Self(KeepAlives::new(NOTHING, 0, Duration::ZERO), 0)
        }

        /// A session that has read keep-alives at 0 s and 15 s, when they came.
        fn steady() -> Self {
            Self::new().ready(Duration::ZERO).awaited(secs(0), secs(15))
        }

        /// Finds no bytes.
        fn waiting(mut self, at: Duration) -> Self {
            self.0.waiting(at);
            self
        }

        /// Reads a keep-alive when it comes, after a wait.
        fn awaited(self, since: Duration, at: Duration) -> Self {
            self.waiting(since).woken(at).ready(at)
        }

        /// Bytes come, for which the session waits or has waited.
        fn woken(mut self, at: Duration) -> Self {
            self.0.woken(at);
            self
        }

        /// Reads bytes.
        fn other(mut self, at: Duration) -> Self {
            self.1 += 1;
            self.0.received(self.1, at);
            self
        }

        /// Reads a keep-alive that is there already.
        fn ready(self, at: Duration) -> Self {
            let mut read = self.other(at);
            read.0.keep_alive();
            read
        }

        #[track_caller]
        fn check(self, gaps: u32, longest: u64) -> Self {
            let LearnedLimit { gaps: found, longest: found_longest, .. } = self.0.learned;
            assert_eq!((found, found_longest), (gaps, secs(longest)));
            self
        }
    }

    #[test]
    fn auto_learns_nothing_from_the_absence_of_the_consumer() {
        let steady = Reads::steady;
        // The consumer is away for ten minutes, in which keep-alives came.
        let away = steady().check(1, 15).ready(secs(615)).ready(secs(615)).check(1, 15);
        // The next one has come while the session waited, but the one before it has not.
        let back = away.awaited(secs(615), secs(620)).check(1, 15);
        back.awaited(secs(620), secs(635)).check(2, 15);
        // A consumer that takes its time between two keep-alives does not change their gap.
        steady().awaited(secs(25), secs(30)).check(2, 15);
        // A read that blocks takes a moment, even if the bytes are there.
        steady().awaited(secs(615) - Duration::from_micros(9), secs(615)).check(1, 15);
    }

    #[test]
    fn auto_learns_nothing_from_a_consumer_that_is_away_after_it_has_found_nothing() {
        // It is woken meanwhile, or its runtime is blocked, too.
        let away = || Reads::steady().waiting(secs(15));
        away().woken(secs(30)).ready(secs(615)).check(1, 15);
        away().ready(secs(615)).check(1, 15);
        // Back from a runtime that was blocked, it finds nothing before the runtime has read.
        let back = secs(615) + Duration::from_millis(2);
        away().waiting(secs(615)).woken(back).ready(back).check(1, 15);
        // It looks a second time, or waits.
        away().woken(secs(30)).waiting(secs(615)).ready(back).check(1, 15);
        // The next keep-alives are those of a consumer that waits.
        let next = away().woken(secs(30)).ready(secs(615)).awaited(secs(615), secs(620));
        next.awaited(secs(620), secs(635)).check(2, 15);
    }

    #[test]
    fn auto_learns_from_a_consumer_that_looks_often() {
        // As in a loop with `select!` and a tick, or for each frame of a game.
        let mut reads = Reads::steady().waiting(secs(15));
        for millis in (15_000..30_000).step_by(100) {
            reads = reads.waiting(Duration::from_millis(millis));
        }
        reads.ready(secs(30)).check(2, 15);
        // A tick that is seldom changes nothing, unless the bytes come at the same time.
        let seldom = Reads::steady().waiting(secs(15)).waiting(secs(29));
        seldom.woken(secs(30)).ready(secs(30)).check(2, 15);
    }

    #[test]
    fn auto_learns_nothing_from_a_consumer_that_is_ever_further_behind() {
        // Keep-alives come every 15 s, and are read every 30 s, with other bytes before and
        // between.
        let mut reads = Reads::steady();
        for read in 1..100 {
            let at = secs(15) + Duration::from_millis(900) * read;
            reads = if read % 33 == 0 { reads.ready(at) } else { reads.other(at) };
        }
        reads = reads.check(1, 15);
        // They are read every second, to catch up.
        for read in 0..10 {
            let at = secs(105) + Duration::from_millis(500) * read;
            reads = if read % 2 == 0 { reads.ready(at) } else { reads.other(at) };
        }
        reads.check(1, 15);
    }

    #[test]
    fn auto_counts_a_keep_alive_that_is_read_right_after_other_bytes() {
        let mut reads = Reads::new().ready(Duration::ZERO);
        for at in [15, 30, 45].map(secs) {
            reads = reads.waiting(at - secs(15)).woken(at).other(at).ready(at);
        }
        reads.check(3, 15);
    }

    #[test]
    fn auto_counts_all_comments_of_a_chunk_as_one() {
        let mut keep_alives = KeepAlives::new(NOTHING, 7, Duration::ZERO);
        keep_alives.comments(7);
        assert!(!keep_alives.has_any);
        keep_alives.received(10, Duration::ZERO);
        keep_alives.comments(9);
        keep_alives.waiting(Duration::ZERO);
        keep_alives.woken(secs(15));
        keep_alives.received(20, secs(15));
        keep_alives.comments(10);
        assert_eq!((keep_alives.learned.gaps, keep_alives.learned.longest), (1, secs(15)));
    }
}
