//! Reconnection policies: how long to wait before the next attempt, or why not to make one.
//!
//! Pure functions of the facts they are given. [`crate::reconnect`] counts attempts.

mod disconnect;
mod health;
mod wait;

use std::{borrow::Cow, sync::Arc, time::Duration};

pub use self::disconnect::Disconnect;
pub(crate) use self::disconnect::{End, EndKind};
use crate::{
    stop_reason::StopReason,
    threads::{MaybeSendSync, Shared},
};

/// Policy of when a session reconnects, and how long it waits before each attempt.
///
/// An *attempt* is one request made to reconnect; the first request of a session does not count.
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
/// A wait that the server asks for is never shortened, unless
/// [`max_server_delay`](Self::max_server_delay) says so. A `retry` field is a lower bound of every
/// wait for the rest of the session, and counts as 100 ms if it is shorter; the `Retry-After` of a
/// rejected response is a lower bound of the next wait only. Jitter is added to these waits too,
/// but [little](Self::jitter) to a long one.
///
/// A regular end is not a failure: the wait after it is the server's `retry`, with at most 10 % of
/// jitter, also if the policy's own wait is longer. If the server has sent no `retry`, the wait is
/// the [`reconnection_time`](Self::reconnection_time).
///
/// # Healthy connections
///
/// The attempt counter, the backoff and the outage reset after a healthy connection, with every
/// policy. **A connection is healthy if it brought a new last event ID, or ended regularly after at
/// least one block, or lasted for [`healthy_after`](Self::healthy_after).** A block may be an
/// event, or be without data, such as a comment. Empty lines alone are not a block. Five notes:
///
/// - An ID that the next request does not carry does not count, unless a factory makes the request.
///   The header may be [off](crate::SseConfig::send_last_event_id), or [unable to carry
///   it](crate::SessionEvent::Disconnected). With
///   [`acknowledge_events`](crate::SseConfig::acknowledge_events), only the ID of an acknowledged
///   event is carried.
/// - A connection with [unknown lines](crate::EndEvidence::unknown_lines) and no event has no
///   block: a server that responds with a bare JSON error does not send an event stream.
/// - A connection that brought no byte before a [deadline](crate::Deadline) of the session expired
///   is not healthy, however long it lasted.
/// - An end is regular if the response is complete as far as HTTP shows it, and no block is
///   incomplete. An end in the middle of a block is not regular, because the server or a proxy may
///   have failed, or may have reset an HTTP/2 stream with NO_ERROR.
///   [`dispatch_unfinished_event`](crate::SseConfig::dispatch_unfinished_event) changes that.
/// - A connection whose body [could not be decoded](crate::SseError::is_decode) is never healthy,
///   and at most 3 attempts follow such connections in a row: a wrong content coding seldom goes
///   away. A custom policy decides by itself.
#[derive(Debug, Clone)]
pub struct ReconnectPolicy {
    strategy: Strategy,
    reconnection_time: Duration,
    max_delay: Duration,
    max_server_delay: Duration,
    jitter: f64,
    max_attempts: u32,
    max_restarts: u32,
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

impl ReconnectPolicy {
    /// Creates the policy that never reconnects: a session ends with its connection. This is the
    /// default of a session.
    #[must_use]
    pub fn never() -> Self {
        Self::fixed(DEFAULT_RECONNECTION_TIME).max_attempts(0)
    }

    /// Creates a policy with the same wait before every attempt, as in the standard and in Ktor. A
    /// `retry` field from the server replaces the wait. Defaults to unlimited attempts, and to no
    /// jitter.
    #[must_use]
    pub fn fixed(time: Duration) -> Self {
        Self {
            strategy: Strategy::Fixed,
            reconnection_time: time,
            max_delay: Duration::MAX,
            max_server_delay: Duration::MAX,
            jitter: 0.0,
            max_attempts: u32::MAX,
            max_restarts: u32::MAX,
            max_outage: Duration::MAX,
            healthy_after: Duration::from_secs(5),
        }
    }

    /// Creates a policy of exponential backoff: 1 s, 2 s, 4 s and so on, each with up to 50 % of
    /// jitter added, and none longer than 60 s. The jitter keeps the clients of a server that
    /// restarts from returning all at once.
    ///
    /// The waits do not grow if the server closes its streams regularly. They do if it accepts and
    /// closes at once, without a block.
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
    /// Once a session has been open, `decide` is also called for rejected responses that [are not
    /// retryable](crate::SseError::is_retryable): a login page of a captive portal, or a 404 during
    /// a deployment, ends a session only if the policy says so.
    ///
    /// The wait that it returns is used as it is, except for [jitter](Self::jitter); what the
    /// server asks for is among the facts it receives. [`max_attempts`](Self::max_attempts),
    /// [`max_restarts`](Self::max_restarts) and [`max_outage`](Self::max_outage) apply as well, if
    /// they are set.
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

    /// Sets the wait before each attempt, or before the first one if the waits grow.
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

