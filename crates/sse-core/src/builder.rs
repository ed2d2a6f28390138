//! Builder of events that can be written to the wire and parsed back as equal events.
//!
//! Normalizes input if that loses nothing, and rejects it otherwise.

use alloc::{borrow::Cow, string::String};
use core::{fmt, time::Duration};

use memchr::{memchr, memchr2};

use crate::{event::ServerSentEvent, parser::saturating_millis, typed::TypedServerSentEvent};

/// Builder of a [`ServerSentEvent`]; created by [`ServerSentEvent::builder`].
///
/// The wire format of a built event is parsed as an equal event, by a parser that keeps
/// [comments](crate::Parser::with_comments), returns [blocks without
/// data](crate::Parser::with_dataless_blocks), and has limits as large as the event.
///
/// ```
/// use sse_core::{BuildError, ServerSentEvent};
///
/// let event = ServerSentEvent::builder().id("7").data("one\r\ntwo").build()?;
/// assert_eq!(event.to_string(), "id: 7\ndata: one\ndata: two\n\n");
///
/// let smuggled = ServerSentEvent::builder().event("x\ndata: y").data("z").build();
/// assert_eq!(smuggled, Err(BuildError::LineBreakInEventType));
/// # Ok::<(), BuildError>(())
/// ```
///
/// # Memory
///
/// Text is borrowed, or moved in as a `String`, and copied once, by [`build`](Self::build). An
/// event of one line of data and more than 24 bytes of text, without comments or a reconnection
/// time, is laid out as it is sent: `EventBody` (feature `http-body`) sends it without another copy
/// unless it is short and other events are ready at the same time.
///
/// # Text of other types
///
/// The setters take `&str`, `String`, `&String` and `Cow<str>`. Dereference a `&&str`, such as an
/// item of `["a", "b"].iter()`, with a `*`. An `Arc<str>`, a `Box<str>` and most
/// others that are `AsRef<str>` need an `.as_ref()`, and a `char` a `.to_string()`.
///
/// A builder without borrowed text, as a struct can store and a function can return, is a
/// `ServerSentEventBuilder<'static>`.
///
/// ```
/// use std::sync::Arc;
/// use sse_core::{ServerSentEvent, ServerSentEventBuilder};
///
/// let builders = ["a", "b"].iter().map(|data| ServerSentEvent::builder().data(*data));
/// # assert!(builders.map(ServerSentEventBuilder::build).all(|event| event.is_ok()));
/// let text: Arc<str> = Arc::from("a");
/// let event = ServerSentEvent::builder().data(text.as_ref()).build()?;
/// # assert_eq!(event.data(), "a");
/// # let boxed: Box<str> = Box::from("a");
/// # assert_eq!(ServerSentEvent::builder().data(boxed.as_ref()).build()?, event);
/// # assert_eq!(ServerSentEvent::builder().data('a'.to_string()).build()?, event);
///
/// struct Template(ServerSentEventBuilder<'static>);
/// let template = Template(ServerSentEvent::builder().event("note"));
/// let event = template.0.clone().data(&*text).build()?;
/// # assert_eq!(event.event_type(), "note");
/// # Ok::<(), sse_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ServerSentEventBuilder<'a> {
    data: Option<Cow<'a, str>>,
    event: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    comments: Option<Cow<'a, str>>,
    retry: Option<u64>,
}

impl ServerSentEvent {
    /// Returns a builder of an event, without any field.
    pub fn builder<'a>() -> ServerSentEventBuilder<'a> {
        ServerSentEventBuilder::default()
    }
}

impl<'a> ServerSentEventBuilder<'a> {
    /// Sets the data, from a `&str`, a `String` or a `Cow<str>`; [other
    /// types](Self#text-of-other-types) need a conversion. CR and CRLF become LF, as the wire
    /// format cannot distinguish them.
    ///
    /// Defaults to none: the event is then not a message, and most clients will not see it.
    pub fn data(mut self, data: impl Into<Cow<'a, str>>) -> Self {
        self.data = Some(data.into());
        self
    }

    /// Sets the event type. An empty one counts as absent. Takes the same types as
    /// [`data`](Self::data).
    ///
    /// Defaults to none, which the receiver sees as `message`.
    pub fn event(mut self, event_type: impl Into<Cow<'a, str>>) -> Self {
        self.event = Some(event_type.into()).filter(|event_type| !event_type.is_empty());
        self
    }

