//! Asynchronous readers as event streams: those that implement `tokio::io::AsyncRead`.
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
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, ReadBuf};

use crate::{room::Room, stream::EventStream};

impl<R: AsyncRead> EventStream<TokioReadData<R>> {
    /// Creates a stream of events from any `tokio::io::AsyncRead` (feature `tokio-io`), such as a
    /// socket, a file, the output of a process.
    ///
    /// The errors of the reader are the [source](crate::StreamError::Source) of the stream's error.
    ///
    /// ```
    /// use sse_core::EventStream;
    ///
    /// # let example = async {
    /// let reader = "id: 1\ndata: hello\n\ndata: cut off".as_bytes();
    /// let mut events = EventStream::from_tokio_read(reader);
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
    pub fn from_tokio_read(reader: R) -> Self {
        Self::new(TokioReadData { reader, room: Room::new() })
    }

    /// Sets the number of bytes that are read at once at most (feature `tokio-io`).
    ///
    /// Defaults to 16 KiB; 0 counts as 1.
    pub fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.get_mut().room.set_read_bytes(bytes);
        self
    }
}

pin_project! {
    /// Stream of the bytes of a `tokio::io::AsyncRead` (feature `tokio-io`).
    ///
    /// Created by [`EventStream::from_tokio_read`].
    #[must_use = "streams do nothing unless polled"]
    pub struct TokioReadData<R> {
        #[pin]
        reader: R,
        room: Room,
    }
}

impl<R> TokioReadData<R> {
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

impl<R: AsyncRead> Stream for TokioReadData<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            let room = this.room.free();
            let start = room.as_ptr();
            let mut free = ReadBuf::new(room);
            match ready!(this.reader.as_mut().poll_read(cx, &mut free)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
            let filled = free.filled();
            if filled.as_ptr() != start {
                let error = io::Error::other("reader replaced the buffer that it had to fill");
                return Poll::Ready(Some(Err(error)));
            }
            let read = filled.len();
            return Poll::Ready((read > 0).then(|| this.room.take(read)));
        }
    }
}

impl<R: fmt::Debug> fmt::Debug for TokioReadData<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokioReadData").field("reader", &self.reader).finish_non_exhaustive()
    }
}
