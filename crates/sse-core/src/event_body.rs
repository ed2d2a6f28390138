//! Body of an HTTP response that is made of a stream of events.
//!
//! Responsible for sending each event as a frame of its own, as soon as it is ready, and comments
//! as keep-alives. Sets no headers, reads no clock and queues nothing: a client that does not read
//! stops the stream.

use core::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body, Frame};
use pin_project_lite::pin_project;

use crate::{event::ServerSentEvent, wire::write_event};

pin_project! {
    /// Body of an HTTP response that is an event stream (feature `http-body`).
    ///
    /// Wraps any `Stream<Item = Result<ServerSentEvent, E>>`. An error is passed on to the server,
    /// which closes the connection; the client then finds the stream truncated, and may reconnect.
    /// It yields no empty frame: over HTTP/2, a client with h2 closes a connection that has more than
    /// 100 of them.
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
    pub struct EventBody<S, T = NoTicks> {
        #[pin]
        events: S,
        // Gone when they have ended.
        #[pin]
        ticks: Option<T>,
        buffer: BytesMut,
        progress: Progress,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    GoingOn,
    /// The events have ended or failed.
    Over,
}

/// Stream of ticks of an [`EventBody`] without keep-alives (feature `http-body`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTicks(Infallible);

impl<S> EventBody<S> {
    /// Makes a body of events, which sends nothing while there is none.
    pub fn new(events: S) -> Self {
        Self { events, ticks: None, buffer: BytesMut::new(), progress: Progress::GoingOn }
    }
}

impl<S, T> EventBody<S, T> {
    /// Sends an empty comment at each tick that finds no event ready, so that whatever lies between
    /// server and client does not take the connection for a dead one.
    ///
    /// The standard suggests a comment every 15 seconds or so. What a tick is does not matter; any
    /// stream will do, such as an interval of your runtime. The ticks are looked at only while there
    /// is no event: make them skip what was missed, and not catch up. When they end, the keep-alives
    /// do, and the events go on. The default is no ticks.
    ///
    /// ```
    /// # use futures_util::{Stream, stream};
    /// # use sse_core::{EventBody, ServerSentEvent};
    /// # fn every_15_seconds() -> impl Stream<Item = ()> { stream::empty() }
    /// # let events = stream::empty::<Result<ServerSentEvent, std::io::Error>>();
    /// let body = EventBody::new(events).with_keep_alive(every_15_seconds());
    /// ```
    pub fn with_keep_alive<U: Stream>(self, ticks: U) -> EventBody<S, U> {
        let Self { events, buffer, progress, .. } = self;
        EventBody { events, ticks: Some(ticks), buffer, progress }
    }

    /// The events.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.events
    }

    /// The events. Those taken from it are not sent.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.events
    }
}

impl<S, T, E> Body for EventBody<S, T>
where
    S: Stream<Item = Result<ServerSentEvent, E>>,
    T: Stream,
{
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        let mut this = self.project();
        if *this.progress == Progress::Over {
            return Poll::Ready(None);
        }
        match this.events.poll_next(cx) {
            Poll::Ready(Some(Ok(event))) => {
                write_event(this.buffer, &event);
                Poll::Ready(Some(Ok(Frame::data(this.buffer.split().freeze()))))
            }
            Poll::Ready(end) => {
                *this.progress = Progress::Over;
                Poll::Ready(end.and_then(Result::err).map(Err))
            }
            Poll::Pending => match this.ticks.as_mut().as_pin_mut().map(|it| it.poll_next(cx)) {
                Some(Poll::Ready(Some(_))) => {
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(KEEP_ALIVE)))))
                }
                Some(Poll::Ready(None)) => {
                    this.ticks.set(None);
                    Poll::Pending
                }
                Some(Poll::Pending) | None => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.progress == Progress::Over
    }
}

/// A comment, and a blank line, for a client that shows comments with the block they are in.
const KEEP_ALIVE: &[u8] = b":\n\n";

impl Stream for NoTicks {
    type Item = Infallible;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Infallible>> {
        Poll::Ready(Some(self.0))
    }
}

impl<S: fmt::Debug, T> fmt::Debug for EventBody<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBody")
            .field("events", &self.events)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
