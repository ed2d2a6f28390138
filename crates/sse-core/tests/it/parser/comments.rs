//! Comments that are kept: when they count, and how many of them a block has.

use bytes::Bytes;
use sse_core::{Limits, Parser};

use sse_reference::outcome::parse;

fn limited(max_event_bytes: usize) -> Parser {
    Parser::new().with_limits(Limits::default().max_event_bytes(max_event_bytes))
}

/// A server may send comments for weeks without a blank line between them.
#[test]
fn comments_of_an_unfinished_block_never_exceed_max_event_bytes() {
    // One every 15 s.
    let day = 24 * 60 * 4;
    for (comment, max) in [(":\n", 1 << 20), (": keep-alive\n", 1000), (":\r", 100)] {
        let parser = limited(max).with_comments(true).with_dataless_blocks(true);
        let stream = comment.repeat(day) + "event: e\ndata: x\n\n";
        for len in [1, 13, 4096] {
            let outcome = parse(&parser, &stream.as_bytes().chunks(len).collect::<Vec<_>>());
            assert_eq!((outcome.error, outcome.blocks.len()), (None, 1));
            let comments = outcome.blocks[0].comments.as_deref().unwrap();
            assert!(!comments.is_empty() && comments.len() <= 4096.min(max / 2), "{max}");
        }
    }
}

#[test]
fn the_last_comments_of_a_block_are_kept() {
    let lines: Vec<_> = (0..1000).map(|number| format!(": comment {number}\n")).collect();
    let stream = lines.concat() + "\n";
    let parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let outcome = parse(&parser, &[stream.as_bytes()]);
    let comments = outcome.blocks[0].comments.as_deref().unwrap();
    assert!(comments.len() > 1000, "{}", comments.len());
    let kept: Vec<_> = comments.lines().collect();
    let first = 1000 - kept.len();
    let expected: Vec<_> = (first..1000).map(|number| format!("comment {number}")).collect();
    assert_eq!(kept, expected);
    // A long one is kept if no other follows.
    let long = "x".repeat(1 << 20);
    let outcome = parse(&parser, &[format!(": a\n: {long}\n\n").as_bytes()]);
    assert_eq!(outcome.blocks[0].comments, Some(format!("a\n{long}")));
    let outcome = parse(&parser, &[format!(": {long}\n: b\n\n").as_bytes()]);
    assert_eq!(outcome.blocks[0].comments.as_deref(), Some("b"));
}

#[test]
fn comment_lines_count_when_they_end() {
    let mut parser = Parser::new().with_comments(true);
    let steps = [
        (":", 0),
        ("\n", 1),
        (": a long comment of many by", 1),
        ("tes\r", 2),
        ("\n:\n:\n", 4),
        ("\ndata: x\n", 4),
        (": y", 4),
        ("\n\n", 5),
    ];
    for (chunk, expected) in steps {
        let mut input = Bytes::from(chunk);
        while parser.next(&mut input).unwrap().is_some() {}
        assert_eq!(parser.comment_lines(), expected, "{chunk:?}");
    }
    parser.restart();
    assert_eq!(parser.comment_lines(), 5);
    let mut ignoring = Parser::new();
    assert_eq!(ignoring.next(&mut ":\n:\n\n".into()), Ok(None));
    assert_eq!(ignoring.comment_lines(), 0);
}

#[test]
fn with_comments_false_ignores_a_comment_of_which_only_the_start_was_read() {
    for start in [":", ": ", ": a"] {
        let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
        assert_eq!(parser.next(&mut start.into()), Ok(None));
        let mut parser = parser.with_comments(false);
        let mut rest = Bytes::from(" comment\n\ndata: x\n\n");
        let event = parser.next(&mut rest).unwrap().unwrap();
        assert_eq!((event.data(), event.comments()), ("x", None), "{start:?}");
        assert_eq!(parser.comment_lines(), 0, "{start:?}");
    }
}
