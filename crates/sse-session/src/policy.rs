//! Reconnection policies: how long to wait before the next attempt, or why not to make one.
//!
//! Pure functions of the facts they are given. [`crate::reconnect`] counts attempts.

mod disconnect;

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

pub use self::disconnect::Disconnect;
use crate::threads::{MaybeSendSync, Shared};

/// Policy of when a session reconnects, and how long it waits before each attempt.
///
/// Created by [`never`](Self::never), [`fixed`](Self::fixed), [`exponential`](Self::exponential) or
/// [`custom`](Self::custom), and set by [`SseConfig::reconnect`](crate::SseConfig::reconnect). It
/// decides only about disconnects that another request may follow: those that [are
/// retryable](crate::SseError::is_retryable), of a request that [may be repeated](crate::Resume).
///
/// ```
/// use std::time::Duration;
/// use sse_session::{ReconnectPolicy, SseConfig};
///
/// let policy = ReconnectPolicy::exponential()
///     .max_delay(Duration::from_secs(30))
///     .max_outage(Duration::from_secs(3600));
/// let config = SseConfig::new().reconnect(policy);
/// ```
///
/// # The wait
///
/// A wait that the server asks for is never shortened. A `retry` field is a lower bound of every
/// wait for the rest of the session, and counts as 100 ms if it is shorter; the `Retry-After` of a
/// rejected response is a lower bound of the next wait only. Jitter is added, [but
/// little](Self::jitter) to a long wait that the server asks for.
///
/// # Failures in a row
///
/// The attempt counter and the outage reset after a healthy connection. Being accepted does not
/// make a connection healthy; the constructors say what does. A connection whose body [could not be
/// decoded](crate::SseError::is_decode) is never healthy, and at most 3 attempts follow such
/// connections in a row: a wrong content coding seldom heals. A custom policy decides by itself.
#[derive(Debug, Clone)]
pub struct ReconnectPolicy {
    strategy: Strategy,
    reconnection_time: Duration,
    max_delay: Duration,
    jitter: f64,
    max_attempts: u32,
    max_outage: Duration,
    healthy_after: Duration,
}

#[derive(Debug, Clone)]
enum Strategy {
    Fixed,
    Exponential { factor: f64 },
    Custom(Shared<dyn Decide>),
}

