//! Limits with `ExcessPolicy::Skip`: the other events, and the count of the skipped ones.
//!
//! The byte that exceeds a limit is tested in `limits`; here it is what follows. Both are tested by
//! examples, and by the naive count in `sse_reference::excess`.

use proptest::prelude::*;
use sse_core::{ExcessPolicy, Limit, Limits, Parser};

use sse_reference::{
    excess::{LINE, read_skipping},
    outcome::{Side, last_skipped, parse, parse_on, take},
    reader::Mode,
};

use crate::support::{
    case::for_each_cut,
    streams::{any_cut, any_limits, any_stream, config},
};

/// Reads a stream split in every way, and demands the same messages and the same count each time.
#[track_caller]
fn check(limits: Limits, stream: &[u8], messages: &[&str], skipped: &[(Limit, u64)]) {
    let parser = skipping(limits);
    for_each_cut(stream, |chunks| {
        let outcome = parse(&parser, chunks);
        let data = outcome.blocks.iter().filter_map(|block| block.data.as_deref());
        assert!(data.clone().eq(messages.iter().copied()), "{:?}", data.collect::<Vec<_>>());
        assert_eq!((outcome.error, outcome.skipped), (None, skipped.len() as u64));
        assert_eq!(outcome.last_skipped, skipped.last().copied());
    });
}

fn skipping(limits: Limits) -> Parser {
    Parser::new().with_limits(limits.excess_policy(ExcessPolicy::Skip))
}

fn max_event(bytes: usize) -> Limits {
    Limits::default().max_event_bytes(bytes)
}

#[test]
fn without_excess_policy_skip_no_event_is_skipped() {
    assert_eq!(Limits::default(), Limits::default().excess_policy(ExcessPolicy::Fail));
    assert_eq!(ExcessPolicy::default(), ExcessPolicy::Fail);
    let outcome = parse(&Parser::new().with_limits(max_event(12)), &[b"data: 1\n\n"]);
    assert_eq!((outcome.error.is_some(), outcome.skipped, outcome.last_skipped), (true, 0, None));
}

#[test]
fn an_event_over_its_limit_is_skipped_and_one_at_it_is_not() {
    let limits = max_event(LINE + "data: 12345".len());
    check(limits, b"data: 1234\n\ndata: a\n\n", &["1234", "a"], &[]);
    check(limits, b"data: 12345\n\ndata: a\n\n", &["12345", "a"], &[]);
    check(limits, b"data: 123456\n\ndata: a\n\n", &["a"], &[(Limit::Event, 11)]);
    check(limits, b"data: 123456\r\n\r\ndata: a\r\n\r\n", &["a"], &[(Limit::Event, 11)]);
    check(limits, b"data: 123456\r\rdata: a\r\r", &["a"], &[(Limit::Event, 11)]);
}

#[test]
fn an_event_of_many_lines_is_skipped_as_one() {
    let stream = b"data: a\ndata\ndata:b\ndata: c\n\ndata: a\n\n";
    let lines = ["data: a", "data", "data:b", "data: c"];
    let size = lines.iter().map(|line| line.len() + LINE).sum::<usize>();
    check(max_event(size + 1), stream, &["a\n\nb\nc", "a"], &[]);
    check(max_event(size), stream, &["a\n\nb\nc", "a"], &[]);
    check(max_event(size - 1), stream, &["a"], &[(Limit::Event, 26)]);
    // The line after the one in excess would fit by itself.
    check(max_event(3 * LINE), stream, &["a"], &[(Limit::Event, 8 + 2)]);
}

#[test]
fn an_id_over_its_limit_skips_its_event() {
    let limits = Limits::default().max_id_bytes(4);
    check(limits, b"id: 123\ndata: a\n\n", &["a"], &[]);
    check(limits, b"id: 1234\ndata: a\n\n", &["a"], &[]);
    check(limits, b"id: 12345\ndata: a\n\ndata: b\n\n", &["b"], &[(Limit::Id, 8)]);
    check(limits, b"data: a\nid:12345\n\ndata: b\n\n", &["b"], &[(Limit::Id, 15)]);
}

#[test]
fn an_event_type_over_its_limit_skips_its_event() {
    let limits = Limits::default().max_event_type_bytes(4);
    check(limits, b"event: abc\ndata: a\n\n", &["a"], &[]);
    check(limits, b"event: abcd\ndata: a\n\n", &["a"], &[]);
    check(limits, b"event: abcde\ndata: a\n\ndata: b\n\n", &["b"], &[(Limit::EventType, 11)]);
}

#[test]
fn each_event_that_exceeds_a_limit_counts_once() {
    let limits = max_event(LINE + "data: 1".len()).max_id_bytes(1);
    let stream = b"data: 11\ndata: 22\nid: 333\n\nid: 22\n\ndata: 1\n\n\n\ndata: 22\n\n";
    check(limits, stream, &["1"], &[(Limit::Event, 7), (Limit::Id, 32), (Limit::Event, 53)]);
}

#[test]
fn a_limit_of_zero_skips_every_event() {
    check(max_event(0), b"data\n\n:\n\ndata: a\n\n", &[], &[(Limit::Event, 4), (Limit::Event, 9)]);
    check(max_event(0), b"data", &[], &[]);
    check(max_event(0), b"data:", &[], &[(Limit::Event, 0)]);
}

