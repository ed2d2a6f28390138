//! Streams whose last event lacks its blank line: `Parser::finish` completes it.

use bytes::Bytes;
use proptest::prelude::*;
use sse_core::{ExcessPolicy, Limit, Limits, Parser, ServerSentEvent};

use sse_reference::{
    outcome::{Block, parse},
    reader::{self, Mode},
};

use crate::support::{
    case::for_each_cut,
    streams::{any_cut, any_stream, config},
};

/// Reads the chunks, and returns the event that `finish` completes.
fn finish(parser: &mut Parser, chunks: &[&[u8]]) -> Option<ServerSentEvent> {
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        while parser.next(&mut input).unwrap().is_some() {}
    }
    parser.finish().unwrap()
}

#[track_caller]
fn check(stream: &str, expected: Option<&str>) {
    for_each_cut(stream.as_bytes(), |chunks| {
        let last = finish(&mut Parser::new(), chunks);
        assert_eq!(last.as_ref().map(ServerSentEvent::data), expected, "{chunks:?}");
    });
}

#[test]
fn finish_completes_an_event_without_its_blank_line_or_its_line_end() {
    for end in ["", "\n", "\r\n", "\r"] {
        check(&format!("data: 1\n\ndata: [DONE]{end}"), Some("[DONE]"));
        check(&format!("data: 1\n\ndata: a\ndata: b{end}"), Some("a\nb"));
        check(&format!("data{end}"), Some(""));
    }
    check("data: 1\n\ndata: 2\n: hi", Some("2"));
}

#[test]
fn finish_completes_nothing_where_no_event_is_pending() {
    for stream in
        ["", "data: 1\n\n", "data: 1\r\n\r", "data: 1\n\nid: 2", ": hi", "\u{feff}", "dat"]
    {
        check(stream, None);
    }
}

#[test]
fn finish_takes_an_id_and_a_reconnection_time_and_restarts_the_parser() {
    let mut parser = Parser::new();
    let last = finish(&mut parser, &[b"id: 1\ndata: 1\n\nid: 2\nretry: 7\nx\ndata: 2"]).unwrap();
    assert_eq!((last.id(), parser.last_event_id()), (Some("2"), "2"));
    assert_eq!(parser.reconnection_time().unwrap().as_millis(), 7);
    assert_eq!((parser.pending_bytes(), parser.position()), (0, 0));
    assert_eq!(parser.unknown_lines().count(), 0);
    let next = parser.next(&mut "\u{feff}data: 3\n\n".into()).unwrap().unwrap();
    assert_eq!(next.data(), "3");
}

#[test]
fn finish_is_subject_to_the_limits() {
    let limits = Limits::default().max_event_bytes(100);
    let stream: &[u8] = b"data: 12345678\n";
    let chunks = vec![stream; 10];
    let mut parser = Parser::new().with_limits(limits);
    let mut input = Bytes::from(chunks.concat());
    assert_eq!(parser.next(&mut input).unwrap_err().limit(), Limit::Event);
    assert_eq!(parser.finish().unwrap_err().limit(), Limit::Event);
    assert_eq!(parser.finish(), Ok(None));

    let mut parser = Parser::new().with_limits(limits.excess_policy(ExcessPolicy::Skip));
    assert_eq!(finish(&mut parser, &chunks), None);
    assert_eq!(parser.skipped().count(), 1);
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn finish_is_what_a_line_end_and_a_blank_line_would_be(
        stream in any_stream(),
        cut in any_cut(),
    ) {
        for mode in Mode::ALL {
            let chunks = cut.chunks(&stream);
            let before = parse(&mode.parser(), &chunks).blocks.len();
            let ended = [&stream[..], b"\n\n"].concat();
            let expected = reader::read(&ended, mode);
            let mut parser = mode.parser();
            let last = finish(&mut parser, &chunks);
            let last = last.as_ref().map(Block::from_event);
            let expected_last = expected.blocks.get(before).cloned();
            let expected_last =
                expected_last.map(|block| Block { last_event_id: String::new(), ..block });
            prop_assert_eq!(last, expected_last);
            prop_assert_eq!(parser.last_event_id(), expected.last_event_id);
        }
    }
}
