//! Encoded events, for servers that send one event more than once.
//!
//! Holds a wire format, and writes a value as data. [`crate::encode`] defines the form.

use alloc::vec::Vec;
use core::fmt;

use bytes::{Buf, Bytes};
use memchr::{memchr2, memchr2_iter};

use crate::{
    encode::{self, Sink},
    event::{MESSAGE, ServerSentEvent},
    field::{DATA, EVENT, ID},
    typed::TypedServerSentEvent,
};

/// Block of an event stream as it is sent over the network.
///
/// A clone shares the bytes and costs no more than a clone of [`Bytes`]: encode an event once, and
/// give a clone to each of any number of connections. `EventBody` (feature `http-body`) sends it
/// without a copy unless several events are ready at once.
///
/// ```
/// use sse_core::{EncodedEvent, ServerSentEvent};
///
/// let event = ServerSentEvent::builder().id("7").data("one\ntwo").build()?;
/// let encoded = EncodedEvent::from(&event);
/// assert_eq!(encoded.as_bytes(), b"id: 7\ndata: one\ndata: two\n\n");
/// # Ok::<(), sse_core::BuildError>(())
/// ```
///
/// # Memory
///
/// The bytes are in an allocation of their own, of their exact size. An event that was received
/// does not stay alive. [`sharing`](Self::sharing) is the exception: it copies only if it must.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EncodedEvent(Bytes);

impl EncodedEvent {
    /// Encodes an event, without a copy if its memory already holds the wire format.
    ///
    /// The memory holds the wire format in two cases. A received event shares its chunk, and the
    /// bytes there are exactly those that would be encoded (they are compared); or an event with
    /// one line of data was [built](crate::ServerSentEventBuilder). Any other event is encoded as
    /// by `from`. This includes an event of at most 24 bytes of text, and one that was assembled
    /// because a chunk ends, or [appears to end](crate#guarantees), within it.
    ///
    /// Without a copy, the result keeps the memory of the event alive: of a received event, its
    /// whole chunk. For a history, which keeps few events of many chunks, `from` is the better
    /// choice.
    ///
    /// ```
    /// use sse_core::{EncodedEvent, Parser};
    ///
    /// let chunk = sse_core::Bytes::from("event: greeting\ndata: hello, and good bye\n\n");
    /// let event = Parser::new().next(&mut chunk.clone())?.expect("a whole event");
    /// let encoded = EncodedEvent::sharing(event);
    /// assert_eq!(encoded.as_bytes().as_ptr(), chunk.as_ptr());
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    pub fn sharing(event: ServerSentEvent) -> Self {
        let Some(block) = event.block() else { return Self::from(&event) };
        let mut memory = event.into_memory();
        // The memory of a built event ends with the block: to truncate it would allocate.
        if block.end < memory.len() {
            memory.truncate(block.end);
        }
        memory.advance(block.start);
        Self(memory)
    }

    /// Returns an empty comment, which keeps a connection alive and is not an event for a receiver.
    #[must_use]
    pub const fn keep_alive() -> Self {
        // With a blank line, for a client that shows comments together with their block.
        Self(Bytes::from_static(b":\n\n"))
    }

    /// Returns the bytes, which end in a blank line and are never empty.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Converts the event into its bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl EncodedEvent {
    /// Returns the event type as the standard defines it: `message` if the event names none.
    #[must_use]
    pub fn event_type(&self) -> &str {
        self.field(EVENT).unwrap_or(MESSAGE)
    }

    /// Returns the ID, if the event has one; an empty one resets the last event ID of a receiver.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.field(ID)
    }

    /// Returns the value of a field whose line comes before the data.
    fn field(&self, name: &str) -> Option<&str> {
        let lines = self.0.split(|byte| *byte == b'\n');
        let mut head = lines.take_while(|line| !line.starts_with(DATA.as_bytes()));
        let value = head.find_map(|line| line.strip_prefix(name.as_bytes()))?;
        core::str::from_utf8(value).ok()
    }
}

impl AsRef<[u8]> for EncodedEvent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&ServerSentEvent> for EncodedEvent {
    fn from(event: &ServerSentEvent) -> Self {
        if let Some(block) = event.block() {
            return Self(Bytes::copy_from_slice(&event.memory()[block]));
        }
        let (len, lines) = encode::measure(event);
        let mut wire = Vec::with_capacity(len);
        let Ok(()) = encode::write_event(&mut wire, event, lines);
        Self(Bytes::from(wire))
    }
}

