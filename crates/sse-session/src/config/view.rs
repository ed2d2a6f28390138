//! Setters of the options of a session's view: which events it yields, which one is the last, what
//! it keeps, and whom it notifies.

use std::sync::Arc;

use sse_core::ServerSentEvent;

use super::SseConfig;
use crate::{
    filter::Types, history::BufferPolicy, observer::SessionObserver, threads::MaybeSendSync,
};

impl SseConfig {
    /// Ends the session, with [`EndReason::Stopped`](crate::EndReason::Stopped), after the first
    /// event for which the predicate returns `true`: that event is the last one that is yielded,
    /// and no reconnection follows.
    ///
    /// The predicate sees every event with data, also those of types that are not
    /// [shown](Self::filter_event_types), and events without data where these are shown (see
    /// [`show_dataless_events`](Self::show_dataless_events),
    /// [`show_comment_events`](Self::show_comment_events) and
    /// [`show_retry_events`](Self::show_retry_events)). If [`stop_before`](Self::stop_before) is
    /// set as well, the predicate that first returns `true` decides, and `stop_before` if both do
    /// for the same event. A second call replaces the predicate.
    ///
    /// Defaults to no terminal event.
    ///
    /// ```
    /// use sse_session::SseConfig;
    ///
    /// let config = SseConfig::new()
    ///     .stop_after(|event| event.event_type() == "response.completed")
    ///     .expect_terminal(true);
    /// ```
    #[must_use]
    pub fn stop_after<F>(mut self, predicate: F) -> Self
    where
        F: Fn(&ServerSentEvent) -> bool + MaybeSendSync + 'static,
    {
        self.view.stop.set_after(predicate);
        self
    }

    /// Ends the session, with [`EndReason::Stopped`](crate::EndReason::Stopped), before the first
    /// event for which the predicate returns `true`: that event is not yielded, and no reconnection
    /// follows.
    ///
    /// Like [`stop_after`](Self::stop_after) otherwise. Defaults to no terminal event.
    ///
    /// ```
    /// use sse_session::SseConfig;
    ///
    /// let config =
    ///     SseConfig::new().stop_before(|event| event.data() == "[DONE]").expect_terminal(true);
    /// ```
    #[must_use]
    pub fn stop_before<F>(mut self, predicate: F) -> Self
    where
        F: Fn(&ServerSentEvent) -> bool + MaybeSendSync + 'static,
    {
        self.view.stop.set_before(predicate);
        self
    }

    /// Sets whether the session must end with its terminal event, the one of
    /// [`stop_after`](Self::stop_after) or [`stop_before`](Self::stop_before). Every other end,
    /// except one by the caller, is then an [incomplete](crate::SseError::is_incomplete) event
    /// stream, which is an error once the session does not reconnect.
    ///
    /// Without this, a truncated answer looks like a complete one wherever HTTP does not show the
    /// difference. If the server goes silent, the session waits forever, so set an
    /// [`idle_timeout`](Self::idle_timeout) too. With the feature `tracing`, a session without a
    /// limit on silence logs a warning when it begins. If neither `stop_after` nor `stop_before` is
    /// set, opening the session is an [error](crate::SseErrorKind::InvalidConfig).
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn expect_terminal(mut self, expect: bool) -> Self {
        self.view.stop.expect_terminal = expect;
        self
    }

    /// Sets whether the session resumes, after a disconnect, from the last event that was
    /// [acknowledged](crate::ClientSseSession::acknowledge), rather than from the last one that was
    /// yielded. Events that were yielded and not acknowledged are then received again.
    ///
    /// The IDs of unacknowledged events are kept, up to 4,096 of them and 1 MiB; beyond that, more
    /// events than necessary are repeated, and none is lost.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn acknowledge_events(mut self, acknowledge: bool) -> Self {
        self.view.acknowledge_events = acknowledge;
        self
    }

    /// Shows only those events with data for whose type the predicate returns `true`. An event that
    /// names no type has the type `message`.
    ///
    /// Hidden events update the last event ID, reset the idle timeout and count as progress. Events
    /// without data are not affected.
    ///
    /// Defaults to all events with data.
    ///
    /// ```
    /// use sse_session::SseConfig;
    ///
    /// let config =
    ///     SseConfig::new().filter_event_types(|name| matches!(name, "added" | "removed"));
    /// ```
    #[must_use]
    pub fn filter_event_types(
        mut self,
        predicate: impl Fn(&str) -> bool + MaybeSendSync + 'static,
    ) -> Self {
        self.view.filter.types = Types::those(predicate);
        self
    }

    /// Sets whether events that have comments and no data are shown, and the comments of those that
    /// have data.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn show_comment_events(mut self, show: bool) -> Self {
        self.view.filter.show_comments = show;
        self
    }

    /// Sets whether events that have a reconnection time and no data are shown.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn show_retry_events(mut self, show: bool) -> Self {
        self.view.filter.show_retry = show;
        self
    }

    /// Sets whether events that have an ID or an event type and no data are shown.
    ///
    /// Defaults to `false`, as the standard says.
    #[must_use]
    pub fn show_dataless_events(mut self, show: bool) -> Self {
        self.view.filter.show_dataless = show;
        self
    }

    /// Sets what is kept of the bytes or events received, for
    /// [`history`](crate::ClientSseSession::history) and for errors.
    ///
    /// Defaults to [`BufferPolicy::off`].
    #[must_use]
    pub fn buffer_policy(mut self, policy: BufferPolicy) -> Self {
        self.view.buffer_policy = policy;
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
    /// # impl sse_session::SessionObserver for Counters {}
    /// use std::sync::Arc;
    ///
    /// let counters = Arc::new(Counters);
    /// let config = sse_session::SseConfig::new().observer(counters.clone());
    /// ```
    #[must_use]
    pub fn observer(mut self, observer: Arc<impl SessionObserver>) -> Self {
        self.view.observers.add(observer);
        self
    }

    /// Removes every [`observer`](Self::observer) that was added so far.
    #[must_use]
    pub fn clear_observers(mut self) -> Self {
        self.view.observers.clear();
        self
    }

    /// Sets whether the [intervals](crate::Timings::event_intervals) between events are measured.
    ///
    /// Each event then takes a slower path, as it does with an observer. The other
    /// [timings](crate::Timings) are measured in any case, as they cost nothing after the first
    /// event. An [answer](crate::AnswerTimings::delta_intervals) measures the intervals between its
    /// deltas without this option.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn measure_event_intervals(mut self, measure: bool) -> Self {
        self.view.measure_event_intervals = measure;
        self
    }

    /// Sets whether the type, ID and data of each yielded event are traced, at level `TRACE`
    /// (feature `tracing`). They may be secret.
    ///
    /// Defaults to `false`: only the length of the data is traced.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn trace_payloads(mut self, trace: bool) -> Self {
        self.view.observers.trace.payloads = trace;
        self
    }
}
