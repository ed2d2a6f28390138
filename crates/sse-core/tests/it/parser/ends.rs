//! Ends of streams: `Parser::is_in_line` and `Parser::has_unfinished_event`.

use bytes::Bytes;
use proptest::prelude::*;
use sse_core::{ExcessPolicy, Limits, Parser};

use sse_reference::reader::Mode;

use crate::support::{
    case::for_each_cut,
    streams::{any_cut, any_stream, config},
};

/// Reads the chunks, and returns two flags: whether the stream ends in a line, and in an event.
fn end(mut parser: Parser, chunks: &[&[u8]]) -> (bool, bool) {
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        while parser.next(&mut input).unwrap().is_some() {}
    }
    (parser.is_in_line(), parser.has_unfinished_event())
}

#[test]
fn is_in_line_and_has_unfinished_event_distinguish_the_ends_of_a_stream() {
    let cases: [(&[u8], bool, bool); 31] = [
        (b"", false, false),
        (b"data: x\n\n", false, false),
        (b"data: x\r\n\r", false, false),
        (b"\n", false, false),
        // In a line.
        (b"data: x", true, true),
        (b"data: x\n\ndata", true, true),
        (b"data: x\n\ndat", true, false),
        (b"id: 1", true, true),
        (b"retry: 1", true, false),
        (b": hi", true, false),
        (b"Internal Server Error", true, false),
        (b"data: x\n\nInternal Server Error", true, false),
        (b"data: x\nInternal Server Error", true, true),
        (b"data: x\n: hi", true, true),
        (b"\xEF", true, false),
        (b"\xEF\xBBdata", true, false),
        (b"\xEF\xBB\xBF", false, false),
        // After whole lines of an event.
        (b"data: x\n", false, true),
        (b"data: x\r", false, true),
        (b"data: x\r\n", false, true),
        (b"data\n", false, true),
        (b"event: e\n", false, true),
        (b"id: 1\n", false, true),
        (b"data: x\n\nid: 2\n: hi\nx\n", false, true),
        // After whole lines of anything else.
        (b": hi\n", false, false),
        (b"data: x\n\n: hi\n", false, false),
        (b"x\n", false, false),
        (b"retry: 1\n", false, false),
        (b"event:\n", false, false),
        (b"id: \0\n", false, false),
        (b"event: e\nevent:\n", false, false),
    ];
    for (stream, in_line, in_event) in cases {
        for mode in Mode::ALL {
            for_each_cut(stream, |chunks| {
                assert_eq!(end(mode.parser(), chunks), (in_line, in_event), "{chunks:?} {mode:?}");
            });
        }
    }
}

#[test]
fn has_unfinished_event_is_true_within_an_event_that_is_skipped() {
    let limits = Limits::default().max_event_bytes(10).excess_policy(ExcessPolicy::Skip);
    let parser = Parser::new().with_limits(limits);
    let chunks: &[&[u8]] = &[b"data: 123456789\n", b": hi\n"];
    assert_eq!(end(parser.clone(), chunks), (false, true));
    assert_eq!(end(parser, &[b"data: 123456789\n\n"]), (false, false));
}

#[test]
fn has_unfinished_event_is_true_after_limit_exceeded_until_a_restart() {
    let limits = Limits::default().max_event_bytes(10);
    for mode in Mode::ALL {
        for_each_cut(b"data: 123456789\nevent: e\n", |chunks| {
            let mut parser = mode.parser().with_limits(limits);
            let is_read = |chunk: &&[u8]| parser.next(&mut Bytes::copy_from_slice(chunk)).is_ok();
            assert!(!chunks.iter().all(is_read), "{chunks:?} {mode:?}");
            assert!(parser.has_unfinished_event(), "{chunks:?} {mode:?}");
            assert_eq!(parser.unfinished_data(), b"", "{chunks:?} {mode:?}");
            parser.restart();
            assert!(!parser.has_unfinished_event(), "{chunks:?} {mode:?}");
        });
    }
}

#[test]
fn unfinished_data_is_what_was_received_of_the_data() {
    let cases: [(&[u8], &[u8]); 14] = [
        (b"", b""),
        (b"data: x\n\n", b""),
        (b"data: x\n\ndat", b""),
        (b"data: x\n\ndata", b""),
        (b"data: x", b"x"),
        (b"data: x\n", b"x"),
        (b"id: 1\nevent: e\ndata: x", b"x"),
        (b"data: x\nid: 1\nevent: e\n", b"x"),
        (b"data: x\nid: 1", b"x"),
        (b"data: x\nid: 1\ndata: y\nevent: e\n", b"x\ny"),
        (b"data: x\nid: 1\ndata: y", b"x\ny"),
        (b"data: x\ndata: y\nInternal Server Error", b"x\ny"),
        (b"event: e\nid: 1\n", b""),
        (b"event: e\nid: 1", b""),
    ];
    for (stream, expected) in cases {
        for mode in Mode::ALL {
            for_each_cut(stream, |chunks| {
                let mut parser = mode.parser();
                for chunk in chunks {
                    let mut input = Bytes::copy_from_slice(chunk);
                    while parser.next(&mut input).unwrap().is_some() {}
                }
                let data = parser.unfinished_data();
                assert_eq!(data, expected, "{chunks:?} {mode:?}");
            });
        }
    }
}

#[test]
fn is_in_line_and_has_unfinished_event_are_false_after_a_restart() {
    let mut parser = Parser::new();
    assert_eq!(parser.next(&mut "data: x\nda".into()), Ok(None));
    assert!(parser.is_in_line() && parser.has_unfinished_event());
    parser.restart();
    assert!(!parser.is_in_line() && !parser.has_unfinished_event());
}

/// Like `end`, computed from the text of the standard.
fn expected(stream: &[u8]) -> (bool, bool) {
    let mark = b"\xEF\xBB\xBF";
    if mark.starts_with(stream) {
        return (matches!(stream.len(), 1 | 2), false);
    }
    let text = stream.strip_prefix(mark).unwrap_or(stream);
    let (mut data, mut event, mut id) = (false, false, false);
    let mut rest = text;
    while let Some(len) = rest.iter().position(|byte| b"\r\n".contains(byte)) {
        let (line, after) = rest.split_at(len);
        rest = after.strip_prefix(b"\r\n").unwrap_or(&after[1..]);
        match field(line) {
            _ if line.is_empty() => (data, event, id) = (false, false, false),
            (b"data", _) => data = true,
            (b"event", value) => event = !value.is_empty(),
            (b"id", value) => id |= !value.contains(&0),
            _ => {}
        }
    }
    let is_begun = matches!(field(rest).0, b"data" | b"event" | b"id");
    (!rest.is_empty(), data || event || id || is_begun)
}

/// Returns the name and the value of a line.
fn field(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|byte| *byte == b':') {
        None => (line, b""),
        Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn is_in_line_and_has_unfinished_event_follow_the_standard_at_any_byte(
        stream in any_stream(),
        end_at in any::<prop::sample::Index>(),
        cut in any_cut(),
    ) {
        let stream = &stream[..end_at.index(stream.len() + 1)];
        for mode in Mode::ALL {
            prop_assert_eq!(end(mode.parser(), &cut.chunks(stream)), expected(stream));
        }
    }
}