trait Decide: Fn(&Disconnect<'_>) -> ReconnectDecision + MaybeSendSync {}

impl<F: Fn(&Disconnect<'_>) -> ReconnectDecision + MaybeSendSync> Decide for F {}

/// Decision of a [custom policy](ReconnectPolicy::custom): what follows a disconnect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReconnectDecision {
    /// Another attempt follows after this wait.
    After(Duration),
    /// No attempt follows, for this reason, which the session's error shows.
    Stop(Cow<'static, str>),
}

/// Reason why a policy allows no further attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StopReason {
    Attempts(u32),
    Outage { wait: Duration, max: Duration },
    Undecodable(u32),
    Custom(Cow<'static, str>),
}

impl ReconnectPolicy {
    /// Creates the policy that never reconnects: a session ends with its connection. This is the
    /// default of a session.
    #[must_use]
    pub fn never() -> Self {
        Self::fixed(DEFAULT_RECONNECTION_TIME).max_attempts(0)
    }

    /// Creates a policy with the same wait before every attempt, as in the standard and in Ktor.
    /// A `retry` field from the server replaces the wait.
    ///
    /// A connection is healthy if it brought an event with data **or** lasted for
    /// [`healthy_after`](Self::healthy_after). By default attempts are not limited, and there is no
    /// jitter.
    #[must_use]
    pub fn fixed(time: Duration) -> Self {
        Self {
            strategy: Strategy::Fixed,
            reconnection_time: time,
            max_delay: Duration::MAX,
            jitter: 0.0,
            max_attempts: u32::MAX,
            max_outage: Duration::MAX,
            healthy_after: Duration::from_secs(5),
        }
    }

    /// Creates a policy of exponential backoff: 1 s, 2 s, 4 s and so on up to 60 s, each with up to
    /// 50 % of jitter added, so that the clients of a server that restarts do not return all at
    /// once.
    ///
    /// A connection is healthy if it lasted for [`healthy_after`](Self::healthy_after) **and**
    /// either brought an event with data or came to a regular end. A server that closes its
    /// streams periodically is therefore not backed off from, and one that accepts and closes
    /// at once is.
    #[must_use]
    pub fn exponential() -> Self {
        Self {
            strategy: Strategy::Exponential { factor: 2.0 },
            jitter: 0.5,
            max_delay: Duration::from_secs(60),
            ..Self::fixed(Duration::from_secs(1))
        }
    }

    /// Creates a policy that calls `decide` for each disconnect.
    ///
    /// Once a session was open, it is also called for every response that is rejected, whether or not
    /// that [is retryable](crate::SseError::is_retryable): a login page of a captive portal, or a 404
    /// during a deployment, ends a session only if the policy says so.
    ///
    /// The wait that it returns is used as it is, except for [jitter](Self::jitter); what the
    /// server asks for is among the facts it receives. [`max_attempts`](Self::max_attempts) and
    /// [`max_outage`](Self::max_outage) apply as well, if they are set. A connection is healthy as
    /// with [`fixed`](Self::fixed).
    ///
    /// ```
    /// use std::time::Duration;
    /// use sse_session::{Disconnect, ReconnectDecision, ReconnectPolicy};
    ///
    /// let policy = ReconnectPolicy::custom(|disconnect: &Disconnect<'_>| {
    ///     if disconnect.cause().is_status() {
    ///         return ReconnectDecision::Stop("rejected by the server".into());
    ///     }
    ///     let wait = Duration::from_secs(5 * u64::from(disconnect.attempts()));
    ///     ReconnectDecision::After(wait.max(disconnect.retry().unwrap_or_default()))
    /// });
    /// ```
    #[must_use]
    pub fn custom<F>(decide: F) -> Self
    where
        F: Fn(&Disconnect<'_>) -> ReconnectDecision + MaybeSendSync + 'static,
    {
        let strategy = Strategy::Custom(Shared(Arc::new(decide)));
        Self { strategy, ..Self::fixed(DEFAULT_RECONNECTION_TIME) }
    }

    /// Sets the time to wait before an attempt; where waits grow, before the first one.
    ///
    /// Defaults to the constructor's; 1 s for [`exponential`](Self::exponential).
    #[must_use]
    pub fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection_time = time;
        self
    }

    /// Sets the factor by which each wait of an [exponential](Self::exponential) policy is longer
    /// than the one before; less than 1 counts as 1. Other policies ignore it.
    ///
    /// Defaults to 2.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        if let Strategy::Exponential { factor: old } = &mut self.strategy {
            *old = factor.max(1.0);
        }
        self
    }

    /// Sets the longest wait of the policy's own. It does not shorten what the server asks for; see
    /// [`max_outage`](Self::max_outage).
    ///
    /// Defaults to 60 s for [`exponential`](Self::exponential), and to no limit for others.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the jitter: the largest random share of a wait that is added to it, from 0 to 1.
    ///
    /// If the server asks for more than 60 s, it is a share of 60 s, or of the policy's own wait if
    /// that is longer: with a share of 0.5, a `Retry-After` of an hour becomes at most an hour and
    /// 30 s. The wait that a [custom](Self::custom) policy returns is its own.
    ///
    /// Defaults to 0.5 for [`exponential`](Self::exponential), and to 0 for others.
    #[must_use]
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = in_unit_range(share);
        self
    }

    /// Sets how many attempts may fail in a row; 0 is [`never`](Self::never).
    ///
    /// Defaults to no limit.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets how long a session may be without a healthy connection. It ends as soon as the next
    /// wait would exceed that time, rather than wait for less than the server asked for.
    ///
    /// Defaults to no limit.
    #[must_use]
    pub fn max_outage(mut self, time: Duration) -> Self {
        self.max_outage = time;
        self
    }

    /// Sets how long a connection must last to be healthy; the constructors say what else it takes.
    ///
    /// Defaults to 5 s.
    #[must_use]
    pub fn healthy_after(mut self, time: Duration) -> Self {
        self.healthy_after = time;
        self
    }

    /// Returns the policy with these values in place of its own, where they are set.
    pub(crate) fn overridden(mut self, max_attempts: Option<u32>, time: Option<Duration>) -> Self {
        self.max_attempts = max_attempts.unwrap_or(self.max_attempts);
        self.reconnection_time = time.unwrap_or(self.reconnection_time);
        self
    }

    /// Returns `true` if another attempt may follow `failed` ones.
    pub(crate) fn allows_attempt(&self, failed: u32) -> bool {
        failed < self.max_attempts
    }

    pub(crate) fn is_custom(&self) -> bool {
        matches!(self.strategy, Strategy::Custom(_))
    }

    pub(crate) fn is_never(&self) -> bool {
        !self.allows_attempt(0)
    }

    /// Returns `true` if a connection was healthy, by how long it lived, how many events with data
    /// it brought, and whether it came to a regular end.
    pub(crate) fn is_healthy(&self, lived: Duration, messages: u64, is_regular: bool) -> bool {
        let has_lasted = lived >= self.healthy_after;
        let brought_messages = messages > 0;
        match self.strategy {
            Strategy::Exponential { .. } => has_lasted && (brought_messages || is_regular),
            Strategy::Fixed | Strategy::Custom(_) => has_lasted || brought_messages,
        }
    }

    /// Decides how long to wait before the next attempt, or why not to make one.
    pub(crate) fn decide(&self, disconnect: &Disconnect<'_>) -> Result<Duration, StopReason> {
        if !self.allows_attempt(disconnect.attempts) {
            return Err(StopReason::Attempts(disconnect.attempts));
        }
        if disconnect.decode_failures > MAX_DECODE_RETRIES && !self.is_custom() {
            return Err(StopReason::Undecodable(disconnect.decode_failures));
        }
        let (delay, own) = match &self.strategy {
            Strategy::Custom(decide) => match decide.0(disconnect) {
                ReconnectDecision::After(delay) => (delay, delay),
                ReconnectDecision::Stop(reason) => return Err(StopReason::Custom(reason)),
            },
            _ => {
                let delay = self.delay(disconnect.attempts, disconnect.retry);
                (
                    delay.max(disconnect.retry_after().unwrap_or_default()),
                    self.own_delay(disconnect.attempts),
                )
            }
        };
        let jittered = delay.min(own.max(MAX_JITTERED_SERVER_WAIT));
        let jitter = scaled(jittered, self.jitter * in_unit_range(disconnect.random));
        let wait = delay.saturating_add(jitter);
        if disconnect.outage.saturating_add(wait) > self.max_outage {
            return Err(StopReason::Outage { wait, max: self.max_outage });
        }
        Ok(wait)
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
            Strategy::Exponential { factor } => factor.powf(f64::from(attempts)),
            Strategy::Fixed | Strategy::Custom(_) => 1.0,
        };
        scaled(self.reconnection_time, growth).min(self.max_delay)
    }
}

