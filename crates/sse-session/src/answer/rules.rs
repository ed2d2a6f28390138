//! Rules of an answer: whether it is requested again after a failed attempt, and when.
//!
//! Pure: times and randomness are arguments.

use std::time::Duration;

use crate::{
    deadlines::Deadline,
    error::{SseErrorKind, SseErrorOutcome},
    policy::{Disconnect, ReconnectPolicy},
    reconnect::{Decision, Reconnect},
    stop_reason::StopReason,
};

/// Options of an answer, and the count of its attempts.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) policy: ReconnectPolicy,
    pub(super) budget: Duration,
    pub(super) repeat_after_delta: bool,
    pub(super) repeat_after_malformed: bool,
    pub(super) reconnect: Reconnect,
    /// Number of attempts that voided deltas.
    pub(super) restarts: u32,
    ages: Ages,
}

/// Attempt that has failed.
#[derive(Clone, Copy)]
pub(super) struct Failed<'a> {
    pub(super) disconnect: Disconnect<'a>,
    /// `true` if a delta of this attempt was yielded.
    pub(super) has_delta: bool,
    /// `true` if the server has begun to work, as it has where a delta was yielded.
    pub(super) has_work: bool,
    /// `true` if its last event could not be decoded.
    pub(super) is_malformed: bool,
    /// Age of the connection, if it is the connection that ended.
    pub(super) age: Option<Duration>,
    /// Time since the first request of the answer.
    pub(super) elapsed: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            policy: ReconnectPolicy::exponential().max_attempts(4),
            budget: Duration::from_secs(600),
            repeat_after_delta: false,
            repeat_after_malformed: false,
            reconnect: Reconnect::default(),
            restarts: 0,
            ages: Ages::default(),
        }
    }
}

impl Rules {
    /// Returns how long to wait before the next attempt; `Err(None)` if the failure is final.
    pub(super) fn after(
        &mut self,
        failed: Failed<'_>,
        now: Duration,
    ) -> Result<Duration, Option<StopReason>> {
        self.ages.add(failed.age);
        if !self.permits(failed) {
            return Err(None);
        }
        let stop = match self.reconnect.after(&self.policy, failed.disconnect, now) {
            Decision::ReconnectAfter(wait)
                if failed.elapsed.saturating_add(wait) <= self.budget =>
            {
                self.reconnect.count_attempt();
                self.restarts += u32::from(failed.has_delta);
                return Ok(wait);
            }
            Decision::ReconnectAfter(wait) => StopReason::Budget { wait, budget: self.budget },
            Decision::Stop(reason) => reason,
        };
        Err(Some(self.ages.suspect().unwrap_or(stop)))
    }

    /// Returns `true` if another attempt may follow such a failure, if the policy agrees.
    pub(super) fn permits(&self, failed: Failed<'_>) -> bool {
        let cause = failed.disconnect.cause;
        if self.policy.is_never()
            || (failed.has_work && !self.repeat_after_delta)
            || (failed.is_malformed && !self.repeat_after_malformed)
        {
            return false;
        }
        match cause.kind() {
            // No time is left.
            _ if cause.deadline() == Some(Deadline::Budget) => false,
            // The server may have done all its work.
            SseErrorKind::NotResumed => self.repeat_after_delta,
            SseErrorKind::Malformed => self.repeat_after_malformed,
            // The session has tried to resume as often as the policy allows.
            _ if cause.outcome() == Some(SseErrorOutcome::Exhausted) => false,
            _ => cause.is_retryable(),
        }
    }
}

/// Ages at which the connections of an answer have ended.
#[derive(Debug, Default)]
struct Ages {
    connections: usize,
    shortest: Duration,
    longest: Duration,
    /// `true` if an attempt failed in another way.
    is_mixed: bool,
}

impl Ages {
    fn add(&mut self, age: Option<Duration>) {
        let Some(age) = age else {
            self.is_mixed = true;
            return;
        };
        self.shortest = if self.connections == 0 { age } else { self.shortest.min(age) };
        self.longest = self.longest.max(age);
        self.connections += 1;
    }

    /// Returns the limit that these ages suggest.
    fn suspect(&self) -> Option<StopReason> {
        let tolerance = (self.longest / 20).max(SMALLEST_TOLERANCE);
        let is_same = self.longest.saturating_sub(self.shortest) <= tolerance;
        (!self.is_mixed && self.connections > 1 && is_same && self.longest >= SHORTEST_LIMIT)
            .then_some(StopReason::SameAge { connections: self.connections, age: self.longest })
    }
}

/// Ages that differ by less are the same.
const SMALLEST_TOLERANCE: Duration = Duration::from_millis(500);

