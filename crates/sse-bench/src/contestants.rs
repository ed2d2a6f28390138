//! The contestants of the first table: a stream of chunks in, a stream of owned events out.
//!
//! Each is used as its documentation shows, through its own adapter where it has one.

use std::{hint::black_box, num::NonZeroUsize};

use eventsource_stream::Eventsource;
use sse_core_peer::{SseDecoder, SseEvent, SseStream};

use crate::{
    contest::{CHUNKS, Contestant, Input, LIMIT, OURS, Tally, drain},
    limit,
    ours::Events,
};

/// Ours first; what is no parser last.
pub const OWNED: [Contestant; 9] = [
    Contestant { name: OURS, run: ours },
    Contestant { name: "sse-core 0.2.3", run: sse_core_peer },
    Contestant { name: "sse-stream", run: sse_stream },
    Contestant { name: "sseer", run: sseer },
    Contestant { name: "eventsrc", run: eventsrc },
    Contestant { name: "sse-parse", run: sse_parse },
    Contestant { name: "eventsource-stream", run: eventsource_stream },
    Contestant { name: LIMIT, run: limit::run },
    Contestant { name: CHUNKS, run: chunks },
];

fn ours(input: &mut Input) -> Tally {
    drain(Events::new(input.stream()), input.deadline, |event| {
        event.has_data().then(|| event.data().len())
    })
}

fn sse_core_peer(input: &mut Input) -> Tally {
    let mut events = SseStream::with_decoder(decoder());
    events.attach(input.stream());
    drain(events, input.deadline, |event| match event {
        SseEvent::Message(message) => Some(message.data.len()),
        SseEvent::Retry(_) => None,
    })
}

/// Its default limit of 512 KiB would drop the huge event.
pub fn decoder() -> SseDecoder {
    SseDecoder::with_limit(NonZeroUsize::MIN.saturating_add((16 << 20) - 1))
}

fn sse_stream(input: &mut Input) -> Tally {
    let events = sse_stream::SseByteStream::new(input.stream());
    drain(events, input.deadline, |event| event.data.as_ref().map(String::len))
}

fn sseer(input: &mut Input) -> Tally {
    let events = sseer::EventStream::new(input.stream());
    drain(events, input.deadline, |event| Some(event.data.len()))
}

fn eventsrc(input: &mut Input) -> Tally {
    let events = eventsrc::EventStream::new(input.stream());
    drain(events, input.deadline, |event| Some(event.data().len()))
}

fn sse_parse(input: &mut Input) -> Tally {
    let events = sse_parse::EventStream::new(input.stream());
    drain(events, input.deadline, |event| Some(event.data.len()))
}

fn eventsource_stream(input: &mut Input) -> Tally {
    let events = input.stream().eventsource();
    drain(events, input.deadline, |event| Some(event.data.len()))
}

/// What no contestant of this table can be spared: the stream is polled, and each chunk dropped.
fn chunks(input: &mut Input) -> Tally {
    drain(input.stream(), input.deadline, |chunk| Some(black_box(chunk).len()))
}
