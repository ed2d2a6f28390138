//! The cases of the parser of `launchdarkly/rust-eventsource-client`. If that parser reports an
//! error for content, the table has what the standard defines instead.
//!
//! A table only: input, and what the standard dispatches.

use crate::support::case::{case, check};

/// Stands for the JSON of a few hundred bytes that the original has recorded.
const FLAG: &str = concat!(
    r#"{"path":"/flags/a","data":{"key":"a","on":true,"version":52,"salt":"0123456789abcdef","#,
    r#""targets":[],"rules":[],"variations":[true,false],"fallthrough":{"variation":0},"#,
    r#""prerequisites":[],"offVariation":null,"until":null,"deleted":false}}"#,
);

/// Lines: ill-formed ones, comments, unknown fields, line ends, IDs.
#[test]
fn uncommon_lines_and_fields() {
    let cases = [
        case("invalid utf-8 field name", b"\x80: invalid UTF-8\n\n"),
        case("invalid utf-8 id", b"id: \xF0(\x8C\xBC\ndata: x\n\n")
            .message("x", "�(��")
            .last_event_id("�(��"),
        case("comment NUL", ":hello \0 world\n").comment("hello \0 world"),
        case("comment empty", ":\n").comment(""),
        case("comment event", ":event: foo\n").comment("event: foo"),
        case("field 'event:foo'", "event:foo\ndata\n\n").event("foo", "", ""),
        case("field 'event: foo'", "event: foo\ndata\n\n").event("foo", "", ""),
        case("field 'event:  foo'", "event:  foo\ndata\n\n").event(" foo", "", ""),
        case("field 'event:\\tfoo'", "event:\tfoo\ndata\n\n").event("\tfoo", "", ""),
        case("field 'event: foo '", "event: foo \ndata\n\n").event("foo ", "", ""),
        case("unknown field 'disconnect:'", "disconnect:\ndata\n\n").message("", ""),
        case("unknown field 'disconnect: '", "disconnect: \ndata\n\n").message("", ""),
        case("unknown field 'disconnect:  '", "disconnect:  \ndata\n\n").message("", ""),
        case("unknown field 'disconnect:\\t'", "disconnect:\t\ndata\n\n").message("", ""),
        case("unknown field 'disconnect'", "disconnect\ndata\n\n").message("", ""),
        case("unknown field ' : foo'", " : foo\ndata\n\n").message("", ""),
        case("unknown field '☃: foo'", "☃: foo\ndata\n\n").message("", ""),
        case("id without data", "id: abc\n\n").last_event_id("abc"),
        case("id with NUL", "id: a\0bc\nevent: add\ndata: abc\n\n").event("add", "abc", ""),
        case("type add", "event: add\ndata: hello\n\n").event("add", "hello", ""),
        case("body with LF", "data: hello\n\n").message("hello", ""),
        case("body with LF CR", "data: hello\n\r").message("hello", ""),
        case("body with CRLF LF", "data: hello\r\n\n").message("hello", ""),
        case("body with CRLF CR", "data: hello\r\n\r").message("hello", ""),
        case("body with CR CR", "data: hello\r\r").message("hello", ""),
        case("body with CR CRLF", "data: hello\r\r\n").message("hello", ""),
        case("id 1", "id: 1\ndata: hello\n\n").message("hello", "1").last_event_id("1"),
        case("id emoji", "id: 😀\ndata: hello\n\n").message("hello", "😀").last_event_id("😀"),
    ];
    for case in cases {
        check(&case);
    }
}

/// The files next to the original tests.
#[test]
fn streams_of_the_test_files() {
    let cases = [
        case(
            "persistent-event-id.sse",
            "event:one\nid: 1\ndata:One\n\nevent:two\ndata:Two\n\n\
             event:three\nid: 3\ndata:Three\n\nevent:four\ndata:Four\n\n",
        )
        .event("one", "One", "1")
        .event("two", "Two", "1")
        .event("three", "Three", "3")
        .event("four", "Four", "3")
        .last_event_id("3"),
        case("two-events.sse", "event:one\ndata:One\n\nevent:two\ndata:Two\n\n")
            .event("one", "One", "")
            .event("two", "Two", ""),
        case("two-events-crlf.sse", "event:one\r\ndata:One\r\n\r\nevent:two\r\ndata:Two\r\n\r\n")
            .event("one", "One", "")
            .event("two", "Two", ""),
        case("one-event.sse", format!("event:patch\ndata:{FLAG}\n\n")).event("patch", FLAG, ""),
        case("one-event-crlf.sse", format!("event:patch\r\ndata:{FLAG}\r\n\r\n"))
            .event("patch", FLAG, ""),
    ];
    for case in cases {
        check(&case);
    }
}

/// Streams that the original feeds in chunks; here they are split everywhere.
#[test]
fn streams_in_chunks() {
    let cases = [
        case("comment LF", ":hello\n").comment("hello"),
        case("comment CR", ":hello\r").comment("hello"),
        case("comment CRLF", ":hello\r\n").comment("hello"),
        case("comment separate from event", ":comment\ndata:hello\n\n")
            .message("hello", "")
            .comment("comment"),
        case("comment + blank", ":comment\n\r\n\r").comment("comment"),
        case("data split", "data:hello\n\n").message("hello", ""),
        case("data truncated", "data:hello\n\n").message("hello", ""),
        case("multi lf", "data:hello\n\ndata:world\n\n").message("hello", "").message("world", ""),
        case("multi cr", "data:hello\r\rdata:world\r\r").message("hello", "").message("world", ""),
        case("multi crlf", "data:hello\r\n\ndata:world\r\n\n")
            .message("hello", "")
            .message("world", ""),
        case("line split", "data:foobaz\n\ndata:foobarbaz\n\n")
            .message("foobaz", "")
            .message("foobarbaz", ""),
        case("concatenate", "data:hello\ndata:world\n\n").message("hello\nworld", ""),
        case("repeated terminators LF", "\n\n\n\n"),
        case("repeated terminators CR", "\r\r\r\r"),
        case("repeated terminators CRLF", "\r\n\r\n\r\n\r\n"),
        case("extra terminators", "data: abc\n\n\ndata: def\n\n")
            .message("abc", "")
            .message("def", ""),
        case("bom split", "\u{FEFF}data: hello\n\n").message("hello", ""),
        case("second bom", "\u{FEFF}data: first\n\n\u{FEFF}data: second\n\n").message("first", ""),
    ];
    for case in cases {
        check(&case);
    }
}
