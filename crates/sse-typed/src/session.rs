//! Typed session: a stream that applies its rules and its decoder to the events of another.
//!
//! Decides when the values end. Independent of formats and of the source of the events.

use core::{
    convert::Infallible,
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use sse_core::{ServerSentEvent, TypedServerSentEvent};

use crate::{
    decode::Decode,
    decoded::Decoded,
    error::{DecodeError, TypedError},
    rules::{Report, Rules, Ruling, Then, When},
};

pin_project! {
    /// Stream of the values that a closure or a decoder makes of the events of a session. Any
    /// stream of [`ServerSentEvent`]s can be the session.
    ///
    /// Created by [`EventStreamExt`](crate::EventStreamExt). Its items are
    /// [`TypedServerSentEvent`]s. An event that cannot be decoded is an [error
    /// item](TypedError::Decode) that keeps the event; the next event follows. An error of the
    /// wrapped session is [passed on](TypedError::Session).
    ///
    /// [`get_ref`](Self::get_ref) and [`get_mut`](Self::get_mut) give access to the wrapped
    /// session. The end of the values does not close the session: after `stop_before_type`,
    /// `stop_before_data`, `stop_before` or `stop_on_error` it keeps its connection until it is
    /// closed or dropped. [`into_inner`](Self::into_inner) returns it, for example to read the
    /// events after the one that ended the values.
    ///
    /// # Which events are decoded
    ///
    /// All events are decoded, unless a rule decides otherwise. The methods that start with `skip`,
    /// `stop` and `fail` add rules. The first rule that matches an event decides, in the order in
    /// which the rules were set; [`fail_with`](Self::fail_with) is consulted after all others.
    ///
    /// ```
    /// use futures_util::stream;
    /// use sse_typed::{EventStreamExt, ServerSentEvent, TypedError};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event =
    ///     |event_type, data| ServerSentEvent::builder().event(event_type).data(data).build();
    /// let events = [
    ///     event("ping", "now"),
    ///     event("delta", "1"),
    ///     event("error", "overloaded"),
    ///     event("", "[DONE]"),
    ///     event("delta", "2"),
    /// ];
    /// let mut deltas = stream::iter(events)
    ///     .decode_with(|event| event.data().parse::<u32>())
    ///     .skip_type("ping")
    ///     .stop_before_data("[DONE]")
    ///     .fail_with(|event| (event.event_type() == "error").then(|| event.data().to_owned()));
    /// let mut seen = Vec::new();
    /// while let Some(delta) = deltas.next().await {
    ///     seen.push(match delta {
    ///         Ok(event) => format!("{}", event.data() + 1),
    ///         Err(TypedError::Reported(error)) => format!("the server says: {error}"),
    ///         Err(error) => format!("{error:?}"),
    ///     });
    /// }
    /// assert_eq!(seen, ["2", "the server says: overloaded"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct ClientSseSessionWithDeserialization<S, F, X = Infallible> {
        #[pin]
        events: S,
        decode: F,
        rules: Rules<X>,
        after_error: AfterError,
        progress: Progress,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterError {
    GoOn,
    Stop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    GoingOn,
    /// The events have ended, or something has stopped them.
    Over,
}

impl<S, F> ClientSseSessionWithDeserialization<S, F> {
    pub(crate) fn new(events: S, decode: F) -> Self {
        let (rules, after_error) = (Rules::none(), AfterError::GoOn);
        Self { events, decode, rules, after_error, progress: Progress::GoingOn }
    }

    pub(crate) fn with_report<X>(
        self,
        report: Report<X>,
    ) -> ClientSseSessionWithDeserialization<S, F, X> {
        let Self { events, decode, rules, after_error, progress } = self;
        let rules = rules.with_report(report);
        ClientSseSessionWithDeserialization { events, decode, rules, after_error, progress }
    }
}

impl<S, F, X> ClientSseSessionWithDeserialization<S, F, X> {
    pub(crate) fn with_rule(mut self, when: When, then: Then) -> Self {
        self.rules.push(when, then);
        self
    }

    pub(crate) fn with_stop_on_error(mut self, stop: bool) -> Self {
        self.after_error = if stop { AfterError::Stop } else { AfterError::GoOn };
        self
    }

    /// Returns the decoder, to modify it.
    #[cfg(feature = "json")]
    pub(crate) fn decoder_mut(&mut self) -> &mut F {
        &mut self.decode
    }

    /// Returns the wrapped session.
    pub fn get_ref(&self) -> &S {
        &self.events
    }

    /// Returns the wrapped session. Events that you take from it are not decoded.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.events
    }

    /// Returns the wrapped session, still open if a rule ended the values. Its next event is the
    /// one after the last item, or after the event that ended the values.
    pub fn into_inner(self) -> S {
        self.events
    }

    /// Waits for the next value. Returns `None` after the end.
    ///
    /// # Errors
    ///
    /// Returns an error if an event cannot be decoded, after which the next one can be read; or if
    /// the wrapped session fails.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future loses no value, provided that polling the wrapped stream is
    /// cancellation-safe too.
    pub async fn next(&mut self) -> Option<<Self as Stream>::Item>
    where
        Self: Stream + Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<S, F, E, X> Stream for ClientSseSessionWithDeserialization<S, F, X>
where
    S: Stream<Item = Result<ServerSentEvent, E>>,
    F: Decode,
{
    type Item = Result<TypedServerSentEvent<F::Value>, TypedError<E, F::Error, X>>;

    #[inline(always)]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while *this.progress == Progress::GoingOn {
            let event = match ready!(this.events.as_mut().poll_next(cx)) {
                Some(Ok(event)) => event,
                Some(Err(error)) => return Poll::Ready(Some(Err(TypedError::Session(error)))),
                None => {
                    *this.progress = Progress::Over;
                    break;
                }
            };
            match this.rules.judge(&event) {
                Ruling::Decode => {}
                Ruling::Skip => continue,
                Ruling::Stop => {
                    *this.progress = Progress::Over;
                    break;
                }
                Ruling::Fail(error) => {
                    this.progress.after_error(*this.after_error);
                    return Poll::Ready(Some(Err(TypedError::Reported(error))));
                }
            }
            match this.decode.decode(&event) {
                Decoded::Value(value) => return Poll::Ready(Some(Ok(event.map_data(|_| value)))),
                Decoded::Skip => {}
                Decoded::Stop => *this.progress = Progress::Over,
                Decoded::Failed(error) => {
                    this.progress.after_error(*this.after_error);
                    let error = DecodeError::new(event, error);
                    return Poll::Ready(Some(Err(TypedError::Decode(error))));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl Progress {
    fn after_error(&mut self, after_error: AfterError) {
        if after_error == AfterError::Stop {
            *self = Self::Over;
        }
    }
}

impl<S, F, X> FusedStream for ClientSseSessionWithDeserialization<S, F, X>
where
    Self: Stream,
{
    fn is_terminated(&self) -> bool {
        self.progress == Progress::Over
    }
}

impl<S: fmt::Debug, F, X> fmt::Debug for ClientSseSessionWithDeserialization<S, F, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSseSessionWithDeserialization")
            .field("events", &self.events)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
