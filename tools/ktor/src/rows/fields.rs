//! Rows about what is made of lines.

use sse_test::Reply;

use crate::row::{Row, Shows};

const STANDARD: &str = "the standard";

pub(super) fn rows() -> Vec<Row> {
    let events = |text: &str| [Reply::events(text)];
    vec![
        Row::new("sends all fields", events("event: e\nid: 1\nretry: 100\n: c\ndata: 1\n\n"))
            .shows(Shows::Fields)
            .departs("comments are kept if they are shown"),
        Row::new(
            "sends all fields, and comments are shown",
            events("event: e\nid: 1\nretry: 100\n: c\ndata: 1\n\n"),
        )
        .wants(|it| it.comments = true)
        .shows(Shows::Fields)
        .same("a comment within an event belongs to it"),
        Row::new("sends two lines of data", events("data: 1\ndata: 2\n\n"))
            .departs("the standard: LF"),
        Row::new("ends a block with a line of a space", events("data: 1\n \ndata: 2\n\n"))
            .departs("the standard: an unknown field"),
        Row::new(
            "sends events without `id` after one with it",
            events("id: 1\ndata: 1\n\ndata: 2\n\n"),
        )
        .shows(Shows::Fields)
        .departs("`id()` is the field; `last_event_id()` is the last one"),
        Row::new("sends an ID with a NUL", events("id: 1\ndata: 1\n\nid: 2\0\ndata: 2\n\n"))
            .shows(Shows::Ids)
            .reconnects(1)
            .same("the standard: no ID"),
        Row::new("sends a comment", events("data: 1\n\n: c\n\ndata: 2\n\n"))
            .shows(Shows::Fields)
            .same("hidden"),
        Row::new("sends a comment after an ID", events("id: 1\ndata: 1\n\n: c\n\n"))
            .shows(Shows::Fields)
            .departs("a hidden comment stays hidden"),
        Row::new("sends a comment, and comments are shown", events("data: 1\n\n: c\n: d\n\n"))
            .wants(|it| it.comments = true)
            .shows(Shows::Fields)
            .departs("lines of comments are joined like lines of data"),
        Row::new("sends `retry` after an ID", events("id: 1\ndata: 1\n\nretry: 100\n\n"))
            .shows(Shows::Fields)
            .departs("a hidden `retry` stays hidden"),
        Row::new("sends `retry`, and `retry` is shown", events("retry: 100\n\ndata: 1\n\n"))
            .wants(|it| it.retries = true)
            .shows(Shows::Fields)
            .same("an event without data"),
        Row::new("sends an ID without data", events("id: 1\n\ndata: 2\n\n"))
            .shows(Shows::Fields)
            .departs("the standard: no event, unless `show_dataless_events(true)`"),
        Row::new("sends a type without data", events("event: e\n\ndata: 2\n\n"))
            .shows(Shows::Fields)
            .departs("the standard: no event, unless `show_dataless_events(true)`"),
        Row::new("sends an unknown field after an ID", events("id: 1\ndata: 1\n\nx: y\n\n"))
            .shows(Shows::Fields)
            .departs("the standard: nothing"),
        Row::new("sends data without a value", events("data\n\ndata: 2\n\n"))
            .shows(Shows::Fields)
            .same("the standard: empty data"),
        Row::new("sends NUL in data", events("data: 1\0\n\n")).same(STANDARD),
        Row::new("ends within an event", events("data: 1\n\ndata: 2\n"))
            .same("the standard: what is pending is dropped"),
    ]
}
