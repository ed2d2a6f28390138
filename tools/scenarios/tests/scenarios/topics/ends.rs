//! Scenarios of how bodies end, by their framing.

use sse_session::CleanEnd;
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Act, Scenario, When, post, reconnecting},
    transport::{Over, RESET_IS_END},
};

const UNFRAMED: &str =
    "the end is unknown, as decoders of reqwest may have removed `Content-Length`";

/// Starts an event stream with the rest of its head and its body, as they are sent.
fn raw(rest: &str) -> Reply {
    Reply::raw(format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{rest}"))
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut scenarios = regular();
    scenarios.extend(truncated());
    scenarios
}

fn regular() -> Vec<Scenario> {
    vec![
        Scenario::new("a chunked body ends", |_| vec![Reply::messages(["1", "2"])]).expect(
            "open 200
            event: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("a body with `Content-Length` ends", |_| {
            vec![Reply::messages(["1", "2"]).with_length()]
        })
        .expect(
            "open 200
            event: 1
            event: 2
            closed StreamEnded
            end LengthReached after 2 messages
            GET /
            ",
        ),
        Scenario::new("a close-delimited body ends", |_| {
            vec![Reply::messages(["1", "2"]).until_close()]
        })
        .expect(
            "open 200
            event: 1
            event: 2
            closed StreamEnded
            end CloseDelimited after 2 messages
            GET /
            ",
        )
        .differs(Over::Reqwest, UNFRAMED, &[("CloseDelimited", "Unknown")]),
        Scenario::new("chunks with extensions, and trailers", |_| {
            let chunked = "9;a=b\r\ndata: 1\n\n\r\n0\r\nchecksum: 7\r\n\r\n";
            vec![raw(&format!("transfer-encoding: chunked\r\n\r\n{chunked}"))]
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            ",
        ),
        Scenario::new("a body with `Content-Length: 0`", |_| vec![Reply::events("").with_length()])
            .expect(
                "open 200
            closed StreamEnded
            end LengthReached after 0 messages
            GET /
            ",
            ),
        Scenario::new("HTTP/1.0: a body ends with its connection", |_| {
            vec![Reply::raw(
                "HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n",
            )]
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end CloseDelimited after 1 messages
            GET /
            ",
        )
        .differs(Over::Reqwest, UNFRAMED, &[("CloseDelimited", "Unknown")]),
        Scenario::new("a GET reconnects after a regular end, until a 204", |_| {
            vec![Reply::messages(["1"]), Reply::messages(["2"]), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            open 200
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("a POST ends with its answer", |_| vec![Reply::messages(["1"])])
            .request(post)
            .config(reconnecting)
            .expect(
                "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, body question
            ",
            ),
    ]
}

fn truncated() -> Vec<Scenario> {
    vec![
        Scenario::new("a chunked body is truncated", |_| {
            vec![Reply::messages(["1"]).send("data: 2").cut()]
        })
        .expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            GET /
            ",
        ),
        Scenario::new("a chunked body is truncated in the middle of a chunk", |_| {
            vec![raw("transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndat").cut()]
        })
        .expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            GET /
            ",
        ),
        Scenario::new("a body with `Content-Length` is truncated", |_| {
            vec![Reply::messages(["1"]).with_length_too_long_by(9).cut()]
        })
        .expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            GET /
            ",
        ),
        Scenario::new("a close-delimited body is cut in the middle of an event", |_| {
            vec![Reply::messages(["1"]).send("data: 2").until_close().cut()]
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end CloseDelimited after 1 messages, cut
            GET /
            ",
        )
        .differs(Over::Reqwest, UNFRAMED, &[("CloseDelimited", "Unknown")]),
        Scenario::new("a chunked body is malformed", |_| {
            vec![raw("transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\nno length\r\n")]
        })
        .expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable
            end Malformed after 1 messages
            GET /
            ",
        )
        .differs(
            Over::Ureq,
            "ureq reports it before the events of the same read",
            &[("event: 1\n", ""), ("after 1", "after 0")],
        ),
        Scenario::new("the connection is reset in the body", |_| {
            vec![Reply::messages(["1"]).pause().reset()]
        })
        .when(When::Line("event: 1"), Act::GoOn)
        .expect(
            "open 200
            event: 1
            failed Disconnected reset retryable
            end Reset after 1 messages
            GET /
            ",
        )
        .differs(
            Over::Ureq,
            RESET_IS_END,
            &[(" reset", " truncated"), ("Reset", "Truncated")],
        ),
        Scenario::new("the connection is reset in a close-delimited body", |_| {
            vec![Reply::messages(["1"]).until_close().pause().reset()]
        })
        .when(When::Line("event: 1"), Act::GoOn)
        .expect(
            "open 200
            event: 1
            failed Disconnected reset retryable
            end Reset after 1 messages
            GET /
            ",
        )
        .differs(
            Over::Ureq,
            RESET_IS_END,
            &[
                ("failed Disconnected reset retryable", "closed StreamEnded"),
                ("end Reset", "end CloseDelimited"),
            ],
        ),
        Scenario::new("a regular end in the middle of a line is a disconnect", |_| {
            vec![
                Reply::events("id: 1\ndata: 1\n\nid: 2\ndata: 2"),
                Reply::events("id: 2\ndata: 2\n"),
                Reply::events("id: 2\ndata: 2\n\n: hi\n"),
                Reply::status(204),
            ]
        })
        .config(|config| reconnecting(config).clean_end(CleanEnd::Finish))
        .expect(
            "open 200
            event #1: 1
            disconnected Unfinished in the middle of an event retryable, again at once
            open 200
            disconnected Unfinished in the middle of an event retryable, again at once
            open 200
            event #2: 2
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("`expect_complete_events`", |_| {
            vec![Reply::events("data: 1\n\nInternal Server Error")]
        })
        .config(|config| config.expect_complete_events(true))
        .expect(
            "open 200
            event: 1
            failed Unfinished in the middle of an event retryable
            end LastChunk after 1 messages, cut, 1 unknown lines: Internal Server Error
            GET /
            ",
        ),
        Scenario::new("a truncated body is a disconnect, and half an event is dropped", |_| {
            vec![
                Reply::events("id: 1\ndata: 1\n\nid: 2\ndata: 2").cut(),
                Reply::events("id: 2\ndata: 2\n\n"),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            disconnected Disconnected truncated retryable, again at once
            open 200
            event #2: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 2
            ",
        ),
        Scenario::new("a reset is a disconnect", |_| {
            vec![Reply::messages(["1"]).pause().reset(), Reply::status(204)]
        })
        .when(When::Line("event: 1"), Act::GoOn)
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected Disconnected reset retryable, again at once
            closed NoContent
            end Reset after 1 messages
            GET /
            GET /
            ",
        )
        .differs(
            Over::Ureq,
            RESET_IS_END,
            &[(" reset", " truncated"), ("Reset", "Truncated")],
        ),
    ]
}

#[test]
fn ends_over_every_transport() {
    check(&scenarios());
}
