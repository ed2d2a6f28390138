//! Asynchronous readers as event streams: those that implement `futures_io::AsyncRead`.
//!
//! Responsible for the buffer to read into. Reads only when the events of the last read are used
//! up.

use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use std::io;

use bytes::Bytes;
use futures_core::Stream;
use futures_io::AsyncRead;
use pin_project_lite::pin_project;

use crate::{room::Room, stream::EventStream};

impl<R: AsyncRead> EventStream<FuturesReadData<R>> {
    /// Creates a stream of events from any `futures_io::AsyncRead` (feature `futures-io`), such as
    /// those of smol, async-std and futures-util.
    ///
    /// The errors of the reader are the [source](crate::StreamError::Source) of the stream's error.
    ///
    /// ```
    /// use futures_util::io::Cursor;
    /// use sse_core::EventStream;
    ///
    /// # let example = async {
    /// let reader = Cursor::new("id: 1\ndata: hello\n\ndata: cut off");
    /// let mut events = EventStream::from_futures_read(reader);
    /// while let Some(event) = events.next().await {
    ///     assert_eq!(event?.data(), "hello");
    /// }
    /// assert_eq!(events.parser().last_event_id(), "1");
    /// # Ok::<_, sse_core::ReadError>(())
    /// # };
    /// # futures_util::FutureExt::now_or_never(example).expect("nothing to wait for")?;
    /// # Ok::<_, sse_core::ReadError>(())
    /// ```
    ///
    /// # Cancellation safety
    ///
    /// Dropping a future of [`next`](Self::next) loses nothing: bytes are taken from the reader
    /// only when it is ready.
    ///
    /// # Memory
    ///
    /// It needs no `BufRead`: it has one buffer, of [the size you set](Self::with_buffer_bytes),
    /// also while it waits. An event that lies whole in the buffer keeps all of it alive; to keep a
    /// small event for long, [detach](crate::ServerSentEvent::detach) it.
    pub fn from_futures_read(reader: R) -> Self {
        Self::new(FuturesReadData { reader, room: Room::new() })
    }

    /// Sets the number of bytes that are read at once at most (feature `futures-io`).
    ///
    /// Defaults to 16 KiB; 0 counts as 1.
    pub fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.get_mut().room.set_read_bytes(bytes);
        self
    }
}

pin_project! {
    /// Stream of the bytes of a `futures_io::AsyncRead` (feature `futures-io`).
    ///
    /// Created by [`EventStream::from_futures_read`].
    #[must_use = "streams do nothing unless polled"]
    pub struct FuturesReadData<R> {
        #[pin]
        reader: R,
        room: Room,
    }
}

impl<R> FuturesReadData<R> {
    /// Returns the reader.
    #[must_use]
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// Returns the reader. Bytes read from it are missing in the event stream.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Returns the reader.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R: AsyncRead> Stream for FuturesReadData<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            let free = this.room.free();
            let read = match ready!(this.reader.as_mut().poll_read(cx, free)) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            return Poll::Ready((read > 0).then(|| this.room.take(read)));
        }
    }
}

impl<R: fmt::Debug> fmt::Debug for FuturesReadData<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FuturesReadData").field("reader", &self.reader).finish_non_exhaustive()
    }
}
