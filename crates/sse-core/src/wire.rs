//! An event in, the bytes of its wire form out: what the adapters that write have in common.
//!
//! What the form is, is [`crate::encode`]'s.

use core::fmt::Write;

use bytes::BytesMut;

use crate::event::ServerSentEvent;

/// Writes an event behind what is in the buffer.
pub(crate) fn write_event(buffer: &mut BytesMut, event: &ServerSentEvent) {
    let values = [Some(event.data()), event.event(), event.id(), event.comments()];
    let len = values.iter().flatten().map(|value| value.len()).sum::<usize>();
    let needed = len + NAMES_AND_LINE_ENDS;
    if buffer.capacity() - buffer.len() < needed {
        buffer.reserve(needed.max(MIN_RESERVED_BYTES));
    }
    // It fails only where memory ends, and there it does not return.
    let _ = write!(buffer, "{event}");
}

/// Small events share an allocation.
const MIN_RESERVED_BYTES: usize = 1024;

/// Enough for an event with a value of one line for each field.
const NAMES_AND_LINE_ENDS: usize = 64;
