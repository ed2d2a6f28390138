//! Counters of attempts and outages, on which a session's policy decides.
//!
//! Time and randomness are arguments.

use std::time::Duration;

use crate::policy::{Disconnect, ReconnectPolicy, SHORTEST_RETRY, StopReason};

/// Attempts and outage since the last healthy connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reconnect {
    /// Number of attempts since the last healthy connection.
    attempts: u32,
    /// Number of event streams that could not be decoded since then.
    decode_failures: u32,
    /// Time at which the last healthy connection ended, or the first one of the session failed.
    outage_since: Option<Duration>,
}

/// Decision about what follows a disconnect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    ReconnectAfter(Duration),
    /// No attempt: the policy allows no further one.
    Stop(StopReason),
}

impl Reconnect {
    /// Returns the number of attempts since the last healthy connection.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the wait before the next attempt, without jitter, given what the server has set.
    pub(crate) fn delay(&self, policy: &ReconnectPolicy, retry: Option<Duration>) -> Duration {
        policy.delay(self.attempts, floor(retry))
    }

    /// Decides what follows a disconnect at this time, after which another attempt is permitted.
    pub(crate) fn after(
        &mut self,
        policy: &ReconnectPolicy,
        disconnect: Disconnect<'_>,
        at: Duration,
    ) -> Decision {
        if disconnect.cause.is_decode() {
            self.decode_failures = self.decode_failures.saturating_add(1);
        }
        let since = *self.outage_since.get_or_insert(at);
        let disconnect = Disconnect {
            attempts: self.attempts,
            decode_failures: self.decode_failures,
            outage: at.saturating_sub(since),
            retry: floor(disconnect.retry),
            ..disconnect
        };
        match policy.decide(&disconnect) {
            Ok(delay) => Decision::ReconnectAfter(delay),
            Err(reason) => Decision::Stop(reason),
        }
    }

    /// Counts an attempt, when it is decided on: earlier failures are not counted for it.
    pub(crate) fn count_attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    /// Resets the counters.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

fn floor(retry: Option<Duration>) -> Option<Duration> {
    retry.map(|retry| retry.max(SHORTEST_RETRY))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Decision, Disconnect, Reconnect};
    use crate::{
        error::{SseError, SseErrorKind},
        failure::Failure,
        policy::{ReconnectDecision, ReconnectPolicy, StopReason},
    };

    const SECOND: Duration = Duration::from_secs(1);