/// Lines like those of the next event are not blank lines, wherever they are split.
#[test]
fn only_a_blank_line_ends_what_is_skipped() {
    let limits = max_event(LINE + "data: 1".len());
    let stream = b"data: 22\n \n:\nx\r\ndata: 1\rdata: 1\n\r\ndata: 3\n\n";
    check(limits, stream, &["3"], &[(Limit::Event, 7)]);
}

#[test]
fn the_id_of_a_skipped_event_is_not_committed() {
    let stream = b"id: 1\ndata: a\n\nid: 2\ndata: too much\nid: 3\n\ndata: b\n\n";
    for_each_cut(stream, |chunks| {
        let outcome = parse(&skipping(max_event(2 * LINE + 12)), chunks);
        assert_eq!((&*outcome.last_event_id, outcome.skipped), ("1", 1));
        let ids = outcome.blocks.iter().map(|block| &*block.last_event_id);
        assert!(ids.eq(["1", "1"]));
    });
}

/// It takes effect at once, before the event is known to be too large.
#[test]
fn a_reconnection_time_counts_if_it_comes_before_the_excess() {
    let stream = b"retry: 5\ndata: far too much\nretry: 6\n\n";
    for_each_cut(stream, |chunks| {
        let outcome = parse(&skipping(max_event(2 * LINE + 16)), chunks);
        assert_eq!((outcome.reconnection_ms, outcome.skipped), (Some(5), 1));
    });
}

#[test]
fn comments_are_skipped_where_they_are_kept() {
    let parser =
        skipping(max_event(LINE + ": 123".len())).with_comments(true).with_dataless_blocks(true);
    for_each_cut(b": 123\n\n: 1234\n:\n\n:\n\n", |chunks| {
        let outcome = parse(&parser, chunks);
        let comments = outcome.blocks.iter().filter_map(|block| block.comments.as_deref());
        assert!(comments.eq(["123", ""]));
        assert_eq!(outcome.last_skipped, Some((Limit::Event, 12)));
    });
}

/// The count is that of the parser; skipping itself ends with its connection.
#[test]
fn a_restart_ends_the_skipping_and_keeps_the_count() {
    for side in [Side::Owned, Side::Borrowed] {
        let mut parser = skipping(max_event(LINE + "data: 1".len()));
        assert_eq!(take(side, &mut parser, &mut "data: 22".into()), Ok(None));
        assert_eq!((parser.skipped().count(), parser.pending_bytes()), (1, 8));
        parser.restart();
        assert_eq!((parser.skipped().count(), parser.pending_bytes()), (1, 0));
        let block = take(side, &mut parser, &mut "data: 3\n\n".into()).unwrap().unwrap();
        assert_eq!(block.data.as_deref(), Some("3"));
    }
}

/// Neither the bytes before the limit nor the rest of the event, even an endless one.
#[test]
fn a_skipped_event_takes_no_memory() {
    let size = |parser: &Parser| format!("{parser:?}").len();
    let idle = size(&Parser::new());
    let (long, short) = (vec![b'x'; 1 << 20], b"id: 7\ndata: more\n".repeat(10_000));
    let mut parser = skipping(max_event(1 << 20));
    for (number, mut chunk) in [b"data: ", &long[..], &long, b"\n", &short].into_iter().enumerate()
    {
        assert_eq!(parser.next_ref(&mut chunk).map(|event| event.is_some()), Ok(false));
        if number >= 1 {
            assert!(size(&parser) < 2 * idle, "after chunk {number}");
        }
    }
    assert_eq!(last_skipped(&parser), Some((Limit::Event, (1 << 20) - LINE as u64)));
}

proptest! {
    #![proptest_config(config(1500))]

    /// A split does not change which events are skipped: they and all others equal those of the
    /// naive count and the reference.
    #[test]
    fn the_same_events_are_skipped_in_every_cut(
        stream in any_stream(),
        limits in any_limits(),
        cut in any_cut(),
    ) {
        let limits = limits.excess_policy(ExcessPolicy::Skip);
        for mode in [Mode::MESSAGES, Mode::EVERYTHING] {
            let parser = mode.parser().with_limits(limits);
            let expected = read_skipping(&stream, limits, mode);
            let chunks = cut.chunks(&stream);
            for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
                prop_assert_eq!(&parse_on(side, &parser, &chunks), &expected);
                prop_assert_eq!(&parse_on(side, &parser, &[&stream]), &expected);
            }
        }
    }

    /// An event counts as soon as the byte in excess has arrived.
    #[test]
    fn skipped_counts_an_event_at_once(
        stream in any_stream(),
        limits in any_limits(),
        cut in any_cut(),
    ) {
        let mut parser = skipping(limits);
        let mut read = 0;
        for chunk in cut.chunks(&stream) {
            let mut rest = chunk;
            while parser.next_ref(&mut rest).unwrap().is_some() {}
            read += chunk.len();
            let expected = read_skipping(&stream[..read], limits, Mode::MESSAGES);
            prop_assert_eq!(parser.skipped().count(), expected.skipped);
            prop_assert_eq!(last_skipped(&parser), expected.last_skipped);
        }
    }
}
