//! Every option there is, with its default.
//!
//! Data only: what an option does is said where it takes effect.

use std::{sync::Arc, time::Duration};

use sse_core::Limits;

use crate::{
    clock::{Clock, TokioClock},
    filter::{Filter, Visibility},
    history::BufferPolicy,
    resume::Resume,
};

/// How sessions behave: what Ktor's `install(SSE) { … }` configures, and more.
///
/// Give it to an [`SseClient`](crate::SseClient) for all of its sessions, and change a copy for
/// one of them with [`SseRequest::configure`](crate::SseRequest::configure).
///
/// ```
/// use std::time::Duration;
/// use sse_reqwest::SseConfig;
///
/// let config = SseConfig::new()
///     .max_reconnection_attempts(5)
///     .reconnection_time(Duration::from_secs(1))
///     .show_comment_events();
/// ```
#[derive(Debug, Clone)]
pub struct SseConfig {
    pub(crate) reconnection_time: Duration,
    pub(crate) max_reconnection_attempts: u32,
    pub(crate) resume: Resume,
    pub(crate) filter: Filter,
    pub(crate) buffer_policy: BufferPolicy,
    pub(crate) limits: Limits,
    pub(crate) last_event_id: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl SseConfig {
    /// Creates the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self {
            reconnection_time: Duration::from_secs(3),
            max_reconnection_attempts: 0,
            resume: Resume::default(),
            filter: Filter::default(),
            buffer_policy: BufferPolicy::default(),
            limits: Limits::default(),
            last_event_id: None,
            clock: Arc::new(TokioClock::new()),
        }
    }

    /// Sets how long to wait before each attempt to reconnect, until the server sends a `retry`
    /// field, which then counts for the rest of the session.
    ///
    /// A server's value below 100 ms counts as 100 ms. The default is 3 s.
    #[must_use]
    pub fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection_time = time;
        self
    }

    /// Sets how many attempts to reconnect may fail in a row.
    ///
    /// With reconnection on, a session reconnects after a regular end of the event stream too, as
    /// the standard says: one that ends its stream for good answers the next request with 204.
    /// A request with a method other than GET and HEAD is finished with a regular end.
    ///
    /// The count goes back to zero after a connection that brought an event with data or lived for
    /// 5 s. The first request of a session is no attempt and is never repeated: ask its error
    /// whether it is [retryable](crate::SseError::is_retryable).
    ///
    /// The default is 0: a session ends with its connection. `u32::MAX` is as good as no limit.
    #[must_use]
    pub fn max_reconnection_attempts(mut self, attempts: u32) -> Self {
        self.max_reconnection_attempts = attempts;
        self
    }

    /// Sets when the request may be repeated, if reconnection is on.
    ///
    /// The default is [`Resume::ByMethod`]: always for GET and HEAD, never for all others.
    #[must_use]
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = resume;
        self
    }

    /// Shows events that have comments and no data, and the comments of those that have.
    ///
    /// The default is to hide them.
    #[must_use]
    pub fn show_comment_events(mut self) -> Self {
        self.filter.comments = Visibility::Shown;
        self
    }

    /// Takes [`show_comment_events`](Self::show_comment_events) back.
    #[must_use]
    pub fn hide_comment_events(mut self) -> Self {
        self.filter.comments = Visibility::Hidden;
        self
    }

    /// Shows events that have a reconnection time and no data.
    ///
    /// The default is to hide them.
    #[must_use]
    pub fn show_retry_events(mut self) -> Self {
        self.filter.retry = Visibility::Shown;
        self
    }

    /// Takes [`show_retry_events`](Self::show_retry_events) back.
    #[must_use]
    pub fn hide_retry_events(mut self) -> Self {
        self.filter.retry = Visibility::Hidden;
        self
    }

    /// Shows events that have an ID or an event type and no data.
    ///
    /// The default is to hide them, as the standard does.
    #[must_use]
    pub fn show_dataless_events(mut self) -> Self {
        self.filter.other = Visibility::Shown;
        self
    }

    /// Takes [`show_dataless_events`](Self::show_dataless_events) back.
    #[must_use]
    pub fn hide_dataless_events(mut self) -> Self {
        self.filter.other = Visibility::Hidden;
        self
    }

    /// Sets what is kept of what was received, for [`history`](crate::ClientSseSession::history)
    /// and errors.
    ///
    /// The default is [`BufferPolicy::off`].
    #[must_use]
    pub fn buffer_policy(mut self, policy: BufferPolicy) -> Self {
        self.buffer_policy = policy;
        self
    }

    /// Sets how large an event may be. One that is larger ends the session with an
    /// [error](crate::SseError::is_limit).
    ///
    /// The default is 16 MiB for an event and 64 KiB for an ID or an event type.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the last event ID to start from: the first request sends it, as if it had been
    /// received.
    ///
    /// One that no header can carry (it has a control character, or more than 4 KiB) is an error
    /// when the session is opened. One that a server sends later is left out of the next request.
    ///
    /// The default is the `Last-Event-ID` header of the request, if that has one, else none.
    #[must_use]
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = Some(id.into());
        self
    }

    /// Sets where sessions get their time from.
    ///
    /// The default is tokio's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl Default for SseConfig {
    fn default() -> Self {
        Self::new()
    }
}
