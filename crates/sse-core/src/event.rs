//! What comes out: one block of an event stream, as text to keep.
//!
//! Holds one piece of text and says where in it each field lies. Does not know how it was read or
//! how it is written.

use alloc::{borrow::Cow, string::String};
use core::{fmt, hash, ops::Range, time::Duration};

use bytes::Bytes;

use crate::{
    builder::ServerSentEventBuilder, event_ref::EventRef, text::Text, typed::TypedServerSentEvent,
};

/// The event type of an event that names none.
pub(crate) const MESSAGE: &str = "message";

/// One block of an event stream: the lines between two blank lines.
///
/// It has [data](Self::data) unless the parser was told to give out [blocks without
/// it](crate::Parser::with_dataless_blocks). [`Display`](fmt::Display) writes the block as it goes
/// over the wire.
///
/// Two events are equal if their fields are.
///
/// ```
/// use sse_core::ServerSentEvent;
///
/// let event = ServerSentEvent::builder().event("add").id("7").data("one\ntwo").build()?;
/// assert_eq!(event.event_type(), "add");
/// assert_eq!(event.to_string(), "event: add\nid: 7\ndata: one\ndata: two\n\n");
/// # Ok::<(), sse_core::BuildError>(())
/// ```
///
/// # Memory
///
/// An event that lay whole in a chunk shares that chunk's memory, and keeps all of it alive as
/// long as the event or a clone of it lives. To keep a small event for long, [detach](Self::detach)
/// it.
#[derive(Clone)]
pub struct ServerSentEvent {
    text: Text,
    data: Span,
    event: Span,
    id: Span,
    comments: Span,
    /// In milliseconds.
    retry: Option<u64>,
}

impl ServerSentEvent {
    /// Starts to build an event, of which nothing is set.
    pub fn builder() -> ServerSentEventBuilder {
        ServerSentEventBuilder::default()
    }

    /// The data: the values of the `data` lines with an LF between them, empty if there are none.
    #[must_use]
    #[inline]
    pub fn data(&self) -> &str {
        self.get(self.data).unwrap_or_default()
    }

    /// Whether the block has data, be it empty: only such a block is a message.
    #[must_use]
    #[inline]
    pub fn has_data(&self) -> bool {
        self.data != Span::ABSENT
    }

    /// The event type as the standard defines it: `message` where the block names none.
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &str {
        self.event().unwrap_or(MESSAGE)
    }

    /// The value of the block's `event` field, if it has one that is not empty.
    #[must_use]
    #[inline]
    pub fn event(&self) -> Option<&str> {
        self.get(self.event)
    }

    /// The value of the block's `id` field; an empty one resets the last event ID.
    ///
    /// The last event ID itself outlives the block: it is the
    /// [parser's](crate::Parser::last_event_id).
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&str> {
        self.get(self.id)
    }

    /// The value of the block's `retry` field.
    #[must_use]
    #[inline]
    pub fn retry(&self) -> Option<Duration> {
        self.retry.map(Duration::from_millis)
    }

    /// The block's comments with an LF between them, each without the space that may open it.
    ///
    /// `None` if there are none or the parser was not told to [keep
    /// them](crate::Parser::with_comments).
    #[must_use]
    #[inline]
    pub fn comments(&self) -> Option<&str> {
        self.get(self.comments)
    }

    /// Copies what the event needs into memory of its own, and lets go of the chunk it came in.
    #[must_use]
    pub fn detach(&self) -> Self {
        let field = |span| self.get(span).map(Cow::Borrowed);
        Self::from_text(
            field(self.data),
            field(self.event),
            field(self.id),
            field(self.comments),
            self.retry,
        )
    }

    /// Turns the data into a value, and keeps the other fields.
    #[must_use]
    pub fn map_data<T>(self, map: impl FnOnce(&str) -> T) -> TypedServerSentEvent<T> {
        let data = map(self.data());
        TypedServerSentEvent::new(data, self.without_data())
    }