    /// Sets the ID. An empty one makes the receiver reset its last event ID. Takes the same types
    /// as [`data`](Self::data).
    ///
    /// Defaults to none, which leaves the receiver's last event ID as it is.
    pub fn id(mut self, id: impl Into<Cow<'a, str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the time that the receiver waits before it reconnects. The wire format has whole
    /// milliseconds: a fraction is dropped, and a time that does not fit 64 bits becomes the
    /// largest number.
    ///
    /// Defaults to none.
    pub fn retry(mut self, reconnection_time: Duration) -> Self {
        self.retry = Some(saturating_millis(reconnection_time));
        self
    }

    /// Sets the comments, one per line. CR and CRLF become LF. Takes the same types as
    /// [`data`](Self::data).
    ///
    /// Defaults to none.
    pub fn comments(mut self, comments: impl Into<Cow<'a, str>>) -> Self {
        self.comments = Some(comments.into());
        self
    }

    /// Builds the event.
    ///
    /// # Errors
    ///
    /// Returns an error if the wire format cannot represent the event: see [`BuildError`].
    pub fn build(self) -> Result<ServerSentEvent, BuildError> {
        let Self { data, event, id, comments, retry } = self;
        let [data, comments] = [data, comments].map(|text| text.map(with_lf_only));
        if event.as_deref().is_some_and(has_line_break) {
            return Err(BuildError::LineBreakInEventType);
        }
        if id.as_deref().is_some_and(has_line_break) {
            return Err(BuildError::LineBreakInId);
        }
        if id.as_deref().is_some_and(|id| id.contains('\0')) {
            return Err(BuildError::NulInId);
        }
        let parts = [data, event, id, comments];
        if retry.is_none() && parts.iter().all(Option::is_none) {
            return Err(BuildError::Empty);
        }
        let len = parts.iter().flatten().map(|part| part.len() as u64).sum::<u64>();
        if len >= u64::from(u32::MAX) {
            return Err(BuildError::TooLarge);
        }
        let [data, event, id, comments] = parts.each_ref().map(Option::as_deref);
        Ok(ServerSentEvent::of_fields(data, event, id, retry, comments))
    }

    /// Builds an event with a value as its data, replacing the text that was set, if any.
    ///
    /// ```
    /// use sse_core::{BuildError, ServerSentEvent};
    ///
    /// let event = ServerSentEvent::builder().event("count").build_typed(42)?;
    /// assert_eq!(event.to_string(), "event: count\ndata: 42\n\n");
    /// # Ok::<(), BuildError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the wire format cannot represent one of the other fields: see
    /// [`BuildError`].
    pub fn build_typed<T>(self, data: T) -> Result<TypedServerSentEvent<T>, BuildError> {
        // With data, no event is empty; the value takes its place.
        let event = Self { data: Some(Cow::Borrowed("")), ..self }.build()?;
        Ok(event.map_data(|_| data))
    }
}

/// Error of building an event that an event stream cannot represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BuildError {
    /// The event type contains a CR or LF, which would end its line.
    LineBreakInEventType,
    /// The ID contains a CR or LF, which would end its line.
    LineBreakInId,
    /// The ID contains a U+0000 NULL, so that a receiver would ignore it.
    NulInId,
    /// No field is set, and no block represents that.
    Empty,
    /// The total size of the fields is 4 GiB or more.
    TooLarge,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LineBreakInEventType => "event type contains a line break",
            Self::LineBreakInId => "event ID contains a line break",
            Self::NulInId => "event ID contains a NUL",
            Self::Empty => "event has no field",
            Self::TooLarge => "event is 4 GiB or larger",
        })
    }
}

impl core::error::Error for BuildError {}

fn has_line_break(value: &str) -> bool {
    memchr2(b'\r', b'\n', value.as_bytes()).is_some()
}

/// Replaces CR and CRLF by LF. A text without them, as nearly every one is, is not copied.
fn with_lf_only(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr(b'\r', text.as_bytes()).is_none() {
        return text;
    }
    let mut normalized = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((line, after)) = rest.split_once('\r') {
        normalized.push_str(line);
        normalized.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    normalized.push_str(rest);
    normalized.into()
}
