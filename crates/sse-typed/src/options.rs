//! The setters of a session: which events are skipped, which end it, and which report errors.
//!
//! What comes of them stands in `rules.rs`.

use alloc::{borrow::Cow, boxed::Box};

use sse_core::ServerSentEvent;

use crate::{
    rules::{Then, When},
    session::ClientSseSessionWithDeserialization,
};

impl<S, F, X> ClientSseSessionWithDeserialization<S, F, X> {
    /// Skips the events of this type, such as `ping`. May be called for several.
    ///
    /// The default is to skip none, except that the sessions of JSON skip what has
    /// [no data](crate::EventStreamExt::json).
    pub fn skip_type(self, event_type: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::TypeIs(event_type.into()), Then::Skip)
    }

    /// Skips the events with exactly this data. May be called for several.
    ///
    /// The default is to skip none, except that the sessions of JSON skip what has
    /// [no data](crate::EventStreamExt::json).
    pub fn skip_data(self, data: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::DataIs(data.into()), Then::Skip)
    }

    /// Skips the events of which the closure says so. May be called for several.
    ///
    /// A closure that cannot be sent to other threads fits into
    /// [`decode_with`](crate::EventStreamExt::decode_with). The default is to skip none, except
    /// that the sessions of JSON skip what has [no data](crate::EventStreamExt::json).
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

    /// Ends the values before the first event with exactly this data, such as `[DONE]`: the event is
    /// not yielded. May be called for several.
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
    /// closes it. A session of sse-reqwest that is to close itself has `SseConfig::stop_before` and
    /// `stop_after`. Defaults to the end of the wrapped session.
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
    /// Makes errors of the events that report one, such as `event: error` or
    /// `data: {"error": …}`: the closure answers with the error, or with `None` if the event
    /// reports none. The error is an item, [`TypedError::Reported`](crate::TypedError::Reported).
    ///
    /// Each event that is not skipped is shown to the closure before it is decoded, so it had
    /// better look at the type or the start of the data before it decodes anything itself. The
    /// event can be kept by a clone, which shares its memory. With an error that implements
    /// [`Error`](core::error::Error), the items' errors do too.
    ///
    /// The default is to decode all events.
    pub fn fail_with<X>(
        self,
        report: impl Fn(&ServerSentEvent) -> Option<X> + Send + Sync + 'static,
    ) -> ClientSseSessionWithDeserialization<S, F, X> {
        self.with_report(Box::new(report))
    }
}
