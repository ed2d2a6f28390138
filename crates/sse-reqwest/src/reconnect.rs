//! Counters of attempts and outages, on which a session's policy decides.
//!
//! Time and randomness are arguments.

use std::time::Duration;

use crate::{
    error::SseError,
    policy::{Disconnect, Life, ReconnectPolicy, SHORTEST_RETRY, StopReason},
};

/// Attempts and outage since the last healthy connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reconnect {
    /// Number of attempts since the last healthy connection.
    attempts: u32,
    /// Time at which the last healthy connection ended, or the first one of the session failed.
    outage_since: Option<Duration>,
}

/// Facts about a connection that ended, or was never made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) cause: &'a SseError,
    pub(crate) repetition: Repetition,
    pub(crate) life: Life,
    /// Time of the disconnect.
    pub(crate) at: Duration,
    /// Reconnection time that the server has set.
    pub(crate) retry: Option<Duration>,
    /// From 0 to 1.
    pub(crate) random: f64,
}

/// Permission to make another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repetition {
    Allowed,
    /// Another request would not help, or is not allowed.
    Forbidden,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    ReconnectAfter(Duration),
    /// No attempt: the disconnect ends the session as it is.
    Finish,
    /// No attempt: the policy allows no further one.
    GiveUp(StopReason),
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

    /// Resets the counters if the connection was healthy.
    pub(crate) fn connection_ended(&mut self, policy: &ReconnectPolicy, life: Life) {
        if policy.was_healthy(life) {
            self.reset();
        }
    }

    /// Decides what follows a disconnect.
    pub(crate) fn after(&mut self, policy: &ReconnectPolicy, facts: Facts<'_>) -> Decision {
        if policy.is_never() || facts.repetition == Repetition::Forbidden {
            return Decision::Finish;
        }
        let since = *self.outage_since.get_or_insert(facts.at);
        let disconnect = Disconnect {
            cause: facts.cause,
            life: facts.life,
            attempts: self.attempts,
            outage: facts.at.saturating_sub(since),
            retry: floor(facts.retry),
            retry_after: facts.cause.retry_after(),
            random: facts.random,
        };
        match policy.decide(&disconnect) {
            Ok(delay) => Decision::ReconnectAfter(delay),
            Err(reason) => Decision::GiveUp(reason),
        }
    }

    /// Counts an attempt, when it is decided on: earlier failures are not counted for it.
    pub(crate) fn count_attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    /// Resets the counters.
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
        self.outage_since = None;
    }
}

