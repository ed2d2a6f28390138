//! Streams of several connections with one parser: what it keeps and what it drops.
//!
//! Opens no connection: a call of `restart` stands for one.

use core::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use sse_core::Parser;

use sse_reference::{
    outcome::{Outcome, Side, parse, parse_on, reconnection_ms, take},
    reader::{self, Mode},
};

use crate::support::streams::{any_cut, any_stream, config};

/// Reads all of one connection's stream, and returns the data of its messages.
#[track_caller]
fn read(parser: &mut Parser, stream: &str) -> Vec<String> {
    let mut input = Bytes::copy_from_slice(stream.as_bytes());
    let mut data = Vec::new();
    while let Some(event) = parser.next(&mut input).unwrap() {
        data.push(event.data().to_owned());
    }
    data
}

#[test]
fn a_parser_starts_with_no_id_and_no_reconnection_time() {
    let parser = Parser::new();
    assert_eq!((parser.last_event_id(), parser.reconnection_time()), ("", None));
    assert_eq!((parser.position(), parser.pending_bytes()), (0, 0));
}

/// P16, P17
#[test]
fn with_last_event_id_and_with_reconnection_time_hold_until_the_stream_sets_them() {
    let second = Duration::from_secs(1);
    let seeded = Parser::new().with_last_event_id("seed").with_reconnection_time(second);
    assert_eq!((seeded.last_event_id(), seeded.reconnection_time()), ("seed", Some(second)));

    let outcome = parse(&seeded, &[b"data: 1\n\nid:\ndata: 2\n\nretry: x\n\nretry: 5\n"]);
    let ids = outcome.blocks.iter().map(|block| &*block.last_event_id).collect::<Vec<_>>();
    assert_eq!(ids, ["seed", ""]);
    assert_eq!((&*outcome.last_event_id, outcome.reconnection_ms), ("", Some(5)));
    assert_eq!(outcome.blocks[0].id, None, "the field is the block's own");
}

#[test]
fn a_seeded_time_is_counted_in_whole_milliseconds() {
    let time = |time| Parser::new().with_reconnection_time(time).reconnection_time();
    assert_eq!(time(Duration::from_micros(2_999)), Some(Duration::from_millis(2)));
    assert_eq!(time(Duration::ZERO), Some(Duration::ZERO));
    assert_eq!(time(Duration::MAX), Some(Duration::from_millis(u64::MAX)));
}

/// P2
#[test]
fn each_connection_may_start_with_a_byte_order_mark() {
    let mut parser = Parser::new();
    assert_eq!(read(&mut parser, "\u{FEFF}data: 1\n\n"), ["1"]);
    parser.restart();
    assert_eq!(read(&mut parser, "\u{FEFF}data: 2\n\n"), ["2"]);
    parser.restart();
    assert!(parser.next_ref(&mut &b"\xEF\xBB"[..]).unwrap().is_none());
    parser.restart();
    assert_eq!(read(&mut parser, "\u{FEFF}data: 3\n\n\u{FEFF}data: no\n\n"), ["3"]);
}

/// P21
#[test]
fn a_block_that_a_connection_leaves_open_is_dropped() {
    let fields = "event: lost\nid: lost\n: lost\ndata: lost\n";
    for lost in
        [fields, "da", "data", "data:", "data: lo", "data: lost\r", "event: lost\n\revent: lost\n"]
    {
        let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
        assert_eq!(read(&mut parser, "id: 1\ndata: 1\n\n"), ["1"]);
        let _ = read(&mut parser, lost);
        parser.restart();
        assert_eq!((parser.last_event_id(), parser.pending_bytes()), ("1", 0));
        let mut input = Bytes::from("data: 2\n\n");
        let block = take(Side::Owned, &mut parser, &mut input).unwrap().unwrap();
        assert_eq!(block, reader::read_after("1", b"data: 2\n\n", Mode::EVERYTHING).blocks[0]);
    }
}

