//! Events in, values out, by way of the caller's closure.
//!
//! Knows nothing of formats, and nothing of where the events come from.

use core::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use sse_core::{ServerSentEvent, TypedServerSentEvent};

use crate::{
    decoded::{Decoded, IntoDecoded},
    error::{DecodeError, TypedError},
};

pin_project! {
    /// A session whose events are values: any stream of [`ServerSentEvent`]s, and a closure that
    /// decodes them.
    ///
    /// Made by [`EventStreamExt`](crate::EventStreamExt). It is a [`Stream`] of
    /// [`TypedServerSentEvent`]s. An event that cannot be decoded is an [item](TypedError::Decode)
    /// that keeps the event, and does not end the session. An error of the wrapped stream is
    /// passed on as it [is](TypedError::Session).
    ///
    /// The wrapped session stays in reach with [`get_ref`](Self::get_ref) and
    /// [`get_mut`](Self::get_mut).
    #[must_use = "streams do nothing unless polled"]
    pub struct ClientSseSessionWithDeserialization<S, F> {
        #[pin]
        events: S,
        decode: F,
        progress: Progress,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    GoingOn,
    /// The events have ended, or the closure has stopped them.
    Over,
}

impl<S, F> ClientSseSessionWithDeserialization<S, F> {
    pub(crate) fn new(events: S, decode: F) -> Self {
        Self { events, decode, progress: Progress::GoingOn }
    }

    /// The wrapped session.
    pub fn get_ref(&self) -> &S {
        &self.events
    }

    /// The wrapped session. Events taken from it are not decoded.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.events
    }

    /// Gives the wrapped session back, from which nothing that was not given out has been taken
    /// except what the closure skipped.
    pub fn into_inner(self) -> S {
        self.events
    }

    /// Waits for the next value; `None` after the end.
    ///
    /// # Errors
    ///
    /// If an event cannot be decoded, after which the next one can be asked for; or if the wrapped
    /// session fails.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future loses nothing, as long as the wrapped stream does not.
    pub async fn next(&mut self) -> Option<<Self as Stream>::Item>
    where
        Self: Stream + Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<S, F, E, D> Stream for ClientSseSessionWithDeserialization<S, F>
where
    S: Stream<Item = Result<ServerSentEvent, E>>,
    F: FnMut(&ServerSentEvent) -> D,
    D: IntoDecoded,
{
    type Item = Result<TypedServerSentEvent<D::Value>, TypedError<E, D::Error>>;

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
            match (this.decode)(&event).into_decoded() {
                Decoded::Value(value) => return Poll::Ready(Some(Ok(event.map_data(|_| value)))),
                Decoded::Skip => {}
                Decoded::Stop => *this.progress = Progress::Over,
                Decoded::Failed(error) => {
                    let error = DecodeError::new(event, error);
                    return Poll::Ready(Some(Err(TypedError::Decode(error))));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl<S, F> FusedStream for ClientSseSessionWithDeserialization<S, F>
where
    Self: Stream,
{
    fn is_terminated(&self) -> bool {
        self.progress == Progress::Over
    }
}

impl<S: fmt::Debug, F> fmt::Debug for ClientSseSessionWithDeserialization<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSseSessionWithDeserialization")
            .field("events", &self.events)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
