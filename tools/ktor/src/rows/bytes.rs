//! Rows about chunks, line ends and characters.

use sse_test::Reply;

use crate::row::{Row, Shows, Step};

const STANDARD: &str = "the standard";

pub(super) fn rows() -> Vec<Row> {
    let mebibyte = format!("data: {}\n\ndata: 2\n\n", "x".repeat(1 << 20));
    vec![
        Row::new(
            "splits its chunks between events",
            [Reply::events("data: 1\n\n").send("data: 2\n\n")],
        )
        .same(STANDARD),
        Row::new(
            "splits a chunk within a field name and within a line end",
            [Reply::events("da").send("ta: 1\r").send("\n\r").send("\ndata: 2\n\n")],
        )
        .same(STANDARD),
        Row::new(
            "splits a chunk within a character",
            [Reply::events(b"data: \xe2\x82").send(b"\xac1\n\n")],
        )
        .same(STANDARD),
        Row::new(
            "sends byte by byte",
            [Reply::events("id: 1\ndata: 1\ndata: é\n\ndata: 2\n\n").in_pieces_of(1)],
        )
        .departs("lines of data are joined with LF, as in the standard, and not with CRLF"),
        Row::new("ends lines with CRLF", [Reply::events("data: 1\r\n\r\ndata: 2\r\n\r\n")])
            .same(STANDARD),
        Row::new("ends lines with CR", [Reply::events("data: 1\r\rdata: 2\r\r")]).same(STANDARD),
        Row::new(
            "ends a chunk with CR, and sends the next one later",
            [Reply::events("data: 1\r\r").pause().send("data: 2\r\r")],
        )
        .steps([Step::Events(1), Step::GoOn])
        .shows(Shows::HeldBack)
        .departs("a CR ends its line at once, so that no event is held back"),
        Row::new(
            "ends a chunk with LF, and sends the next one later",
            [Reply::events("data: 1\n\n").pause().send("data: 2\n\n")],
        )
        .steps([Step::Events(1), Step::GoOn])
        .shows(Shows::HeldBack)
        .same(STANDARD),
        Row::new(
            "begins with a byte order mark",
            [Reply::events("\u{feff}data: 1\n\ndata: 2\n\n")],
        )
        .departs("the standard: one mark is dropped"),
        Row::new("sends ill-formed UTF-8", [Reply::events(b"data: 1\xff\n\ndata: 2\n\n")])
            .same("the standard: U+FFFD"),
        Row::new("sends a line of 1 MiB", [Reply::events(mebibyte)])
            .same("ours has a limit, of 16 MiB by default"),
    ]
}
