//! Memory that a parser holds while it reads a stream, and afterward.
//!
//! The events themselves are not tested here.

use std::iter;

use bytes::Bytes;
use sse_core::{ExcessPolicy, Limits, Parser, ServerSentEvent};

use sse_reference::excess::LINE;

use crate::support::heap::watch;

/// Function that reads a whole chunk, and returns `true` if a limit was exceeded.
type Read = fn(&mut Parser, &Bytes) -> bool;

/// Function that takes an event from a chunk that has at most one.
type Take = fn(&mut Parser, &[u8]) -> Option<ServerSentEvent>;

const READS: [Read; 4] = [
    |parser, chunk| {
        let mut input = chunk.clone();
        while let Ok(found) = parser.next(&mut input) {
            if found.is_none() {
                return false;
            }
        }
        true
    },
    // As a stream of chunks is read: nothing is requested after the last event of a chunk.
    |parser, chunk| {
        let mut input = chunk.clone();
        while !input.is_empty() {
            if parser.next(&mut input).is_err() {
                return true;
            }
        }
        false
    },
    // As a session that hides all events does.
    |parser, chunk| {
        let mut input = chunk.clone();
        while !input.is_empty() {
            if parser.next_if(&mut input, |_| false).is_err() {
                return true;
            }
        }
        false
    },
    |parser, chunk| {
        let mut input: &[u8] = chunk;
        while let Ok(found) = parser.next_ref(&mut input) {
            if found.is_none() {
                return false;
            }
        }
        true
    },
];

/// Documented maximum for a parser that waits for an event.
const IDLE_BYTES: usize = 256;

/// Documented maximum while the parser keeps its buffers, as `next_ref` does.
const SMALL_BUFFERS_BYTES: usize = 3 * 4096;

/// Allowance in addition to twice the limit and a chunk: the memory kept for lines between lines of
/// data, and its bookkeeping.
const ASIDE_BYTES: usize = 256;

/// Reads endless repetitions of a piece, in chunks of several sizes, until long after the limit.
/// They follow an event of the maximum size, after which a parser may expect another one.
#[track_caller]
fn check(start: &str, piece: &str) {
    for max_bytes in [500, 5000, 1 << 18] {
        let limits = Limits::default().max_event_bytes(max_bytes);
        let largest = "x".repeat(max_bytes - LINE - "data: ".len());
        let endless = piece.repeat(3 * max_bytes / piece.len());
        let stream = Bytes::from(format!("data: {largest}\n\n{start}{endless}"));
        for policy in [ExcessPolicy::Fail, ExcessPolicy::Skip] {
            for (len, read) in [7 + max_bytes / 500, 1460, 65_536, stream.len()]
                .into_iter()
                .flat_map(|len| READS.map(|read| (len, read)))
            {
                let mut parser =
                    Parser::new().with_limits(limits.excess_policy(policy)).with_comments(true);
                let (failed, heap) = watch(|| {
                    let starts = (0..stream.len()).step_by(len);
                    let mut chunks = starts.map(|at| stream.slice(at..stream.len().min(at + len)));
                    chunks.any(|chunk| read(&mut parser, &chunk))
                });
                let what = format!("{start}{piece}, limit of {max_bytes}, chunks of {len}");
                assert_eq!(failed, policy == ExcessPolicy::Fail, "{what}");
                let max = 2 * max_bytes + len.min(stream.len()) + ASIDE_BYTES;
                assert!(heap.peak <= max, "{what}: {heap:?} of {max}");
                if policy == ExcessPolicy::Skip {
                    assert!(heap.left <= SMALL_BUFFERS_BYTES, "{what}: {heap:?}");
                }
            }
        }
    }
}

/// The chunks are not counted, as they exist before. The part of the open block in them may be held
/// twice.
#[test]
fn never_more_than_twice_the_limit_and_a_chunk_is_held() {
    check("data: ", "x");
    check("", "data: x\n");
    check("", "data\n");
    check("id: 1\n", "data: 0123456789012345678901234567890123456789\r\n");
    check("", "id: 0123456789\nevent: 0123456789\n");
    check("", "retry: 1\n");
    check("data: x\n: ", "x");
    check("", "data: 0123456789\nid: 0123456789\n: 0123456789\nevent: 0123456789\n");
    check("data: x\nid: 1\ndata: ", "x");
}

