//! Iterator of the events of a blocking reader.
//!
//! Responsible for reading, into a buffer that the events share. Returns the events of one read
//! before it reads again.

use core::{fmt, iter::FusedIterator};
use std::io::{self, Read};

use bytes::{Buf, Bytes};

use crate::{
    event::ServerSentEvent, event_ref::EventRef, limits::LimitExceeded, parser::Parser, room::Room,
    stream_error::StreamError,
};

/// Error of an [`EventReader`] (feature `std`).
pub type ReadError = StreamError<io::Error>;

/// Iterator of events parsed from a blocking reader (feature `std`).
///
/// The reader may be a file, a pipe or the body of a response. The iterator returns owned events;
/// to borrow events instead, alternate [`fill`](Self::fill) and [`next_ref`](Self::next_ref).
///
/// An error, of the source or because of a limit, is the last item. A read that was
/// [interrupted](io::ErrorKind::Interrupted) is repeated. An incomplete event at the end of the
/// source is dropped, as the standard requires; [`parser().pending_bytes()`](Parser::pending_bytes)
/// is its length. If the source is known to be whole, [`Parser::finish`] completes that event:
/// [`into_parts`](Self::into_parts) returns the parser.
///
/// ```
/// use sse_core::EventReader;
///
/// let mut events = EventReader::new("id: 1\ndata: hello\n\ndata: cut off".as_bytes());
/// for event in &mut events {
///     assert_eq!(event?.data(), "hello");
/// }
/// assert_eq!(events.parser().last_event_id(), "1");
/// # Ok::<(), sse_core::ReadError>(())
/// ```
///
/// # Memory
///
/// Needs no `BufRead`: the reader has one buffer, of [the size you set](Self::with_buffer_bytes).
/// An event that lay whole in the buffer keeps all of it alive; [detach](ServerSentEvent::detach) a
/// small event before keeping it for long.
pub struct EventReader<R> {
    source: R,
    parser: Parser,
    /// Bytes that have been read; those after the first `taken` are not parsed yet.
    chunk: Bytes,
    /// Number of bytes of the chunk that `next_ref` has parsed. Its event may borrow them.
    taken: usize,
    room: Room,
    progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    GoingOn,
    /// The source has ended, or something has failed.
    Over,
}

impl<R> EventReader<R> {
    /// Reads events from a source of bytes, at the start of an event stream.
    pub fn new(source: R) -> Self {
        Self {
            source,
            parser: Parser::new(),
            chunk: Bytes::new(),
            taken: 0,
            room: Room::new(),
            progress: Progress::GoingOn,
        }
    }

    /// Sets the parser, such as one with limits, a last event ID or comments. Must be called before
    /// the first event is read.
    ///
    /// Defaults to [`Parser::new`].
    #[must_use]
    pub fn with_parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }

    /// Sets the maximum number of bytes per read.
    ///
    /// Defaults to 16 KiB; 0 counts as 1.
    #[must_use]
    pub fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.room.set_read_bytes(bytes);
        self
    }

    /// Returns the parser, which knows the last event ID, the reconnection time and the number of
    /// bytes of an incomplete event.
    #[must_use]
    pub fn parser(&self) -> &Parser {
        &self.parser
    }

    /// Returns the source.
    #[must_use]
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// Returns the source. Bytes that you read from it are missing from the event stream.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// Returns the source, the parser, and the bytes that have been read from the source and not
    /// parsed yet.
    #[must_use]
    pub fn into_parts(mut self) -> (R, Parser, Bytes) {
        self.release();
        (self.source, self.parser, self.chunk)
    }

    /// Returns the next event of what has been read, or `None` if [`fill`](Self::fill) has to read
    /// more, as at the start.
    ///
    /// The event borrows from the buffer: it is copied only if it was assembled from several reads,
    /// and its text is checked only when it is accessed. [`EventRef::last_event_id`] is the last
    /// event ID as of this event.
    ///
    /// ```
    /// use sse_core::EventReader;
    ///
    /// let mut events = EventReader::new("data: 4\n\nevent: x\ndata: 5\n\n".as_bytes());
    /// let mut sum = 0;
    /// while events.fill()? {
    ///     while let Some(event) = events.next_ref()? {
    ///         sum += event.data().parse::<i32>()?;
    ///     }
    /// }
    /// assert_eq!(sum, 9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the event exceeds the parser's limits. Nothing follows it.
    pub fn next_ref(&mut self) -> Result<Option<EventRef<'_>>, LimitExceeded> {
        let before = &self.chunk[self.taken..];
        if before.is_empty() {
            return Ok(None);
        }
        let mut rest = before;
        match self.parser.next_ref(&mut rest) {
            Ok(event) => {
                self.taken += before.len() - rest.len();
                Ok(event)
            }
            Err(error) => {
                self.taken = self.chunk.len();
                self.progress = Progress::Over;
                Err(error)
            }
        }
    }

    /// Releases what has been parsed.
    fn release(&mut self) {
        self.chunk.advance(self.taken);
        self.taken = 0;
        if self.chunk.is_empty() {
            self.chunk = Bytes::new();
        }
    }
}

impl<R: Read> EventReader<R> {
    /// Reads once, if [`next_ref`](Self::next_ref) has reached the end of what was read before.
    /// Returns `true` if there are bytes to parse, and `false` at the end of the source.
    ///
    /// # Errors
    ///
    /// Returns an error if the source fails, or says that it has read more bytes than it had room
    /// for. Nothing follows it.
    pub fn fill(&mut self) -> Result<bool, ReadError> {
        self.release();
        while self.chunk.is_empty() && self.progress == Progress::GoingOn {
            // Lets the parser release the memory of an event that was borrowed.
            let _ = self.parser.next(&mut Bytes::new());
            let read = self.source.read(self.room.free());
            match read.and_then(|read| self.room.take(read)) {
                Ok(chunk) if chunk.is_empty() => self.progress = Progress::Over,
                Ok(chunk) => self.chunk = chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.progress = Progress::Over;
                    return Err(StreamError::Source(error));
                }
            }
        }
        Ok(!self.chunk.is_empty())
    }

    fn take_event(&mut self) -> Result<Option<ServerSentEvent>, ReadError> {
        while self.fill()? {
            match self.parser.next(&mut self.chunk) {
                Ok(Some(event)) => return Ok(Some(event)),
                Ok(None) => {}
                Err(error) => {
                    self.chunk = Bytes::new();
                    self.progress = Progress::Over;
                    return Err(StreamError::Limit(error));
                }
            }
        }
        Ok(None)
    }
}

impl<R: Read> Iterator for EventReader<R> {
    type Item = Result<ServerSentEvent, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.take_event().transpose()
    }
}

impl<R: Read> FusedIterator for EventReader<R> {}

impl<R: fmt::Debug> fmt::Debug for EventReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventReader")
            .field("source", &self.source)
            .field("unread_bytes", &(self.chunk.len() - self.taken))
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
