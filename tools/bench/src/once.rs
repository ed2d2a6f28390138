//! Runs a number of passes of one contestant over one stream, for an external tool.
//!
//! Counts nothing itself. Only the contestant runs inside the markers.

#![allow(unsafe_code)]

use crate::{
    chunking::Chunking,
    contest::{Contestant, Input, Tally},
    typed_pairs::Events,
    workloads::Workload,
};

/// Functions to count inside, as a tool sees their names: a pass of a parser, and one of a decoder.
pub const MARKERS: [&str; 2] = ["sse_bench_pass", "sse_bench_decode"];

/// Runs `passes` passes, and returns the number of events found.
pub fn once(contestant: Contestant, workload: &Workload, chunking: Chunking, passes: u64) -> u64 {
    let chunks = chunking.cut(workload);
    let mut events = 0;
    for _ in 0..passes {
        let mut input = Input { chunks: chunks.clone(), deadline: None };
        events += sse_bench_pass(contestant.run, &mut input).events;
    }
    events
}

// SAFETY: no other symbol of the program has this name.
#[unsafe(no_mangle)]
#[inline(never)]
fn sse_bench_pass(run: fn(&mut Input) -> Tally, input: &mut Input) -> Tally {
    std::hint::black_box(run)(input)
}

/// Decodes all of these events once, and returns the number of values.
pub fn decode(run: fn(Events) -> u64, events: Events) -> u64 {
    sse_bench_decode(run, events)
}

// SAFETY: no other symbol of the program has this name.
#[unsafe(no_mangle)]
#[inline(never)]
fn sse_bench_decode(run: fn(Events) -> u64, events: Events) -> u64 {
    std::hint::black_box(run)(events)
}
