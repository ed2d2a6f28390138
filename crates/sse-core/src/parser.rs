//! The parser's public interface.
//!
//! Responsible for returning a block as an owned or as a borrowed event. [`crate::reader`] finds
//! the blocks.

mod borrowed;
mod owned;
mod filtered;
mod ends;

pub use filtered::Taken;

use alloc::string::String;
use core::time::Duration;

use bytes::{Buf, Bytes};

use crate::{
    event::ServerSentEvent,
    event_ref::EventRef,
    limits::{LimitExceeded, Limits, Skipped},
    reader::{BlockReader, Comments, DispatchFilter, Route},
    unknown::UnknownLines,
};

/// Parser of an event stream that arrives in chunks of any size.
///
/// [`next`](Self::next) takes [`Bytes`] and returns events that share its memory;
/// [`next_ref`](Self::next_ref) takes a slice and returns events that borrow from it. Both can be
/// used on the same parser. The same bytes result in the same events however they are split into
/// chunks, and an event is returned as soon as its last byte has arrived.
///
/// ```
/// use sse_core::Parser;
///
/// let mut parser = Parser::new();
/// for chunk in ["data: hel", "lo\n\ndata: wor", "ld\n\n"] {
///     let mut input = chunk.into();
///     while let Some(event) = parser.next(&mut input)? {
///         println!("{}", event.data());
///     }
/// }
/// # Ok::<(), sse_core::LimitExceeded>(())
/// ```
///
/// # Errors
///
/// No content is an error: unknown fields are ignored, and ill-formed UTF-8 is replaced. The only
/// error is an event that is larger than the [`Limits`] allow. After it, the parser returns the
/// same error until it is [restarted](Self::restart). With
/// [`ExcessPolicy::Skip`](crate::ExcessPolicy::Skip), the parser drops such an event and
/// [counts](Self::skipped) it instead.
///
/// # Memory
///
/// A parser holds the fields of the incomplete block, never more than its limits allow, in a buffer
/// of up to 4 KiB if other blocks came right before it. It also holds the last event ID, in memory
/// as long as the longest ID so far. It holds nothing of ignored lines. Once a chunk is consumed
/// and no block is open, [`next`](Self::next) keeps no memory. [`next_ref`](Self::next_ref) keeps
/// at most 5 KiB, which a call of `next` with empty input releases.
///
/// Consecutive small events that are assembled from fragments share one buffer of up to 4 KiB. The
/// buffer is reused if all of them have been dropped when it is full. A larger event grows in a
/// buffer that doubles. If that buffer becomes the event's own memory (see [`ServerSentEvent`]),
/// its unused part is released below 1 MiB if it is more than an eighth of the event. An event of 1
/// MiB or more keeps the unused part, and so may have twice its length allocated.
/// [`detach`](ServerSentEvent::detach) copies it to memory of exactly its length.
#[derive(Debug, Clone, Default)]
pub struct Parser {
    reader: BlockReader,
}

