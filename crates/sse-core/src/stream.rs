//! Stream of the events of a stream of chunks.
//!
//! Responsible for polling the source, one chunk at a time: the next one once the last is consumed.
//! Queues and spawns nothing.

use core::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use crate::{event::ServerSentEvent, idle::IdleLimited, parser::Parser, stream_error::StreamError};

pin_project! {
    /// Stream of events parsed from a stream of bytes (feature `stream`).
    ///
    /// Reads any `Stream<Item = Result<B, E>>` whose chunks convert into [`Bytes`], such as the
    /// body of a response, and is a `Stream<Item = Result<ServerSentEvent, StreamError<E>>>`. A
    /// message of one line that lies in one chunk shares the chunk's memory.
    ///
    /// An error, of the source or because of a limit, is the last item. An incomplete event at the
    /// end of the source is dropped, as the standard requires;
    /// [`parser().pending_bytes()`](Parser::pending_bytes) is its length. If the source is known to
    /// be whole, [`Parser::finish`] completes that event: [`into_parts`](Self::into_parts) returns
    /// the parser.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use futures_util::stream;
    /// use sse_core::EventStream;
    ///
    /// # let example = async {
    /// let chunks = ["id: 1\ndata: hel", "lo\n\ndata: cut off"].map(Ok::<_, Infallible>);
    /// let mut events = EventStream::new(stream::iter(chunks));
    /// while let Some(event) = events.next().await {
    ///     println!("{}", event?.data());
    /// }
    /// assert_eq!(events.parser().last_event_id(), "1");
    /// # Ok::<_, sse_core::StreamError<Infallible>>(())
    /// # };
    /// # futures_util::FutureExt::now_or_never(example).expect("nothing to wait for")?;
    /// # Ok::<_, sse_core::StreamError<Infallible>>(())
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct EventStream<S> {
        #[pin]
        source: S,
        parser: Parser,
        // Bytes that have arrived and are not parsed yet.
        chunk: Option<Bytes>,
        progress: Progress,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    GoingOn,
    /// The source has ended, or something has failed.
    Over,
}

impl<S> EventStream<S> {
    /// Creates a stream of events from a stream of chunks, at the start of an event stream.
    pub fn new(source: S) -> Self {
        Self { source, parser: Parser::new(), chunk: None, progress: Progress::GoingOn }
    }

    /// Sets the parser, such as one with limits, a last event ID or comments. Must be called before
    /// the first event is polled.
    ///
    /// Defaults to [`Parser::new`].
    pub fn with_parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }

    /// Sets an idle timeout for the source, measured by the sleep of any runtime: if no chunk
    /// arrives before the sleep ends, the stream ends with [`IdleError::Expired`](crate::IdleError)
    /// as the [source](StreamError::Source) of its error.
    ///
    /// Every byte ends a silence, including those of comments, which are not events: a timeout
    /// around [`next`](Self::next) would expire even if the server is alive and has no event. An
    /// empty chunk does not end a silence. The function is called when the stream begins to wait
    /// for a chunk.
    ///
    /// ```
    /// use std::time::Duration;
    /// use futures_util::Stream;
    /// use sse_core::{Bytes, EventStream, IdleError, StreamError};
    ///
    /// // `sleep` is the one of your runtime, such as `tokio::time::sleep`.
    /// async fn read<S, E, F>(
    ///     chunks: S,
    ///     sleep: fn(Duration) -> F,
    /// ) -> Result<(), StreamError<IdleError<E>>>
    /// where
    ///     S: Stream<Item = Result<Bytes, E>> + Unpin,
    ///     F: Future<Output = ()>,
    /// {
    ///     let idle = move || sleep(Duration::from_secs(45));
    ///     let mut events = EventStream::new(chunks).with_idle_timeout(idle);
    ///     while let Some(event) = events.next().await {
    ///         println!("{}", event?.data());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn with_idle_timeout<M, F>(self, make_sleep: M) -> EventStream<IdleLimited<S, M, F>>
    where
        M: FnMut() -> F,
        F: Future<Output = ()>,
    {
        let Self { source, parser, chunk, progress } = self;
        EventStream { source: IdleLimited::new(source, make_sleep), parser, chunk, progress }
    }

    /// Returns the number of bytes that were received from the source, comments included. It grows
    /// with every sign of life of the server.
    ///
    /// A stream with a parser that has read another stream counts those bytes as well, and a
    /// [restart](Parser::restart) resets the count.
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.parser.position() + self.chunk.as_ref().map_or(0, Bytes::len) as u64
    }

    /// Returns the parser, which knows the last event ID, the reconnection time and the number of
    /// bytes of an incomplete event.
    ///
    /// The parser is never ahead of the event that was yielded last, except for bytes after that
    /// event that yield none.
    #[must_use]
    pub fn parser(&self) -> &Parser {
        &self.parser
    }

    /// Returns the stream of chunks.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.source
    }

    /// Returns the stream of chunks. Chunks that you take from it are missing from the event
    /// stream.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.source
    }

    /// Returns the stream of chunks, pinned. Chunks that you take from it are missing from the
    /// event stream.
    #[must_use]
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().source
    }

    /// Returns the stream of chunks, the parser, and the bytes that have been taken from the stream
    /// and not parsed yet.
    #[must_use]
    pub fn into_parts(self) -> (S, Parser, Bytes) {
        (self.source, self.parser, self.chunk.unwrap_or_default())
    }

    /// Waits for the next event. Returns `None` after the end.
    ///
    /// # Errors
    ///
    /// Returns an error if the source fails or an event exceeds the parser's limits. Nothing
    /// follows it.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future loses no event, provided that the source's `poll_next` is
    /// cancellation-safe too.
    #[allow(clippy::should_implement_trait, reason = "the streams of all crates have this method")]
    pub fn next(&mut self) -> impl Future<Output = Option<<Self as Stream>::Item>>
    where
        Self: Stream + Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx))
    }
}

impl<S, B, E> Stream for EventStream<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
{
    type Item = Result<ServerSentEvent, StreamError<E>>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            if let Some(chunk) = this.chunk {
                let found = this.parser.next(chunk);
                if chunk.is_empty() || found.is_err() {
                    // Releases the chunk's memory before waiting for the next one.
                    *this.chunk = None;
                }
                match found {
                    Ok(Some(event)) => return Poll::Ready(Some(Ok(event.by_words()))),
                    Ok(None) => {}
                    Err(error) => {
                        *this.progress = Progress::Over;
                        return Poll::Ready(Some(Err(StreamError::Limit(error))));
                    }
                }
            }
            if *this.progress == Progress::Over {
                return Poll::Ready(None);
            }
            match ready!(this.source.as_mut().poll_next(cx)) {
                Some(Ok(chunk)) => {
                    let mut chunk = chunk.into();
                    if !this.parser.take_front(&mut chunk) {
                        *this.chunk = Some(chunk);
                    }
                }
                Some(Err(error)) => {
                    *this.progress = Progress::Over;
                    return Poll::Ready(Some(Err(StreamError::Source(error))));
                }
                None => *this.progress = Progress::Over,
            }
        }
    }
}

impl<S> FusedStream for EventStream<S>
where
    Self: Stream,
{
    fn is_terminated(&self) -> bool {
        self.progress == Progress::Over
    }
}

impl<S: fmt::Debug> fmt::Debug for EventStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("source", &self.source)
            .field("unread_bytes", &self.chunk.as_ref().map_or(0, Bytes::len))
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
