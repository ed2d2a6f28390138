//! Body of an HTTP response that is made of a stream of events.
//!
//! Responsible for sending each event as soon as it is ready, together with the others that are,
//! and comments as keep-alives. Sets no headers, reads no clock and queues nothing: a client that
//! does not read stops the stream.

use core::{
    convert::Infallible,
    fmt, mem,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_core::{Stream, TryStream};
use http_body::{Body, Frame};
use pin_project_lite::pin_project;

use crate::{
    encoded::EncodedEvent,
    frame::{FrameBuilder, Slice},
    wire_event::WireEvent,
};

pin_project! {
    /// Body of an HTTP response that is an event stream (feature `http-body`).
    ///
    /// Wraps any `Stream<Item = Result<ServerSentEvent, E>>`, or one of [`EncodedEvent`]s or
    /// [`EncodedEvents`], which are not encoded again. Events that are ready at once are sent in
    /// one frame; no event waits for another one. A frame takes no more events once it has 16 KiB.
    ///
    /// A received event that shares its chunk is sent as a slice of the chunk if its bytes there
    /// are exactly those of its encoding: the lines `event`, `id` and `data`, as far as the event
    /// has them and in this order, each with one space after the colon and an LF at its end. The
    /// bytes are compared, so nothing else of the chunk is sent. An event shares no chunk, and is
    /// encoded, if its text is at most 24 bytes long, or if it was assembled because a chunk ends,
    /// or [appears to end](crate#guarantees), within it. A longer event of one line of data that
    /// was [built](crate::ServerSentEventBuilder) is sent from its own memory.
    ///
    /// Consecutive events of a chunk are one slice. If other events are ready at the same time, a
    /// slice shorter than 4 KiB is copied into their frame, and a longer one is a frame of its own.
    ///
    /// An error is passed on to the server once the events before it are sent. The server ends the
    /// body without the last chunk (HTTP/1.1) or resets the stream (HTTP/2); the client then finds
    /// the stream truncated, and may reconnect. It yields no empty frame: over HTTP/2, a client
    /// with h2 closes a connection that has more than 100 of them.
    ///
    /// # Memory
    ///
    /// A frame that is part of a chunk keeps all of the chunk alive until it is written, as the
    /// event does before. If few events of large chunks are sent to slow clients,
    /// [detach](crate::ServerSentEvent::detach) these events: a copy is then sent.
    ///
    /// # Headers
    ///
    /// The response needs the header `content-type: text/event-stream`, and should have
    /// `cache-control: no-store`.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use futures_util::stream;
    /// use sse_core::{EventBody, ServerSentEvent};
    ///
    /// let events = ["one", "two"].map(|data| ServerSentEvent::builder().data(data).build());
    /// let body = EventBody::new(stream::iter(events));
    /// # fn check(_: impl http_body::Body<Data = bytes::Bytes>) {}
    /// # check(body);
    /// ```
    ///
    /// [`EncodedEvents`]: crate::EncodedEvents
    pub struct EventBody<S, T = NoTicks>
    where
        S: TryStream,
    {
        #[pin]
        events: S,
        // `None` once they have ended.
        #[pin]
        ticks: Option<T>,
        buffer: BytesMut,
        // Events that begin the next frame.
        held: Option<Slice>,
        progress: Progress<S::Error>,
    }
}

#[derive(Debug)]
enum Progress<E> {
    GoingOn,
    /// The events have failed. The next poll is pending, so that the server writes the frames that
    /// it has: hyper drops them if an error follows at once.
    Failing(E),
    /// The events have failed, and the next poll returns the error.
    Failed(E),
    /// The events have ended, or their error was returned.
    Over,
}

/// Stream of ticks of an [`EventBody`] without keep-alives (feature `http-body`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTicks(Infallible);

impl<S: TryStream> EventBody<S> {
    /// Creates a body of events, which sends nothing while no event is ready.
    pub fn new(events: S) -> Self {
        Self {
            events,
            ticks: None,
            buffer: BytesMut::new(),
            held: None,
            progress: Progress::GoingOn,
        }
    }
}

impl<S: TryStream, T> EventBody<S, T> {
    /// Sends an empty comment at each tick at which no event is ready, so that proxies do not close
    /// the connection as idle.
    ///
    /// The standard suggests a comment every 15 seconds or so. The ticks can be any stream, such as
    /// an interval of your runtime; their values are ignored. They are polled only while there is
    /// no event, so choose an interval that skips missed ticks. If the ticks end, the keep-alives
    /// end too, and the events continue. Defaults to no ticks.
    ///
    /// ```
    /// # use futures_util::{Stream, stream};
    /// # use sse_core::{EventBody, ServerSentEvent};
    /// # fn every_15_seconds() -> impl Stream<Item = ()> { stream::empty() }
    /// # let events = stream::empty::<Result<ServerSentEvent, std::io::Error>>();
    /// let body = EventBody::new(events).with_keep_alive(every_15_seconds());
    /// ```
    pub fn with_keep_alive<U: Stream>(self, ticks: U) -> EventBody<S, U> {
        let Self { events, buffer, held, progress, .. } = self;
        EventBody { events, ticks: Some(ticks), buffer, held, progress }
    }

    /// Returns the stream of events.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.events
    }

    /// Returns the stream of events. Events that you take from it are not sent.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.events
    }
}

impl<S, T, I, E> Body for EventBody<S, T>
where
    S: TryStream<Ok = I, Error = E>,
    I: WireEvent,
    T: Stream,
{
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        let mut this = self.project();
        let mut frame = FrameBuilder::new(this.held, this.buffer);
        while let Progress::GoingOn = this.progress {
            if frame.is_full() {
                break;
            }
            match this.events.as_mut().try_poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => frame.push(event),
                Poll::Ready(Some(Err(error))) => *this.progress = Progress::Failing(error),
                Poll::Ready(None) => *this.progress = Progress::Over,
                Poll::Pending => break,
            }
        }
        if let Some(data) = frame.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match this.progress {
            Progress::GoingOn => {}
            progress => {
                return match mem::replace(progress, Progress::Over) {
                    Progress::Failing(error) => {
                        *progress = Progress::Failed(error);
                        cx.waker().wake_by_ref();
                        Poll::Pending
                    }
                    Progress::Failed(error) => Poll::Ready(Some(Err(error))),
                    Progress::GoingOn | Progress::Over => Poll::Ready(None),
                };
            }
        }
        match this.ticks.as_mut().as_pin_mut().map(|it| it.poll_next(cx)) {
            Some(Poll::Ready(Some(_))) => {
                Poll::Ready(Some(Ok(Frame::data(EncodedEvent::keep_alive().into_bytes()))))
            }
            Some(Poll::Ready(None)) => {
                this.ticks.set(None);
                Poll::Pending
            }
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.progress, Progress::Over) && self.held.is_none()
    }
}

impl Stream for NoTicks {
    type Item = Infallible;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Infallible>> {
        Poll::Ready(Some(self.0))
    }
}

impl<S: TryStream + fmt::Debug, T> fmt::Debug for EventBody<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBody").field("events", &self.events).finish_non_exhaustive()
    }
}