impl From<ServerSentEvent> for EncodedEvent {
    fn from(event: ServerSentEvent) -> Self {
        Self::from(&event)
    }
}

impl fmt::Debug for EncodedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EncodedEvent").field(&self.0).finish()
    }
}

/// Encoded events that are sent together, in their order.
///
/// Created from any number of events by `collect`. A clone shares the bytes, like a clone of an
/// [`EncodedEvent`].
///
/// ```
/// use sse_core::{EncodedEvent, EncodedEvents, ServerSentEvent};
///
/// let events = ["one", "two"].map(|data| ServerSentEvent::builder().data(data).build());
/// let encoded = events.map(|event| event.map(EncodedEvent::from));
/// let together = encoded.into_iter().collect::<Result<EncodedEvents, _>>()?;
/// assert_eq!(together.as_bytes(), b"data: one\n\ndata: two\n\n");
/// # Ok::<(), sse_core::BuildError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct EncodedEvents(Bytes);

impl EncodedEvents {
    /// Returns the bytes, which are empty without an event.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Converts the events into their bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl From<EncodedEvent> for EncodedEvents {
    fn from(event: EncodedEvent) -> Self {
        Self(event.0)
    }
}

impl<'a> FromIterator<&'a EncodedEvent> for EncodedEvents {
    fn from_iter<I: IntoIterator<Item = &'a EncodedEvent>>(events: I) -> Self {
        let mut events = events.into_iter();
        let (Some(first), second) = (events.next(), events.next()) else { return Self::default() };
        let Some(second) = second else { return Self(first.0.clone()) };
        let mut wire = Vec::with_capacity(first.0.len() + second.0.len());
        for event in [first, second].into_iter().chain(events) {
            wire.extend_from_slice(&event.0);
        }
        Self(Bytes::from(wire))
    }
}

impl FromIterator<EncodedEvent> for EncodedEvents {
    fn from_iter<I: IntoIterator<Item = EncodedEvent>>(events: I) -> Self {
        let events: Vec<EncodedEvent> = events.into_iter().collect();
        events.iter().collect()
    }
}

impl fmt::Debug for EncodedEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EncodedEvents").field(&self.0).finish()
    }
}

impl<T> TypedServerSentEvent<T> {
    /// Encodes the event, with what `write` writes as its data.
    ///
    /// CR, LF and CRLF each start a new line of data. If `write` writes nothing, the data is empty.
    /// Bytes that are not UTF-8 are sent as they are, and a receiver reads U+FFFD in their place.
    ///
    /// ```
    /// use std::fmt::Write;
    /// use sse_core::ServerSentEvent;
    ///
    /// let event = ServerSentEvent::builder().event("point").build_typed((1, 2))?;
    /// let encoded = event.encode_with(|(x, y), data| write!(data, "{x};{y}"))?;
    /// assert_eq!(encoded.as_bytes(), b"event: point\ndata: 1;2\n\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error of `write` if it fails.
    pub fn encode_with<E>(
        &self,
        write: impl FnOnce(&T, &mut DataWriter) -> Result<(), E>,
    ) -> Result<EncodedEvent, E> {
        let (head, _) = encode::measure(self.rest());
        let mut wire = Vec::with_capacity(head + DATA.len() + TYPICAL_DATA);
        let Ok(()) = encode::write_head(&mut wire, self.rest());
        let Ok(()) = wire.put(DATA);
        let start = wire.len();
        let mut writer = DataWriter { wire, start };
        write(self.data(), &mut writer)?;
        let DataWriter { mut wire, start } = writer;
        break_lines(&mut wire, start);
        let Ok(()) = wire.put("\n\n");
        wire.shrink_to_fit();
        Ok(EncodedEvent(Bytes::from(wire)))
    }
}

/// Initial room for data whose length is unknown.
const TYPICAL_DATA: usize = 240;

/// Writer of the data of one event, given to the closure of [`TypedServerSentEvent::encode_with`].
///
/// Takes text as a [`fmt::Write`], and bytes as a `std::io::Write` (feature `std`), neither of
/// which ever fails.
#[derive(Debug)]
pub struct DataWriter {
    wire: Vec<u8>,
    /// Start of the data.
    start: usize,
}

