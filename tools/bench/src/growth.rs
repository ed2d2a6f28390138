//! Measures how the time for one event grows when the event is twice as long.
//!
//! A linear parser takes twice as long. One that scans a line again with each chunk takes four
//! times as long.

use std::{
    fmt,
    hint::black_box,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use sse_core::{Limits, Parser};

/// Length of the shorter line.
const LEN: usize = 8 << 20;

/// Number of turns of each.
const ROUNDS: usize = 5;

/// Chunks that the lines come in.
const CHUNK_BYTES: [usize; 2] = [1460, 1];

/// Ratio of the time of 16 MiB to that of 8 MiB, for chunks of one length.
pub struct Growth {
    pub chunk_bytes: usize,
    pub ratio: f64,
}

/// Measures both chunkings; the two lines take turns, and the ratio is that of their fastest turns.
pub fn measure() -> Vec<Growth> {
    let lines = [LEN, 2 * LEN].map(line);
    let of_chunks = |chunk_bytes| {
        let mut times = [Duration::MAX; 2];
        for _ in 0..ROUNDS {
            for (time, line) in times.iter_mut().zip(&lines) {
                *time = (*time).min(read(line, chunk_bytes));
            }
        }
        let [short, long] = times.map(|time| time.as_secs_f64());
        Growth { chunk_bytes, ratio: long / short }
    };
    CHUNK_BYTES.into_iter().map(of_chunks).collect()
}

fn line(len: usize) -> Bytes {
    let mut line = BytesMut::with_capacity(len + 16);
    line.extend_from_slice(b"data: ");
    line.resize(len + 6, b'x');
    line.extend_from_slice(b"\n\n");
    line.split().freeze()
}

/// Returns the time to read the line.
fn read(line: &Bytes, chunk_bytes: usize) -> Duration {
    let mut parser = Parser::new().with_limits(Limits::highest());
    let mut rest = line.clone();
    let start = Instant::now();
    let mut data_bytes = 0;
    while !rest.is_empty() {
        let mut chunk = rest.split_to(chunk_bytes.min(rest.len()));
        while let Ok(Some(event)) = parser.next(&mut chunk) {
            data_bytes += event.data().len();
        }
    }
    let time = start.elapsed();
    assert_eq!(black_box(data_bytes), line.len() - 8, "the event is whole");
    time
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} in chunks of {} B", self.ratio, self.chunk_bytes)
    }
}
