//! Options of what a session shows, what it keeps, and whom it notifies.

use std::sync::Arc;

use super::SseConfig;
use crate::{
    filter::Types, history::BufferPolicy, observer::SessionObserver, threads::MaybeSendSync,
};

impl SseConfig {
    /// Shows only those events with data for whose type the predicate returns `true`. An event that
    /// names no type has the type `message`.
    ///
    /// Hidden events update the last event ID, reset the idle timeout and count as progress. Events
    /// without data are not affected.
    ///
    /// Defaults to all events with data.
    ///
    /// ```
    /// use sse_reqwest::SseConfig;
    ///
    /// let config =
    ///     SseConfig::new().filter_event_types(|name| matches!(name, "added" | "removed"));
    /// ```
    #[must_use]
    pub fn filter_event_types(
        mut self,
        predicate: impl Fn(&str) -> bool + MaybeSendSync + 'static,
    ) -> Self {
        self.filter.types = Types::those(predicate);
        self
    }

    /// Sets whether events that have comments and no data are shown, and the comments of those that
    /// have data.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn show_comment_events(mut self, show: bool) -> Self {
        self.filter.show_comments = show;
        self
    }

    /// Sets whether events that have a reconnection time and no data are shown.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn show_retry_events(mut self, show: bool) -> Self {
        self.filter.show_retry = show;
        self
    }

    /// Sets whether events that have an ID or an event type and no data are shown.
    ///
    /// Defaults to `false`, as the standard says.
    #[must_use]
    pub fn show_dataless_events(mut self, show: bool) -> Self {
        self.filter.show_dataless = show;
        self
    }

    /// Sets what is kept of the bytes or events received, for
    /// [`history`](crate::ClientSseSession::history) and for errors.
    ///
    /// Defaults to [`BufferPolicy::off`].
    #[must_use]
    pub fn buffer_policy(mut self, policy: BufferPolicy) -> Self {
        self.buffer_policy = policy;
        self
    }

    /// Adds an observer, which is notified of what happens to the session: connections,
    /// disconnects, bytes and events.
    ///
    /// Observers that were added earlier are notified first, so a session may have an observer of
    /// its own beside that of its client. Defaults to no observer.
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

    /// Removes every [`observer`](Self::observer) that was added so far.
    #[must_use]
    pub fn clear_observers(mut self) -> Self {
        self.audience.remove_observers();
        self
    }

    /// Sets whether the type, ID and data of each yielded event are traced, at level `TRACE`
    /// (feature `tracing`). They may be secret.
    ///
    /// Defaults to `false`: only the length of the data is traced.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn trace_payloads(mut self, trace: bool) -> Self {
        self.audience.trace.payloads = trace;
        self
    }
}