/// Comments of a block that does not end are dropped in favor of newer ones, so that they never
/// exceed a limit.
#[test]
fn comments_without_end_are_held_within_a_bound() {
    for comment in [": 0123456789\r".to_owned(), format!(": {}\n", "x".repeat(3000))] {
        let stream = Bytes::from(comment.repeat((1 << 20) / comment.len()));
        for (len, read) in [13, 1460].into_iter().flat_map(|len| READS.map(|read| (len, read))) {
            let mut parser = Parser::new().with_comments(true);
            let (failed, heap) = watch(|| {
                let starts = (0..stream.len()).step_by(len);
                let mut chunks = starts.map(|at| stream.slice(at..stream.len().min(at + len)));
                chunks.any(|chunk| read(&mut parser, &chunk))
            });
            assert!(!failed);
            assert!(heap.peak <= 4 * 4096, "{heap:?}");
        }
    }
}

/// Also if small events could share more than the limit.
#[test]
fn memory_that_events_share_is_within_max_event_bytes() {
    let stream = format!("data: {0}\n\ndata: {0}\ndata: {0}\n\n", "x".repeat(90)).repeat(50);
    for max_bytes in [500, 2000, 5000] {
        let limits = Limits::default().max_event_bytes(max_bytes);
        for (len, read) in [16, 100, 450].into_iter().flat_map(|len| READS.map(|read| (len, read)))
        {
            let mut parser = Parser::new().with_limits(limits);
            let ((), heap) = watch(|| {
                for chunk in stream.as_bytes().chunks(len) {
                    assert!(!read(&mut parser, &Bytes::copy_from_slice(chunk)));
                }
            });
            let max = 2 * max_bytes + 2 * len + ASIDE_BYTES;
            assert!(heap.peak <= max, "limit of {max_bytes}, chunks of {len}: {heap:?} of {max}");
        }
    }
}

#[test]
fn an_idle_parser_holds_next_to_nothing() {
    let long = format!("data: {}\n\n", "x".repeat(100_000));
    let medium = format!("data: {}\n\n", "x".repeat(900));
    let some = format!("data: {}\n\n", "x".repeat(90));
    let lines = format!("data\n{some}");
    let streams: [&[&str]; 11] = [
        &[],
        &["data: hello\n\n"],
        &["event: e\nid: 1234\nda", "ta: hello\n", "\n"],
        &["data: a\ndata: b\nretry: 5\n\n"],
        &[&format!("{lines}{lines}{lines}{some}")],
        &[&format!("{lines}{lines}{some}id: 1\n\n:\n\n")],
        &[&some[..50], &format!("{}{some}{some}", &some[50..])],
        &[&long],
        &[&long[..50_000], &long[50_000..], "data: hello", "\n\n"],
        &[&medium[..500], &medium[500..], ": comment\n\n"],
        &[&medium[..500], &format!("{}: comment\n\n", &medium[500..])],
    ];
    for chunks in streams {
        let what = chunks.first().map(|chunk| &chunk[..chunk.len().min(20)]);
        for (read, max) in
            READS.into_iter().zip([IDLE_BYTES, IDLE_BYTES, IDLE_BYTES, SMALL_BUFFERS_BYTES])
        {
            let mut parser = Parser::new();
            let ((), after_reading) = watch(|| {
                for chunk in chunks {
                    read(&mut parser, &Bytes::copy_from_slice(chunk.as_bytes()));
                }
            });
            assert!(after_reading.left <= max, "{what:?} ...: {after_reading:?}");
        }
        let mut parser = Parser::new();
        let ((), at_rest) = watch(|| {
            for chunk in chunks {
                READS[3](&mut parser, &Bytes::copy_from_slice(chunk.as_bytes()));
            }
            assert_eq!(parser.next(&mut Bytes::new()), Ok(None));
        });
        assert!(at_rest.left <= IDLE_BYTES, "{what:?} ...: {at_rest:?}");
    }
}

