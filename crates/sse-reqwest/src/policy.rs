//! What is known of a disconnect in, how long to wait or why to stop out.
//!
//! Pure: owns no clock and no randomness, keeps no count. That is [`crate::reconnect`]'s.

mod disconnect;

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

pub use self::disconnect::Disconnect;
pub(crate) use self::disconnect::{Life, LifeEnd};
use crate::threads::{MaybeSendSync, Shared};

/// When a session reconnects, and how long it waits before.
///
/// Made by one of [`never`](Self::never), [`fixed`](Self::fixed),
/// [`exponential`](Self::exponential) and [`custom`](Self::custom), and given to
/// [`SseConfig::reconnect`](crate::SseConfig::reconnect). It is asked only about disconnects that may be
/// followed by another request: those that [are retryable](crate::SseError::is_retryable), of a
/// request that [may be repeated](crate::Resume).
///
/// ```
/// use std::time::Duration;
/// use sse_reqwest::{ReconnectPolicy, SseConfig};
///
/// let policy = ReconnectPolicy::exponential()
///     .max_delay(Duration::from_secs(30))
///     .max_outage(Duration::from_secs(3600));
/// let config = SseConfig::new().reconnect(policy);
/// ```
///
/// # The wait
///
/// What the server asks for is never shortened. A `retry` field is a floor under the wait for the
/// rest of the session, one below 100 ms counting as 100 ms; `Retry-After` of a refusal is a floor
/// under the next wait alone. Jitter comes on top, [not much of it](Self::jitter) where the server asks
/// for a long wait.
///
/// # Failures in a row
///
/// The count of attempts, and the time they have taken, start anew after a connection that was of
/// use; that one was accepted is no use yet. What counts as use is said at the constructors.
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

/// What a disconnect is to be followed by, as a [custom policy](ReconnectPolicy::custom) says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReconnectDecision {
    /// Another attempt, after this wait.
    After(Duration),
    /// None, for this reason: it goes into the message of the session's error.
    Stop(Cow<'static, str>),
}

/// Why a session that reconnects does not do so any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StopReason {
    Attempts(u32),
    Outage { wait: Duration, max: Duration },
    Custom(Cow<'static, str>),
}

impl ReconnectPolicy {
    /// Never reconnects: a session ends with its connection. This is the default of a session.
    #[must_use]
    pub fn never() -> Self {
        Self::fixed(DEFAULT_RECONNECTION_TIME).max_attempts(0)
    }

    /// Waits the same time before every attempt, as Ktor does and the standard; a `retry` field of
    /// the server's takes its place.
    ///
    /// A connection was of use if it brought an event with data **or** lived for
    /// [`healthy_after`](Self::healthy_after). Attempts are not limited, and there is no jitter,
    /// unless you say so.
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

    /// Waits longer with each attempt that fails: 1 s, 2 s, 4 s and so on up to 60 s, each with up
    /// to half as much on top, so that the clients of a server that comes back do not come back
    /// all at once.
    ///
    /// A connection was of use if it lived for [`healthy_after`](Self::healthy_after) **and** brought
    /// an event with data, or then came to a regular end: a server that closes its streams every
    /// so often is not punished for it, and one that accepts and closes at once is not stormed.
    #[must_use]
    pub fn exponential() -> Self {
        Self {
            strategy: Strategy::Exponential { factor: 2.0 },
            jitter: 0.5,
            max_delay: Duration::from_secs(60),
            ..Self::fixed(Duration::from_secs(1))
        }
    }

    /// Asks `decide` about each disconnect.
    ///
    /// The wait it answers with is taken as it is, [jitter](Self::jitter) aside; what the server
    /// asks for is among the facts it sees. [`max_attempts`](Self::max_attempts) and
    /// [`max_outage`](Self::max_outage) hold here as well, if they are set. What counts as use is
    /// what [`fixed`](Self::fixed) says.
    ///
    /// ```
    /// use std::time::Duration;
    /// use sse_reqwest::{Disconnect, ReconnectDecision, ReconnectPolicy};
    ///
    /// let policy = ReconnectPolicy::custom(|disconnect: &Disconnect<'_>| {
    ///     if disconnect.cause().is_status() {
    ///         return ReconnectDecision::Stop("the server refuses".into());
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

