//! Owned event: one block of an event stream, as text.
//!
//! Holds one text and the place of each field in it. Does not know how it was read or how it is
//! written.

use alloc::boxed::Box;
use core::{fmt, hash, ops::Range, time::Duration};

use bytes::{Buf, Bytes};
use memchr::memchr;

use crate::{
    layout::Layout,
    text::{self, MAX_LINES_BYTES, Text},
    utf8,
};

/// Event type of an event that names none.
pub(crate) const MESSAGE: &str = "message";

/// One block of an event stream: the lines between two blank lines.
///
/// It has [data](Self::data) unless the parser returns [blocks without
/// data](crate::Parser::with_dataless_blocks). [`Display`](fmt::Display) writes the wire format of
/// the block.
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
/// An event that lay whole in a chunk, with at most one line of data, shares that chunk's memory,
/// and keeps the whole chunk alive as long as the event or a clone of it lives.
/// [Detach](Self::detach) a small event before keeping it for long.
///
/// An event of up to 24 bytes is stored inline. Any other event was assembled, because it was split
/// by the end of a chunk or has several lines of data. An event of up to 4 KiB may share a buffer
/// of up to 4 KiB with events that were assembled right before or after it, and keeps that buffer
/// alive. A longer event has memory of its own: below 1 MiB at most about a quarter more than the
/// length of its fields, from there on up to about twice as much. [Detaching](Self::detach) saves
/// that too.
#[derive(Clone)]
pub struct ServerSentEvent {
    text: Text,
    /// Boxed, as few events have these fields.
    rare: Option<Box<Rare>>,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Rare {
    /// In milliseconds.
    retry: Option<u64>,
    comments: Option<Box<str>>,
}

impl ServerSentEvent {
    /// Returns the data: the values of the `data` lines with an LF between them, or an empty string
    /// if there are none.
    #[must_use]
    #[inline]
    pub fn data(&self) -> &str {
        self.text.data().unwrap_or_default()
    }

    /// Returns `true` if the block has data, which may be empty: only such a block is a message.
    #[must_use]
    #[inline]
    pub fn has_data(&self) -> bool {
        self.text.data().is_some()
    }

    /// Returns the event type as the standard defines it: `message` if the block names none.
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &str {
        self.event().unwrap_or(MESSAGE)
    }

    /// Returns the value of the block's `event` field, if it has one that is not empty.
    #[must_use]
    #[inline]
    pub fn event(&self) -> Option<&str> {
        self.text.event()
    }

    /// Returns the value of the block's `id` field; an empty one resets the last event ID.
    ///
    /// The last event ID itself outlives the block: see
    /// [`Parser::last_event_id`](crate::Parser::last_event_id).
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&str> {
        self.text.id()
    }

    /// Returns the value of the block's `retry` field.
    #[must_use]
    #[inline]
    pub fn retry(&self) -> Option<Duration> {
        self.retry_millis().map(Duration::from_millis)
    }

    /// Returns the value of the block's `retry` field, in milliseconds.
    #[inline]
    pub(crate) fn retry_millis(&self) -> Option<u64> {
        self.rare.as_ref()?.retry
    }

    /// Returns `true` if the block has comments or a `retry` field.
    #[inline]
    pub(crate) fn has_rare(&self) -> bool {
        self.rare.is_some()
    }

    /// Returns the block's comments with an LF between them, each without its first space if it has
    /// one.
    ///
    /// Returns `None` if there are none, or if the parser does not [keep
    /// them](crate::Parser::with_comments).
    #[must_use]
    #[inline]
    pub fn comments(&self) -> Option<&str> {
        self.rare.as_ref()?.comments.as_deref()
    }

    /// Copies the fields into memory of their own, so that the chunk's memory is not kept alive.
    #[must_use]
    pub fn detach(&self) -> Self {
        let text = Text::joined(self.text.data(), self.text.event(), self.text.id());
        Self { text, rare: self.rare.clone() }
    }

    /// Creates an event from the block at the front of a chunk, which used `consumed` bytes, and
    /// removes these from the chunk. The event shares the chunk's memory if possible. Rare fields
    /// are left out.
    #[inline(always)]
    pub(crate) fn split_off(chunk: &mut Bytes, consumed: usize, layout: &Layout) -> Self {
        match Text::split_off(chunk, consumed, layout) {
            Some(text) => Self { text, rare: None },
            None => {
                let event = Self::decoded(chunk, *layout);
                chunk.advance(consumed);
                event
            }
        }
    }

