//! Contestants of the table of borrowed events: each reads slices and returns events as cheaply as
//! it can.
//!
//! No stream, no shared memory. Ours returns borrowed events; the data is decoded, which checks it.
//! `sse-core` and `sse-parse` have a synchronous API that returns owned events; `sseer` has a
//! function that splits a line, see [`sseer_lines`]. The other peers have no such API. The owned
//! API of each peer takes part too, so that ours is compared with the best one that any of them
//! has.

use sse_core_peer::SseEvent;

use crate::{
    contest::{Contestant, Input, LIMIT, OURS, Tally},
    contestants::{self, decoder},
    limit, sseer_lines,
};

pub const BORROWED: [Contestant; 10] = [
    Contestant { name: OURS, run: ours },
    Contestant { name: "sse-core 0.2.3", run: sse_core_peer },
    Contestant { name: "sse-parse", run: sse_parse },
    Contestant { name: "sseer", run: sseer_lines::run },
    Contestant { name: "sse-core 0.2.3, owned", run: contestants::sse_core_peer },
    Contestant { name: "sse-stream, owned", run: contestants::sse_stream },
    Contestant { name: "sseer, owned", run: contestants::sseer },
    Contestant { name: "eventsrc, owned", run: contestants::eventsrc },
    Contestant { name: "sse-parse, owned", run: contestants::sse_parse },
    Contestant { name: LIMIT, run: limit::run },
];

fn ours(input: &mut Input) -> Tally {
    let mut tally = Tally::default();
    let mut parser = sse_core::Parser::new();
    for chunk in &input.chunks {
        let mut rest: &[u8] = chunk;
        loop {
            match parser.next_ref(&mut rest) {
                Ok(Some(event)) => tally.add(event.data().len()),
                Ok(None) => break,
                Err(_) => return Tally { errors: tally.errors + 1, ..tally },
            }
        }
        if input.is_over() {
            return Tally { stopped: true, ..tally };
        }
    }
    tally
}

fn sse_core_peer(input: &mut Input) -> Tally {
    let mut tally = Tally::default();
    let mut decoder = decoder();
    for chunk in &input.chunks {
        let mut rest: &[u8] = chunk;
        while let Some(event) = decoder.next(&mut rest) {
            match event {
                Ok(SseEvent::Message(message)) => tally.add(message.data.len()),
                Ok(SseEvent::Retry(_)) => {}
                Err(_) => return Tally { errors: tally.errors + 1, ..tally },
            }
        }
        if input.is_over() {
            return Tally { stopped: true, ..tally };
        }
    }
    tally
}

fn sse_parse(input: &mut Input) -> Tally {
    let mut tally = Tally::default();
    let mut parser = sse_parse::SseParser::new();
    for chunk in &input.chunks {
        parser.feed(chunk);
        while let Some(event) = parser.next_event() {
            tally.add(event.data.len());
        }
        if input.is_over() {
            return Tally { stopped: true, ..tally };
        }
    }
    tally
}