/// A client may wait for a long time before it is connected again.
#[test]
fn a_parser_that_is_restarted_holds_nothing_of_the_block_that_was_cut() {
    let cut = Bytes::from(format!("id: 1\ndata: {}\n: c\ndata: ", "x".repeat(600)));
    for read in READS {
        let mut parser = Parser::new().with_comments(true);
        let ((), heap) = watch(|| {
            assert!(!read(&mut parser, &cut));
            parser.restart();
        });
        assert!(heap.left <= IDLE_BYTES, "{heap:?}");
    }
}

#[test]
fn a_parser_that_has_failed_holds_nothing_of_the_block_that_was_too_large() {
    let limits = Limits::default().max_event_bytes(100_000);
    let chunk = Bytes::from(format!("data: {}", "x".repeat(99_000)));
    for read in READS {
        let mut parser = Parser::new().with_limits(limits);
        let ((), heap) = watch(|| {
            assert!(!read(&mut parser, &chunk));
            assert!(read(&mut parser, &chunk));
        });
        assert!(heap.left <= IDLE_BYTES, "{heap:?}");
    }
}

/// Memory allocated in case the next event is as big is released.
#[test]
fn a_small_event_does_not_inherit_the_memory_of_a_big_one() {
    let mut parser = Parser::new();
    let big = format!("data: {}\n\n", "x".repeat(1 << 20));
    for chunk in big.as_bytes().chunks(10_000) {
        READS[0](&mut parser, &Bytes::copy_from_slice(chunk));
    }
    let (event, heap) = watch(|| {
        assert_eq!(parser.next(&mut Bytes::from_static(b"data: a\ndata:")), Ok(None));
        parser.next(&mut Bytes::from_static(b" b\n\n")).unwrap().unwrap()
    });
    assert_eq!(event.data(), "a\nb");
    assert!(heap.peak <= 64 * 1024 + 4096, "{heap:?}");
    assert_eq!(parser.next(&mut Bytes::new()), Ok(None));
    let (detached, heap) = watch(|| event.detach());
    assert!(detached.data() == "a\nb" && heap.left <= 64, "{heap:?}");
}

/// Also if the line lies between two fields in one chunk, and the block continues in the next
/// chunk.
#[test]
fn an_ignored_line_takes_no_memory() {
    let long = "x".repeat(1 << 20);
    for (line, read) in
        [": ", "unknown: ", "data\0: "].into_iter().flat_map(|l| READS.map(|r| (l, r)))
    {
        let chunk = Bytes::from(format!("id: 1\n{line}{long}\nevent: e\ndata: hel"));
        let mut parser = Parser::new();
        let ((), heap) = watch(|| assert!(!read(&mut parser, &chunk)));
        assert!(heap.peak <= SMALL_BUFFERS_BYTES, "{line}: {heap:?}");
        let (event, heap) = watch(|| parser.next(&mut Bytes::from_static(b"lo\n\n")).unwrap());
        let event = event.unwrap();
        assert_eq!((event.id(), event.event(), event.data()), (Some("1"), Some("e"), "hello"));
        assert!(heap.left <= IDLE_BYTES, "{line}: {heap:?}");
    }
}

/// It holds neither replaced values of its block, nor its comments twice, nor ignored lines.
#[test]
fn an_event_of_its_own_memory_holds_its_fields_and_little_else() {
    let long = "x".repeat(10_000);
    for (stream, comment_bytes) in [
        (format!("id: {long}\nid: 1\ndata: of no great length, that\n\n"), 0),
        (format!("event: {long}\nevent: e\ndata: of no\ndata: great length, that\n\n"), 0),
        (format!("id: 1\nunknown: {long}\ndata: of no great length, that\n\n"), 0),
        (format!("data: of no great length, that\n: {long}\n\n"), long.len()),
        (format!("id: 1\n: {long}\ndata: of no great length, that\n\n"), long.len()),
    ] {
        for chunk_len in [stream.len(), stream.len() - 10, 5000] {
            let chunks = stream.as_bytes().chunks(chunk_len);
            let takes: [Take; 2] = [
                |parser, chunk| parser.next(&mut Bytes::copy_from_slice(chunk)).unwrap(),
                |parser, mut chunk| Some(parser.next_ref(&mut chunk).unwrap()?.to_event()),
            ];
            // An event of `next` that lies whole in a chunk takes no memory of its own.
            let is_whole = chunk_len == stream.len();
            for take in &takes[usize::from(is_whole)..] {
                let mut parser = Parser::new().with_comments(true);
                let (event, heap) = watch(|| {
                    let event = chunks.clone().find_map(|chunk| take(&mut parser, chunk));
                    assert_eq!(parser.next(&mut Bytes::new()), Ok(None));
                    event.unwrap()
                });
                assert!(event.data().ends_with("great length, that"));
                let max = 2 * IDLE_BYTES + comment_bytes;
                assert!(heap.left <= max, "{stream:.9} in {chunk_len}: {heap:?}, allowed {max}");
            }
        }
    }
}

