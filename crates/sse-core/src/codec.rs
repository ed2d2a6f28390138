//! Codec of events for tokio-util's `Framed`.
//!
//! Responsible for moving bytes between the codec's buffers and the parser or the encoder. Does not
//! know HTTP: framing such as chunked transfer coding must have been removed.

use bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use crate::{
    encoded::EncodedEvent,
    event::ServerSentEvent,
    parser::Parser,
    read::ReadError,
    stream_error::StreamError,
    wire::{write_bytes, write_event},
};

/// Error of an [`EventCodec`] (feature `codec`).
pub type CodecError = ReadError;

/// Decoder and encoder of events for tokio-util's `Framed` (feature `codec`).
///
/// It also works with `FramedRead` and `FramedWrite`. A decoded event shares the memory it was read
/// into. The codec takes the whole read buffer at once and keeps the part that is not decoded yet.
///
/// An incomplete event at the end is dropped without an error, as the standard requires; the codec
/// is then ready for another event stream.
///
/// ```
/// use bytes::BytesMut;
/// use sse_core::EventCodec;
/// use tokio_util::codec::{Decoder, Encoder};
///
/// let mut codec = EventCodec::new();
/// let mut buffer = BytesMut::from("id: 1\ndata: hello\n\ndata: wor");
/// let event = codec.decode(&mut buffer)?.expect("a whole event");
/// assert_eq!(event.data(), "hello");
///
/// codec.encode(&event, &mut buffer)?;
/// assert_eq!(buffer, "id: 1\ndata: hello\n\n");
/// # Ok::<(), sse_core::CodecError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct EventCodec {
    parser: Parser,
    /// Bytes that have been taken from the read buffer and are not parsed yet.
    chunk: Bytes,
}

impl EventCodec {
    /// Creates a codec at the start of an event stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the parser, such as one with limits, a last event ID or comments. Must be called before
    /// the first event is decoded.
    ///
    /// Defaults to [`Parser::new`].
    #[must_use]
    pub fn with_parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }

    /// Returns the parser, which knows the last event ID, the reconnection time and the number of
    /// bytes of an incomplete event.
    #[must_use]
    pub fn parser(&self) -> &Parser {
        &self.parser
    }
}

impl Decoder for EventCodec {
    type Item = ServerSentEvent;
    type Error = CodecError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error> {
        loop {
            if self.chunk.is_empty() {
                // Releases its memory first: the buffer can then reuse it.
                self.chunk = Bytes::new();
                if buffer.is_empty() {
                    return Ok(None);
                }
                self.chunk = buffer.split().freeze();
            }
            match self.parser.next(&mut self.chunk) {
                Ok(None) => {}
                Ok(event) => return Ok(event),
                Err(error) => {
                    self.chunk = Bytes::new();
                    return Err(StreamError::Limit(error));
                }
            }
        }
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error> {
        let event = self.decode(buffer)?;
        if event.is_none() {
            self.parser.restart();
        }
        Ok(event)
    }
}

impl Encoder<&ServerSentEvent> for EventCodec {
    type Error = CodecError;

    fn encode(&mut self, event: &ServerSentEvent, buffer: &mut BytesMut) -> Result<(), CodecError> {
        write_event(buffer, event);
        Ok(())
    }
}

impl Encoder<ServerSentEvent> for EventCodec {
    type Error = CodecError;

    fn encode(&mut self, event: ServerSentEvent, buffer: &mut BytesMut) -> Result<(), CodecError> {
        self.encode(&event, buffer)
    }
}

impl Encoder<EncodedEvent> for EventCodec {
    type Error = CodecError;

    fn encode(&mut self, event: EncodedEvent, buffer: &mut BytesMut) -> Result<(), CodecError> {
        write_bytes(buffer, event.as_bytes());
        Ok(())
    }
}