    /// Turns the data into a value, and keeps the other fields.
    ///
    /// ```
    /// use sse_core::ServerSentEvent;
    ///
    /// let event = ServerSentEvent::builder().id("1").data("42").build()?;
    /// let event = event.try_map_data(str::parse::<u32>)?;
    /// assert_eq!((*event.data(), event.id()), (42, Some("1")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `map` fails, with its error. The event is then lost: look at [`data`](Self::data) first
    /// if you need both.
    pub fn try_map_data<T, E>(
        self,
        map: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<TypedServerSentEvent<T>, E> {
        let data = map(self.data())?;
        Ok(TypedServerSentEvent::new(data, self.without_data()))
    }

    /// Makes an event that shares the memory of `chunk`, in which all that it borrows must lie.
    #[inline]
    pub(crate) fn shared(chunk: &Bytes, event: &EventRef<'_>) -> Self {
        Self::try_shared(chunk, event).unwrap_or_else(|| Self::copied_from(event))
    }

    /// Makes an event with memory of its own.
    pub(crate) fn copied_from(event: &EventRef<'_>) -> Self {
        Self::from_text(
            event.data.map(String::from_utf8_lossy),
            event.event(),
            event.id(),
            event.comments(),
            event.retry,
        )
    }

    /// `None` if the part of the chunk that would be shared is no valid UTF-8.
    #[inline]
    fn try_shared(chunk: &Bytes, event: &EventRef<'_>) -> Option<Self> {
        let EventRef { data, event, id, retry, comments } = *event;
        let offset = |part: &[u8]| part.as_ptr() as usize - chunk.as_ptr() as usize;
        let parts = [data, event, id, comments];
        let (mut start, mut end) = (usize::MAX, 0);
        // An empty part may lie anywhere, outside the chunk too.
        for part in parts.into_iter().flatten().filter(|part| !part.is_empty()) {
            start = start.min(offset(part));
            end = end.max(offset(part) + part.len());
        }
        if start >= end {
            (start, end) = (0, 0);
        }
        let text = Text::from_utf8(chunk.slice(start..end))?;
        let span = |part: Option<&[u8]>| match part {
            None => Some(Span::ABSENT),
            Some([]) => Some(Span::EMPTY),
            Some(part) => Span::new(offset(part) - start, part.len()),
        };
        Some(Self {
            text,
            data: span(data)?,
            event: span(event)?,
            id: span(id)?,
            comments: span(comments)?,
            retry,
        })
    }

    /// Puts an event together. All parts together are below 4 GiB: the parser's limits and the
    /// builder see to it.
    pub(crate) fn from_text(
        data: Option<Cow<'_, str>>,
        event: Option<Cow<'_, str>>,
        id: Option<Cow<'_, str>>,
        comments: Option<Cow<'_, str>>,
        retry: Option<u64>,
    ) -> Self {
        let parts = [data, event, id, comments];
        let mut text = String::with_capacity(parts.iter().flatten().map(|part| part.len()).sum());
        let [data, event, id, comments] = parts.map(|part| {
            part.map_or(Span::ABSENT, |part| {
                let start = text.len();
                text.push_str(&part);
                Span::new(start, part.len()).unwrap_or(Span::EMPTY)
            })
        });
        Self { text: text.into(), data, event, id, comments, retry }
    }

    fn without_data(self) -> Self {
        Self { data: Span::ABSENT, ..self }
    }

    #[inline]
    fn get(&self, span: Span) -> Option<&str> {
        self.text.as_str().get(span.range()?)
    }

    /// Everything that two equal events have in common.
    fn fields(&self) -> [Option<&str>; 4] {
        let data = self.has_data().then(|| self.data());
        [data, self.event(), self.id(), self.comments()]
    }
}

impl fmt::Debug for ServerSentEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [data, event, id, comments] = self.fields();
        f.debug_struct("ServerSentEvent")
            .field("data", &data)
            .field("event", &event)
            .field("id", &id)
            .field("retry", &self.retry())
            .field("comments", &comments)
            .finish()
    }
}

impl PartialEq for ServerSentEvent {
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields() && self.retry == other.retry
    }
}

impl Eq for ServerSentEvent {}

impl hash::Hash for ServerSentEvent {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.fields().hash(state);
        self.retry.hash(state);
    }
}

/// Where in an event's text a field lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// No such field. No span starts here, since it would have to end beyond what a `u32` counts.
    const ABSENT: Self = Self { start: u32::MAX, len: u32::MAX };
    /// A field with an empty value.
    const EMPTY: Self = Self { start: 0, len: 0 };

    /// `None` if a `u32` cannot count so far.
    #[inline]
    fn new(start: usize, len: usize) -> Option<Self> {
        let end = u32::try_from(start.checked_add(len)?).ok()?;
        let start = start as u32;
        Some(Self { start, len: end - start })
    }

    #[inline]
    fn range(self) -> Option<Range<usize>> {
        let start = self.start as usize;
        (self != Self::ABSENT).then(|| start..start + self.len as usize)
    }
}
