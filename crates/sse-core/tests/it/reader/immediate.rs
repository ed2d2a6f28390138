//! Latency: the byte after which each event is returned.
//!
//! A parser that waits for a byte it does not need delays a complete event for as long as the
//! server is silent. The content of the events is tested in `spec_*`.

use bytes::Bytes;
use sse_core::Parser;

use sse_reference::outcome::{Side, take};

/// Feeds a stream byte by byte. Returns the data of each event, and the number of bytes after which
/// it was returned.
fn arrivals(stream: &str, side: Side) -> Vec<(usize, String)> {
    let mut parser = Parser::new();
    let mut arrivals = Vec::new();
    for (index, byte) in stream.bytes().enumerate() {
        let mut input = Bytes::copy_from_slice(&[byte]);
        while let Some(block) = take(side, &mut parser, &mut input).unwrap() {
            arrivals.push((index + 1, block.data.unwrap()));
        }
    }
    arrivals
}

#[track_caller]
fn check(stream: &str, expected: &[(usize, &str)]) {
    for side in [Side::Owned, Side::Borrowed] {
        let arrivals = arrivals(stream, side);
        let arrivals = arrivals.iter().map(|(at, data)| (*at, &**data)).collect::<Vec<_>>();
        assert_eq!(arrivals, expected, "{stream:?}, {side:?}");
    }
}

/// P4: "lines must be separated by" one of three; each ends its line with its first byte.
#[test]
fn an_event_comes_with_the_first_byte_of_its_blank_line() {
    check("data: x\n\n", &[(9, "x")]);
    check("data: x\r\r", &[(9, "x")]);
    check("data: x\n\r", &[(9, "x")]);
    check("data: x\r\n\r", &[(10, "x")]);
    check("data: x\r\n\n", &[(10, "x")]);
}

/// P4
#[test]
fn the_lf_of_a_crlf_that_has_ended_a_block_brings_nothing() {
    check("data: x\r\n\r\n", &[(10, "x")]);
    check("data: x\n\r\n", &[(9, "x")]);
    check("data: x\r\r\n", &[(9, "x")]);
    check("data: x\r\n\r\ndata: y\r\n\r\n", &[(10, "x"), (21, "y")]);
}

/// P4: if it were one, the block would end before its second line.
#[test]
fn the_lf_of_a_crlf_that_has_ended_a_line_is_not_a_blank_line() {
    check("data: x\r\ndata: y\r\n\r\n", &[(19, "x\ny")]);
    check("data: x\r\n: c\r\nzzz\r\ndata: y\n\n", &[(28, "x\ny")]);
    check("\u{FEFF}\r\ndata\r\n\r", &[(12, "")]);
}

/// P4: an LF belongs to the CR right before it and to no other.
#[test]
fn an_lf_after_a_blank_line_of_one_cr_and_another_byte_counts() {
    check("data: x\r\rdata: y\n\n", &[(9, "x"), (18, "y")]);
    check("data: x\r\r\ndata: y\n\n", &[(9, "x"), (19, "y")]);
    check("data: x\r\r\n\ndata: y\n\n", &[(9, "x"), (20, "y")]);
}

/// P4: also at the end of a chunk of several bytes, with nothing after it.
#[test]
fn a_chunk_that_ends_in_cr_returns_its_event() {
    for chunk in ["data: x\r\r", "data: x\n\r", "data: x\r\n\r", "id: 1\r\ndata: x\r\n\r"] {
        let mut parser = Parser::new();
        let event = parser.next(&mut chunk.into()).unwrap().unwrap();
        assert_eq!(event.data(), "x");
        assert_eq!(parser.pending_bytes(), 0);
        assert_eq!(parser.next(&mut "\n".into()).unwrap(), None);
        assert_eq!(parser.pending_bytes(), 0);
        let event = parser.next(&mut "data: y\n\n".into()).unwrap().unwrap();
        assert_eq!(event.data(), "y");
    }
}

/// P16: the last event ID moves with the first byte of the blank line, not before and not after.
#[test]
fn an_id_is_committed_by_the_first_byte_of_the_blank_line() {
    for (stream, at) in [("id: 7\n\n", 7), ("id: 7\r\r", 7), ("id: 7\r\n\r\n", 8)] {
        let mut parser = Parser::new();
        for (index, byte) in stream.bytes().enumerate() {
            assert!(parser.next_ref(&mut &[byte][..]).unwrap().is_none());
            let expected = if index + 1 < at { "" } else { "7" };
            assert_eq!(parser.last_event_id(), expected, "{stream:?} after byte {}", index + 1);
        }
    }
}

/// P14: the reconnection time moves with the first byte of the line's end.
#[test]
fn a_reconnection_time_is_set_by_the_first_byte_of_its_line_end() {
    for stream in ["retry: 70\n", "retry: 70\r", "retry: 70\r\n"] {
        let mut parser = Parser::new();
        for (index, byte) in stream.bytes().enumerate() {
            assert!(parser.next_ref(&mut &[byte][..]).unwrap().is_none());
            let expected = (index + 1 >= 10).then_some(70);
            let time = parser.reconnection_time().map(|time| time.as_millis());
            assert_eq!(time, expected, "{stream:?} after byte {}", index + 1);
        }
    }
}

/// The effects of a block apply when it is taken, not when its bytes arrive.
#[test]
fn next_consumes_no_more_than_the_event_that_it_returns() {
    let mut parser = Parser::new();
    let mut input =
        Bytes::from("id: 1\ndata: a\n\nretry: 5\nid: 2\n\ndata: b\n\nid: 3\ndata: c\n\n");
    let event = parser.next(&mut input).unwrap().unwrap();
    assert_eq!((event.data(), parser.last_event_id()), ("a", "1"));
    assert_eq!((parser.reconnection_time(), parser.position()), (None, 15));
    assert!(input.starts_with(b"retry: 5\n"));
    let event = parser.next(&mut input).unwrap().unwrap();
    assert_eq!((event.data(), parser.last_event_id()), ("b", "2"));
    assert!(parser.reconnection_time().is_some());
    assert_eq!(input, "id: 3\ndata: c\n\n");
}