impl Parser {
    /// Creates a parser at the start of an event stream, with the default [`Limits`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.reader.meter.limits = limits;
        self
    }

    /// Sets whether comments are kept. If they are, an event has the comments of its block: the
    /// last ones if there are many, as a server may send comments for weeks without a blank line.
    /// Before one more is added, the oldest are dropped if all of them take more than 4 KiB, or
    /// half of the [limit of an event](Limits::max_event_bytes).
    ///
    /// Defaults to `false`: comments are ignored, as the standard says, and take no memory.
    #[must_use]
    pub fn with_comments(mut self, keep: bool) -> Self {
        self.reader.comments = if keep { Comments::Kept } else { Comments::Ignored };
        self
    }

    /// Sets whether blocks without data are returned too, provided that they hold an event type, an
    /// ID, a reconnection time or, if comments are [kept](Self::with_comments), a comment.
    ///
    /// Defaults to `false`: only messages are returned, as the standard says. A block that is not
    /// returned still sets the last event ID and the reconnection time.
    ///
    /// ```
    /// use sse_core::Parser;
    ///
    /// let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    /// let mut input: &[u8] = b": still here\n\nevent: ping\n\n";
    /// let comment = parser.next_ref(&mut input)?.expect("a block");
    /// assert_eq!(comment.comments().as_deref(), Some("still here"));
    /// let ping = parser.next_ref(&mut input)?.expect("a block");
    /// assert!(ping.event_type() == "ping" && !ping.has_data());
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    pub fn with_dataless_blocks(mut self, include: bool) -> Self {
        self.reader.dispatch_filter =
            if include { DispatchFilter::AllBlocks } else { DispatchFilter::Messages };
        self
    }

    /// Sets the initial last event ID, such as one that was stored.
    ///
    /// Defaults to the empty string, which means none.
    #[must_use]
    pub fn with_last_event_id(mut self, id: impl Into<String>) -> Self {
        self.reader.last_event_id = id.into();
        self
    }

    /// Sets the initial reconnection time, in whole milliseconds.
    ///
    /// Defaults to none.
    #[must_use]
    pub fn with_reconnection_time(mut self, time: Duration) -> Self {
        self.reader.reconnection_time = Some(saturating_millis(time));
        self
    }

    /// Takes the next event from `input` and advances `input` past it. Returns `None` once `input`
    /// is consumed.
    ///
    /// The event shares the memory of `input`, or has its own: see [`ServerSentEvent`].
    ///
    /// # Errors
    ///
    /// Returns an error if the event exceeds the [`Limits`]. The rest of `input` cannot be parsed
    /// then.
    #[inline(always)] // small; what it does with most small chunks is not worth a call
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        match self.reader.route(input) {
            Route::InPlace => self.next_in_place(input),
            Route::Assemble => self.next_of_split(input),
            Route::Nothing => {
                self.reader.release_memory();
                Ok(None)
            }
            route if self.read_fast(route, input) => Ok(None),
            Route::Fragment => self.next_of_split(input),
            _ => self.next_slow(input),
        }
    }

    /// Fast path: takes a fragment of a value, or ignored lines, from the front of the input.
    /// Returns `true` if the input was consumed.
    #[inline(always)]
    fn read_fast(&mut self, route: Route, input: &mut Bytes) -> bool {
        let mut rest: &[u8] = input;
        let is_consumed = self.reader.read_fast(route, &mut rest);
        input.advance(input.len() - rest.len());
        if is_consumed && route == Route::Skip {
            self.reader.release_memory();
        }
        is_consumed
    }

    /// Fast path for a new chunk: takes a fragment of a value, or ignored lines, from its start.
    /// Returns `true` if the chunk was consumed and holds no event. The rest of any other chunk is
    /// left to [`next`](Self::next).
    #[cfg(feature = "stream")]
    #[inline(always)]
    pub(crate) fn take_front(&mut self, chunk: &mut Bytes) -> bool {
        if self.reader.take_fragment(chunk) {
            return true;
        }
        let route = self.reader.route(chunk);
        if !matches!(route, Route::Fragment | Route::Skip) {
            return false;
        }
        let mut rest: &[u8] = chunk;
        let is_consumed = self.reader.read_fast(route, &mut rest);
        if !is_consumed {
            chunk.advance(chunk.len() - rest.len());
        } else if route == Route::Skip {
            self.reader.release_memory();
        }
        is_consumed
    }

    /// Takes the next event from `input` and advances `input` past it, without copying or checking
    /// text unless necessary. Returns `None` once `input` is consumed.
    ///
    /// # Errors
    ///
    /// Returns an error if the event exceeds the [`Limits`]. The rest of `input` cannot be parsed
    /// then.
    #[inline(always)] // as above
    pub fn next_ref<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<EventRef<'a>>, LimitExceeded> {
        let route = self.reader.route(input);
        match route {
            Route::InPlace => self.next_ref_in_place(input),
            Route::Assemble => self.next_ref_of_split(input),
            Route::Nothing => Ok(None),
            _ if self.reader.read_fast(route, input) => Ok(None),
            Route::Fragment => self.next_ref_of_split(input),
            _ => self.next_ref_slow(input),
        }
    }

    /// Returns the last event ID, which a client sends as `Last-Event-ID` when it reconnects, or an
    /// empty string if no ID is set.
    ///
    /// The blank line that ends a block sets it, whether or not the block is returned; an
    /// incomplete block does not. [`EventRef::last_event_id`] is the same ID while an event borrows
    /// the parser.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.reader.last_event_id
    }

    /// Returns the time to wait before reconnecting that the server has set last, or the initial
    /// one.
    ///
    /// It changes as soon as the line that sets it is complete. A number of milliseconds that does
    /// not fit 64 bits counts as the largest that does.
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reader.reconnection_time.map(Duration::from_millis)
    }

    /// Returns the number of bytes since the end of the last block. They are discarded at the end
    /// of a stream: "any pending data must be discarded".
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.reader.pending_bytes()
    }

    /// Returns the number of events that were dropped because they exceeded a limit, and details of
    /// the last one, if the policy of the limits is to [skip](crate::ExcessPolicy::Skip) such
    /// events. A restart does not reset it.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.reader.skipped
    }

    /// Returns the lines of this stream with a field name that the standard does not define: their
    /// number, and the start of the first one. They are ignored, as the standard requires, but may
    /// be meaningful to a person: an error that a server wrote without `data:`, for example.
    ///
    /// Comments do not count, nor do the lines of a block after it has exceeded a limit. An
    /// incomplete line counts once its name cannot become a known one.
    ///
    /// ```
    /// use sse_core::Parser;
    ///
    /// let mut parser = Parser::new();
    /// let mut input: &[u8] = b": hi\n\n{\"error\": \"no such model\"}\n";
    /// assert!(parser.next_ref(&mut input)?.is_none());
    ///
    /// let unknown = parser.unknown_lines();
    /// assert_eq!(unknown.count(), 1);
    /// assert_eq!(unknown.first(), br#"{"error": "no such model"}"#);
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    pub fn unknown_lines(&self) -> UnknownLines {
        self.reader.unknown_lines()
    }

    /// Returns the number of bytes of the stream that have been consumed.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.reader.position()
    }

    /// Returns the number of comment lines that have ended, if comments are
    /// [kept](Self::with_comments), and 0 otherwise. A restart does not reset it; after `u32::MAX`
    /// it continues with 0.
    ///
    /// A comment counts when its line ends, unlike its block, which ends with a blank line that may
    /// never be sent.
    ///
    /// ```
    /// let mut parser = sse_core::Parser::new().with_comments(true);
    /// assert_eq!(parser.next(&mut ":\n: still here\n: not yet".into())?, None);
    /// assert_eq!(parser.comment_lines(), 2);
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    pub fn comment_lines(&self) -> u32 {
        self.reader.comment_lines
    }

    /// Prepares the parser for the stream of a new connection.
    ///
    /// An incomplete block is dropped, as is a failure; the last event ID, the reconnection time
    /// and all settings stay.
    ///
    /// ```
    /// use sse_core::Parser;
    ///
    /// let mut parser = Parser::new();
    /// let mut lost = "id: 1\ndata: one\n\nid: 2\ndata: tw".into();
    /// while let Some(_event) = parser.next(&mut lost)? {}
    ///
    /// parser.restart();
    /// assert_eq!(parser.last_event_id(), "1"); // to be sent with the next request
    /// let event = parser.next(&mut "id: 2\ndata: two\n\n".into())?;
    /// assert_eq!(event.expect("it is whole").data(), "two");
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    pub fn restart(&mut self) {
        self.reader.restart();
    }

    /// Ends the stream as if a line end and a blank line followed, and returns the event that they
    /// complete, if there is one. The parser is then ready for the stream of a new connection, as
    /// after [`restart`](Self::restart).
    ///
    /// The standard discards an event without a blank line after it, as it may be truncated. Some
    /// servers omit the last blank line, or the last line end. Call this only if something else
    /// shows that the stream is whole, such as the last chunk of a chunked HTTP body. Otherwise
    /// call `restart`.
    ///
    /// ```
    /// use sse_core::Parser;
    ///
    /// let mut parser = Parser::new();
    /// let mut input = "data: hello\n\ndata: [DONE]".into();
    /// while let Some(_event) = parser.next(&mut input)? {}
    ///
    /// let last = parser.finish()?.expect("an event without a blank line");
    /// assert_eq!(last.data(), "[DONE]");
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the event exceeds the [`Limits`].
    pub fn finish(&mut self) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        // After a CR, the first LF belongs to it.
        let found = self.next(&mut Bytes::from_static(b"\n\n"));
        self.reader.restart();
        found
    }
}

/// Returns a duration in whole milliseconds, the largest number if it does not fit.
pub(crate) fn saturating_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
