//! Every option of a session, with its default.
//!
//! Data only: an option's effect is implemented where it applies. The setters are grouped: those of
//! a connection in [`connection`], those of reconnections and of a session's end in
//! [`reconnection`], those of what a session shows in [`view`].

mod connection;
mod reconnection;
mod view;

use std::sync::Arc;

use sse_core::Limits;

pub(crate) use self::reconnection::Reconnection;
use crate::{
    acceptance::{Acceptance, RetryableStatuses},
    clock::{Clock, DefaultClock},
    deadlines::Deadlines,
    destination::Destination,
    factory::Refresh,
    filter::Filter,
    history::BufferPolicy,
    id_header::IdHeader,
    observer::Audience,
    policy::{DEFAULT_RECONNECTION_TIME, ReconnectPolicy},
    random::Random,
    resume::{CleanEnd, Resume},
    stop::Stop,
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
/// use sse_reqwest::{IdleTimeout, ReconnectPolicy, SseConfig};
///
/// // For a feed that is followed for weeks.
/// let config = SseConfig::new()
///     .reconnect(ReconnectPolicy::exponential())
///     .retry_first_connection(true)
///     .head_timeout(Duration::from_secs(30))
///     .idle_timeout(IdleTimeout::auto());
/// ```
#[derive(Debug, Clone)]
pub struct SseConfig {
    pub(crate) reconnection: Reconnection,
    pub(crate) retry_first_connection: bool,
    pub(crate) clean_end: CleanEnd,
    pub(crate) resume: Resume,
    pub(crate) stop: Stop,
    pub(crate) acknowledge_events: bool,
    pub(crate) last_event_id: Option<String>,
    pub(crate) id_header: IdHeader,
    pub(crate) destination: Destination,
    pub(crate) refresh: Refresh,
    pub(crate) acceptance: Acceptance,
    pub(crate) deadlines: Deadlines,
    pub(crate) limits: Limits,
    pub(crate) filter: Filter,
    pub(crate) buffer_policy: BufferPolicy,
    pub(crate) audience: Audience,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
}

impl SseConfig {
    /// Creates the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self {
            reconnection: Reconnection::default(),
            retry_first_connection: false,
            clean_end: CleanEnd::default(),
            resume: Resume::default(),
            stop: Stop::default(),
            acknowledge_events: false,
            last_event_id: None,
            id_header: IdHeader::default(),
            destination: Destination::default(),
            refresh: Refresh::default(),
            acceptance: Acceptance::default(),
            deadlines: Deadlines::default(),
            limits: Limits::default(),
            filter: Filter::default(),
            buffer_policy: BufferPolicy::default(),
            audience: Audience::default(),
            clock: Arc::new(DefaultClock::new()),
            random: Random::default(),
        }
    }

    /// Creates the configuration of a browser's `EventSource`, as the HTML standard defines it.
    ///
    /// Sessions reconnect forever, every 3 s unless the server says otherwise, after every network
    /// error, the first included, and after every end of the event stream. A status other than 200,
    /// and another content type, ends the session.
    ///
    /// ```
    /// let config = sse_reqwest::SseConfig::strict_whatwg();
    /// ```
    #[must_use]
    pub fn strict_whatwg() -> Self {
        let statuses = RetryableStatuses::custom(|_| false);
        let mut config = Self::new()
            .reconnect(ReconnectPolicy::fixed(DEFAULT_RECONNECTION_TIME))
            .retry_first_connection(true)
            .clean_end(CleanEnd::Reconnect);
        config.acceptance.statuses = statuses;
        config
    }

    /// Sets the source of time.
    ///
    /// Defaults to tokio's clock; in a browser, to the browser's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
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
