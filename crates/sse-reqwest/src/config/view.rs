//! The options of what a session shows and keeps, and whom it tells.

use std::sync::Arc;

use super::SseConfig;
#[cfg(feature = "tracing")]
use crate::trace::Payloads;
use crate::{
    filter::{Types, Visibility},
    history::BufferPolicy,
    observer::SessionObserver,
    threads::MaybeSendSync,
};

impl SseConfig {
    /// Shows only events with data whose type the predicate holds for; `message` is the type of
    /// those that name none.
    ///
    /// Hidden events move the last event ID, and count as a sign of life and as progress. What
    /// else is shown, comments for one, is not touched by it.
    ///
    /// The default is to show all.
    ///
    /// ```
    /// use sse_reqwest::SseConfig;
    ///
    /// let config = SseConfig::new().filter_event_types(|name| matches!(name, "added" | "removed"));
    /// ```
    #[must_use]
    pub fn filter_event_types(
        mut self,
        predicate: impl Fn(&str) -> bool + MaybeSendSync + 'static,
    ) -> Self {
        self.filter.types = Types::those(predicate);
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
    pub fn show_comment_events(mut self) -> Self {
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
    pub fn show_retry_events(mut self) -> Self {
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
    pub fn show_dataless_events(mut self) -> Self {
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

    /// Tells `observer` what happens to the session: of connections, disconnects, bytes and events.
    ///
    /// Those that were given before are told first: one session may have an observer of its own beside
    /// that of all sessions of its client. The default is to tell nobody.
    ///
    /// ```
    /// # struct Counters;
    /// # impl sse_reqwest::SessionObserver for Counters {}
    /// use std::sync::Arc;
    ///
    /// let counters = Arc::new(Counters);
    /// let config = sse_reqwest::SseConfig::new().observer(counters.clone());
    /// ```
    #[must_use]
    pub fn observer(mut self, observer: Arc<impl SessionObserver>) -> Self {
        self.audience.add_observer(observer);
        self
    }

    /// Takes back every [`observer`](Self::observer) that was given so far.
    #[must_use]
    pub fn clear_observers(mut self) -> Self {
        self.audience.remove_observers();
        self
    }

    /// Traces the type, ID and data of each event that is given out, at level `TRACE`: they may be
    /// secret.
    ///
    /// The default is to trace how many bytes of data there are.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn trace_payloads(mut self) -> Self {
        self.audience.trace.payloads = Payloads::Shown;
        self
    }
}
