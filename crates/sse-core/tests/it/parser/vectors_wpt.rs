//! The event streams that web-platform-tests serves from its `eventsource/` folder, each named by
//! the file that serves it.
//!
//! A table only: input, and what the standard dispatches.

use crate::support::case::{Case, case, check};

/// `format-*` and `event-data`: a file for each rule of the grammar.
#[test]
fn the_streams_of_the_format_files() {
    let cases = [
        case(
            "event-data",
            "data:msg\ndata: msg\n\n:\nfalsefield:msg\n\n\
             falsefield:msg\nData:data\n\ndata\n\ndata:end\n\n",
        )
        .message("msg\nmsg", "")
        .message("", "")
        .message("end", "")
        .comment(""),
        case("format-bom", "\u{FEFF}data:1\n\n\u{FEFF}data:2\n\ndata:3\n\n\n")
            .message("1", "")
            .message("3", ""),
        case("format-bom-2", "\u{FEFF}\u{FEFF}data:1\n\ndata:2\n\ndata:3\n\n\n")
            .message("2", "")
            .message("3", ""),
        format_comments(),
        case(
            "format-data-before-final-empty-line",
            "retry:1000\ndata:test1\n\nid:test\ndata:test2\n",
        )
        .message("test1", "")
        .reconnection_ms(1000),
        case("format-field-data", "data:\n\ndata\ndata\n\ndata:test\n\n\n")
            .message("", "")
            .message("\n", "")
            .message("test", ""),
        case("format-field-event-empty", "event: \ndata:data\n\n\n").message("data", ""),
        case("format-field-event", "event:test\ndata:x\n\ndata:x\n\n\n")
            .event("test", "x", "")
            .message("x", ""),
        case("format-field-id", "id: …\nretry: 200\ndata: hello\n\n")
            .message("hello", "…")
            .last_event_id("…")
            .reconnection_ms(200),
        case("format-field-id (second connection)", "data: …\n\n")
            .after("…")
            .message("…", "…")
            .last_event_id("…"),
        case("format-field-id-null/0", "id: \0\0\nretry: 200\ndata: hello\n\n")
            .message("hello", "")
            .reconnection_ms(200),
        case("format-field-id-null/1", "id: x\0\nretry: 200\ndata: hello\n\n")
            .message("hello", "")
            .reconnection_ms(200),
        case("format-field-id-null/2", "id: \0x\nretry: 200\ndata: hello\n\n")
            .message("hello", "")
            .reconnection_ms(200),
        case("format-field-id-null/3", "id: x\0x\nretry: 200\ndata: hello\n\n")
            .message("hello", "")
            .reconnection_ms(200),
        case("format-field-id-null/4", "id:  \0\nretry: 200\ndata: hello\n\n")
            .message("hello", "")
            .reconnection_ms(200),
        case(
            "format-field-id-3/persists",
            "id: 1\ndata: 1\n\ndata: 2\n\nid: 2\ndata:3\n\ndata:4\n\n",
        )
        .message("1", "1")
        .message("2", "1")
        .message("3", "2")
        .message("4", "2")
        .last_event_id("2"),
        case("format-field-id-3/resets", "id: 1\ndata: 1\n\nid:\ndata:2\n\ndata:3\n\n")
            .message("1", "1")
            .message("2", "")
            .message("3", ""),
        case("format-field-id-3/resets-no-colon", "id: 1\ndata: 1\n\nid\ndata:2\n\ndata:3\n\n")
            .message("1", "1")
            .message("2", "")
            .message("3", ""),
        case(
            "format-field-parsing",
            "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\r\
             data_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
        )
        .message("\0\n 2\n1\n3\n\n4", ""),
        case("format-field-retry", "retry:03000\ndata:x\n\n\n")
            .message("x", "")
            .reconnection_ms(3000),
        case("format-field-retry-bogus", "retry:3000\nretry:1000x\ndata:x\n\n\n")
            .message("x", "")
            .reconnection_ms(3000),
        case("format-field-retry-bogus-2", "retry:1000\nretry:5000x\ndata:x\n\n\n")
            .message("x", "")
            .reconnection_ms(1000),
        case("format-field-retry-empty", "retry\ndata:test\n\n\n").message("test", ""),
        case(
            "format-field-unknown",
            "data:test\n data\ndata\nfoobar:xxx\njustsometext\n\
             :thisisacommentyay\ndata:test\n\n\n",
        )
        .message("test\n\ntest", "")
        .comment("thisisacommentyay"),
        case("format-leading-space", "data:\ttest\rdata: \ndata:test\n\n\n")
            .message("\ttest\n\ntest", ""),
        case("format-newlines", "data:test\r\ndata\ndata:test\r\n\r\n").message("test\n\ntest", ""),
        case("format-null-character", "data:\0\n\n\n\n\n").message("\0", ""),
        case("format-utf-8", "data:ok…\n\n\n").message("ok…", ""),
    ];
    for case in cases {
        check(&case);
    }
}

