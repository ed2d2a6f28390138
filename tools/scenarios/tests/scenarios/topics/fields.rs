//! Scenarios of fields and lines.

use sse_test::Reply;

use crate::{check::check, scenario::Scenario};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("fields of events", |_| {
            vec![Reply::events(
                "event: price\nid: 7\ndata: 1.99\ndata: EUR\n\ndata\n\ndata:  padded\nunknown: x\n\n",
            )]
        })
        .expect(
            r"open 200
            event #7 price: 1.99\nEUR
            event:
            event:  padded
            closed StreamEnded
            end LastChunk after 3 messages, 1 unknown lines: unknown: x
            GET /
            ",
        ),
        Scenario::new("line ends: LF, CR and CRLF", |_| {
            vec![Reply::events("data: 1\ndata: 2\n\ndata: 3\rdata: 4\r\rdata: 5\r\ndata: 6\r\n\r\n")]
        })
        .expect(
            r"open 200
            event: 1\n2
            event: 3\n4
            event: 5\n6
            closed StreamEnded
            end LastChunk after 3 messages
            GET /
            ",
        ),
        Scenario::new("a byte order mark is ignored at the start only", |_| {
            vec![Reply::events("\u{feff}data: 1\n\n\u{feff}data: 2\n\ndata: \u{feff}3\n\n")]
        })
        .expect(
            r"open 200
            event: 1
            event: \u{feff}3
            closed StreamEnded
            end LastChunk after 2 messages, 1 unknown lines: \u{feff}data: 2
            GET /
            ",
        ),
        Scenario::new("UTF-8, and ill-formed bytes replaced", |_| {
            vec![Reply::events(b"data: \xc3\x89milie \xf0\x9f\x9a\x80\n\ndata: \xff!\n\n")]
        })
        .expect(
            "open 200
            event: Émilie 🚀
            event: �!
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("any pieces: a byte at a time", |_| {
            let body = "\u{feff}id: é\r\ndata: 1\r\n\r\n: c\r\ndata: 2\r\n\r\n";
            vec![Reply::events(body).in_pieces_of(1)]
        })
        .expect(
            "open 200
            event #é: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("a large event between small ones", |_| {
            let large = "x".repeat(300_000);
            vec![Reply::events(format!("data: 1\n\ndata: {large}\n\ndata: 3\n\n"))]
        })
        .expect(
            "open 200
            event: 1
            event: (300000 bytes)
            event: 3
            closed StreamEnded
            end LastChunk after 3 messages
            GET /
            ",
        ),
        Scenario::new("`dispatch_unfinished_event`", |_| {
            vec![Reply::events("data: 1\n\ndata: [DONE]")]
        })
        .config(|config| {
            let config = config.dispatch_unfinished_event(true).expect_terminal(true);
            config.stop_before(|event| event.data() == "[DONE]")
        })
        .expect(
            "open 200
            event: 1
            closed Stopped
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("an error without a field name is an unknown line", |_| {
            vec![Reply::events("{\"error\": \"overloaded\"}\n\nInternal Server Error")]
        })
        .expect(
            "open 200
            closed StreamEnded
            end LastChunk after 0 messages, cut, 2 unknown lines: {\"error\": \"overloaded\"}
            GET /
            ",
        ),
        Scenario::new("an event without a blank line after it is dropped", |_| {
            vec![Reply::events("data: 1\n\nid: 2\ndata: 2\n")]
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages, unfinished
            GET /
            ",
        ),
    ]
}

#[test]
fn fields_over_every_transport() {
    check(&scenarios());
}
