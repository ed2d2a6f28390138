//! One contestant, one stream, a number of passes: what an outer tool looks at.
//!
//! Counts nothing itself. What happens inside [`MARKER`] is the contestant's, all else is not.

#![allow(unsafe_code)]

use crate::{
    chunking::Chunking,
    contest::{Contestant, Input, Tally},
    workloads::Workload,
};

/// The function to look into, as a tool sees its name.
pub const MARKER: &str = "sse_bench_pass";

/// Makes `passes` passes, and gives the number of events found.
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
