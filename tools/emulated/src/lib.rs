//! Reading of generated event streams on a machine that is emulated.
//!
//! A WebAssembly module exports [`differences`] and [`read_openai`]; `run.mjs` calls them in Node.
//! The program of this package, for other processors, calls the rest.

#![allow(unsafe_code)] // exported names

use std::{error::Error, hint::black_box};

use bytes::Bytes;
use sse_core::Parser;
use sse_reference::{
    outcome::{Side, parse_on},
    reader::{self, Mode},
};
use sse_workloads::streams::{self, NAMES};

/// Length of a stream that is read for its cost: two chunks of the largest size.
pub const STREAM_BYTES: usize = 32 << 10;

/// Length of a stream whose events are compared.
const COMPARED_BYTES: usize = 4 << 10;

/// Compares the events of every small workload with those of the naive parser, in chunks of many
/// sizes, and returns the number of readings that differ.
#[unsafe(no_mangle)]
pub extern "C" fn differences() -> u32 {
    let mut differences = 0;
    for name in NAMES {
        let Some(workload) = streams::workload(name, COMPARED_BYTES) else { continue };
        // `big` and `huge` have one event that is longer.
        if workload.bytes.len() > 16 * COMPARED_BYTES {
            continue;
        }
        let expected = reader::read(&workload.bytes, Mode::EVERYTHING);
        for len in (1..70).chain([100, 128, 333, COMPARED_BYTES]) {
            let chunks: Vec<&[u8]> = workload.bytes.chunks(len).collect();
            for side in [Side::Owned, Side::Borrowed, Side::Selective] {
                let found = parse_on(side, &Mode::EVERYTHING.parser(), &chunks);
                differences += u32::from(found != expected);
            }
        }
    }
    differences
}

/// Returns 1 if the parser was compiled with the vectors of WebAssembly, and 0 otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn has_vectors() -> u32 {
    cfg!(target_feature = "simd128").into()
}

/// Reads the workload `openai` this many times in chunks of 16 KiB, and returns the number of
/// events.
#[unsafe(no_mangle)]
pub extern "C" fn read_openai(times: u32) -> u32 {
    read("openai", 16 << 10, times).unwrap_or(0)
}

/// Reads a workload this many times, and returns the number of events of one reading.
///
/// # Errors
///
/// Fails if there is no such workload, or if the parser fails.
pub fn read(name: &str, chunk_bytes: usize, times: u32) -> Result<u32, Box<dyn Error>> {
    let workload = streams::workload(name, STREAM_BYTES).ok_or("no such workload")?;
    let stream = Bytes::from(workload.bytes);
    let mut events = 0;
    for _ in 0..times {
        events = read_once(&stream, chunk_bytes)?;
    }
    Ok(events)
}

fn read_once(stream: &Bytes, chunk_bytes: usize) -> Result<u32, Box<dyn Error>> {
    let mut parser = Parser::new();
    let mut events = 0;
    let mut at = 0;
    while at < stream.len() {
        let end = stream.len().min(at + chunk_bytes);
        let mut chunk = stream.slice(at..end);
        while let Some(event) = parser.next(&mut chunk)? {
            black_box(event);
            events += 1;
        }
        at = end;
    }
    Ok(events)
}