    /// Returns the disconnect of a connection that was accepted and closed at once.
    fn unhealthy(cause: &SseError) -> Disconnect<'_> {
        Disconnect {
            cause,
            evidence: None,
            lived: Duration::ZERO,
            attempts: 0,
            decode_failures: 0,
            outage: Duration::ZERO,
            retry: None,
            random: 0.0,
        }
    }

    /// Returns the decisions after these disconnects. The attempt that follows each fails at once.
    fn decisions(policy: &ReconnectPolicy, disconnects: &[Disconnect<'_>]) -> Vec<Decision> {
        let mut reconnect = Reconnect::default();
        let mut now = Duration::ZERO;
        let decide = |&disconnect: &Disconnect<'_>| {
            now += disconnect.lived;
            let is_regular = disconnect.cause.kind() == SseErrorKind::StreamEnded;
            if policy.is_healthy(disconnect.lived, disconnect.messages(), is_regular) {
                reconnect.reset();
            }
            let decision = reconnect.after(policy, disconnect, now);
            if let Decision::ReconnectAfter(delay) = decision {
                now = now.saturating_add(delay);
                reconnect.count_attempt();
            }
            decision
        };
        disconnects.iter().map(decide).collect()
    }

    /// Checks the waits after these disconnects, none of which may end the session.
    #[track_caller]
    fn check_waits(
        policy: &ReconnectPolicy,
        disconnects: &[Disconnect<'_>],
        expected_secs: &[u64],
    ) {
        let expected: Vec<_> = expected_secs
            .iter()
            .map(|&secs| Decision::ReconnectAfter(Duration::from_secs(secs)))
            .collect();
        assert_eq!(decisions(policy, disconnects), expected, "{policy:?}");
    }

    #[track_caller]
    fn check_gives_up(
        policy: &ReconnectPolicy,
        disconnects: &[Disconnect<'_>],
        after: usize,
        why: StopReason,
    ) {
        let decisions = decisions(policy, disconnects);
        let waits = decisions.iter().take_while(|d| matches!(d, Decision::ReconnectAfter(_)));
        assert_eq!(waits.count(), after, "{decisions:?}");
        assert_eq!(decisions[after], Decision::Stop(why));
    }

    #[test]
    fn never_allows_no_attempt() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let decisions = decisions(&ReconnectPolicy::never(), &[unhealthy(&ended)]);
        assert_eq!(decisions, [Decision::Stop(StopReason::Attempts(0))]);
    }

    #[test]
    fn attempts_in_a_row_are_counted_and_end() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let disconnects = [unhealthy(&ended); 3];
        for policy in [ReconnectPolicy::fixed(SECOND), ReconnectPolicy::exponential()] {
            check_gives_up(&policy.max_attempts(2), &disconnects, 2, StopReason::Attempts(2));
        }
    }

    #[test]
    fn a_fixed_wait_stays_and_an_exponential_one_grows_up_to_its_limit() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let disconnects = [unhealthy(&ended); 8];
        check_waits(&ReconnectPolicy::fixed(3 * SECOND), &disconnects[..3], &[3, 3, 3]);
        let exponential = ReconnectPolicy::exponential();
        check_waits(&exponential, &disconnects, &[1, 2, 4, 8, 16, 32, 60, 60]);
        let own = exponential.reconnection_time(2 * SECOND).factor(3.0).max_delay(20 * SECOND);
        check_waits(&own, &disconnects[..4], &[2, 6, 18, 20]);
        check_waits(&own.clone().factor(0.1), &disconnects[..3], &[2, 2, 2]);
        check_waits(&own.factor(f64::NAN), &disconnects[..3], &[2, 2, 2]);
    }

    #[test]
    fn waits_that_cannot_be_counted_are_the_longest_there_is() {
        let policy = ReconnectPolicy::exponential().max_delay(Duration::MAX);
        let mut reconnect = Reconnect { attempts: u32::MAX, ..Reconnect::default() };
        assert_eq!(reconnect.delay(&policy, None), Duration::MAX);
        reconnect.count_attempt();
        assert_eq!(reconnect.attempts(), u32::MAX);
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let longest = Disconnect { retry: Some(Duration::MAX), random: 1.0, ..unhealthy(&ended) };
        let decided =
            Reconnect::default().after(&ReconnectPolicy::exponential(), longest, Duration::ZERO);
        assert_eq!(decided, Decision::ReconnectAfter(Duration::MAX));
    }

    #[test]
    fn healthy_after_decides_what_resets_the_attempt_counter() {
        let long = 5 * SECOND;
        let short = long - Duration::from_nanos(1);
        let cases = [
            // A connection, and whether it is healthy under each policy.
            (short, 0, true, false, false),
            (short, 1, true, true, false),
            (short, 1, false, true, false),
            (long, 0, true, true, true),
            (long, 0, false, true, false),
            (long, 1, true, true, true),
            (long, 1, false, true, true),
        ];
        for (lived, messages, is_regular, for_fixed, for_exponential) in cases {
            let check = |policy: &ReconnectPolicy, expected| {
                let is_healthy = policy.is_healthy(lived, messages, is_regular);
                assert_eq!(is_healthy, expected, "{lived:?} {messages} {is_regular} {policy:?}");
            };
            check(&ReconnectPolicy::fixed(SECOND), for_fixed);
            check(&ReconnectPolicy::custom(|_| unreachable!()), for_fixed);
            check(&ReconnectPolicy::exponential(), for_exponential);
        }
        assert!(!ReconnectPolicy::fixed(SECOND).healthy_after(long * 2).is_healthy(long, 0, true));
    }

    #[test]
    fn accept_then_close_is_no_storm() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let disconnects = [Disconnect { retry: Some(Duration::ZERO), ..unhealthy(&ended) }; 10];
        let mut now = Duration::ZERO;
        let mut connections = 1;
        for decision in decisions(&ReconnectPolicy::exponential(), &disconnects) {
            let Decision::ReconnectAfter(delay) = decision else { panic!("{decision:?}") };
            now += delay;
            connections += u32::from(now < 2 * SECOND);
        }
        assert!(connections <= 5, "{connections}");
    }

    #[test]
    fn a_server_that_recycles_its_connections_is_not_punished() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let recycled = Disconnect { lived: 30 * SECOND, ..unhealthy(&ended) };
        let policy = ReconnectPolicy::exponential().max_attempts(1).max_outage(2 * SECOND);
        check_waits(&policy, &[recycled; 20], &[1; 20]);
    }

    #[test]
    fn the_servers_time_replaces_a_fixed_one_and_is_a_floor_under_others() {
        let ms = Duration::from_millis;
        let cases = [
            // What the server has set, the waits of a fixed and of an exponential policy.
            (None, 3000, 1000),
            (Some(0), 100, 1000),
            (Some(99), 100, 1000),
            (Some(101), 101, 1000),
            (Some(5000), 5000, 5000),
            (Some(u64::MAX), u64::MAX, u64::MAX),
        ];
        for (retry, fixed, exponential) in cases {
            let retry = retry.map(ms);
            let delay = |policy| Reconnect::default().delay(&policy, retry);
            assert_eq!(delay(ReconnectPolicy::fixed(3 * SECOND)), ms(fixed));
            assert_eq!(delay(ReconnectPolicy::exponential()), ms(exponential));
        }
        assert_eq!(Reconnect::default().delay(&ReconnectPolicy::fixed(ms(0)), None), ms(0));
    }

    #[test]
    fn jitter_is_a_share_and_only_ever_adds() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let policy = ReconnectPolicy::fixed(10 * SECOND);
        let cases =
            [(0.0, 1.0, 10), (0.5, 0.0, 10), (0.5, 0.5, 12), (1.0, 1.0, 20), (9.0, 1.0, 20)];
        for (jitter, random, expected) in cases {
            let expected = match expected {
                12 => Duration::from_millis(12_500),
                secs => Duration::from_secs(secs),
            };
            let policy = policy.clone().jitter(jitter);
            for retry in [None, Some(10 * SECOND)] {
                let disconnect = Disconnect { random, retry, ..unhealthy(&ended) };
                let decided = decisions(&policy, &[disconnect]);
                assert_eq!(decided, [Decision::ReconnectAfter(expected)], "{jitter} {random}");
            }
        }
        for (jitter, random) in [(-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::NAN), (1.0, -1.0)] {
            let disconnect = Disconnect { random, ..unhealthy(&ended) };
            check_waits(&policy.clone().jitter(jitter), &[disconnect], &[10]);
        }
    }

    #[test]
    fn of_a_long_time_that_the_server_asks_for_little_is_added_by_chance() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let hour = 3600 * SECOND;
        let exponential = ReconnectPolicy::exponential();
        let own = |delay| ReconnectPolicy::custom(move |_| ReconnectDecision::After(delay));
        let cases = [
            // Half of 60 s, or of what the policy itself would wait.
            (exponential.clone(), hour, hour + 30 * SECOND),
            (exponential.clone(), 61 * SECOND, 91 * SECOND),
            (exponential.clone(), 60 * SECOND, 90 * SECOND),
            (exponential.clone().reconnection_time(1000 * SECOND), hour, hour + 30 * SECOND),
            (ReconnectPolicy::fixed(1000 * SECOND).jitter(0.5), hour, hour + 500 * SECOND),
            (ReconnectPolicy::fixed(1000 * SECOND).jitter(0.5), 10 * SECOND, 15 * SECOND),
            (own(hour).jitter(0.5), SECOND, hour + hour / 2),
        ];
        for (policy, retry, expected) in cases {
            let disconnect = Disconnect { random: 1.0, retry: Some(retry), ..unhealthy(&ended) };
            let decided = decisions(&policy, &[disconnect]);
            assert_eq!(decided, [Decision::ReconnectAfter(expected)], "{retry:?}");
        }
    }

    #[test]
    fn a_wait_beyond_the_longest_outage_is_not_begun() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let policy = ReconnectPolicy::exponential().max_outage(10 * SECOND);
        let why = StopReason::Outage { wait: 8 * SECOND, max: 10 * SECOND };
        check_gives_up(&policy, &[unhealthy(&ended); 5], 3, why);
        let patient = Disconnect { retry: Some(11 * SECOND), ..unhealthy(&ended) };
        let why = StopReason::Outage { wait: 11 * SECOND, max: 10 * SECOND };
        check_gives_up(&policy, &[patient], 0, why);
    }

    #[test]
    fn a_policy_of_ones_own_sees_the_facts_and_decides() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let policy = ReconnectPolicy::custom(|disconnect| {
            assert_eq!(disconnect.cause().kind(), SseErrorKind::StreamEnded);
            match disconnect.attempts() {
                2 => ReconnectDecision::Stop("enough".into()),
                attempts => ReconnectDecision::After(SECOND * attempts + disconnect.outage()),
            }
        });
        let disconnects = [Disconnect { retry: Some(9 * SECOND), ..unhealthy(&ended) }; 3];
        check_waits(&policy, &disconnects[..2], &[0, 1]);
        check_gives_up(&policy, &disconnects, 2, StopReason::Custom("enough".into()));
        check_gives_up(&policy.max_attempts(1), &disconnects, 1, StopReason::Attempts(1));
    }
}
