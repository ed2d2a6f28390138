//! One block as the parser sees it: bytes of the input, or of the parser's own buffers.
//!
//! Borrows everything and checks nothing, so that a caller can look at an event, its type above
//! all, before paying for the rest. [`ServerSentEvent`] is the form to keep.

use alloc::borrow::Cow;
use core::{fmt, time::Duration};

use crate::{
    event::{MESSAGE, ServerSentEvent},
    layout::Layout,
    utf8,
};

/// One block of an event stream, borrowed until the parser's next call.
///
/// Text is decoded as UTF-8 each time it is asked for, ill-formed bytes becoming U+FFFD; it is
/// copied only if there are any. The `*_bytes` methods give the bytes as they came.
///
/// ```
/// use sse_core::Parser;
///
/// let mut parser = Parser::new();
/// let mut input: &[u8] = b"event: add\ndata: 42\n\n";
/// let event = parser.next_ref(&mut input)?.expect("a whole block");
/// assert_eq!(event.event_type(), "add");
/// assert_eq!(event.data().parse(), Ok(42));
/// # Ok::<(), sse_core::LimitExceeded>(())
/// ```
#[derive(Clone, Copy)]
pub struct EventRef<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) layout: Layout,
}

impl<'a> EventRef<'a> {
    /// The data: the values of the `data` lines with an LF between them, empty if there are none.
    #[must_use]
    pub fn data(&self) -> Cow<'a, str> {
        self.decode(self.data_bytes())
    }

    /// The bytes of the [data](Self::data), unchecked.
    #[must_use]
    #[inline]
    pub fn data_bytes(&self) -> &'a [u8] {
        self.layout.data.of(self.text).unwrap_or_default()
    }

    /// Whether the block has data, be it empty: only such a block is a message.
    #[must_use]
    #[inline]
    pub fn has_data(&self) -> bool {
        self.layout.data.is_present()
    }

    /// The event type as the standard defines it: `message` where the block names none.
    #[must_use]
    pub fn event_type(&self) -> Cow<'a, str> {
        self.event().unwrap_or(Cow::Borrowed(MESSAGE))
    }

    /// The value of the block's `event` field, if it has one that is not empty.
    #[must_use]
    pub fn event(&self) -> Option<Cow<'a, str>> {
        self.layout.event.of(self.text).map(|event| self.decode(event))
    }

    /// The value of the block's `id` field; not the last event ID, which outlives the block and
    /// is [the parser's](crate::Parser::last_event_id).
    #[must_use]
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.layout.id.of(self.text).map(|id| self.decode(id))
    }

    /// The value of the block's `retry` field.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.layout.rare.retry.map(Duration::from_millis)
    }

    /// The block's comments with an LF between them, if the parser
    /// [keeps them](crate::Parser::with_comments) and there are any.
    #[must_use]
    pub fn comments(&self) -> Option<Cow<'a, str>> {
        self.layout.rare.comments.of(self.text).map(|comments| self.decode(comments))
    }

    /// Copies the block into an event of its own.
    #[must_use]
    pub fn to_event(&self) -> ServerSentEvent {
        ServerSentEvent::copied(self.text, &self.layout)
    }

    #[inline]
    fn decode(&self, value: &'a [u8]) -> Cow<'a, str> {
        utf8::decode(value, self.layout.charset)
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
            .finish()
    }
}
