//! Finds the parsers that read random streams differently from the standard.
//!
//! The expected result is that of the naive reader that sse-core's own tests use.

use std::panic;

use sse_reference::reader::{self, Mode};

use crate::{
    oddities::{Asks, KINDS, Kind},
    readers::{READERS, Reading, Seen},
    rng::Rng,
};

/// Result of the streams of one kind.
pub struct Row {
    pub kind: &'static str,
    /// In the order of [`READERS`].
    pub deviations: Vec<Deviations>,
}

/// Streams of a kind that a parser reads differently.
#[derive(Default)]
pub struct Deviations {
    pub count: usize,
    pub smallest: Option<Example>,
}

#[derive(Clone)]
pub struct Example {
    pub chunks: Vec<Vec<u8>>,
    pub expected: Reading,
    pub found: Reading,
}

/// Makes every parser read `count` streams of every kind.
pub fn compare(streams: usize) -> Vec<Row> {
    // A parser that panics is a finding, and must not write to the terminal.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let rows = KINDS.iter().enumerate().map(|(at, kind)| compare_kind(kind, at as u64, streams));
    let rows = rows.collect();
    panic::set_hook(hook);
    rows
}

fn compare_kind(kind: &Kind, seed: u64, streams: usize) -> Row {
    let mut rng = Rng::new(seed);
    let mut deviations: Vec<Deviations> = READERS.iter().map(|_| Deviations::default()).collect();
    for _ in 0..streams {
        let stream = (kind.make)(&mut rng);
        let chunks = kind.cut.chunks(&mut rng, &stream);
        let expected = expected(&chunks, kind.asks);
        for (reader, deviations) in READERS.iter().zip(&mut deviations) {
            let found = as_asked(reader.read(&chunks), kind.asks);
            if found != expected {
                deviations.add(&chunks, &expected, found);
            }
        }
    }
    Row { kind: kind.name, deviations }
}

/// Returns the result that the standard defines for the chunks.
fn expected(chunks: &[&[u8]], asks: Asks) -> Reading {
    let mut stream = Vec::new();
    let mut expected = Reading::default();
    for (number, chunk) in chunks.iter().enumerate() {
        stream.extend_from_slice(chunk);
        let is_last = number + 1 == chunks.len();
        if asks == Asks::When || is_last {
            let outcome = reader::read(&stream, Mode::MESSAGES);
            let new = outcome.blocks.into_iter().skip(expected.events.len());
            expected.events.extend(new.map(|block| Seen {
                event_type: block.event_type,
                data: block.data.unwrap_or_default(),
                last_event_id: block.last_event_id,
                chunk: number,
            }));
            expected.reconnection_ms = outcome.reconnection_ms;
        }
    }
    as_asked(expected, asks)
}

/// Removes what is not compared.
fn as_asked(mut reading: Reading, asks: Asks) -> Reading {
    if asks == Asks::What {
        reading.events.iter_mut().for_each(|seen| seen.chunk = 0);
    }
    reading
}

impl Deviations {
    fn add(&mut self, chunks: &[&[u8]], expected: &Reading, found: Reading) {
        self.count += 1;
        let size = (chunks.concat().len(), chunks.len());
        let is_smaller = self
            .smallest
            .as_ref()
            .is_none_or(|smallest| size < (smallest.chunks.concat().len(), smallest.chunks.len()));
        if is_smaller {
            let chunks = chunks.iter().map(|chunk| chunk.to_vec()).collect();
            self.smallest = Some(Example { chunks, expected: expected.clone(), found });
        }
    }
}
