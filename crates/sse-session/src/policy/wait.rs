//! Waits before attempts: the policy's own, what the server asks for, and the jitter of both.

use std::time::Duration;

use super::{Disconnect, EndKind, ReconnectPolicy, Strategy, in_unit_range};

impl ReconnectPolicy {
    /// Returns the wait before the next attempt, of a policy that is not a custom one.
    pub(super) fn wait(&self, disconnect: &Disconnect<'_>) -> Duration {
        let random = in_unit_range(disconnect.random);
        let with_little_jitter = |asked: Duration| {
            let share = self.jitter.min(MAX_SERVER_JITTER) * random;
            asked.saturating_add(scaled(asked.min(MAX_JITTERED_SERVER_WAIT), share))
        };
        if let (true, Some(retry)) = (self.is_regular(disconnect), disconnect.retry) {
            return with_little_jitter(retry);
        }
        let asked = disconnect.retry_after.unwrap_or_default();
        let delay = self.delay(disconnect.attempts, disconnect.retry).max(asked);
        let asked = asked.max(disconnect.retry.unwrap_or_default());
        let own = self.own_delay(disconnect.attempts);
        let jittered = delay.min(own.max(MAX_JITTERED_SERVER_WAIT));
        let wait = delay.saturating_add(scaled(jittered, self.jitter * random));
        wait.min(self.max_delay.max(with_little_jitter(asked)))
    }

    /// Returns `true` if the connection was healthy and ended regularly.
    fn is_regular(&self, disconnect: &Disconnect<'_>) -> bool {
        disconnect.end.is_some_and(|end| end.kind == EndKind::Regular && self.is_healthy(&end))
    }

    /// Returns the wait that a custom policy has returned, with jitter.
    pub(super) fn jittered(&self, wait: Duration, random: f64) -> Duration {
        let jitter = scaled(wait, self.jitter * in_unit_range(random));
        wait.saturating_add(jitter).min(self.max_delay.max(wait))
    }

    /// Returns the wait after failed attempts, without jitter, given the server's `retry`.
    pub(crate) fn delay(&self, attempts: u32, retry: Option<Duration>) -> Duration {
        match (&self.strategy, retry) {
            // The server's time replaces the policy's, rather than being a lower bound of it.
            (Strategy::Fixed, Some(retry)) => retry,
            _ => self.own_delay(attempts).max(retry.unwrap_or_default()),
        }
    }

    /// Returns the policy's own wait after failed attempts, without jitter.
    fn own_delay(&self, attempts: u32) -> Duration {
        let growth = match self.strategy {
            // Infinity times a wait of zero would be no number.
            Strategy::Exponential { factor } => factor.powf(f64::from(attempts)).min(f64::MAX),
            Strategy::Fixed | Strategy::Custom(_) => 1.0,
        };
        // Leaves room for the jitter: without it, waits of `max_delay` would all be the same.
        let longest = match self.max_delay {
            Duration::MAX => Duration::MAX,
            max => scaled(max, 1.0 / (1.0 + self.jitter)),
        };
        scaled(self.reconnection_time, growth).min(longest)
    }

    /// Returns a `retry` of the server within its bounds.
    pub(crate) fn bounded_retry(&self, retry: Duration) -> Duration {
        retry.min(self.max_server_delay).max(SHORTEST_RETRY)
    }

    /// Returns a `Retry-After` of the server within its bound.
    pub(crate) fn bounded_retry_after(&self, retry_after: Duration) -> Duration {
        retry_after.min(self.max_server_delay)
    }
}

/// Lower bound of the server's `retry`: `retry: 0` would make every client reconnect in a tight
/// loop.
const SHORTEST_RETRY: Duration = Duration::from_millis(100);

/// Longest wait of which the jitter is a share, if the server sets the wait. Of a longer one, only
/// this time counts: clients that return after a long `Retry-After` are spread, but remain close to
/// the time that they were given.
const MAX_JITTERED_SERVER_WAIT: Duration = Duration::from_secs(60);

/// Largest jitter of a time that the server asks for, after a regular end, or if more would exceed
/// `max_delay`.
const MAX_SERVER_JITTER: f64 = 0.1;

