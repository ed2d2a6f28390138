//! Events that go from the upstream to every connection: each has its number as its ID.

use sse_core::ServerSentEvent;

/// Length of an event on the wire.
pub const EVENT_BYTES: usize = 230;

/// Appends an event as a chunk of the chunked coding.
pub fn write_chunk(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(format!("{EVENT_BYTES:x}\r\n").as_bytes());
    let start = out.len();
    out.extend_from_slice(format!("id: {number:08}\ndata: {number:08}").as_bytes());
    out.resize(start + EVENT_BYTES - "\n\n".len(), FILLER);
    out.extend_from_slice(b"\n\n\r\n");
}

/// Returns `true` if this is the event of that number.
pub fn is_event(event: &ServerSentEvent, number: u64) -> bool {
    let (id, data) = (event.id().unwrap_or_default(), event.data());
    let parsed = |text: &str| text.parse() == Ok(number);
    let is_filled = |rest: &str| rest.len() == FILLER_BYTES && rest.bytes().all(|it| it == FILLER);
    parsed(id) && data.split_at_checked(8).is_some_and(|(it, rest)| parsed(it) && is_filled(rest))
}

const FILLER: u8 = b'x';
const FILLER_BYTES: usize = EVENT_BYTES - "id: 12345678\ndata: 12345678\n\n".len();
