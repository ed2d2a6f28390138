//! Lines with an unknown field name: their number and the first one, for each split of a stream.

use bytes::Bytes;
use proptest::prelude::*;
use sse_core::{ExcessPolicy, Limits, Parser};

use sse_reference::{
    outcome::{Side, take},
    reader::Mode,
};

use crate::support::{
    case::for_each_cut,
    streams::{any_cut, any_stream, config},
};

/// Reads the chunks, and returns the number of unknown lines and the first of them.
fn unknown_lines(side: Side, parser: &Parser, chunks: &[&[u8]]) -> (u64, Vec<u8>) {
    let mut parser = parser.clone();
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        while let Ok(Some(_)) = take(side, &mut parser, &mut input) {}
    }
    let unknown = parser.unknown_lines();
    (unknown.count(), unknown.first().to_vec())
}

#[track_caller]
fn check(stream: &str, count: u64, first: &str) {
    for_each_cut(stream.as_bytes(), |chunks| {
        for mode in Mode::ALL {
            for side in [Side::Owned, Side::Borrowed, Side::Selective] {
                let (number, line) = unknown_lines(side, &mode.parser(), chunks);
                let line = String::from_utf8(line).unwrap();
                assert_eq!((number, line.as_str()), (count, first), "{chunks:?}");
            }
        }
    });
}

/// Returns the expected result of [`Parser::unknown_lines`], computed line by line.
fn expected(stream: &[u8]) -> (u64, Vec<u8>) {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    const NAMES: [&[u8]; 5] = [b"", b"data", b"event", b"id", b"retry"];
    let is_broken = !stream.starts_with(MARK) && stream.starts_with(&MARK[..1]);
    if MARK.starts_with(stream) {
        return (0, Vec::new());
    }
    let text = stream.strip_prefix(MARK).unwrap_or(stream);
    let lines = text.split_inclusive(|byte| b"\r\n".contains(byte));
    let unknown = lines.enumerate().filter_map(|(index, line)| {
        let content = line.strip_suffix(b"\n").or_else(|| line.strip_suffix(b"\r"));
        let is_whole = content.is_some();
        let content = content.unwrap_or(line);
        let name = content.split(|byte| *byte == b':').next().unwrap();
        let is_name = is_whole || content.contains(&b':');
        let is_known = NAMES.iter().any(|known| match is_name {
            true => *known == name,
            false => known.starts_with(name),
        });
        let broken = if is_broken && index == 0 {
            content.iter().zip(MARK).take_while(|(byte, mark)| byte == mark).count()
        } else {
            0
        };
        (!content.is_empty() && !is_known).then(|| content[broken..].to_vec())
    });
    let unknown = unknown.collect::<Vec<_>>();
    let first = unknown.first().cloned().unwrap_or_default();
    (unknown.len() as u64, first[..first.len().min(256)].to_vec())
}

#[test]
fn unknown_lines_are_those_with_another_name() {
    check("", 0, "");
    check("data: 1\nevent: e\nid: 1\nretry: 1\n: hi\ndata\n\n", 0, "");
    check("{\"error\": 1}\n", 1, "{\"error\": 1}");
    check("data: 1\n\n{\"error\": 1}\n\ndata: 2\n\n", 1, "{\"error\": 1}");
    check("x: 1\r\ny: 2\r\n", 2, "x: 1");
    check("Data: 1\rdata : 2\r dat\r\r", 3, "Data: 1");
    check("id: 1\nerror: a\ndata: b\nerror: c\n\n", 2, "error: a");
}

#[test]
fn unknown_lines_may_be_incomplete_and_a_known_name_may_be_yet_to_come() {
    check("Err", 1, "Err");
    check("Request Timeout", 1, "Request Timeout");
    check("data: 1\n\nInternal Server Error", 1, "Internal Server Error");
    check("data: 1\n\nretr", 0, "");
    check("data: 1\n\ndatum", 1, "datum");
    check("data: 1\n\ndata: x", 0, "");
    check(": hi", 0, "");
}

#[test]
fn unknown_lines_keep_256_bytes_of_the_first() {
    let line = "x".repeat(300);
    let stream = format!("{line}\ny\ndata: 1\n\n");
    for len in [1, 7, 100, 255, 256, 257, 1000] {
        let chunks = stream.as_bytes().chunks(len).collect::<Vec<_>>();
        let (count, first) = unknown_lines(Side::Owned, &Parser::new(), &chunks);
        assert_eq!((count, first.len()), (2, 256), "chunks of {len}");
    }
}

#[test]
fn unknown_lines_of_a_block_over_its_limit_count_once() {
    let limits = Limits::default().max_event_bytes(100).excess_policy(ExcessPolicy::Skip);
    let parser = Parser::new().with_limits(limits);
    let long = "y".repeat(200);
    let stream = format!("x\ndata: 1\ndata: {long}\nz\n\ndata: 2\n\n");
    for len in [1, 10, 100, 1000] {
        let chunks = stream.as_bytes().chunks(len).collect::<Vec<_>>();
        let unknown = unknown_lines(Side::Owned, &parser, &chunks);
        assert_eq!(unknown, (1, b"x".to_vec()), "chunks of {len}");
    }
}

#[test]
fn unknown_lines_are_those_of_one_stream() {
    let mut parser = Parser::new();
    let mut input: &[u8] = b"x\n\ny";
    assert!(parser.next_ref(&mut input).unwrap().is_none());
    assert_eq!(parser.unknown_lines().count(), 2);
    parser.restart();
    assert_eq!(parser.unknown_lines(), Parser::new().unknown_lines());
    assert!(parser.next_ref(&mut &b"z\n"[..]).unwrap().is_none());
    assert_eq!((parser.unknown_lines().count(), parser.unknown_lines().first()), (1, &b"z"[..]));
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn unknown_lines_are_the_same_however_the_stream_is_split(
        stream in any_stream(),
        cut in any_cut(),
    ) {
        let expected = expected(&stream);
        for mode in Mode::ALL {
            for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
                let unknown = unknown_lines(side, &mode.parser(), &cut.chunks(&stream));
                prop_assert_eq!(&unknown, &expected, "{:?}, {:?}", mode, side);
            }
        }
    }
}