/// Returns `duration` times `factor`, or the longest duration if that overflows.
fn scaled(duration: Duration, factor: f64) -> Duration {
    if factor == 1.0 {
        return duration;
    }
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{
        error::SseError,
        failure::Failure,
        policy::{Disconnect, ReconnectDecision, ReconnectPolicy},
    };

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn max_delay_caps_jitter() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        for jitter in [0.0, 0.2, 0.5, 1.0] {
            let policy = ReconnectPolicy::exponential().jitter(jitter);
            let wait = |attempts, random, retry| {
                let unhealthy = Disconnect::accept_then_close(&ended);
                policy.decide(&Disconnect { attempts, random, retry, ..unhealthy }).unwrap()
            };
            for attempts in 0..20 {
                for retry in [None, Some(SECOND), Some(50 * SECOND)] {
                    assert!(wait(attempts, 1.0, retry) <= 60 * SECOND, "{attempts} {jitter}");
                }
            }
            // The longest waits differ as well.
            let (shortest, longest) = (wait(20, 0.0, None), wait(20, 1.0, None));
            assert!((longest.as_secs_f64() - 60.0).abs() < 1e-6, "{longest:?}");
            let expected = 60.0 / (1.0 + jitter);
            assert!((shortest.as_secs_f64() - expected).abs() < 1e-6, "{shortest:?}");
        }
    }

    #[test]
    fn reconnection_time_of_zero_stays_zero_after_any_number_of_attempts() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let unhealthy = Disconnect::accept_then_close(&ended);
        for factor in [1.0, 2.0, 1e300, f64::INFINITY, f64::NAN] {
            let policy = ReconnectPolicy::exponential().factor(factor).jitter(0.0);
            for attempts in [0, 1, 1023, 1024, 5000, u32::MAX - 1] {
                let disconnect = Disconnect { attempts, ..unhealthy };
                let none = policy.clone().reconnection_time(Duration::ZERO);
                assert_eq!(none.decide(&disconnect), Ok(Duration::ZERO), "{factor} {attempts}");
                let longest = if factor > 1.0 && attempts > 6 { 60 } else { 1 };
                let wait = policy.decide(&disconnect).unwrap();
                assert!(wait >= longest * SECOND, "{factor} {attempts} {wait:?}");
            }
        }
    }

    #[test]
    fn jitter_is_a_share_that_is_only_added() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let unhealthy = Disconnect::accept_then_close(&ended);
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
                let disconnect = Disconnect { random, retry, ..unhealthy };
                assert_eq!(policy.decide(&disconnect), Ok(expected), "{jitter} {random}");
            }
        }
        for (jitter, random) in [(-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::NAN), (1.0, -1.0)] {
            let disconnect = Disconnect { random, ..unhealthy };
            assert_eq!(policy.clone().jitter(jitter).decide(&disconnect), Ok(10 * SECOND));
        }
    }

    #[test]
    fn jitter_of_a_long_retry_is_small() {
        let ended = SseError::outside_of_a_session(Failure::StreamEnded);
        let hour = 3600 * SECOND;
        let exponential = ReconnectPolicy::exponential();
        let own = |delay| ReconnectPolicy::custom(move |_| ReconnectDecision::After(delay));
        let cases = [
            // Half of 60 s, or of what the policy itself would wait, but beyond `max_delay` no more
            // than a tenth of 60 s.
            (exponential.clone().max_delay(Duration::MAX), hour, hour + 30 * SECOND),
            (exponential.clone(), hour, hour + 6 * SECOND),
            (exponential.clone(), 61 * SECOND, 67 * SECOND),
            (exponential.clone(), 60 * SECOND, 66 * SECOND),
            (exponential.clone(), 50 * SECOND, 60 * SECOND),
            (exponential.clone(), 20 * SECOND, 30 * SECOND),
            (exponential.clone().reconnection_time(1000 * SECOND), hour, hour + 6 * SECOND),
            (ReconnectPolicy::fixed(1000 * SECOND).jitter(0.5), hour, hour + 500 * SECOND),
            (ReconnectPolicy::fixed(1000 * SECOND).jitter(0.5), 10 * SECOND, 15 * SECOND),
            (own(hour).jitter(0.5), SECOND, hour + hour / 2),
        ];
        for (policy, retry, expected) in cases {
            let unhealthy = Disconnect::accept_then_close(&ended);
            let disconnect = Disconnect { random: 1.0, retry: Some(retry), ..unhealthy };
            assert_eq!(policy.decide(&disconnect), Ok(expected), "{retry:?}");
        }
    }
}
