//! The contestants of the second table: slices in, events out as cheaply as each can give them.
//!
//! No stream, no shared memory. Ours lends its events; the data is decoded, which checks it.
//! `sse-core` and `sse-parse` have a synchronous form that gives owned events; `sseer` has a
//! function that splits a line, around which this file puts what a caller would have to. The
//! other peers have no such form.

use std::str;

use sse_core_peer::SseEvent;
use sseer::parser::{RawEventLine, parse_line};

use crate::{
    contest::{Contestant, Input, LIMIT, OURS, Tally},
    contestants::decoder,
    limit,
};

pub const BORROWED: [Contestant; 5] = [
    Contestant { name: OURS, run: ours },
    Contestant { name: "sse-core 0.2.3", run: sse_core_peer },
    Contestant { name: "sse-parse", run: sse_parse },
    Contestant { name: "sseer", run: sseer },
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

fn sseer(input: &mut Input) -> Tally {
    let mut tally = Tally::default();
    let mut block = Block::default();
    // The start of a line whose end has not come yet.
    let mut carry: Vec<u8> = Vec::new();
    for chunk in &input.chunks {
        if carry.is_empty() {
            carry.extend_from_slice(split_lines(chunk, &mut block, &mut tally));
        } else {
            carry.extend_from_slice(chunk);
            let left = split_lines(&carry, &mut block, &mut tally).len();
            carry.drain(..carry.len() - left);
        }
        if input.is_over() {
            return Tally { stopped: true, ..tally };
        }
    }
    tally
}

/// The data of the open block, as far as its length goes.
#[derive(Default)]
struct Block {
    data: usize,
    lines: usize,
}

fn split_lines<'i>(bytes: &'i [u8], block: &mut Block, tally: &mut Tally) -> &'i [u8] {
    let mut rest = bytes;
    while let Some((line, after)) = parse_line(rest) {
        rest = after;
        match line {
            RawEventLine::Empty => {
                if block.lines > 0 {
                    tally.add(block.data + block.lines - 1);
                }
                *block = Block::default();
            }
            RawEventLine::Field { field_name: b"data", field_value } => {
                let value = field_value.unwrap_or_default();
                tally.errors += u64::from(str::from_utf8(value).is_err());
                block.data += value.len();
                block.lines += 1;
            }
            RawEventLine::Field { .. } | RawEventLine::Comment => {}
        }
    }
    rest
}