    /// Sets the longest wait of the policy's own, jitter included: with a [`jitter`](Self::jitter)
    /// of 0.5 and a `max_delay` of 60 s, the longest waits are random times from 40 to 60 s.
    ///
    /// It does not shorten what the server asks for; see
    /// [`max_server_delay`](Self::max_server_delay) and [`max_outage`](Self::max_outage).
    ///
    /// Defaults to 60 s for [`exponential`](Self::exponential), and to no limit for others.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the longest time that the server may ask for with `retry` or `Retry-After`: a longer
    /// one counts as this. It never makes a `retry` shorter than 100 ms.
    ///
    /// Set it for a feed that must survive a wrong `retry` of years. An overloaded server has a
    /// reason to ask for a long time: to end the session then, instead of returning too early, set
    /// [`max_outage`](Self::max_outage).
    ///
    /// Defaults to no limit.
    #[must_use]
    pub fn max_server_delay(mut self, delay: Duration) -> Self {
        self.max_server_delay = delay;
        self
    }

    /// Sets the jitter: the largest random share of a wait that is added to it, from 0 to 1.
    ///
    /// Jitter does not make a wait longer than [`max_delay`](Self::max_delay). A time that the
    /// server asks for is the exception: if `max_delay` leaves less room, up to 10 % of that time
    /// are added, but never more than 6 s. With [`exponential`](Self::exponential), a `Retry-After`
    /// of 10 s becomes at most 15 s, and one of an hour at most an hour and 6 s. After a regular
    /// end, the jitter of the server's `retry` is at most 10 % in any case. The wait that a
    /// [custom](Self::custom) policy returns counts as the policy's own.
    ///
    /// Defaults to 0.5 for [`exponential`](Self::exponential), and to 0 for others.
    #[must_use]
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = in_unit_range(share);
        self
    }

    /// Sets how many attempts may fail in a row; 0 is [`never`](Self::never). A connection that was
    /// [healthy](Self#healthy-connections) has not failed.
    ///
    /// Defaults to no limit.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets how often a session may restart. A restart is a new connection, after events were
    /// received, whose request does not say from which event to resume, so the same events may come
    /// again. A request says where to resume if there is a last event ID, and either the header
    /// [carries it](crate::SseConfig::send_last_event_id) or a factory makes the request. With 0, a
    /// session reconnects only if the request says where to resume, or if it has received nothing.
    ///
    /// A server whose events have no IDs, and which ends its streams regularly, makes a session
    /// restart forever, as no attempt fails. For a finite answer that is wrong, so set a limit. The
    /// [lifecycle](crate::SessionEvent::Disconnected) marks each restart,
    /// [`on_restart`](crate::SessionObserver::on_restart) reports it, and
    /// [`restarts`](crate::ClientSseSession::restarts) counts those of a session. All of them count
    /// toward the limit.
    ///
    /// Defaults to no limit: a live feed, for example of prices, needs no IDs, and each connection
    /// begins with what is new.
    #[must_use]
    pub fn max_restarts(mut self, restarts: u32) -> Self {
        self.max_restarts = restarts;
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

    /// Sets how long a connection must last to be [healthy](Self#healthy-connections), if nothing
    /// else makes it so.
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

    /// Returns the reason why no attempt follows, if a limit of the policy is reached that does not
    /// depend on the wait.
    fn limit(&self, disconnect: &Disconnect<'_>) -> Option<StopReason> {
        if !self.allows_attempt(disconnect.attempts) {
            return Some(StopReason::Attempts(disconnect.attempts));
        }
        if disconnect.decode_failures > MAX_DECODE_RETRIES && !self.is_custom() {
            return Some(StopReason::Undecodable(disconnect.decode_failures));
        }
        (disconnect.is_restart && disconnect.restarts >= self.max_restarts)
            .then_some(StopReason::Restarts(disconnect.restarts))
    }

    /// Decides how long to wait before the next attempt, or why not to make one.
    pub(crate) fn decide(&self, disconnect: &Disconnect<'_>) -> Result<Duration, StopReason> {
        if let Some(reason) = self.limit(disconnect) {
            return Err(reason);
        }
        let wait = match &self.strategy {
            Strategy::Custom(decide) => match decide.0(disconnect) {
                ReconnectDecision::After(wait) => self.jittered(wait, disconnect.random),
                ReconnectDecision::Stop(reason) => return Err(StopReason::Custom(reason)),
            },
            Strategy::Fixed | Strategy::Exponential { .. } => self.wait(disconnect),
        };
        if disconnect.outage.saturating_add(wait) > self.max_outage {
            return Err(StopReason::Outage { wait, max: self.max_outage });
        }
        Ok(wait)
    }
}

/// Number of attempts that follow event streams that could not be decoded.
const MAX_DECODE_RETRIES: u32 = 3;

pub(crate) const DEFAULT_RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// Returns the nearest number from 0 to 1; 0 for NaN.
fn in_unit_range(share: f64) -> f64 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}
