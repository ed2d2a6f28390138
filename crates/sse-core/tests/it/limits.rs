//! Limits: the events before the excess, and the exact byte that exceeds a limit.
//!
//! Examples define what counts, and so does the naive count in `sse_reference::excess`, with which
//! a parser must agree on random streams, limits and splits. The size of the defaults is documented
//! at `Limits`.

use bytes::Bytes;
use proptest::prelude::*;
use sse_core::{ExcessPolicy, Limit, Limits, Parser};

use sse_reference::{
    excess::{LINE, first_excess, without_old_comments},
    outcome::{Side, parse, parse_on, take},
    reader::{self, Mode},
};

use crate::support::{
    case::for_each_cut,
    streams::{any_cut, any_limits, any_stream, config},
};

/// Limit that a stream exceeds and the position, and the data of the messages before it.
type Excess<'a> = (Limit, u64, &'a [&'a str]);

/// Reads a stream split in every way, and demands the same messages and the same error each time.
#[track_caller]
fn check(parser: &Parser, stream: &[u8], expected: Result<&[&str], Excess<'_>>) {
    let (error, messages) = match expected {
        Ok(messages) => (None, messages),
        Err((limit, position, messages)) => (Some((limit, position)), messages),
    };
    for_each_cut(stream, |chunks| {
        let outcome = parse(parser, chunks);
        let found = outcome.error.map(|error| (error.limit(), error.position()));
        assert_eq!(found, error, "{:?}", outcome.error);
        let data = outcome.blocks.iter().filter_map(|block| block.data.as_deref());
        assert!(data.clone().eq(messages.iter().copied()), "{:?}", data.collect::<Vec<_>>());
    });
}

fn limited(limits: Limits) -> Parser {
    Parser::new().with_limits(limits)
}

fn max_event(bytes: usize) -> Parser {
    limited(Limits::default().max_event_bytes(bytes))
}

#[test]
fn default_and_highest_limits_are_as_documented() {
    let limits = Limits::default();
    assert_eq!(limits.max_bytes(Limit::Event), 16 << 20);
    assert_eq!(limits.max_bytes(Limit::Id), 64 << 10);
    assert_eq!(limits.max_bytes(Limit::EventType), 64 << 10);
    let above = limits.max_event_bytes(usize::MAX).max_id_bytes(usize::MAX);
    let above = above.max_event_type_bytes((1 << 30) + 1);
    assert_eq!(above, Limits::highest());
    for limit in [Limit::Event, Limit::Id, Limit::EventType] {
        assert_eq!(above.max_bytes(limit), 1 << 30);
    }
    assert_eq!(Limits::highest().max_event_bytes(7).max_bytes(Limit::Event), 7);
}

#[test]
fn limit_exceeded_has_its_limit_size_and_position() {
    let error = parse(&max_event(20), &[b"\n\ndata: 0123456789"]).error.unwrap();
    assert_eq!((error.limit(), error.max_bytes(), error.position()), (Limit::Event, 20, 13));
    let text = "event exceeds 20 bytes at byte 13 of the event stream";
    assert_eq!(error.to_string(), text);
    assert!(core::error::Error::source(&error).is_none());
    let names = [Limit::Event, Limit::Id, Limit::EventType].map(|limit| limit.to_string());
    assert_eq!(names, ["event", "id", "event type"]);
}

#[test]
fn an_event_of_one_line_may_be_as_large_as_max_event_bytes() {
    let max = LINE + "data: 12345".len();
    check(&max_event(max), b"data: 1234\n\n", Ok(&["1234"]));
    check(&max_event(max), b"data: 12345\n\n", Ok(&["12345"]));
    check(&max_event(max), b"data: 123456\n\n", Err((Limit::Event, 11, &[])));
    check(&max_event(max), b"data: 123456", Err((Limit::Event, 11, &[])));
    check(&max_event(max), b"data:12345 6\r\r", Err((Limit::Event, 11, &[])));
}

/// The position is that of the first byte that does not fit, in any line.
#[test]
fn an_event_of_many_lines_may_be_as_large_as_max_event_bytes() {
    let stream = b"event: e\r\nid: 1\r\nretry: 2\r\ndata: a\r\ndata: b\r\n\r\n";
    let lines = ["event: e", "id: 1", "retry: 2", "data: a", "data: b"];
    let size = lines.iter().map(|line| line.len() + LINE).sum::<usize>();
    check(&max_event(size + 1), stream, Ok(&["a\nb"]));
    check(&max_event(size), stream, Ok(&["a\nb"]));
    check(&max_event(size - 1), stream, Err((Limit::Event, 42, &[])));
    check(&max_event(size - 7), stream, Err((Limit::Event, 36, &[])));
    // The line's end and charge do not fit: its first byte is the excess.
    check(&max_event(size - 8), stream, Err((Limit::Event, 36, &[])));
    check(&max_event(size - 15), stream, Err((Limit::Event, 36, &[])));
    // With one more, it is the last byte of the line before.
    check(&max_event(size - 17), stream, Err((Limit::Event, 33, &[])));
}

#[test]
fn an_id_may_be_as_long_as_max_id_bytes() {
    let parser = limited(Limits::default().max_id_bytes(4));
    check(&parser, b"id: 123\ndata: x\n\n", Ok(&["x"]));
    check(&parser, b"id: 1234\ndata: x\n\n", Ok(&["x"]));
    check(&parser, b"id: 12345\ndata: x\n\n", Err((Limit::Id, 8, &[])));
    check(&parser, b"id:12345", Err((Limit::Id, 7, &[])));
    check(&parser, b"id:  1234\ndata: x\n\n", Err((Limit::Id, 8, &[])));
    check(&parser, b"id: 1\nid: \x80\0\xC3\xA9\xC3\n\n", Err((Limit::Id, 14, &[])));
}

#[test]
fn an_event_type_may_be_as_long_as_max_event_type_bytes() {
    let parser = limited(Limits::default().max_event_type_bytes(4));
    check(&parser, b"event: abc\ndata: x\n\n", Ok(&["x"]));
    check(&parser, b"event: abcd\ndata: x\n\n", Ok(&["x"]));
    check(&parser, b"event: abcde\ndata: x\n\n", Err((Limit::EventType, 11, &[])));
    check(&parser, b"event:abcde", Err((Limit::EventType, 10, &[])));
}

/// At the limit, one byte below and one above, in chunks of each size, with both APIs and under
/// both policies.
#[test]
fn each_limit_is_exact_however_its_event_drips_in() {
    const MAX: usize = 40;
    let defaults = Limits::default();
    let of_event = MAX - LINE - "data: ".len();
    let lines = "id: 1\ndata:a\ndata:";
    let of_lines = 2 * MAX - 3 * LINE - (lines.len() - 2);
    for (limits, limit, start, value_max, end) in [
        (defaults.max_event_bytes(MAX), Limit::Event, "data: ", of_event, "\n\n"),
        (defaults.max_event_bytes(MAX), Limit::Event, "data: ", of_event, "\r\r"),
        (defaults.max_event_bytes(MAX), Limit::Event, "data: ", of_event, "\r\n\r\n"),
        (defaults.max_event_bytes(2 * MAX), Limit::Event, lines, of_lines, "\n: comment\n\n"),
        (defaults.max_id_bytes(MAX), Limit::Id, "data\nid: ", MAX, "\n\n"),
        (defaults.max_id_bytes(MAX), Limit::Id, "id:", MAX, "\r\ndata\r\n\r\n"),
        (defaults.max_event_type_bytes(MAX), Limit::EventType, "event: ", MAX, "\rdata\r\r"),
    ] {
        for len in value_max - 1..=value_max + 1 {
            let stream = format!("{start}{}{end}data: after\n\n", "x".repeat(len));
            let excess = (len > value_max).then_some((limit, (start.len() + value_max) as u64));
            for policy in [ExcessPolicy::Fail, ExcessPolicy::Skip] {
                let parser = limited(limits.excess_policy(policy));
                for drip in 1..=stream.len() {
                    for side in [Side::Owned, Side::Borrowed, Side::Selective, Side::ByTurns] {
                        let chunks: Vec<_> = stream.as_bytes().chunks(drip).collect();
                        let outcome = parse_on(side, &parser, &chunks);
                        let error = outcome.error.map(|error| (error.limit(), error.position()));
                        let (events, found) = match (policy, excess) {
                            (_, None) => (2, error.or(outcome.last_skipped)),
                            (ExcessPolicy::Skip, _) => (1, outcome.last_skipped),
                            _ => (0, error),
                        };
                        let what = format!("{stream:?} in drips of {drip}, {side:?}, {policy:?}");
                        assert_eq!((outcome.blocks.len(), found), (events, excess), "{what}");
                    }
                }
            }
        }
    }
}

/// With the chunk that has the byte in excess, not with the line's end.
#[test]
fn limit_exceeded_is_returned_at_once() {
    const MAX: usize = 600;
    // A buffer with room for more than the ID may have does not prevent it.
    let id = limited(Limits::default().max_id_bytes(MAX / 3));
    let cases =
        [("data: ", max_event(MAX), MAX - LINE - "data: ".len()), ("data: x\nid: ", id, MAX / 3)];
    for ((start, parser, room), chunk_len) in [1, 7, 15, 16, 17, 31, 32, 33, 64, 65, 128, 129, 500]
        .into_iter()
        .flat_map(|chunk_len| cases.iter().map(move |case| (case, chunk_len)))
    {
        for side in [Side::Owned, Side::Borrowed, Side::Selective] {
            let mut parser = parser.clone();
            assert_eq!(take(side, &mut parser, &mut (*start).into()), Ok(None));
            let mut read = 0;
            while read + chunk_len <= *room {
                let found = take(side, &mut parser, &mut vec![b'x'; chunk_len].into());
                assert_eq!(found, Ok(None), "{read} and {chunk_len}");
                read += chunk_len;
            }
            let found = take(side, &mut parser, &mut vec![b'x'; chunk_len].into());
            assert!(found.is_err(), "{read} and {chunk_len}");
        }
    }
}

#[test]
fn max_event_bytes_of_zero_rejects_any_known_field_and_other_limits_of_zero_any_value() {
    check(&max_event(0), b": c\nzzz: 1\n\ndata\n\n", Err((Limit::Event, 12, &[])));
    let parser = limited(Limits::default().max_id_bytes(0).max_event_type_bytes(0));
    check(&parser, b"id:\nevent: \ndata: x\n\n", Ok(&["x"]));
    check(&parser, b"id: \ndata: x\n\nid: 1\n", Err((Limit::Id, 18, &["x"])));
    check(&parser, b"event:1\n", Err((Limit::EventType, 6, &[])));
}

/// The limit that is reported of two does not depend on how much of the line has arrived.
#[test]
fn limit_exceeded_names_the_limit_that_is_reached_first() {
    let limits = Limits::default().max_id_bytes(3).max_event_type_bytes(3);
    let both = limited(limits.max_event_bytes(LINE + 12));
    check(&both, b"id: 123456789012345\n\n", Err((Limit::Id, 7, &[])));
    check(&both, b"event: abcdefghijkl\n\n", Err((Limit::EventType, 10, &[])));
    let event_first = limited(limits.max_event_bytes(LINE + 5));
    check(&event_first, b"id: 123456789012345\n\n", Err((Limit::Event, 5, &[])));
    let at_once = limited(limits.max_event_bytes(LINE + 7));
    check(&at_once, b"id: 123456789012345\n\n", Err((Limit::Event, 7, &[])));
}

#[test]
fn each_block_has_its_limit_to_itself() {
    let max = LINE + "data: 1".len();
    check(&max_event(max), b"data: 1\n\nid: 22\n\ndata: 3\n\n", Ok(&["1", "3"]));
    check(&max_event(max), b"data: 1\n\ndata: 2\nid", Ok(&["1"]));
    check(&max_event(max), b"data: 1\n\ndata: 2\nid\n", Err((Limit::Event, 17, &["1"])));
    check(&max_event(max), b"data: 1\n\ndata: 2\nid:", Err((Limit::Event, 17, &["1"])));
}

#[test]
fn events_that_are_complete_before_limit_exceeded_are_returned() {
    let stream = b"id: 1\ndata: 1\n\nretry: 5\nid: 2\n\nid: 3\nretry: 6\ndata: 123456789";
    let parser = max_event(3 * LINE + "id: 3".len() + "retry: 6".len() + 6);
    check(&parser, stream, Err((Limit::Event, 52, &["1"])));
    for_each_cut(stream, |chunks| {
        let outcome = parse(&parser, chunks);
        assert_eq!((&*outcome.last_event_id, outcome.reconnection_ms), ("2", Some(6)));
    });
}

#[test]
fn ignored_lines_do_not_count_against_a_limit() {
    let long = "x".repeat(30_000);
    let lines = [
        format!("unknown: {long}\n"),
        format!("{long}\r\n"),
        format!(": {long}\r"),
        format!(" {long}: \n"),
        format!("datax: {long}\n"),
    ];
    let parser = max_event(LINE + "data: y".len());
    for line in &lines {
        let stream = format!("{line}data: y\n{line}{line}\n\n");
        let stream = stream.as_bytes();
        for len in [1, 2, 3, 7, 1000, 16_384, stream.len()] {
            let outcome = parse(&parser, &stream.chunks(len).collect::<Vec<_>>());
            assert_eq!((outcome.error, outcome.blocks.len()), (None, 1));
        }
    }
    let many = "x\n:\nunknown: y\n".repeat(20_000) + "data: y\n\n";
    assert_eq!(parse(&parser, &[many.as_bytes()]).error, None);
}

#[test]
fn comments_are_counted_if_they_are_kept() {
    let max = LINE + ": 123".len();
    check(&max_event(max), b": 12345678\n\ndata\n\n", Ok(&[""]));
    let keeping = max_event(max).with_comments(true);
    check(&keeping, b": 123\n\ndata\n\n", Ok(&[""]));
    check(&keeping, b"data\n\n: 1234\n\n", Err((Limit::Event, 11, &[""])));
    check(&keeping, b":12\ndata:\n", Err((Limit::Event, 4, &[])));
    // The oldest make room for more of them.
    check(&keeping, b":123\n:\n:1\n\ndata\n\n", Ok(&[""]));
}

/// Neither an ignored line nor a block that has been returned is held.
#[test]
fn a_parser_keeps_no_bytes_of_ignored_lines() {
    let size = |parser: &Parser| format!("{parser:?}").len();
    let idle = size(&Parser::new());
    let long = vec![b'x'; 1 << 20];
    let starts: [&[u8]; 5] = [b"", b": ", b"unknown: ", b"datax", b"data: y\n\n:"];
    for start in starts {
        let mut parser = Parser::new();
        for mut chunk in [start, &long[..], &long[..]] {
            while parser.next_ref(&mut chunk).unwrap().is_some() {}
        }
        assert!(size(&parser) < 2 * idle, "{start:?}");
    }
    let mut parser = Parser::new();
    for mut chunk in [b"data: ", &long[..], b"\ndata: y\n\n", b"\n"] {
        while parser.next_ref(&mut chunk).unwrap().is_some() {}
    }
    assert!(size(&parser) < 2 * idle);
}

#[test]
fn many_short_lines_reach_max_event_bytes() {
    const LINES: usize = 20_000;
    let stream = b"data:\n".repeat(LINES);
    let expected = 5 + LINE;
    let exact = LINES * expected;
    for chunk in [1, 4096, stream.len()] {
        let chunks = stream.chunks(chunk).collect::<Vec<_>>();
        let outcome = parse(&max_event(exact), &chunks);
        assert_eq!((outcome.error, outcome.pending_bytes), (None, stream.len() as u64));
        let error = parse(&max_event(exact - 1), &chunks).error.unwrap();
        assert_eq!((error.limit(), error.position()), (Limit::Event, stream.len() as u64 - 2));
        // Ends two bytes into a line.
        let half = exact / 2 + LINE + 2;
        let error = parse(&max_event(half), &chunks).error.unwrap();
        let line = half / expected;
        let room = half - line * expected - LINE;
        assert_eq!((room, error.position()), (2, (line * 6 + room) as u64));
    }
}

/// Every test here asserts that the error is returned again without a restart: see `support`.
#[test]
fn a_restart_ends_the_failure_and_keeps_the_rest() {
    for side in [Side::Owned, Side::Borrowed] {
        let mut parser = max_event(40);
        let long = "id: 1\nretry: 5\n\nid: 2\nevent: e\ndata: ".to_owned() + &"x".repeat(40);
        let mut input = Bytes::from(long);
        let error = take(side, &mut parser, &mut input).unwrap_err();
        assert_eq!(take(side, &mut parser, &mut "\n\ndata: 1\n\n".into()), Err(error));
        parser.restart();
        assert_eq!((parser.position(), parser.pending_bytes()), (0, 0));
        let mut input = Bytes::from("data: 1\n\n");
        let block = take(side, &mut parser, &mut input).unwrap().unwrap();
        assert_eq!((block.data.as_deref(), &*block.event_type), (Some("1"), "message"));
        assert_eq!(block.last_event_id, "1");
        assert_eq!(parser.reconnection_time().unwrap().as_millis(), 5);
        let error = take(side, &mut parser, &mut vec![b':'; 99].into());
        assert_eq!(error, Ok(None));
        let again = take(side, &mut parser, &mut "\nid: 3\ndata: 12345678901234567890".into());
        assert_eq!(
            again.unwrap_err().position(),
            (9 + 100 + "id: 3\n".len() + 40 - LINE - "id: 3".len() - LINE) as u64
        );
    }
}

/// The position is counted from the first byte of the stream, which is that of the byte order mark.
#[test]
fn the_position_counts_every_byte_of_the_stream() {
    let parser = max_event(LINE + 4);
    check(&parser, b"\xEF\xBB\xBFdata:", Err((Limit::Event, 7, &[])));
    check(&parser, b"\xEF\xBB\xBF\r\n\r\ndata: 1\n\n", Err((Limit::Event, 11, &[])));
    check(&parser, b"data\r\n\r\nzzz\r\n:\r\ndata:", Err((Limit::Event, 20, &[""])));
    check(&parser, b"\xEF\xBBdata: not\ndata:", Err((Limit::Event, 16, &[])));
}

proptest! {
    #![proptest_config(config(3000))]

    /// The byte that exceeds a limit, the limit, and everything before it are the same for every
    /// split, and equal to those of the naive count and the reference.
    #[test]
    fn a_limit_is_exceeded_at_the_same_byte_in_every_cut(
        stream in any_stream(),
        limits in any_limits(),
        cut in any_cut(),
    ) {
        for mode in [Mode::MESSAGES, Mode::EVERYTHING] {
            let parser = mode.parser().with_limits(limits);
            let outcome = parse_on(Side::Owned, &parser, &[&stream]);
            let excess = first_excess(&stream, limits, mode);
            let found = outcome.error.map(|error| (error.limit(), error.position()));
            prop_assert_eq!(found, excess);
            // The result equals that of the bytes before the excess, except for their line's end.
            let before = excess.map_or(stream.len(), |(_, position)| position as usize);
            let before = without_old_comments(&stream[..before], limits, mode);
            let expected = reader::read(&before, mode);
            prop_assert_eq!(&outcome.blocks, &expected.blocks);
            prop_assert_eq!(&outcome.last_event_id, &expected.last_event_id);
            for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
                let again = parse_on(side, &parser, &cut.chunks(&stream));
                prop_assert_eq!(&again, &outcome);
            }
        }
    }
}