    /// Sets the time to wait before an attempt, the first one where waits grow.
    ///
    /// The default is what the constructor says; 1 s for [`exponential`](Self::exponential).
    #[must_use]
    pub fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection_time = time;
        self
    }

    /// Sets by how much each wait of an [exponential](Self::exponential) policy is longer than the
    /// one before; less than 1 counts as 1. Others ignore it.
    ///
    /// The default is 2.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        if let Strategy::Exponential { factor: old } = &mut self.strategy {
            *old = factor.max(1.0);
        }
        self
    }

    /// Sets how long the policy's own wait is at most. It does not shorten what the server asks
    /// for: see [`max_outage`](Self::max_outage).
    ///
    /// The default is 60 s for [`exponential`](Self::exponential), and no limit for others.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets how much a wait may be longer by chance: a share of it, from 0 to 1.
    ///
    /// Where the server asks for more than 60 s, it is a share of 60 s, or of the policy's own wait if
    /// that is longer: with a share of 0.5, a `Retry-After` of an hour becomes an hour and 30 s at
    /// most. A [custom](Self::custom) policy's answer is its own wait, whatever it is.
    ///
    /// The default is 0.5 for [`exponential`](Self::exponential), and 0 for others.
    #[must_use]
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = in_unit_range(share);
        self
    }

    /// Sets how many attempts may fail in a row; 0 is [`never`](Self::never).
    ///
    /// The default is no limit.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets how long a session may be without a connection of use: it ends as soon as the next
    /// wait would go beyond that, rather than wait for less than the server has asked for.
    ///
    /// The default is no limit.
    #[must_use]
    pub fn max_outage(mut self, time: Duration) -> Self {
        self.max_outage = time;
        self
    }

    /// Sets for how long a connection must have lived to count as one of use; the constructors say
    /// what else it takes.
    ///
    /// The default is 5 s.
    #[must_use]
    pub fn healthy_after(mut self, time: Duration) -> Self {
        self.healthy_after = time;
        self
    }

    pub(crate) fn is_never(&self) -> bool {
        self.max_attempts == 0
    }

    /// Whether the connection that was lost has been of use.
    pub(crate) fn was_healthy(&self, life: Life) -> bool {
        let has_lived = life.lived >= self.healthy_after;
        match self.strategy {
            Strategy::Exponential { .. } => {
                has_lived && (life.messages > 0 || life.end == LifeEnd::Regular)
            }
            Strategy::Fixed | Strategy::Custom(_) => has_lived || life.messages > 0,
        }
    }

    /// How long to wait for the next attempt, or why there is none.
    pub(crate) fn decide(&self, disconnect: &Disconnect<'_>) -> Result<Duration, StopReason> {
        if disconnect.attempts >= self.max_attempts {
            return Err(StopReason::Attempts(disconnect.attempts));
        }
        let (delay, own) = match &self.strategy {
            Strategy::Custom(decide) => match decide.0(disconnect) {
                ReconnectDecision::After(delay) => (delay, delay),
                ReconnectDecision::Stop(reason) => return Err(StopReason::Custom(reason)),
            },
            _ => {
                let delay = self.delay(disconnect.attempts, disconnect.retry);
                (delay.max(disconnect.retry_after.unwrap_or_default()), self.own_delay(disconnect.attempts))
            }
        };
        let jittered = delay.min(own.max(MOST_JITTERED_OF_THE_SERVERS));
        let jitter = scaled(jittered, self.jitter * in_unit_range(disconnect.random));
        let wait = delay.saturating_add(jitter);
        if disconnect.outage.saturating_add(wait) > self.max_outage {
            return Err(StopReason::Outage { wait, max: self.max_outage });
        }
        Ok(wait)
    }

    /// The wait after so many failed attempts, without jitter, if the server has set this `retry`.
    pub(crate) fn delay(&self, attempts: u32, retry: Option<Duration>) -> Duration {
        match (&self.strategy, retry) {
            // It takes the place of ours, rather than being a floor under it.
            (Strategy::Fixed, Some(retry)) => retry,
            _ => self.own_delay(attempts).max(retry.unwrap_or_default()),
        }
    }

    /// The same, if the server has set none.
    fn own_delay(&self, attempts: u32) -> Duration {
        let growth = match self.strategy {
            Strategy::Exponential { factor } => factor.powf(f64::from(attempts)),
            Strategy::Fixed | Strategy::Custom(_) => 1.0,
        };
        scaled(self.reconnection_time, growth).min(self.max_delay)
    }
}

/// A server that asks for less than this is taken to ask for this much: `retry: 0` would make
/// every client reconnect in a tight loop.
pub(crate) const SHORTEST_RETRY: Duration = Duration::from_millis(100);

/// Clients that a server has told to stay away for long come back spread over a part of this: enough
/// not to come all at once, and near to what they were told.
const MOST_JITTERED_OF_THE_SERVERS: Duration = Duration::from_secs(60);

pub(crate) const DEFAULT_RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// `duration` times `factor`; the longest duration there is, if it is longer.
fn scaled(duration: Duration, factor: f64) -> Duration {
    if factor == 1.0 {
        return duration;
    }
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// The nearest number from 0 to 1; 0 for none.
fn in_unit_range(share: f64) -> f64 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts(attempts) => write!(f, "failed attempts in a row: {attempts}"),
            Self::Outage { wait, max } => {
                write!(f, "another wait of {wait:?} would make it more than {max:?} in all")
            }
            Self::Custom(reason) => f.write_str(reason),
        }
    }
}