/// A block in which comments of all forms stand between the lines of data.
fn format_comments() -> Case {
    let long = "x".repeat(2048);
    case(
        "format-comments",
        format!("data:1\r:\0\n:\r\ndata:2\n:{long}\rdata:3\n:data:fail\r:{long}\ndata:4\n\n"),
    )
    .message("1\n2\n3\n4", "")
    .comment("\0")
    .comment("")
    .comment(&long)
    .comment("data:fail")
    .comment(&long)
}

/// The bodies that the files about connections serve.
#[test]
fn the_streams_of_the_connection_files() {
    let long_id = "a".repeat(255);
    let cases = [
        case("eventsource-onmessage", "data: data\n\n\n").message("data", ""),
        case("status-reconnect ok_first", "retry: 2\ndata: ok\n\n")
            .message("ok", "")
            .reconnection_ms(2),
        case("status-reconnect retry only, no blank line", "retry: 2\n").reconnection_ms(2),
        case("reconnect-fail 1", "retry: 2\ndata: opened\n\n")
            .message("opened", "")
            .reconnection_ms(2),
        case("cors-cookie 1", "id: 1\nretry: 200\ndata: first NO_COOKIE\n\n")
            .message("first NO_COOKIE", "1")
            .last_event_id("1")
            .reconnection_ms(200),
        case("readable-stream/message", "data: hello\n\n").message("hello", ""),
        case("readable-stream/multi-line", "data: hello\ndata: world\n\n")
            .message("hello\nworld", ""),
        case("readable-stream/two", "data: first\n\ndata: second\n\n")
            .message("first", "")
            .message("second", ""),
        case("readable-stream/custom", "event: custom\ndata: hello\n\n")
            .event("custom", "hello", ""),
        case("readable-stream/comment", ": this is a comment\ndata: hello\n\n")
            .message("hello", "")
            .comment("this is a comment"),
        case("readable-stream/chunked", "data: hello\n\n").message("hello", ""),
        case("readable-stream/id", "id: 42\ndata: hello\n\n")
            .message("hello", "42")
            .last_event_id("42"),
        case("readable-stream/retry", "retry: 5000\ndata: hello\n\n")
            .message("hello", "")
            .reconnection_ms(5000),
        case("readable-stream/retry bogus", "retry: bogus\ndata: hello\n\n").message("hello", ""),
        case("readable-stream/empty", ""),
        case("readable-stream/newlines", "data: cr\r\rdata: lf\n\ndata: crlf\r\n\r\n")
            .message("cr", "")
            .message("lf", "")
            .message("crlf", ""),
        case("readable-stream/bom", "\u{FEFF}data: hello\n\n").message("hello", ""),
        case(
            "readable-stream/concatenated bodies",
            "id: 42\ndata: first\n\ndata: after-reconnect\n\n",
        )
        .message("first", "42")
        .message("after-reconnect", "42")
        .last_event_id("42"),
        case("readable-stream-fetch/2", "id: 42\nretry: 5000\ndata: hello\n\n\n")
            .message("hello", "42")
            .last_event_id("42")
            .reconnection_ms(5000),
        case("cors-unsafe-last-event-id/safe", "id: abc\nretry: 200\ndata: safe\n\n")
            .message("safe", "abc")
            .last_event_id("abc")
            .reconnection_ms(200),
        case("cors-unsafe-last-event-id/unsafe", "id: e5p3n<3k0k0s\nretry: 200\ndata: unsafe\n\n")
            .message("unsafe", "e5p3n<3k0k0s")
            .last_event_id("e5p3n<3k0k0s")
            .reconnection_ms(200),
        case(
            "cors-unsafe-last-event-id/long",
            format!("id: {long_id}\nretry: 200\ndata: long\n\n"),
        )
        .message("long", &long_id)
        .last_event_id(&long_id)
        .reconnection_ms(200),
    ];
    for case in cases {
        check(&case);
    }
}
