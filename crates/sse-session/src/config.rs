//! Options of sessions, each with its default, grouped by the layer that they apply to.
//!
//! Data only: the effect of an option is implemented in its layer, which sees no other options.

mod options;
mod request;
mod connection;
mod reconnection;
mod view;
mod feeds;
mod answers;
mod check;

use std::sync::Arc;

pub(crate) use self::{
    check::Opening,
    options::{ConnectionOptions, ReconnectionOptions, RequestOptions, ViewOptions},
};
use crate::{
    acceptance::Retryable,
    clock::{Clock, Timekeeper, default_clock},
    policy::{DEFAULT_RECONNECTION_TIME, ReconnectPolicy},
    random::Random,
    resume::{CleanEnd, Resume},
    threads::MaybeSendSync,
};

/// Options of sessions.
///
/// An [`SseClient`](crate::SseClient) applies them to all of its sessions;
/// [`SseRequest::configure`](crate::SseRequest::configure) changes a copy for one session. Every
/// option has a default, and setters can be called in any order. (In Ktor, these are the options of
/// `install(SSE) { … }`.)
///
/// ```
/// use std::time::Duration;
/// use sse_session::SseConfig;
///
/// // For an answer whose connection is closed if it is silent for a minute.
/// let config = SseConfig::new().idle_timeout(Duration::from_secs(60));
/// // For a feed that is followed for weeks.
/// let config = SseConfig::for_feeds();
/// ```
#[derive(Debug, Clone)]
pub struct SseConfig {
    pub(crate) request: RequestOptions,
    pub(crate) connection: ConnectionOptions,
    pub(crate) reconnection: ReconnectionOptions,
    pub(crate) view: ViewOptions,
    /// Clock that the caller has set. Blocking sessions use no other.
    pub(crate) clock: Option<Arc<dyn Timekeeper>>,
    /// Clock of the platform, one for all sessions; `None` if the platform has none.
    default_clock: Option<Arc<dyn Timekeeper>>,
    pub(crate) random: Random,
}

impl SseConfig {
    /// Creates the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self {
            request: RequestOptions::default(),
            connection: ConnectionOptions::default(),
            reconnection: ReconnectionOptions::default(),
            view: ViewOptions::default(),
            clock: None,
            default_clock: default_clock(),
            random: Random::default(),
        }
    }

    /// Creates the configuration of a browser's `EventSource`, as the HTML standard defines it.
    ///
    /// Sessions reconnect forever: after every network error, also of the first connection, and
    /// after every end of the event stream. The wait is 3 s unless the server sets another. A
    /// status other than 200, or another content type, ends the session.
    ///
    /// ```
    /// let config = sse_session::SseConfig::strict_whatwg();
    /// ```
    #[must_use]
    pub fn strict_whatwg() -> Self {
        let retryable = Retryable::statuses(|_| false);
        let mut config = Self::new()
            .reconnect(ReconnectPolicy::fixed(DEFAULT_RECONNECTION_TIME))
            .retry_first_connection(true)
            .resume(Resume::ByMethod)
            .clean_end(CleanEnd::Reconnect);
        config.connection.acceptance.retryable = retryable;
        config
    }

    /// Sets the source of time.
    ///
    /// Defaults to tokio's clock (feature `tokio`); in a browser, to the browser's. Without a
    /// clock, no session can be opened. A [blocking session](crate::BlockingSession) defaults to
    /// the clock of its thread instead.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Returns the clock of sessions that are not blocking.
    pub(crate) fn clock_or_default(&self) -> Option<Arc<dyn Timekeeper>> {
        self.clock.as_ref().or(self.default_clock.as_ref()).cloned()
    }

    /// Sets the source of randomness for [jitter](ReconnectPolicy::jitter): numbers from 0 to 1.
    ///
    /// Defaults to a generator per thread, which is not cryptographic.
    #[must_use]
    pub fn randomness(mut self, numbers: impl Fn() -> f64 + MaybeSendSync + 'static) -> Self {
        self.random = Random::custom(numbers);
        self
    }
}

impl Default for SseConfig {
    fn default() -> Self {
        Self::new()
    }
}
