//! Event with a decoded value as its data.
//!
//! Does not decode: the caller's closure does; `map_data` and `try_map_data` of an event call it.

use core::{fmt, time::Duration};

use crate::{encode, event::ServerSentEvent};

/// [`ServerSentEvent`] with data of type `T` in place of text.
///
/// Made by [`ServerSentEvent::map_data`] and [`ServerSentEvent::try_map_data`], or by
/// [`ServerSentEventBuilder::build_typed`](crate::ServerSentEventBuilder::build_typed).
/// [`Display`](fmt::Display) writes the wire format, with the data as `T` displays itself;
/// [`encode_with`](Self::encode_with) encodes it with the data in any other format.
///
/// ```
/// use sse_core::ServerSentEvent;
///
/// let event = ServerSentEvent::builder().event("count").data("41").build()?;
/// let event = event.try_map_data(str::parse::<u32>)?.map_data(|count| count + 1);
/// assert_eq!(event.to_string(), "event: count\ndata: 42\n\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
///
/// Keeps alive what the event kept alive; [`detach`](Self::detach) releases it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TypedServerSentEvent<T> {
    data: T,
    /// The other fields, in an event without data.
    rest: ServerSentEvent,
}

impl ServerSentEvent {
    /// Converts the data to a value, and keeps the other fields.
    #[must_use]
    pub fn map_data<T>(self, map: impl FnOnce(&str) -> T) -> TypedServerSentEvent<T> {
        let data = map(self.data());
        TypedServerSentEvent::new(data, self.without_data())
    }

    /// Converts the data to a value, and keeps the other fields.
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
    /// Returns the error of `map` if it fails. The event is then dropped: read [`data`](Self::data)
    /// first if you need both.
    pub fn try_map_data<T, E>(
        self,
        map: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<TypedServerSentEvent<T>, E> {
        let data = map(self.data())?;
        Ok(TypedServerSentEvent::new(data, self.without_data()))
    }
}

impl<T> TypedServerSentEvent<T> {
    pub(crate) fn new(data: T, rest: ServerSentEvent) -> Self {
        Self { data, rest }
    }

    /// Returns the data.
    #[must_use]
    pub fn data(&self) -> &T {
        &self.data
    }

    /// Returns the other fields.
    pub(crate) fn rest(&self) -> &ServerSentEvent {
        &self.rest
    }

    /// Returns the data, to modify it.
    #[must_use]
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// Returns the data, and drops the other fields.
    #[must_use]
    pub fn into_data(self) -> T {
        self.data
    }

    /// Returns the data, and the other fields as an event without data.
    #[must_use]
    pub fn into_parts(self) -> (T, ServerSentEvent) {
        (self.data, self.rest)
    }

    /// Returns the event type as the standard defines it: `message` if the block names none.
    #[must_use]
    pub fn event_type(&self) -> &str {
        self.rest.event_type()
    }

    /// Returns the value of the block's `event` field, if it has one that is not empty.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.rest.event()
    }

    /// Returns the value of the block's `id` field.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.rest.id()
    }

    /// Returns the value of the block's `retry` field.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.rest.retry()
    }

    /// Returns the block's comments with an LF between them, if there are any and the parser [keeps
    /// them](crate::Parser::with_comments).
    #[must_use]
    pub fn comments(&self) -> Option<&str> {
        self.rest.comments()
    }

    /// Converts the data to another value, and keeps the other fields.
    #[must_use]
    pub fn map_data<U>(self, map: impl FnOnce(T) -> U) -> TypedServerSentEvent<U> {
        TypedServerSentEvent::new(map(self.data), self.rest)
    }

    /// Converts the data to another value, and keeps the other fields.
    ///
    /// # Errors
    ///
    /// Returns the error of `map` if it fails; the event is then dropped.
    pub fn try_map_data<U, E>(
        self,
        map: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<TypedServerSentEvent<U>, E> {
        Ok(TypedServerSentEvent::new(map(self.data)?, self.rest))
    }

    /// Copies the fields into memory of their own, so that the chunk's memory is not kept alive.
    #[must_use]
    pub fn detach(self) -> Self {
        Self { data: self.data, rest: self.rest.detach() }
    }
}

impl<T: fmt::Debug> fmt::Debug for TypedServerSentEvent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedServerSentEvent")
            .field("data", &self.data)
            .field("event", &self.event())
            .field("id", &self.id())
            .field("retry", &self.retry())
            .field("comments", &self.comments())
            .finish()
    }
}

impl<T: fmt::Display> fmt::Display for TypedServerSentEvent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        encode::display_typed(f, &self.rest, &self.data)
    }
}
