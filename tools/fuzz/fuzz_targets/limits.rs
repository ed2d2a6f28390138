//! Any bytes in any chunks under small limits: the byte that exceeds one, the events before it, the
//! events that remain if it is skipped, and the memory that is held.
//!
//! The memory is measured between two calls, without what the caller holds.

#![no_main]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sse_core::{ExcessPolicy, Limit, LimitExceeded, Limits, Parser};

use sse_reference::excess::{first_excess, read_skipping, without_old_comments};
use sse_reference::outcome::{Side, parse_on};
use sse_reference::reader::{self, Mode};

mod plan;

use plan::Plan;

fuzz_target!(|input: &[u8]| {
    let Some(Plan { choice, chunks, stream }) = Plan::of(input) else { return };
    let event = 8 << (choice / 4 % 16);
    let limits = Limits::default().max_event_bytes(event);
    // An ID is held beside its block, so that it gets only a part of the limit, as by default.
    let limits = limits.max_id_bytes(event / 16).max_event_type_bytes(event / 16);
    let skipping = limits.excess_policy(ExcessPolicy::Skip);
    let (long, long_chunks) = prolonged(stream, &chunks, event);
    for mode in [Mode::ALL[usize::from(choice) % 4], Mode::EVERYTHING] {
        same_excess(&chunks, stream, limits, mode);
        same_remains(&chunks, stream, skipping, mode);
        for limits in [limits, skipping] {
            bounded_memory(mode.parser().with_limits(limits), &chunks, limits);
            bounded_memory(mode.parser().with_limits(limits), &cut(&long, &long_chunks), limits);
        }
    }
});

/// Replaces every `X` in the stream by many, up to a few times the limit, and lengthens the chunks
/// by as much: the fuzzer's own inputs are too short to fill a buffer.
fn prolonged(stream: &[u8], chunks: &[&[u8]], limit: usize) -> (Vec<u8>, Vec<usize>) {
    let mut long = Vec::new();
    for byte in stream {
        let count = if *byte == b'X' && long.len() < 4 * limit { limit / 16 + 1 } else { 1 };
        long.resize(long.len() + count, *byte);
    }
    let lengths = chunks.iter().map(|chunk| chunk.len() * (limit / 1024 + 1) + 1).collect();
    (long, lengths)
}

fn cut<'a>(mut stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    for length in lengths.iter().cycle() {
        let (chunk, rest) = stream.split_at((*length).min(stream.len()));
        chunks.push(chunk);
        stream = rest;
        if stream.is_empty() {
            break;
        }
    }
    chunks
}

/// Checks that the byte in excess is the same however the stream is split, and equals that of the
/// naive count.
fn same_excess(chunks: &[&[u8]], stream: &[u8], limits: Limits, mode: Mode) {
    let parser = mode.parser().with_limits(limits);
    let expected = first_excess(stream, limits, mode);
    let before = expected.map_or(stream.len(), |(_, position)| position as usize);
    let read = reader::read(&without_old_comments(&stream[..before], limits, mode), mode);
    for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
        let outcome = parse_on(side, &parser, chunks);
        let excess = outcome.error.map(|error| (error.limit(), error.position()));
        assert_eq!(excess, expected, "{side:?}, {mode:?}, {limits:?}, {chunks:?}");
        assert_eq!(outcome.blocks, read.blocks);
        assert_eq!(outcome.last_event_id, read.last_event_id);
    }
}

/// Checks that the skipped blocks are the same however the stream is split, and that all others
/// equal those of the reference.
fn same_remains(chunks: &[&[u8]], stream: &[u8], limits: Limits, mode: Mode) {
    let expected = read_skipping(stream, limits, mode);
    for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
        let outcome = parse_on(side, &mode.parser().with_limits(limits), chunks);
        assert_eq!(outcome, expected, "{side:?}, {mode:?}, {limits:?}, {chunks:?}");
    }
}

fn bounded_memory(parser: Parser, chunks: &[&[u8]], limits: Limits) {
    for take in [take_owned, take_borrowed] {
        let mut parser = parser.clone();
        // From here on the parser is the only one that holds more than before.
        let before = held();
        let mut longest = 0;
        for chunk in chunks {
            longest = longest.max(chunk.len());
            let taken = take(&mut parser, chunk);
            let now = held().saturating_sub(before);
            let max = 2 * limits.max_bytes(Limit::Event) + longest + id_bytes(limits) + AHEAD_BYTES;
            assert!(now <= max, "{now} bytes are held, and {max} allowed: {limits:?}");
            if taken.is_err() {
                break;
            }
        }
        // With nothing to hold and nothing to read.
        parser.restart();
        assert_eq!(parser.next(&mut Bytes::new()), Ok(None));
        let now = held().saturating_sub(before);
        assert!(now <= id_bytes(limits) + IDLE_BYTES, "{now} bytes are held when idle: {limits:?}");
    }
}

fn take_owned(parser: &mut Parser, chunk: &[u8]) -> Result<(), LimitExceeded> {
    let mut input = Bytes::copy_from_slice(chunk);
    while parser.next(&mut input)?.is_some() {}
    Ok(())
}

fn take_borrowed(parser: &mut Parser, mut chunk: &[u8]) -> Result<(), LimitExceeded> {
    while parser.next_ref(&mut chunk)?.is_some() {}
    Ok(())
}

/// Maximum size of the last event ID, which outlives its block. Decoding makes it up to three times
/// as long, and a buffer may be twice as large as its content.
fn id_bytes(limits: Limits) -> usize {
    6 * limits.max_bytes(Limit::Id) + 2 * limits.max_bytes(Limit::EventType)
}

/// Maximum that a parser may keep while it has nothing to hold.
const IDLE_BYTES: usize = 256;

/// Maximum that a parser may keep in addition to the text of a block: the two buffers of the side
/// buffer, and its bookkeeping.
const AHEAD_BYTES: usize = 2 * 64 + 88;

fn held() -> usize {
    HELD.load(Ordering::Relaxed)
}

static HELD: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

// SAFETY: passes everything on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        HELD.fetch_add(new_size, Ordering::Relaxed);
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.realloc(block, layout, new_size) }
    }
}
