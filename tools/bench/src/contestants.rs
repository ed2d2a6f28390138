//! Contestants of the tables of owned events: each turns a stream of chunks into a stream of
//! events.
//!
//! Each is used as its documentation shows, through its own adapter if it has one, over a source
//! that can fail. Two more columns are our parser without its adapter.

use std::{convert::Infallible, hint::black_box, io, num::NonZeroUsize, pin::pin};

use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use sse_core_peer::{SseDecoder, SseEvent, SseStream};

use crate::{
    contest::{
        CHUNKS, Chunks, Consumer, Contestant, Input, LIMIT, OURS, OURS_ALONE, OURS_IN_LOOP, Tally,
        drain, read_events, run,
    },
    limit,
    ours::Events,
};

/// Ours first; those that are not parsers last.
pub const OWNED: [Contestant; 11] = [
    Contestant { name: OURS, run: ours },
    Contestant { name: OURS_IN_LOOP, run: ours_in_loop },
    Contestant { name: OURS_ALONE, run: ours_alone },
    Contestant { name: "sse-core 0.2.3", run: sse_core_peer },
    Contestant { name: "sse-stream", run: sse_stream },
    Contestant { name: "sseer", run: sseer },
    Contestant { name: "eventsrc", run: eventsrc },
    Contestant { name: "sse-parse", run: sse_parse },
    Contestant { name: "eventsource-stream", run: eventsource_stream },
    Contestant { name: LIMIT, run: limit::run },
    Contestant { name: CHUNKS, run: chunks },
];

fn source(input: &mut Input) -> Chunks<io::Error> {
    input.stream()
}

fn ours(input: &mut Input) -> Tally {
    let events = sse_core::EventStream::new(source(input));
    read_events!(events, input.deadline, |event| event.has_data().then(|| event.data().len()))
}

fn ours_in_loop(input: &mut Input) -> Tally {
    run(async {
        let mut chunks = source(input);
        let mut consumer = Consumer::new(input.deadline);
        let mut parser = sse_core::Parser::new();
        while let Some(chunk) = chunks.next().await {
            let Ok(mut chunk) = chunk else { return consumer.finish(true) };
            loop {
                match parser.next(&mut chunk) {
                    Ok(Some(event)) => {
                        let len = event.has_data().then(|| event.data().len());
                        consumer.take(event, len);
                    }
                    Ok(None) => break,
                    Err(_) => return consumer.finish(true),
                }
            }
            if consumer.is_over() {
                break;
            }
        }
        consumer.finish(false)
    })
}

fn ours_alone(input: &mut Input) -> Tally {
    let chunks: Chunks<Infallible> = input.stream();
    drain(Events::new(chunks), input.deadline, |event| event.has_data().then(|| event.data().len()))
}

pub fn sse_core_peer(input: &mut Input) -> Tally {
    let mut events = SseStream::with_decoder(decoder());
    events.attach(source(input));
    read_events!(pin!(events), input.deadline, |event| match event {
        SseEvent::Message(message) => Some(message.data.len()),
        SseEvent::Retry(_) => None,
    })
}

/// Its default limit of 512 KiB would drop the huge event.
pub fn decoder() -> SseDecoder {
    SseDecoder::with_limit(NonZeroUsize::MIN.saturating_add((16 << 20) - 1))
}

pub fn sse_stream(input: &mut Input) -> Tally {
    let events = sse_stream::SseByteStream::new(source(input));
    read_events!(pin!(events), input.deadline, |event| event.data.as_ref().map(String::len))
}

pub fn sseer(input: &mut Input) -> Tally {
    let events = sseer::EventStream::new(source(input));
    read_events!(pin!(events), input.deadline, |event| Some(event.data.len()))
}

pub fn eventsrc(input: &mut Input) -> Tally {
    let events = eventsrc::EventStream::new(source(input));
    read_events!(pin!(events), input.deadline, |event| Some(event.data().len()))
}

pub fn sse_parse(input: &mut Input) -> Tally {
    let events = sse_parse::EventStream::new(source(input));
    read_events!(pin!(events), input.deadline, |event| Some(event.data.len()))
}

fn eventsource_stream(input: &mut Input) -> Tally {
    let events = source(input).eventsource();
    read_events!(pin!(events), input.deadline, |event| Some(event.data.len()))
}

/// Limit of this table: the stream is polled, and each chunk dropped.
fn chunks(input: &mut Input) -> Tally {
    drain(source(input), input.deadline, |chunk| Some(black_box(chunk).len()))
}
