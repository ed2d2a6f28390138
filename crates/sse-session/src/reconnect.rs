//! Counters of attempts and outages, on which a session's policy decides.
//!
//! Time and randomness are arguments.

use std::time::Duration;

use crate::{
    policy::{Disconnect, ReconnectPolicy},
    stop_reason::StopReason,
};

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
        policy.delay(self.attempts, retry.map(|retry| policy.bounded_retry(retry)))
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
        let retry_after = disconnect.cause.retry_after();
        let since = *self.outage_since.get_or_insert(at);
        let disconnect = Disconnect {
            attempts: self.attempts,
            decode_failures: self.decode_failures,
            outage: at.saturating_sub(since),
            retry: disconnect.retry.map(|retry| policy.bounded_retry(retry)),
            retry_after: retry_after.map(|delay| policy.bounded_retry_after(delay)),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Decision, Disconnect, Reconnect};
    use crate::{
        error::{SseError, SseErrorKind},
        failure::Failure,
        policy::{End, EndKind, ReconnectDecision, ReconnectPolicy},
        stop_reason::StopReason,
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn unhealthy(cause: &SseError) -> Disconnect<'_> {
        Disconnect::accept_then_close(cause)
    }

    /// Returns the disconnect after a regular end of a stream of one block.
    fn recycled(cause: &SseError) -> Disconnect<'_> {
        let end = End { has_block: true, ..End::without_a_byte(EndKind::Regular) };
        Disconnect { end: Some(end), ..unhealthy(cause) }
    }

    /// Returns the decisions after these disconnects. The attempt that follows each fails at once.
    fn decisions(policy: &ReconnectPolicy, disconnects: &[Disconnect<'_>]) -> Vec<Decision> {
        let mut reconnect = Reconnect::default();
        let mut now = Duration::ZERO;
        let decide = |&disconnect: &Disconnect<'_>| {
            now += disconnect.lived();
            if disconnect.end.is_some_and(|end| policy.is_healthy(&end)) {
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
    fn check_ends_after(
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
            check_ends_after(&policy.max_attempts(2), &disconnects, 2, StopReason::Attempts(2));
        }
    }

    #[test]
    fn a_fixed_wait_stays_and_an_exponential_one_grows_up_to_its_limit() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let disconnects = [unhealthy(&ended); 8];
        check_waits(&ReconnectPolicy::fixed(3 * SECOND), &disconnects[..3], &[3, 3, 3]);
        let exponential = ReconnectPolicy::exponential();
        check_waits(&exponential.clone().jitter(0.0), &disconnects, &[1, 2, 4, 8, 16, 32, 60, 60]);
        let own = exponential.reconnection_time(2 * SECOND).factor(3.0).max_delay(30 * SECOND);
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
    fn a_regular_end_is_followed_by_the_retry_of_the_server_and_is_not_a_failure() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let ms = Duration::from_millis;
        let exponential = ReconnectPolicy::exponential().max_attempts(1).max_outage(8 * SECOND);
        let fixed = ReconnectPolicy::fixed(3 * SECOND).max_attempts(1).jitter(0.05);
        let cases = [
            // The policy, the `retry`, the randomness, and the wait in milliseconds.
            (&exponential, None, 0.0, 1000),
            (&exponential, None, 1.0, 1500),
            (&exponential, Some(500), 0.0, 500),
            (&exponential, Some(500), 1.0, 550),
            (&exponential, Some(0), 0.0, 100),
            (&exponential, Some(7000), 1.0, 7700),
            (&fixed, Some(500), 1.0, 525),
            (&fixed, Some(100_000), 1.0, 103_000),
        ];
        for (policy, retry, random, expected) in cases {
            let disconnect = Disconnect { retry: retry.map(ms), random, ..recycled(&ended) };
            let decided = decisions(policy, &[disconnect; 9]);
            assert_eq!(decided, vec![Decision::ReconnectAfter(ms(expected)); 9], "{retry:?}");
        }
        // The next wait is the policy's again.
        let retry = Some(ms(500));
        let disconnects =
            [Disconnect { retry, ..recycled(&ended) }, Disconnect { retry, ..unhealthy(&ended) }];
        let expected = [ms(500), 2 * SECOND].map(Decision::ReconnectAfter);
        assert_eq!(decisions(&ReconnectPolicy::exponential(), &disconnects), expected);
    }

    #[test]
    fn max_server_delay_caps_retry_and_retry_after() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let policies = [
            ReconnectPolicy::fixed(3 * SECOND),
            ReconnectPolicy::exponential(),
            ReconnectPolicy::custom(|disconnect| {
                let asked = disconnect.retry().max(disconnect.retry_after());
                ReconnectDecision::After(asked.unwrap_or_default())
            }),
        ];
        let longest = Duration::from_millis(u64::MAX);
        for policy in policies.map(|policy| policy.max_server_delay(300 * SECOND)) {
            for disconnect in [unhealthy(&ended), recycled(&ended)] {
                for (retry, expected) in [(longest, 300), (301 * SECOND, 300), (299 * SECOND, 299)]
                {
                    let disconnect = Disconnect { retry: Some(retry), ..disconnect };
                    check_waits(&policy, &[disconnect], &[expected]);
                }
            }
            let shortest = policy.max_server_delay(Duration::ZERO);
            let disconnect = Disconnect { retry: Some(longest), ..recycled(&ended) };
            let expected = Decision::ReconnectAfter(Duration::from_millis(100));
            assert_eq!(decisions(&shortest, &[disconnect]), [expected]);
            assert_eq!(shortest.bounded_retry_after(SECOND), Duration::ZERO);
        }
    }

    #[test]
    fn max_restarts_counts_reconnections_without_a_last_event_id() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let restart = |restarts| Disconnect { is_restart: true, restarts, ..recycled(&ended) };
        let resumed = Disconnect { restarts: 9, ..recycled(&ended) };
        let policies = [
            ReconnectPolicy::fixed(SECOND),
            ReconnectPolicy::exponential(),
            ReconnectPolicy::custom(|_| ReconnectDecision::After(SECOND)),
        ];
        for policy in policies {
            check_waits(&policy, &[restart(u32::MAX - 1), resumed], &[1, 1]);
            let policy = policy.max_restarts(2);
            check_waits(&policy, &[restart(0), restart(1), resumed], &[1, 1, 1]);
            check_ends_after(&policy, &[restart(2)], 0, StopReason::Restarts(2));
            check_ends_after(&policy.max_restarts(0), &[restart(0)], 0, StopReason::Restarts(0));
        }
    }

    #[test]
    fn accept_then_close_does_not_cause_a_storm() {
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
        let quiet = End { lived: 30 * SECOND, ..End::without_a_byte(EndKind::Regular) };
        let quiet = Disconnect { end: Some(quiet), ..unhealthy(&ended) };
        let policy = ReconnectPolicy::exponential().max_attempts(1).max_outage(2 * SECOND);
        check_waits(&policy, &[quiet; 20], &[1; 20]);
    }

    #[test]
    fn the_servers_time_replaces_a_fixed_one_and_is_a_floor_under_others() {
        let ms = Duration::from_millis;
        let cases = [
            // The server's reconnection time, the waits of a fixed and of an exponential policy.
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
    fn a_wait_beyond_max_outage_is_not_begun() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let policy = ReconnectPolicy::exponential().max_outage(10 * SECOND);
        let why = StopReason::Outage { wait: 8 * SECOND, max: 10 * SECOND };
        check_ends_after(&policy, &[unhealthy(&ended); 5], 3, why);
        let patient = Disconnect { retry: Some(11 * SECOND), ..unhealthy(&ended) };
        let why = StopReason::Outage { wait: 11 * SECOND, max: 10 * SECOND };
        check_ends_after(&policy, &[patient], 0, why);
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
        check_ends_after(&policy, &disconnects, 2, StopReason::Custom("enough".into()));
        check_ends_after(&policy.max_attempts(1), &disconnects, 1, StopReason::Attempts(1));
    }
}
