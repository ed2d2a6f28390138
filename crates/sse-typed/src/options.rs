//! Setters of a typed session: which events are skipped, which end the values, and which report
//! errors.
//!
//! The rules that they set are applied in `rules.rs`.

use alloc::{borrow::Cow, boxed::Box};

use sse_core::ServerSentEvent;

use crate::{
    rules::{Then, When},
    session::ClientSseSessionWithDeserialization,
};

impl<S, F, X> ClientSseSessionWithDeserialization<S, F, X> {
    /// Skips events of this type, such as `ping`. May be called for several types.
    ///
    /// Defaults to skipping none, except that JSON sessions skip events [without
    /// data](crate::EventStreamExt::json).
    pub fn skip_type(self, event_type: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::TypeIs(event_type.into()), Then::Skip)
    }

    /// Skips events with exactly this data. May be called for several values.
    ///
    /// Defaults to skipping none, except that JSON sessions skip events [without
    /// data](crate::EventStreamExt::json).
    pub fn skip_data(self, data: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::DataIs(data.into()), Then::Skip)
    }

    /// Skips events for which the closure returns `true`. May be called for several closures.
    ///
    /// A closure that is not `Send` and `Sync` can skip events in
    /// [`decode_with`](crate::EventStreamExt::decode_with). Defaults to skipping none, except that
    /// JSON sessions skip events [without data](crate::EventStreamExt::json).
    pub fn skip_when(
        self,
        predicate: impl Fn(&ServerSentEvent) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(When::Holds(Box::new(predicate)), Then::Skip)
    }

    /// Ends the values before the first event of this type: the event is not yielded. May be called
    /// for several types.
    ///
    /// The wrapped session stays open: [`into_inner`](Self::into_inner) returns it, and dropping it
    /// closes it. To end at an event whose value matters, match on the value and stop reading.
    /// Defaults to the end of the wrapped session.
    pub fn stop_before_type(self, event_type: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::TypeIs(event_type.into()), Then::Stop)
    }

    /// Ends the values before the first event with exactly this data, such as `[DONE]`: the event
    /// is not yielded. May be called for several values.
    ///
    /// The wrapped session stays open: [`into_inner`](Self::into_inner) returns it, and dropping it
    /// closes it. Empty data is data too: `stop_before_data("")` ends the values there. Defaults to
    /// the end of the wrapped session.
    pub fn stop_before_data(self, data: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::DataIs(data.into()), Then::Stop)
    }

    /// Ends the values before the first event for which the closure returns `true`: the event is
    /// not yielded. May be called for several closures.
    ///
    /// The wrapped session stays open: [`into_inner`](Self::into_inner) returns it, and dropping it
    /// closes it. To close a session of sse-reqwest at such an event, use its
    /// `SseConfig::stop_before` or `stop_after`. Defaults to the end of the wrapped session.
    pub fn stop_before(
        self,
        predicate: impl Fn(&ServerSentEvent) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(When::Holds(Box::new(predicate)), Then::Stop)
    }

    /// Sets whether the first event that cannot be decoded, or that reports an error, ends the
    /// values. Its error is then the last item.
    ///
    /// Defaults to `false`: the next event follows.
    pub fn stop_on_error(self, stop: bool) -> Self {
        self.with_stop_on_error(stop)
    }
}

impl<S, F> ClientSseSessionWithDeserialization<S, F> {
    /// Turns events that report an error, such as `event: error` or `data: {"error": …}`, into
    /// error items. The closure returns the error, or `None` if the event reports none. The item is
    /// [`TypedError::Reported`](crate::TypedError::Reported).
    ///
    /// The closure is called for each event that is not skipped, before the event is decoded, so it
    /// should check the type or the start of the data before it decodes anything itself. A clone of
    /// the event shares its memory. If the closure's error implements
    /// [`Error`](core::error::Error), so do the errors of the items.
    ///
    /// Defaults to decoding all events.
    pub fn fail_with<X>(
        self,
        report: impl Fn(&ServerSentEvent) -> Option<X> + Send + Sync + 'static,
    ) -> ClientSseSessionWithDeserialization<S, F, X> {
        self.with_report(Box::new(report))
    }
}