/// P4: the LF of a CRLF cannot be on another connection.
#[test]
fn a_cr_at_the_end_of_a_connection_does_not_swallow_the_lf_of_the_next() {
    let mut parser = Parser::new();
    assert_eq!(read(&mut parser, "data: 1\r\r"), ["1"]);
    parser.restart();
    assert!(read(&mut parser, "\n").is_empty());
    assert_eq!((parser.position(), parser.pending_bytes()), (1, 0));
    assert_eq!(read(&mut parser, "data: 2\n\n"), ["2"]);
}

/// P16, P14
#[test]
fn the_last_event_id_and_the_reconnection_time_outlive_the_connection() {
    let mut parser = Parser::new();
    assert_eq!(read(&mut parser, "retry: 9\nid: …\ndata: 1\n\nid: lost\nretry: 8\n"), ["1"]);
    parser.restart();
    assert_eq!((parser.last_event_id(), reconnection_ms(&parser)), ("…", Some(8)));
    assert_eq!(read(&mut parser, "data: 2\n\n"), ["2"]);
    assert_eq!((parser.last_event_id(), reconnection_ms(&parser)), ("…", Some(8)));
    assert_eq!(read(&mut parser, "id\n\n"), [""; 0]);
    parser.restart();
    assert_eq!(parser.last_event_id(), "");
}

/// The settings stay as they were.
#[test]
fn restart_keeps_with_comments_and_with_dataless_blocks() {
    let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    parser.restart();
    let event = parser.next(&mut ": c\n\n".into()).unwrap().unwrap();
    assert_eq!(event.comments(), Some("c"));
}

/// A block that was returned by reference is dropped by the next call, whichever it is.
#[test]
fn a_restart_right_after_an_event_loses_nothing() {
    for stream in ["data: 1\n\n", "data: 1\ndata: 2\n\n"] {
        let mut parser = Parser::new();
        assert!(parser.next_ref(&mut stream.as_bytes()).unwrap().is_some());
        parser.restart();
        assert_eq!(read(&mut parser, "\ndata: 3\n\n"), ["3"]);
    }
}

#[test]
fn pending_bytes_are_those_after_the_last_block() {
    let cases: [(&[u8], u64); 14] = [
        (b"", 0),
        (b"data: x", 7),
        (b"data: x\n", 8),
        (b"data: x\r\n", 9),
        (b"data: x\n\n", 0),
        (b"data: x\n\r", 0),
        (b"data: x\r\n\r\n", 0),
        (b"data: x\n\nda", 2),
        (b"data: x\n\n\n\n", 0),
        (b": c\n", 4),
        (b"zzz", 3),
        (b"\xEF\xBB\xBF", 0),
        (b"\xEF\xBB\xBFdata", 4),
        (b"\xEF\xBBdata", 6),
    ];
    for (stream, pending) in cases {
        for chunks in [vec![stream], stream.chunks(1).collect()] {
            assert_eq!(parse(&Parser::new(), &chunks).pending_bytes, pending, "{chunks:?}");
        }
    }
}

proptest! {
    #![proptest_config(config(500))]

    /// P21: a connection that is lost anywhere leaves to the next one the last event ID and the
    /// reconnection time, and nothing else.
    #[test]
    fn a_restarted_parser_reads_as_a_new_one_does(
        (first, second) in (any_stream(), any_stream()),
        cut in any_cut(),
        side in prop_oneof![Just(Side::Owned), Just(Side::Borrowed), Just(Side::ByTurns)],
    ) {
        for mode in Mode::ALL {
            let mut parser = mode.parser();
            let before = reader::read(&first, mode);
            for chunk in cut.chunks(&first) {
                let mut input = Bytes::copy_from_slice(chunk);
                while take(Side::Owned, &mut parser, &mut input)?.is_some() {}
            }
            parser.restart();
            let expected = reader::read_after(&before.last_event_id, &second, mode);
            let expected = Outcome {
                reconnection_ms: expected.reconnection_ms.or(before.reconnection_ms),
                ..expected
            };
            prop_assert_eq!(parse_on(side, &parser, &cut.chunks(&second)), expected);
        }
    }
}