    /// Adds the rare fields of a block that lies in a chunk. Comments are never among them.
    #[cold]
    pub(crate) fn with_rare(self, layout: &Layout) -> Self {
        Self { rare: Rare::of(&[], layout), ..self }
    }

    /// Creates an event with memory of its own from a block that lies anywhere in `text`.
    pub(crate) fn copied(text: &[u8], layout: &Layout) -> Self {
        let values = layout.text();
        match Text::copied(&text[values.clone()], &layout.shift_left(values.start)) {
            Some(copy) => Self { text: copy, rare: Rare::of(text, layout) },
            None => Self::decoded(text, *layout),
        }
    }

    /// Like [`copied`](Self::copied), for a text that is a block's values and little else.
    pub(crate) fn copied_whole(text: &[u8], layout: &Layout) -> Self {
        match Text::copied(text, layout) {
            Some(copy) => Self { text: copy, rare: Rare::of(text, layout) },
            None => Self::decoded(text, *layout),
        }
    }

    /// Moves the event word by word, as it has just been written that way.
    #[inline(always)]
    pub(crate) fn by_words(self) -> Self {
        text::by_words::<_, { text::words::<Self>() }>(self)
    }

    /// Creates an event from its parts.
    #[inline(always)]
    pub(crate) fn of(text: impl Into<Text>, rare: Option<Box<Rare>>) -> Self {
        Self { text: text.into(), rare }
    }

    /// Creates an event from a block that contains ill-formed UTF-8, or bytes that are in no field.
    #[cold]
    fn decoded(text: &[u8], layout: Layout) -> Self {
        let [data, event, id] = [layout.data, layout.event, layout.id]
            .map(|span| utf8::decode_field(text, span, layout.ascii));
        let joined = Text::joined(data.as_deref(), event.as_deref(), id.as_deref());
        Self { text: joined, rare: Rare::of(text, &layout) }
    }

    /// Creates an event from fields whose total length is below 4 GiB.
    pub(crate) fn of_fields(
        data: Option<&str>,
        event: Option<&str>,
        id: Option<&str>,
        retry: Option<u64>,
        comments: Option<&str>,
    ) -> Self {
        let rare = Rare { retry, comments: comments.map(Box::from) }.boxed();
        let has_lines = data.is_some_and(|data| memchr(b'\n', data.as_bytes()).is_some());
        let values_len: usize = [data, event, id].iter().flatten().map(|value| value.len()).sum();
        // As it is sent, where that is possible; it then need not be encoded.
        let as_lines = rare.is_none() && !has_lines && values_len <= MAX_LINES_BYTES;
        let text = if as_lines { Text::lines } else { Text::joined }(data, event, id);
        Self { text, rare }
    }

    /// Returns the place in [its memory](Self::memory) of the block that the encoder writes for
    /// this event, if it lies there byte by byte.
    #[inline]
    pub(crate) fn block(&self) -> Option<Range<usize>> {
        if self.rare.is_some() { None } else { self.text.block() }
    }

    /// Returns the memory that the event shares.
    #[inline]
    pub(crate) fn memory(&self) -> &[u8] {
        self.text.memory()
    }

    /// Like [`memory`](Self::memory), as what shares it.
    #[inline]
    pub(crate) fn into_memory(self) -> Bytes {
        self.text.into_memory()
    }

    pub(crate) fn without_data(self) -> Self {
        Self { text: self.text.without_data(), ..self }
    }

    /// Returns the fields that are equal in two equal events, except `retry`.
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
        self.fields() == other.fields() && self.retry() == other.retry()
    }
}

impl Eq for ServerSentEvent {}

impl hash::Hash for ServerSentEvent {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.fields().hash(state);
        self.retry().hash(state);
    }
}

impl Rare {
    /// Returns the rare fields of a block, if it has any.
    #[inline]
    pub(crate) fn of(text: &[u8], layout: &Layout) -> Option<Box<Self>> {
        if layout.rare.is_none() { None } else { Self::of_some(text, layout) }
    }

    #[cold]
    fn of_some(text: &[u8], layout: &Layout) -> Option<Box<Self>> {
        let comments = utf8::decode_field(text, layout.rare.comments, layout.ascii);
        let comments = comments.map(|comments| Box::from(&*comments));
        Self { retry: layout.rare.retry, comments }.boxed()
    }

    fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}
