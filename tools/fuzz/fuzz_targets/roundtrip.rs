//! Events that are written and parsed again: those of a stream, and one of arbitrary fields.
//!
//! The fields are the text of the stream between vertical bars.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sse_core::{EncodedEvent, Parser, ServerSentEvent};

use plan::Plan;

mod plan;

fuzz_target!(|input: &[u8]| {
    let Some(Plan { choice, chunks, stream }) = Plan::of(input) else { return };
    let events = read(&chunks);
    let lengths = chunks.iter().map(|chunk| chunk.len());
    check(&events, lengths.clone());
    if let Some(event) = build(choice, &String::from_utf8_lossy(stream)) {
        check(&[event], lengths);
    }
});

fn check(events: &[ServerSentEvent], lengths: impl Iterator<Item = usize>) {
    let wire: String = events.iter().map(ToString::to_string).collect();
    assert!(!wire.contains('\r'));
    let mut rest = wire.as_bytes();
    let mut chunks = Vec::new();
    for length in lengths {
        let (chunk, after) = rest.split_at(length.min(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    chunks.push(rest);
    let again = read(&chunks);
    assert_eq!(again, events, "{wire:?}");
    assert_eq!(again.iter().map(ToString::to_string).collect::<String>(), wire);
    // Parts of chunks, and the memory of what was built, are what the encoder writes.
    for event in events.iter().chain(&again) {
        let encoded = EncodedEvent::from(&event.detach());
        assert_eq!(EncodedEvent::sharing(event.clone()), encoded);
        assert_eq!(EncodedEvent::from(event), encoded);
        assert_eq!(encoded.as_bytes(), event.to_string().as_bytes());
    }
    for event in again {
        assert_eq!(event.detach(), event);
        if event.has_data() {
            assert_eq!(event.clone().map_data(str::to_owned).to_string(), event.to_string());
        }
    }
}

fn read(chunks: &[&[u8]]) -> Vec<ServerSentEvent> {
    let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let mut events = Vec::new();
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        while let Some(event) = parser.next(&mut input).expect("far below the limit") {
            events.push(event);
        }
    }
    events
}

/// Builds an event with the fields that the bits select, or returns `None` if no stream can carry
/// it.
fn build(choice: u8, text: &str) -> Option<ServerSentEvent> {
    let mut parts = text.split('|');
    let mut part = |bit: u8| (choice >> bit & 1 == 1).then(|| parts.next()).flatten();
    let mut builder = ServerSentEvent::builder();
    if let Some(event_type) = part(0) {
        builder = builder.event(event_type);
    }
    if let Some(id) = part(1) {
        builder = builder.id(id);
    }
    if let Some(comments) = part(2) {
        builder = builder.comments(comments);
    }
    if let Some(time) = part(3) {
        builder = builder.retry(Duration::from_millis(time.parse().unwrap_or(u64::MAX)));
    }
    if let Some(data) = part(4) {
        builder = builder.data(data);
    }
    builder.build().ok()
}
