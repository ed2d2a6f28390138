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

    /// Ends the session at an event of this type, which is not given out itself. May be called for
    /// several.
    ///
    /// An event whose value matters is no case for this: match on the value, and stop asking for
    /// more. The default is to end where the wrapped session does.
    pub fn stop_on_type(self, event_type: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::TypeIs(event_type.into()), Then::Stop)
    }

    /// Ends the session at an event with exactly this data, such as `[DONE]`, which is not given
    /// out itself. May be called for several.
    ///
    /// Empty data is data too: `stop_on_data("")` ends at it. The default is to end where the
    /// wrapped session does.
    pub fn stop_on_data(self, data: impl Into<Cow<'static, str>>) -> Self {
        self.with_rule(When::DataIs(data.into()), Then::Stop)
    }

    /// Ends the session at an event of which the closure says so, and which is not given out
    /// itself. May be called for several.
    ///
    /// The default is to end where the wrapped session does.
    pub fn stop_when(
        self,
        predicate: impl Fn(&ServerSentEvent) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(When::Holds(Box::new(predicate)), Then::Stop)
    }

    /// Ends the session after the first event that cannot be decoded or reports an error. That
    /// error is the last item.
    ///
    /// The default is to go on with the next event.
    pub fn stop_on_error(self) -> Self {
        self.with_stop_after_error()
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
