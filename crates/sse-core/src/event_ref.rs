//! A block that borrows from the input or from the parser's buffers.
//!
//! Decodes a field only when it is accessed: a filter on the event type pays for nothing else.
//! [`ServerSentEvent`] is the owned form.

use alloc::borrow::Cow;
use core::{fmt, time::Duration};

use crate::{
    event::{MESSAGE, ServerSentEvent},
    layout::{Layout, Span},
    reader::BlockReader,
    utf8,
};

/// One block of an event stream, borrowed until the parser's next call.
///
/// Each call of an accessor decodes the field as UTF-8, with U+FFFD in place of ill-formed bytes.
/// The text is copied only if it has such bytes. [`data_bytes`](Self::data_bytes) returns the bytes
/// as they were sent.
///
/// ```
/// use sse_core::Parser;
///
/// let mut parser = Parser::new();
/// let mut input: &[u8] = b"id: 7\nevent: add\ndata: 42\n\nevent: add\ndata: 43\n\n";
/// let mut sum = 0;
/// while let Some(event) = parser.next_ref(&mut input)? {
///     assert_eq!((&*event.event_type(), event.last_event_id()), ("add", "7"));
///     sum += event.data().parse::<u32>()?;
/// }
/// assert_eq!(sum, 85);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct EventRef<'a> {
    text: &'a [u8],
    layout: Layout,
    /// Holds the last event ID. The pointer is in a register when an event is returned, so that
    /// storing it is cheap; a `&str` would have to be loaded and copied with every event.
    reader: &'a BlockReader,
}

impl<'a> EventRef<'a> {
    /// Creates a view of the block that the reader found last, which lies in `text` at the places
    /// of `layout`. The reader has committed the block's ID.
    #[inline(always)]
    pub(crate) fn new(text: &'a [u8], layout: &Layout, reader: &'a BlockReader) -> Self {
        Self { text, layout: *layout, reader }
    }

    /// Returns the data: the values of the `data` lines with an LF between them, or an empty string
    /// if there are none.
    #[must_use]
    pub fn data(&self) -> Cow<'a, str> {
        self.field(self.layout.data).unwrap_or_default()
    }

    /// Returns the bytes of the [data](Self::data), which may be ill-formed UTF-8.
    #[must_use]
    #[inline]
    pub fn data_bytes(&self) -> &'a [u8] {
        self.layout.data.of(self.text).unwrap_or_default()
    }

    /// Returns `true` if the block has a `data` line, even an empty one: only such a block is a
    /// message.
    #[must_use]
    #[inline]
    pub fn has_data(&self) -> bool {
        self.layout.data.is_present()
    }

    /// Returns the event type as the standard defines it: `message` if the block names none.
    #[must_use]
    pub fn event_type(&self) -> Cow<'a, str> {
        self.event().unwrap_or(Cow::Borrowed(MESSAGE))
    }

    /// Returns the value of the block's `event` field, if it has one that is not empty.
    #[must_use]
    pub fn event(&self) -> Option<Cow<'a, str>> {
        self.field(self.layout.event)
    }

    /// Returns the value of this block's own `id` field, if it has one.
    ///
    /// An ID that contains a NUL is ignored, as the standard requires. The ID to resume with is
    /// [`last_event_id`](Self::last_event_id), which carries over to blocks without an `id` field.
    #[must_use]
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.field(self.layout.id)
    }

    /// Returns the last event ID as of this block, which a browser reports as
    /// `MessageEvent.lastEventId`, or an empty string if no ID is set.
    ///
    /// Unlike [`id`](Self::id), it need not come from this block. It is the value of the most
    /// recent `id` field, in this block or an earlier one, or else the ID that the parser was
    /// [created with](crate::Parser::with_last_event_id). An empty `id` field resets it. An ID that
    /// contains a NUL, or that is in a block skipped because of a
    /// [limit](crate::ExcessPolicy::Skip), leaves it unchanged.
    ///
    /// It equals [`Parser::last_event_id`](crate::Parser::last_event_id), which cannot be called
    /// while the event borrows the parser, and is not copied.
    ///
    /// ```
    /// use sse_core::Parser;
    ///
    /// let mut parser = Parser::new();
    /// let mut input: &[u8] = b"id: 1\ndata: a\n\ndata: b\n\n";
    /// let first = parser.next_ref(&mut input)?.expect("a whole block");
    /// assert_eq!((first.id().as_deref(), first.last_event_id()), (Some("1"), "1"));
    /// let second = parser.next_ref(&mut input)?.expect("a whole block");
    /// assert_eq!((second.id().as_deref(), second.last_event_id()), (None, "1"));
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn last_event_id(&self) -> &'a str {
        &self.reader.last_event_id
    }

    /// Returns the value of the block's `retry` field, if it has one.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.layout.rare.retry.map(Duration::from_millis)
    }

    /// Returns the block's comments with an LF between them, if it has any and the parser [keeps
    /// them](crate::Parser::with_comments).
    #[must_use]
    pub fn comments(&self) -> Option<Cow<'a, str>> {
        self.field(self.layout.rare.comments)
    }

    /// Copies the block into an owned event. The event has the block's own [`id`](Self::id), not
    /// the [`last_event_id`](Self::last_event_id).
    #[must_use]
    pub fn to_event(&self) -> ServerSentEvent {
        ServerSentEvent::copied(self.text, &self.layout)
    }

    #[inline]
    fn field(&self, span: Span) -> Option<Cow<'a, str>> {
        utf8::decode_field(self.text, span, self.layout.ascii)
    }
}

impl fmt::Debug for EventRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRef")
            .field("data", &self.has_data().then(|| self.data()))
            .field("event", &self.event())
            .field("id", &self.id())
            .field("retry", &self.retry())
            .field("comments", &self.comments())
            .field("last_event_id", &self.last_event_id())
            .finish()
    }
}
