//! Encoding of events into a buffer, for the adapters that write.
//!
//! [`crate::encode`] defines the wire format.

use bytes::BytesMut;

use crate::{encode, event::ServerSentEvent};

/// Appends an event to the buffer, as a copy if its wire format is in memory.
#[cfg(feature = "codec")]
#[inline]
pub(crate) fn write_event(buffer: &mut BytesMut, event: &ServerSentEvent) {
    match event.block() {
        Some(block) => write_bytes(buffer, &event.memory()[block]),
        None => encode_event(buffer, event),
    }
}

/// Encodes an event and appends it to the buffer.
#[inline]
pub(crate) fn encode_event(buffer: &mut BytesMut, event: &ServerSentEvent) {
    let (len, lines) = encode::measure(event);
    reserve(buffer, len);
    let Ok(()) = encode::write_event(buffer, event, lines);
}

/// Appends bytes to the buffer.
#[inline]
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