/// Events that are assembled from chunks of a few hundred bytes.
fn events_in_pieces(data_len: usize, count: usize) -> impl Iterator<Item = ServerSentEvent> {
    let stream = format!("data: {}\n\n", "x".repeat(data_len)).repeat(count);
    let mut parser = Parser::new();
    let (mut at, mut chunk) = (0, Bytes::new());
    iter::from_fn(move || {
        loop {
            if let Some(event) = parser.next(&mut chunk).unwrap() {
                return Some(event);
            }
            chunk = Bytes::copy_from_slice(&stream.as_bytes()[at..stream.len().min(at + 250)]);
            at += chunk.len();
            if chunk.is_empty() {
                return None;
            }
        }
    })
}

#[test]
fn assembled_small_events_share_memory_for_little_more_than_their_text() {
    for len in [100, 300, 1000, 1800] {
        let (events, heap) = watch(|| events_in_pieces(len, 1000).collect::<Vec<_>>());
        assert_eq!(events.len(), 1000);
        let held = heap.left - events.capacity() * size_of::<ServerSentEvent>();
        // The unused end of each buffer is shorter than one event.
        assert!(held <= 2 * 1000 * len, "{len}: {held}");
    }
}

/// No memory is reserved for further events that a chunk does not have.
#[test]
fn lines_assembled_from_chunks_with_few_events_hold_little_more_than_their_text() {
    let text = ["x".repeat(20), "x".repeat(20)].join("\n");
    for blocks in [1, 2, 3] {
        let block = format!("data: {}\n\n", text.replace('\n', "\ndata: "));
        let chunk = Bytes::from(block.repeat(blocks));
        let (events, heap) = watch(|| {
            let mut parser = Parser::new();
            let mut events = Vec::with_capacity(1000 * blocks);
            for mut chunk in iter::repeat_n(chunk.clone(), 1000) {
                while !chunk.is_empty() {
                    events.extend(parser.next(&mut chunk).unwrap());
                }
            }
            events
        });
        assert!(events.len() == 1000 * blocks && events.iter().all(|event| event.data() == text));
        let held = heap.left - events.capacity() * size_of::<ServerSentEvent>();
        assert!(held <= 3 * events.len() * text.len(), "{blocks}: {held}");
    }
}

#[test]
fn an_assembled_small_event_keeps_4_kib_alive_at_most() {
    for len in [30, 300, 1000, 1800] {
        let (events, heap) = watch(|| events_in_pieces(len, 3000).step_by(300).collect::<Vec<_>>());
        let held = heap.left - events.capacity() * size_of::<ServerSentEvent>();
        assert!(held <= events.len() * (4096 + 64), "{len}: {held}");
        let (detached, heap) =
            watch(|| events.iter().map(ServerSentEvent::detach).collect::<Vec<_>>());
        let held = heap.left - detached.capacity() * size_of::<ServerSentEvent>();
        assert!(held <= events.len() * len, "{len}: {held}");
    }
}

/// As documented: an eighth more than the text of the event, and for large ones as much again.
#[test]
fn an_assembled_event_holds_little_more_than_its_text() {
    for (len, max) in [(25, 25), (1000, 1000), (5000, 5625), (70_000, 78_750), (600_000, 675_000)] {
        let stream = format!("data: {}\n\n", "x".repeat(len));
        let (event, heap) = watch(|| {
            let mut parser = Parser::new();
            let mut events = stream
                .as_bytes()
                .chunks(900)
                .filter_map(|chunk| parser.next(&mut Bytes::copy_from_slice(chunk)).unwrap());
            events.next().unwrap()
        });
        assert_eq!(event.data().len(), len);
        assert!(heap.left <= max + 64, "{len}: {heap:?}");
    }
}
