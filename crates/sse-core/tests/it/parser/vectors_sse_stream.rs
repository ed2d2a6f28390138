//! The cases of the parser of `4t145/sse-stream`.
//!
//! A table only: input, and what the standard dispatches.

use crate::support::case::{case, check};

#[test]
fn streams_of_all_kinds() {
    let cases = [
        case("multi-segment Buf", "data: hello\n\n").message("hello", ""),
        case("bom at start", "\u{FEFF}data: hello\n\n").message("hello", ""),
        case("bom split", "\u{FEFF}data: hello\n\n").message("hello", ""),
        case("crlf", "data: a\r\ndata: b\r\n\r\n").message("a\nb", ""),
        case("cr only", "data: a\rdata: b\r\r").message("a\nb", ""),
        case("mixed", "data: one\r\ndata: two\rdata: three\n\r\n").message("one\ntwo\nthree", ""),
        case("crlf split across chunks", "data: hello\r\ndata: world\n\n")
            .message("hello\nworld", ""),
        case("cr then non-lf", "data: a\rdata: b\n\n").message("a\nb", ""),
        case("cr then cr", "data: a\r\rdata: b\n\n").message("a", "").message("b", ""),
        case("dispatch boundary split at cr", "data: x\r\n\r\n").message("x", ""),
        case("consecutive cr", "data: a\r\r\r").message("a", ""),
        case("comment lines", ": this is a comment\ndata: hi\n: another\n\n")
            .message("hi", "")
            .comment("this is a comment")
            .comment("another"),
        case("empty data", "data:\n\n").message("", ""),
        case("two empty data lines", "data:\ndata:\n\n").message("\n", ""),
        case("one leading space", "data:  hello\n\n").message(" hello", ""),
        case("id with NUL", "id: ab\0cd\ndata: x\n\n").message("x", ""),
        case("incomplete trailing", "data: complete\n\ndata: incomplete\n").message("complete", ""),
        case("multiple events split", "event: a\ndata: 1\n\nevent: b\ndata: 2\n\n")
            .event("a", "1", "")
            .event("b", "2", ""),
        // The original is a page's example; this one has its form.
        case(
            "test_stream.sse",
            "\nretry: 1000\nevent:userconnect\ndata: {\"user\": \"ada\", \"at\": \"10:00:00\"}\n\n\
             data: The first line of a message\ndata: and its second one.\n\n\
             event: usermessage\ndata: {\"user\": \"ada\", \"text\": \"Hello.\"}\n\n\
             : this is a comment\n\n\
             data: The last block lacks its end\ndata: and so is no message.\nid: 0000-111-222",
        )
        .event("userconnect", "{\"user\": \"ada\", \"at\": \"10:00:00\"}", "")
        .message("The first line of a message\nand its second one.", "")
        .event("usermessage", "{\"user\": \"ada\", \"text\": \"Hello.\"}", "")
        .reconnection_ms(1000)
        .comment("this is a comment"),
    ];
    for case in cases {
        check(&case);
    }
}
