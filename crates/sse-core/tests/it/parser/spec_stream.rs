//! Clauses P1 to P5: from bytes to lines.
//!
//! The numbers are those of `docs/CONFORMANCE.md`. Every stream is read whole and split in every
//! way. The byte after which an event is returned is tested in `immediate`, random streams in
//! `chunking`.

use sse_core::Parser;

use sse_reference::outcome::parse;

use crate::support::case::{check, stream};

/// P1
#[test]
fn ill_formed_utf8_becomes_the_replacement_character() {
    check(&stream(b"data: a\x80b\n\n").message("a\u{FFFD}b", ""));
    check(
        &stream(b"event: \xFF\nid: \xC3\ndata: \xC0\xAF\n\n")
            .event("\u{FFFD}", "\u{FFFD}\u{FFFD}", "\u{FFFD}")
            .last_event_id("\u{FFFD}"),
    );
    check(&stream(b": \xFE\ndata\n\n").message("", "").comment("\u{FFFD}"));
}

/// P1: as many as the decoder of the standard produces, one for each maximal part of a sequence.
#[test]
fn ill_formed_utf8_is_replaced_part_by_part() {
    let cases: [(&[u8], &str); 8] = [
        (b"\xE2\x80", "\u{FFFD}"),
        (b"\xE2\x80\xE2\x80\xA6", "\u{FFFD}…"),
        (b"\xF0\x9F\x98x", "\u{FFFD}x"),
        (b"\xED\xA0\x80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        (b"\xE0\x80\x80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        (b"\xF4\x90\x80\x80", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        (b"\xF8\x88", "\u{FFFD}\u{FFFD}"),
        (b"\xF0(\x8C\xBC", "\u{FFFD}(\u{FFFD}\u{FFFD}"),
    ];
    for (bytes, text) in cases {
        check(&stream([b"data:", bytes, b"\n\n"].concat()).message(text, ""));
    }
}

/// P1: a line end is never part of a sequence, even of an incomplete one.
#[test]
fn a_sequence_that_is_cut_short_does_not_swallow_the_line_end() {
    check(&stream(b"data: \xE2\x80\ndata: \xF0\x9F\r\n\r\n").message("\u{FFFD}\n\u{FFFD}", ""));
    check(&stream(b"data\xC3\ndata: x\n\n").message("x", ""));
    check(&stream(b"data\xC3: y\ndata: x\n\n").message("x", ""));
    check(&stream(b"data:\xC3 y\ndata: x\n\n").message("\u{FFFD} y\nx", ""));
}

/// P1
#[test]
fn characters_of_every_length_come_through() {
    check(&stream("data:ok…\n\n").message("ok…", ""));
    check(
        &stream("event: é\nid: …\ndata: 😀\u{10FFFF}\u{FFFD}\n\n")
            .event("é", "😀\u{10FFFF}\u{FFFD}", "…")
            .last_event_id("…"),
    );
}

/// P1: in values so long that they come in several chunks, whichever chunk has the bytes.
#[test]
fn ill_formed_utf8_is_replaced_in_every_piece_of_a_value() {
    let parser = Parser::new();
    for chunk_len in [1, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 128, 129, 200] {
        for place in 0..300 {
            let mut value = "x".repeat(300).into_bytes();
            value[place] = 0xFF;
            let stream = [b"data: ", &*value, b"\n\n"].concat();
            let outcome = parse(&parser, &stream.chunks(chunk_len).collect::<Vec<_>>());
            let expected = "x".repeat(place) + "\u{FFFD}" + &"x".repeat(299 - place);
            assert_eq!(outcome.blocks.len(), 1);
            assert_eq!(
                outcome.blocks[0].data.as_ref(),
                Some(&expected),
                "in chunks of {chunk_len}"
            );
        }
    }
}

/// P2
#[test]
fn one_byte_order_mark_at_the_start_is_dropped() {
    check(
        &stream("\u{FEFF}data:1\n\n\u{FEFF}data:2\n\ndata:3\n\n").message("1", "").message("3", ""),
    );
    check(&stream("\u{FEFF}:c\n\n").comment("c"));
    check(&stream("\u{FEFF}"));
    check(&stream("\u{FEFF}\n\u{FEFF}\n"));
}

/// P2
#[test]
fn a_second_byte_order_mark_is_part_of_the_line() {
    check(
        &stream("\u{FEFF}\u{FEFF}data:1\n\ndata:2\n\ndata:3\n\n").message("2", "").message("3", ""),
    );
    check(&stream("\n\u{FEFF}data:1\n\ndata:2\n\n").message("2", ""));
    check(&stream("data:\u{FEFF}1\u{FEFF}\n\n").message("\u{FEFF}1\u{FEFF}", ""));
    check(&stream("data\u{FEFF}:1\ndata:2\n\n").message("2", ""));
}

/// P2
#[test]
fn bytes_that_only_start_like_a_byte_order_mark_are_part_of_the_line() {
    for start in [&b"\xEF"[..], b"\xEF\xBB", b"\xEF\xBB\xBE", b"\xEF\xEF\xBB\xBF", b"\xBB\xBF"] {
        check(&stream([start, b"data:1\n\ndata:2\n\n"].concat()).message("2", ""));
        check(&stream([start, b"\r\ndata:1\n\n"].concat()).message("1", ""));
        check(&stream([start, b"\ndata:1\n\n"].concat()).message("1", ""));
        check(&stream(start));
    }
}

/// P3
#[test]
fn crlf_lf_and_cr_end_a_line_in_any_mixture() {
    check(&stream("data:test\r\ndata\ndata:test\r\n\r").message("test\n\ntest", ""));
    check(&stream("data: a\ndata: b\rdata: c\r\ndata: d\r\r\n").message("a\nb\nc\nd", ""));
    for end in ["\n\n", "\r\r", "\r\n\r\n", "\n\r", "\n\r\n", "\r\r\n", "\r\n\n", "\r\n\r"] {
        let input = format!("data: 1{end}data: 2{end}");
        check(&stream(input).message("1", "").message("2", ""));
    }
}

/// P3: LF and CR are one line end in one order, and two in the other.
#[test]
fn lf_cr_is_two_line_ends() {
    check(&stream("data: 1\n\rdata: 2\n\n").message("1", "").message("2", ""));
    check(&stream("data: 1\r\ndata: 2\n\n").message("1\n2", ""));
}

/// P3
#[test]
fn only_cr_and_lf_end_a_line() {
    let others = "\u{B}\u{C}\u{1C}\u{1D}\u{1E}\u{85}\u{2028}\u{2029}";
    check(&stream(format!("data:{others}x\n\n")).message(&format!("{others}x"), ""));
    for other in others.chars() {
        check(
            &stream(format!("data: 1{other}data: 2\n{other}\ndata: 3\n\n"))
                .message(&format!("1{other}data: 2\n3"), ""),
        );
    }
}

/// P4: so that a block does not end too early.
#[test]
fn an_lf_after_a_cr_makes_no_blank_line_of_its_own() {
    check(&stream("data: 1\r\ndata: 2\r\n\r\n").message("1\n2", ""));
    check(&stream("id: 1\r\ndata: x\r\n\r\n").message("x", "1").last_event_id("1"));
    check(
        &stream("event: e\r\ndata: x\r\n\r\ndata: y\r\n\r\n").event("e", "x", "").message("y", ""),
    );
    check(&stream(": c\r\ndata: 1\r\nzzz\r\ndata: 2\r\n\r\n").message("1\n2", "").comment("c"));
}

/// P5: every case here is split everywhere; this one contains everything that can be split.
#[test]
fn a_stream_of_everything_is_the_same_in_every_cut() {
    check(
        &stream("\u{FEFF}: …\r\nid: é\r\nretry: 10\rdata:  😀\r\ndata\nevent:e\r\n\r\n")
            .event("e", " 😀\n", "é")
            .last_event_id("é")
            .reconnection_ms(10)
            .comment("…"),
    );
}
