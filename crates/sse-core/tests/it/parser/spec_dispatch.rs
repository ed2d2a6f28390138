//! Clauses P16 to P22: effects of the end of a block and the end of a stream.
//!
//! The numbers are those of `docs/CONFORMANCE.md`. Every stream is read whole and split in every
//! way. State that outlives a connection is tested in `restart`.

use sse_core::Parser;

use sse_reference::outcome::{Block, parse};

use crate::support::case::{check, stream};

/// P16
#[test]
fn an_id_alone_sets_the_last_event_id_at_the_blank_line() {
    check(&stream("id: 42\n\ndata: hello\n\n").message("hello", "42").last_event_id("42"));
    check(&stream("id: 42\r\r").last_event_id("42"));
    check(
        &stream("id: 42\nevent: e\nretry: 1\n:c\n\n")
            .last_event_id("42")
            .reconnection_ms(1)
            .comment("c"),
    );
    check(&stream("id: 42\n\nid: bad\0id\n\nid:\n\n"));
}

/// P16
#[test]
fn the_last_event_id_stays_until_it_is_set_again() {
    check(
        &stream("id: 1\ndata: 1\n\ndata: 2\n\nevent: e\n\n: c\n\nid: 2\ndata:3\n\ndata:4\n\n")
            .message("1", "1")
            .message("2", "1")
            .message("3", "2")
            .message("4", "2")
            .last_event_id("2")
            .comment("c"),
    );
    check(&stream("data: x\n\n").after("before").message("x", "before").last_event_id("before"));
}

/// P17
#[test]
fn a_block_without_data_dispatches_nothing() {
    check(&stream("event: e\n\n"));
    check(&stream("id: 1\n\n").last_event_id("1"));
    check(&stream("retry: 1\n\n").reconnection_ms(1));
    check(&stream(": c\n\n").comment("c"));
    check(&stream("zzz: 1\n\n"));
    check(&stream("\n\r\r\n"));
}

/// P17
#[test]
fn the_event_type_of_a_block_without_data_does_not_reach_the_next() {
    check(&stream("event: e\n\ndata: x\n\n").message("x", ""));
    check(&stream("event: e\nid: 1\n\ndata: x\n\n").message("x", "1").last_event_id("1"));
    check(&stream("event: e\r\rdata\r\r").message("", ""));
}

/// P18
#[test]
fn one_lf_at_the_end_of_the_data_is_dropped() {
    check(&stream("data\n\n").message("", ""));
    check(
        &stream("data:\n\ndata\ndata\n\ndata:test\n\n")
            .message("", "")
            .message("\n", "")
            .message("test", ""),
    );
    check(&stream("data: x\ndata\ndata\n\n").message("x\n\n", ""));
}

/// P19
#[test]
fn an_event_has_its_type_or_message_and_the_last_event_id() {
    check(
        &stream("data: 1\n\nid: a\nevent: e\ndata: 2\n\ndata: 3\n\nevent:\ndata: 4\n\n")
            .message("1", "")
            .event("e", "2", "a")
            .message("3", "a")
            .message("4", "a")
            .last_event_id("a"),
    );
}

/// P20
#[test]
fn fields_of_a_block_do_not_reach_the_next_block() {
    check(&stream("event: e\ndata: 1\n\ndata: 2\n\n").event("e", "1", "").message("2", ""));
    check(&stream("data: 1\n\ndata: 2\ndata: 3\n\n").message("1", "").message("2\n3", ""));
    let parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let full = b"event: e\nid: i\nretry: 1\n: c\ndata: 1\ndata: 2\n\ndata\n\n";
    for chunks in [vec![&full[..]], full.chunks(1).collect()] {
        let outcome = parse(&parser, &chunks);
        let empty = Block {
            event_type: "message".into(),
            data: Some(String::new()),
            last_event_id: "i".into(),
            ..Block::default()
        };
        assert_eq!(outcome.blocks[1..], [empty]);
    }
}

/// P21
#[test]
fn an_incomplete_block_is_never_returned() {
    check(&stream("data: x"));
    check(&stream("data: x\n"));
    check(&stream("data: x\r\n"));
    check(&stream("data: x\r"));
    check(&stream("data: short and then nothing"));
    check(&stream("data: 1\n\ndata: 2\n").message("1", ""));
    check(&stream(": c").comment("c"));
}

/// P21
#[test]
fn the_id_of_an_incomplete_block_is_not_committed() {
    check(
        &stream("retry:1000\ndata:test1\n\nid:test\ndata:test2\n")
            .message("test1", "")
            .reconnection_ms(1000),
    );
    check(&stream("id: 1\ndata: x\n\nid: 2").message("x", "1").last_event_id("1"));
    check(&stream("id: 1\ndata: x\n\nid: 2\n").message("x", "1").last_event_id("1"));
    check(&stream("id: 1\n").after("0").last_event_id("0"));
}

/// P22: blocks without data are returned if requested, and still no buffer reaches the next block.
#[test]
fn with_dataless_blocks_returns_blocks_without_data() {
    let parser = Parser::new().with_dataless_blocks(true);
    let stream =
        b"event: e\n\nid: i\n\nretry: 1\n\n: c\n\nzzz\n\n\nevent\n\nretry: x\n\nid: \0\n\ndata\n\n";
    let block = |event_type: &str, id: &str| Block {
        event_type: event_type.into(),
        last_event_id: id.into(),
        ..Block::default()
    };
    let expected = [
        Block { event: Some("e".into()), ..block("e", "") },
        Block { id: Some("i".into()), ..block("message", "i") },
        Block { retry_ms: Some(1), ..block("message", "i") },
        Block { data: Some(String::new()), ..block("message", "i") },
    ];
    assert_eq!(parse(&parser, &[stream]).blocks, expected);
    let comment = Block { comments: Some("c".into()), ..block("message", "i") };
    let blocks = parse(&parser.with_comments(true), &[stream]).blocks;
    assert_eq!((blocks.len(), &blocks[3]), (5, &comment));
}

/// P22: each setter alone; the last call wins.
#[test]
fn with_comments_false_and_with_dataless_blocks_false_restore_the_defaults() {
    let stream = b": c\ndata: x\n\n: d\n\nid: 1\n\n";
    let new = Parser::new;
    let all = || new().with_comments(true).with_dataless_blocks(true);
    // The number of blocks, and of those with comments.
    let cases = [
        (new(), (1, 0)),
        (all(), (3, 2)),
        (new().with_comments(true), (1, 1)),
        (new().with_comments(true).with_comments(false), (1, 0)),
        (all().with_comments(false), (2, 0)),
        (all().with_comments(false).with_comments(true), (3, 2)),
        (new().with_dataless_blocks(true), (2, 0)),
        (new().with_dataless_blocks(true).with_dataless_blocks(false), (1, 0)),
        (all().with_dataless_blocks(false), (1, 1)),
        (all().with_dataless_blocks(false).with_dataless_blocks(true), (3, 2)),
    ];
    for (parser, expected) in cases {
        for chunks in [vec![&stream[..]], stream.chunks(1).collect()] {
            let outcome = parse(&parser, &chunks);
            let comments = outcome.blocks.iter().filter(|block| block.comments.is_some()).count();
            assert_eq!((outcome.blocks.len(), comments), expected, "{parser:?}");
            assert_eq!(outcome.last_event_id, "1", "{parser:?}");
        }
    }
}
