//! One block as the parser sees it: bytes of the input, or of the parser's own buffers.
//!
//! Borrows everything and checks nothing, so that a caller can look at an event, its type above
//! all, before paying for the rest. [`ServerSentEvent`] is the form to keep.

use alloc::{borrow::Cow, string::String};
use core::time::Duration;

use crate::{
    block::{is_ignored_id, parse_retry},
    event::{MESSAGE, ServerSentEvent},
    field::{Field, FieldName},
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
#[derive(Debug, Clone, Copy, Default)]
pub struct EventRef<'a> {
    pub(crate) data: Option<&'a [u8]>,
    pub(crate) event: Option<&'a [u8]>,
    pub(crate) id: Option<&'a [u8]>,
    pub(crate) retry: Option<u64>,
    pub(crate) comments: Option<&'a [u8]>,
}

impl<'a> EventRef<'a> {
    /// The data: the values of the `data` lines with an LF between them, empty if there are none.
    #[must_use]
    pub fn data(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.data_bytes())
    }

    /// The bytes of the [data](Self::data), unchecked.
    #[must_use]
    pub fn data_bytes(&self) -> &'a [u8] {
        self.data.unwrap_or_default()
    }

    /// Whether the block has data, be it empty: only such a block is a message.
    #[must_use]
    pub fn has_data(&self) -> bool {
        self.data.is_some()
    }

    /// The event type as the standard defines it: `message` where the block names none.
    #[must_use]
    pub fn event_type(&self) -> Cow<'a, str> {
        self.event.map_or(Cow::Borrowed(MESSAGE), String::from_utf8_lossy)
    }

    /// The value of the block's `event` field, if it has one that is not empty.
    #[must_use]
    pub fn event(&self) -> Option<Cow<'a, str>> {
        self.event.map(String::from_utf8_lossy)
    }

    /// The value of the block's `id` field; not the last event ID, which outlives the block and
    /// is [the parser's](crate::Parser::last_event_id).
    #[must_use]
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.id.map(String::from_utf8_lossy)
    }

    /// The value of the block's `retry` field.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry.map(Duration::from_millis)
    }

    /// The block's comments with an LF between them, if the parser
    /// [keeps them](crate::Parser::with_comments) and there are any.
    #[must_use]
    pub fn comments(&self) -> Option<Cow<'a, str>> {
        self.comments.map(String::from_utf8_lossy)
    }

    /// Copies the block into an event of its own.
    #[must_use]
    pub fn to_event(&self) -> ServerSentEvent {
        ServerSentEvent::copied_from(self)
    }

    /// Whether nothing in the block was of any meaning.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        let Self { data, event, id, retry, comments } = self;
        data.is_none() && event.is_none() && id.is_none() && retry.is_none() && comments.is_none()
    }

    /// Adds a field in place. Refuses a second line of data or of comments: such lines do not
    /// lie side by side and have to be copied together.
    #[inline]
    pub(crate) fn try_push(&mut self, field: Field<'a>) -> Result<(), NotInPlace> {
        let Field { name, value } = field;
        match name {
            FieldName::Data if self.data.is_some() => return Err(NotInPlace),
            FieldName::Comment if self.comments.is_some() => return Err(NotInPlace),
            FieldName::Data => self.data = Some(value),
            FieldName::Comment => self.comments = Some(value),
            FieldName::Event => self.event = Some(value).filter(|value| !value.is_empty()),
            FieldName::Id if is_ignored_id(value) => {}
            FieldName::Id => self.id = Some(value),
            FieldName::Retry => self.retry = parse_retry(value).or(self.retry),
        }
        Ok(())
    }
}

/// The block has to be put together in a buffer.
pub(crate) struct NotInPlace;