impl fmt::Write for DataWriter {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.wire.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(feature = "std")]
impl std::io::Write for DataWriter {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.wire.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.wire.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Splits the value after `start`, which was written as one line, into its lines.
///
/// Values are searched once they are complete, because a serializer writes many short pieces and
/// hardly ever a line break.
fn break_lines(wire: &mut Vec<u8>, start: usize) {
    let Some(first) = memchr2(b'\r', b'\n', &wire[start..]) else { return };
    let rest = wire.split_off(start + first);
    wire.reserve(rest.len() + memchr2_iter(b'\r', b'\n', &rest).count() * DATA.len());
    let mut rest = &rest[..];
    while let Some(end) = memchr2(b'\r', b'\n', rest) {
        let (line, line_break) = rest.split_at(end);
        wire.extend_from_slice(line);
        let Ok(()) = wire.put("\n");
        let Ok(()) = wire.put(DATA);
        rest = line_break.strip_prefix(b"\r\n").unwrap_or(&line_break[1..]);
    }
    wire.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec::Vec};
    use core::{fmt::Write, time::Duration};

    use super::{EncodedEvent, EncodedEvents};
    use crate::{BuildError, ServerSentEvent};

    #[test]
    fn an_encoded_event_is_what_display_writes_in_memory_of_its_exact_size()
    -> Result<(), BuildError> {
        let builders = [
            ServerSentEvent::builder().data(""),
            ServerSentEvent::builder().data("a\nb\n").event("e").id("").comments("c\n\nd"),
            ServerSentEvent::builder().id("7").retry(Duration::MAX),
            ServerSentEvent::builder().retry(Duration::ZERO).data(" "),
            ServerSentEvent::builder().comments(""),
            ServerSentEvent::builder().data("x".repeat(5000)),
        ];
        for builder in builders {
            let event = builder.build()?;
            assert_eq!(crate::encode::measure(&event).0, format!("{event}").len());
            assert_eq!(EncodedEvent::from(&event).as_bytes(), format!("{event}").as_bytes());
            assert_eq!(EncodedEvent::from(event.clone()), EncodedEvent::from(&event));
        }
        Ok(())
    }

    #[test]
    fn encode_with_starts_a_line_at_each_line_break_however_the_text_is_cut()
    -> Result<(), BuildError> {
        let cases = [
            ("", "data: \n\n"),
            ("a", "data: a\n\n"),
            ("a\n", "data: a\ndata: \n\n"),
            ("\r\n\r\r\n", "data: \ndata: \ndata: \ndata: \n\n"),
            (" a\rb\n\nc\r", "data:  a\ndata: b\ndata: \ndata: c\ndata: \n\n"),
        ];
        for (text, wire) in cases {
            let event = ServerSentEvent::builder().build_typed(text)?;
            for pieces in 1..=3 {
                let encoded = event.encode_with(|text, data| {
                    let chars: Vec<char> = text.chars().collect();
                    let mut pieces = chars.chunks(pieces).map(|it| it.iter().collect::<String>());
                    pieces.try_for_each(|piece| data.write_str(&piece))
                });
                assert_eq!(encoded.map(EncodedEvent::into_bytes), Ok(wire.into()));
            }
            assert_eq!(format!("{event}"), wire);
        }
        Ok(())
    }

    #[test]
    fn an_encoded_event_knows_its_event_type_and_id() -> Result<(), BuildError> {
        let full = ServerSentEvent::builder().comments("id: c").event("e").id("7").data("id: d");
        let bare = ServerSentEvent::builder().data("event: d\nid: d");
        let [full, bare] = [full.build()?, bare.build()?].map(EncodedEvent::from);
        assert_eq!((full.event_type(), full.id()), ("e", Some("7")));
        assert_eq!((bare.event_type(), bare.id()), ("message", None));
        Ok(())
    }

    #[test]
    fn encoded_events_share_the_bytes_of_one_and_join_those_of_several() -> Result<(), BuildError> {
        let one = EncodedEvent::from(ServerSentEvent::builder().data("1").build()?);
        let together: EncodedEvents = [&one].into_iter().collect();
        assert_eq!(together.as_bytes().as_ptr(), one.as_bytes().as_ptr());
        let together: EncodedEvents = [&one, &one, &one].into_iter().collect();
        assert_eq!(together.as_bytes(), one.as_bytes().repeat(3));
        assert_eq!(EncodedEvents::from_iter([one.clone()]), EncodedEvents::from(one));
        assert!(
            <[EncodedEvent; 0]>::default().iter().collect::<EncodedEvents>().as_bytes().is_empty()
        );
        Ok(())
    }

    #[test]
    fn encode_with_returns_the_error_of_its_closure() -> Result<(), BuildError> {
        let event = ServerSentEvent::builder().id("1").build_typed(())?;
        assert_eq!(event.encode_with(|(), _| Err("no")), Err("no"));
        Ok(())
    }
}
