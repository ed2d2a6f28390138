//! The wire form of events in a buffer, as the adapters that write send it.
//!
//! What the form is, is decided in [`crate::encode`].

use bytes::{Bytes, BytesMut};

use crate::{
    encode,
    encoded::{EncodedEvent, EncodedEvents},
    event::ServerSentEvent,
};

/// What an [`EventBody`](crate::EventBody) sends (feature `http-body`): a [`ServerSentEvent`], an
/// [`EncodedEvent`] or [`EncodedEvents`].
///
/// Sealed: it has no other implementations.
pub trait WireEvent: sealed::WireEvent {}

impl WireEvent for ServerSentEvent {}

impl WireEvent for EncodedEvent {}

impl WireEvent for EncodedEvents {}

pub(crate) mod sealed {
    use bytes::{Bytes, BytesMut};

    #[allow(unnameable_types)] // sealed
    pub trait WireEvent {
        /// Writes the event behind what is in the buffer.
        fn write_to(&self, buffer: &mut BytesMut);

        /// Returns the wire form if it is in memory already.
        fn encoded(&self) -> Option<&Bytes>;
    }
}

impl sealed::WireEvent for ServerSentEvent {
    #[inline]
    fn write_to(&self, buffer: &mut BytesMut) {
        let (len, lines) = encode::measure(self);
        reserve(buffer, len);
        let Ok(()) = encode::write_event(buffer, self, lines);
    }

    #[inline]
    fn encoded(&self) -> Option<&Bytes> {
        None
    }
}

impl sealed::WireEvent for EncodedEvent {
    #[inline]
    fn write_to(&self, buffer: &mut BytesMut) {
        write_bytes(buffer, self.as_bytes());
    }

    #[inline]
    fn encoded(&self) -> Option<&Bytes> {
        Some(self.bytes())
    }
}

impl sealed::WireEvent for EncodedEvents {
    #[inline]
    fn write_to(&self, buffer: &mut BytesMut) {
        write_bytes(buffer, self.as_bytes());
    }

    #[inline]
    fn encoded(&self) -> Option<&Bytes> {
        Some(self.bytes())
    }
}

/// Writes bytes behind what is in the buffer.
pub(crate) fn write_bytes(buffer: &mut BytesMut, bytes: &[u8]) {
    reserve(buffer, bytes.len());
    buffer.extend_from_slice(bytes);
}

#[inline]
fn reserve(buffer: &mut BytesMut, needed: usize) {
    if buffer.capacity() - buffer.len() < needed {
        buffer.reserve(needed.max(MIN_RESERVED_BYTES));
    }
}

/// Small events share an allocation.
const MIN_RESERVED_BYTES: usize = 1024;