fn floor(retry: Option<Duration>) -> Option<Duration> {
    retry.map(|retry| retry.max(SHORTEST_RETRY))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Decision, Facts, Reconnect, Repetition};
    use crate::{
        error::{SseError, SseErrorKind},
        failure::Failure,
        policy::{Life, LifeEnd, ReconnectDecision, ReconnectPolicy, StopReason},
    };

    const SECOND: Duration = Duration::from_secs(1);

    /// Returns the facts of a connection that was accepted and closed at once.
    fn unhealthy(cause: &SseError) -> Facts<'_> {
        Facts {
            cause,
            repetition: Repetition::Allowed,
            life: Life { lived: Duration::ZERO, messages: 0, end: LifeEnd::Regular },
            at: Duration::ZERO,
            retry: None,
            random: 0.0,
        }
    }

    /// Returns the decisions after these disconnects. The attempt that follows each fails at once.
    fn decisions(policy: &ReconnectPolicy, disconnects: &[Facts<'_>]) -> Vec<Decision> {
        let mut reconnect = Reconnect::default();
        let mut now = Duration::ZERO;
        let decide = |&facts: &Facts<'_>| {
            now += facts.life.lived;
            reconnect.connection_ended(policy, facts.life);
            let decision = reconnect.after(policy, Facts { at: now, ..facts });
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
    fn check_waits(policy: &ReconnectPolicy, disconnects: &[Facts<'_>], expected_secs: &[u64]) {
        let expected: Vec<_> = expected_secs
            .iter()
            .map(|&secs| Decision::ReconnectAfter(Duration::from_secs(secs)))
            .collect();
        assert_eq!(decisions(policy, disconnects), expected, "{policy:?}");
    }

    #[track_caller]
    fn check_gives_up(
        policy: &ReconnectPolicy,
        disconnects: &[Facts<'_>],
        after: usize,
        why: StopReason,
    ) {
        let decisions = decisions(policy, disconnects);
        let waits = decisions.iter().take_while(|d| matches!(d, Decision::ReconnectAfter(_)));
        assert_eq!(waits.count(), after, "{decisions:?}");
        assert_eq!(decisions[after], Decision::GiveUp(why));
    }

    #[test]
    fn never_is_never() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
        assert_eq!(decisions(&ReconnectPolicy::never(), &[unhealthy(&ended)]), [Decision::Finish]);
    }

    #[test]
    fn what_may_not_be_repeated_is_not() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
        let facts = Facts { repetition: Repetition::Forbidden, ..unhealthy(&ended) };
        for policy in [ReconnectPolicy::fixed(SECOND), ReconnectPolicy::exponential()] {
            assert_eq!(decisions(&policy, &[facts]), [Decision::Finish]);
        }
    }

    #[test]
    fn attempts_in_a_row_are_counted_and_end() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
        let disconnects = [unhealthy(&ended); 3];
        for policy in [ReconnectPolicy::fixed(SECOND), ReconnectPolicy::exponential()] {
            check_gives_up(&policy.max_attempts(2), &disconnects, 2, StopReason::Attempts(2));
        }
    }

    #[test]
    fn a_fixed_wait_stays_and_an_exponential_one_grows_up_to_its_limit() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
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
        let ended = SseError::outside_of_a_session(Failure::Ended);
        let longest = Facts { retry: Some(Duration::MAX), random: 1.0, ..unhealthy(&ended) };
        let decided = Reconnect::default().after(&ReconnectPolicy::exponential(), longest);
        assert_eq!(decided, Decision::ReconnectAfter(Duration::MAX));
    }

    #[test]
    fn healthy_after_decides_what_resets_the_attempt_counter() {
        use LifeEnd::{Broken, Regular};
        let long = 5 * SECOND;
        let short = long - Duration::from_nanos(1);
        let cases = [
            // A connection, and whether it is healthy under each policy.
            (short, 0, Regular, false, false),
            (short, 1, Regular, true, false),
            (short, 1, Broken, true, false),
            (long, 0, Regular, true, true),
            (long, 0, Broken, true, false),
            (long, 1, Regular, true, true),
            (long, 1, Broken, true, true),
        ];
        for (lived, messages, end, for_fixed, for_exponential) in cases {
            let life = Life { lived, messages, end };
            let check = |policy: ReconnectPolicy, is_healthy| {
                let mut reconnect = Reconnect::default();
                reconnect.count_attempt();
                reconnect.connection_ended(&policy, life);
                assert_eq!(reconnect.attempts() == 0, is_healthy, "{life:?} {reconnect:?}");
            };
            check(ReconnectPolicy::fixed(SECOND), for_fixed);
            check(ReconnectPolicy::custom(|_| unreachable!()), for_fixed);
            check(ReconnectPolicy::exponential(), for_exponential);
        }
        let policy = ReconnectPolicy::fixed(SECOND).healthy_after(long * 2);
        let mut reconnect = Reconnect::default();
        reconnect.count_attempt();
        reconnect.connection_ended(&policy, Life { lived: long, messages: 0, end: Regular });
        assert_eq!(reconnect.attempts(), 1);
    }

    #[test]
    fn accept_then_close_is_no_storm() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
        let disconnects = [Facts { retry: Some(Duration::ZERO), ..unhealthy(&ended) }; 10];
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
        let ended = SseError::outside_of_a_session(Failure::Ended);
        let life = Life { lived: 30 * SECOND, messages: 0, end: LifeEnd::Regular };
        let recycled = Facts { life, ..unhealthy(&ended) };
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
        let ended = SseError::outside_of_a_session(Failure::Ended);
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
                let facts = Facts { random, retry, ..unhealthy(&ended) };
                let decided = decisions(&policy, &[facts]);
                assert_eq!(decided, [Decision::ReconnectAfter(expected)], "{jitter} {random}");
            }
        }
        for (jitter, random) in [(-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::NAN), (1.0, -1.0)] {
            let facts = Facts { random, ..unhealthy(&ended) };
            check_waits(&policy.clone().jitter(jitter), &[facts], &[10]);
        }
    }

    #[test]
    fn of_a_long_time_that_the_server_asks_for_little_is_added_by_chance() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
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
            let facts = Facts { random: 1.0, retry: Some(retry), ..unhealthy(&ended) };
            let decided = decisions(&policy, &[facts]);
            assert_eq!(decided, [Decision::ReconnectAfter(expected)], "{retry:?}");
        }
    }

    #[test]
    fn a_wait_beyond_the_longest_outage_is_not_begun() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
        let policy = ReconnectPolicy::exponential().max_outage(10 * SECOND);
        let why = StopReason::Outage { wait: 8 * SECOND, max: 10 * SECOND };
        check_gives_up(&policy, &[unhealthy(&ended); 5], 3, why);
        let patient = Facts { retry: Some(11 * SECOND), ..unhealthy(&ended) };
        let why = StopReason::Outage { wait: 11 * SECOND, max: 10 * SECOND };
        check_gives_up(&policy, &[patient], 0, why);
    }

    #[test]
    fn a_policy_of_ones_own_sees_the_facts_and_decides() {
        let ended = SseError::outside_of_a_session(Failure::Ended);
        let policy = ReconnectPolicy::custom(|disconnect| {
            assert_eq!(disconnect.cause().kind(), SseErrorKind::StreamEnded);
            match disconnect.attempts() {
                2 => ReconnectDecision::Stop("enough".into()),
                attempts => ReconnectDecision::After(SECOND * attempts + disconnect.outage()),
            }
        });
        let disconnects = [Facts { retry: Some(9 * SECOND), ..unhealthy(&ended) }; 3];
        check_waits(&policy, &disconnects[..2], &[0, 1]);
        check_gives_up(&policy, &disconnects, 2, StopReason::Custom("enough".into()));
        check_gives_up(&policy.max_attempts(1), &disconnects, 1, StopReason::Attempts(1));
    }
}