/// No proxy limits an answer to less.
const SHORTEST_LIMIT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Failed, Rules};
    use crate::{
        deadlines::Deadline,
        error::SseError,
        failure::Failure,
        policy::{Disconnect, ReconnectPolicy},
        stop_reason::StopReason,
    };

    const SECOND: Duration = Duration::from_secs(1);

    /// Returns what follows attempts that fail in this way, one after the other at these ages.
    fn decisions(
        rules: &mut Rules,
        failure: impl Fn() -> Failure,
        has_work: bool,
        ages: &[Option<Duration>],
    ) -> Vec<Result<Duration, Option<StopReason>>> {
        let mut now = Duration::ZERO;
        let decide = |&age: &Option<Duration>| {
            let cause = SseError::outside_of_a_session(failure());
            let disconnect = Disconnect { end: None, ..Disconnect::accept_then_close(&cause) };
            now += age.unwrap_or_default();
            let has_delta = false;
            let failed =
                Failed { disconnect, has_delta, has_work, is_malformed: false, age, elapsed: now };
            let decision = rules.after(failed, now);
            now += decision.as_ref().map_or(Duration::ZERO, |&wait| wait);
            decision
        };
        ages.iter().map(decide).collect()
    }

    #[test]
    fn reconnect_of_an_answer_counts_all_attempts_however_long_they_lasted() {
        let ages = [20, 1, 30, 2, 3].map(|secs| Some(secs * SECOND));
        let decisions = decisions(&mut Rules::default(), || Failure::StreamEnded, false, &ages);
        let waits = [1, 2, 4, 8].map(|secs| Ok(secs * SECOND));
        assert_eq!(decisions[..4], waits);
        assert_eq!(decisions[4], Err(Some(StopReason::Attempts(4))));
    }

    #[test]
    fn repeat_after_delta_and_repeat_after_malformed_are_off_by_default() {
        let malformed = || Failure::Malformed("no JSON".into());
        let reported =
            |is_transient| move || Failure::Reported { message: String::new(), is_transient };
        let is_repeated = |rules: &mut Rules, failure: &dyn Fn() -> Failure, has_work| {
            decisions(rules, failure, has_work, &[None])[0].is_ok()
        };
        let mut rules = Rules::default();
        assert!(is_repeated(&mut rules, &|| Failure::StreamEnded, false));
        assert!(!is_repeated(&mut rules, &|| Failure::StreamEnded, true));
        assert!(!is_repeated(&mut rules, &malformed, false));
        assert!(is_repeated(&mut rules, &reported(true), false));
        assert!(!is_repeated(&mut rules, &reported(false), false));
        assert!(!is_repeated(&mut rules, &|| Failure::NoContent, false));
        assert!(!is_repeated(&mut rules, &|| Failure::NotResumed, false));

        let mut rules = Rules { repeat_after_delta: true, ..Rules::default() };
        assert!(is_repeated(&mut rules, &|| Failure::NotResumed, false));
        assert!(is_repeated(&mut rules, &|| Failure::StreamEnded, true));
        assert!(!is_repeated(&mut rules, &malformed, true));
        let mut rules = Rules { repeat_after_malformed: true, ..Rules::default() };
        assert!(is_repeated(&mut rules, &malformed, false));
        assert!(!is_repeated(&mut rules, &malformed, true));
    }

    #[test]
    fn budget_ends_an_answer_before_a_wait_that_exceeds_it() {
        let mut rules = Rules { budget: 10 * SECOND, ..Rules::default() };
        let ages = [4, 4].map(|secs| Some(secs * SECOND));
        let decisions = decisions(&mut rules, || Failure::StreamEnded, false, &ages);
        let stop = StopReason::Budget { wait: 2 * SECOND, budget: 10 * SECOND };
        assert_eq!(decisions, [Ok(SECOND), Err(Some(stop))]);
    }

    #[test]
    fn suspected_limit_needs_several_connections_of_the_same_age_and_no_other_failure() {
        let last = |ages: &[Option<f64>]| {
            let policy = ReconnectPolicy::fixed(SECOND).max_attempts(1);
            let mut rules = Rules { policy, ..Rules::default() };
            let ages: Vec<_> = ages.iter().map(|age| age.map(Duration::from_secs_f64)).collect();
            let lost = || Failure::Deadline(Deadline::Idle);
            decisions(&mut rules, lost, false, &ages).pop().unwrap().unwrap_err().unwrap()
        };
        let age = Duration::from_secs_f64(15.2);
        assert_eq!(last(&[Some(15.0), Some(15.2)]), StopReason::SameAge { connections: 2, age });
        for ages in [[Some(15.0), Some(17.0)], [Some(15.0), None], [Some(1.0), Some(1.0)]] {
            assert_eq!(last(&ages), StopReason::Attempts(1), "{ages:?}");
        }
    }
}
