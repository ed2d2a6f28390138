//! Exact counts of allocations and copies while streams are parsed.
//!
//! The chunks are of the kind that HTTP stacks yield: sharing one allocates nothing.

use bytes::{Bytes, BytesMut};
use sse_core::{Limits, Parser};

use crate::support::heap::{Use, watch};

/// Too long to be stored inline in an event.
const VALUE: &str = "a value of more than 24 bytes";

/// Creates a chunk that shares its memory with others, as those of hyper do.
fn chunk(bytes: &[u8]) -> Bytes {
    let mut buffer = BytesMut::with_capacity(bytes.len() + 1);
    buffer.extend_from_slice(bytes);
    buffer.split().freeze()
}

/// Reads the chunks and drops each event at once. Returns the number of events, the total length of
/// their data, and the use of the heap.
fn read(parser: &mut Parser, chunks: &[Bytes]) -> (usize, usize, Use) {
    let mut chunks = chunks.to_vec();
    let ((events, data_bytes), heap) = watch(|| {
        let (mut events, mut data_bytes) = (0, 0);
        for chunk in &mut chunks {
            while let Some(event) = parser.next(chunk).unwrap() {
                events += 1;
                data_bytes += event.data().len();
            }
        }
        (events, data_bytes)
    });
    (events, data_bytes, heap)
}

#[test]
fn an_event_of_one_line_of_data_in_one_chunk_asks_for_no_memory() {
    for end in ["\n", "\r\n", "\r"] {
        for block in [
            format!("data: {VALUE}"),
            "data: x".to_owned(),
            format!("data: {}", "x".repeat(100_000)),
            format!("data: {}", "\u{79CB}\u{98CE}".repeat(50)),
            format!("event: e{end}data: {VALUE}"),
            format!("id: 1234{end}event: e{end}data: {VALUE}"),
            format!("data: {VALUE}{end}id: 1234"),
            format!(": ping{end}{end}unknown: x{end}data: {VALUE}"),
        ] {
            let block = format!("{block}{end}{end}");
            let mut parser = Parser::new().with_last_event_id("1234");
            // The first block of a stream may begin with a byte order mark.
            read(&mut parser, &[chunk(block.as_bytes())]);
            // One block per chunk, and many in one chunk.
            let each = vec![chunk(block.as_bytes()); 50];
            let all = [chunk(block.repeat(50).as_bytes())];
            for chunks in [&each[..], &all[..]] {
                let (events, _, heap) = read(&mut parser, chunks);
                assert_eq!((events, heap.allocations, heap.left), (50, 0, 0), "{block:?}");
            }
        }
    }
}

#[test]
fn lines_of_data_in_one_chunk_are_joined_in_one_allocation_at_most_and_copied_once() {
    for lines in [2, 3, 12, 16] {
        let block = format!("{}id: 7\n\n", format!("data: {VALUE}\n").repeat(lines));
        let mut parser = Parser::new().with_last_event_id("7");
        for _ in 0..20 {
            let (events, _, heap) = read(&mut parser, &[chunk(block.as_bytes())]);
            assert_eq!((events, heap.allocations, heap.moved), (1, 1, 0), "{lines} lines");
            assert!(heap.peak <= lines * (VALUE.len() + 1) + 1, "{lines} lines: {heap:?}");
        }
        // Many at once share memory, in allocations that double up to a maximum.
        let (events, _, heap) = read(&mut parser, &[chunk(block.repeat(100).as_bytes())]);
        assert_eq!((events, heap.moved), (100, 0), "{lines} lines");
        assert!(heap.allocations <= 13, "{lines} lines: {heap:?}");
        // The last shared allocation and the smaller one before it overlap for a moment.
        assert!(heap.peak <= 2 * 4096, "{lines} lines: {heap:?}");
    }
}

/// A parser that has assembled a long event takes a chunk of less than 128 bytes for a part of one,
/// unless the chunk ends with a line end. There is then one buffer, and the event's own memory.
#[test]
fn a_short_event_after_one_that_was_cut_is_copied_if_its_chunk_seems_to_be_cut_too() {
    let long = format!("data: {}\n\n", "x".repeat(300));
    let short = format!("data: {VALUE}\n\n");
    let cut = format!("{short}dat");
    let longer = format!("{}dat", short.repeat(40));
    for (chunk_of, events, allocations) in [(&short, 1, 0), (&cut, 1, 2), (&longer, 40, 2)] {
        let mut parser = Parser::new();
        read(&mut parser, &[chunk(&long.as_bytes()[..9]), chunk(&long.as_bytes()[9..])]);
        let (found, _, heap) = read(&mut parser, &[chunk(chunk_of.as_bytes())]);
        assert_eq!((found, heap.allocations), (events, allocations), "{chunk_of:?}");
    }
}

/// Small events share the buffer they are assembled in, which is reused once they have been
/// dropped. A larger one is copied into the parser's buffer, which stays, and from there into its
/// own memory.
#[test]
fn an_event_in_two_chunks_is_one_allocation_at_most() {
    let (some, no_more) = (Limits::default(), Limits::default().max_event_bytes(4000));
    for (len, limits, allocations) in [
        (30, some, 12),
        (300, some, 8),
        (2000, some, 4),
        (3000, some, 50),
        (30, no_more, 50),
        (300, no_more, 50),
    ] {
        let block = format!("data: {}\n\n", "x".repeat(len));
        for cut in [1, 3, 6, 10, block.len() - 2, block.len() - 1] {
            let middle = [&block[cut..], &block[..cut]].concat();
            let mut parser = Parser::new().with_limits(limits);
            let (_, _, first) = read(&mut parser, &[chunk(&block.as_bytes()[..cut])]);
            let chunks = vec![chunk(middle.as_bytes()); 50];
            let (events, data_bytes, heap) = read(&mut parser, &chunks);
            assert_eq!((events, data_bytes), (50, 50 * len));
            let grown = 2 + first.allocations;
            let max = allocations + grown;
            assert!(heap.allocations <= max, "{len} bytes, cut at {cut}: {heap:?}");
            assert!(heap.moved <= 4096, "{len} bytes, cut at {cut}: {heap:?}");
        }
    }
}

#[test]
fn an_event_in_many_chunks_is_allocations_in_the_logarithm_of_its_length() {
    let len: usize = 1 << 20;
    let block = format!("data: {}\n\n", "x".repeat(len));
    for chunk_len in [16, 128, 1460, 16384] {
        let chunks: Vec<Bytes> = block.as_bytes().chunks(chunk_len).map(chunk).collect();
        let (events, data_bytes, heap) = read(&mut Parser::new(), &chunks);
        assert_eq!((events, data_bytes), (1, len));
        let doublings = len.ilog2() as usize - 8; // from 512 bytes on
        assert!(heap.allocations <= doublings + 2, "chunks of {chunk_len}: {heap:?}");
        // Each byte is copied into the buffer once, and moved once more on average.
        assert!(heap.moved <= 2 * len, "chunks of {chunk_len}: {heap:?}");
    }
}

#[test]
fn many_idle_parsers_are_small() {
    const PARSERS: usize = 10_000;
    let mut parsers = vec![Parser::new(); PARSERS];
    let stream = chunk(format!("id: 1234\ndata: {VALUE}\n\ndata: a\ndata: {VALUE}\n\n").as_bytes());
    let ((), heap) = watch(|| {
        for parser in &mut parsers {
            let mut input = stream.clone();
            while parser.next(&mut input).unwrap().is_some() {}
        }
    });
    assert!(heap.left <= PARSERS * 256, "{heap:?}");
}