/// Lower bound of the server's `retry`: `retry: 0` would make every client reconnect in a tight
/// loop.
pub(crate) const SHORTEST_RETRY: Duration = Duration::from_millis(100);

/// Longest wait set by the server of which the jitter is a share. It spreads the clients that
/// return after a long `Retry-After`, and keeps them close to the time they were given.
const MAX_JITTERED_SERVER_WAIT: Duration = Duration::from_secs(60);

/// Number of attempts that follow event streams that could not be decoded.
const MAX_DECODE_RETRIES: u32 = 3;

pub(crate) const DEFAULT_RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// Returns `duration` times `factor`, or the longest duration if that overflows.
fn scaled(duration: Duration, factor: f64) -> Duration {
    if factor == 1.0 {
        return duration;
    }
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// Returns the nearest number from 0 to 1; 0 for NaN.
fn in_unit_range(share: f64) -> f64 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts(1) => f.write_str("1 attempt failed"),
            Self::Attempts(attempts) => write!(f, "{attempts} attempts failed in a row"),
            Self::Outage { wait, max } => {
                write!(f, "next delay of {wait:?} exceeds max_outage of {max:?}")
            }
            Self::Undecodable(streams) => {
                write!(f, "{streams} event streams in a row could not be decoded")
            }
            Self::Custom(reason) => f.write_str(reason),
        }
    }
}
