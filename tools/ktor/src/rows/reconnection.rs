//! Rows about what follows a disconnect, with reconnection on.

use std::time::Duration;

use sse_test::Reply;

use crate::row::{Row, Shows, Step};

pub(super) fn rows() -> Vec<Row> {
    let one = || Reply::events("id: 1\ndata: 1\n\n");
    let two = || Reply::events("id: 2\ndata: 2\n\n");
    let timed = |text: &str, wait| {
        Row::new("", [Reply::events(text), two()])
            .wants(move |it| (it.attempts, it.wait) = (1, wait))
    };
    vec![
        Row::new("ends, then ends again, then answers 204", [one(), two()])
            .reconnects(1)
            .shows(Shows::Ids)
            .same("a regular end is followed by a reconnection too, for a GET"),
        Row::new("closes between two chunks, then resumes", [one().pause().cut(), two()])
            .reconnects(1)
            .steps([Step::Events(1), Step::GoOn])
            .shows(Shows::Ids)
            .same("a failure is a disconnect"),
        Row::new("resets the connection, then resumes", [one().pause().reset(), two()])
            .reconnects(1)
            .steps([Step::Events(1), Step::GoOn])
            .shows(Shows::Ids)
            .same("a failure is a disconnect"),
        Row::new(
            "closes without an answer twice, then resumes",
            [one(), Reply::raw("").cut(), Reply::raw("").cut(), two()],
        )
        .reconnects(5)
        .shows(Shows::Data)
        .same("failures of transport are repeated"),
        Row::new("is gone", [one().pause()])
            .reconnects(2)
            .steps([Step::Events(1), Step::Stop])
            .same("an error when the attempts are used up"),
        Row::new("answers 503, then resumes", [one(), Reply::status(503), two()])
            .reconnects(3)
            .shows(Shows::Requests)
            .departs("a server that restarts answers 503 for a while"),
        Row::new(
            "answers 429 with Retry-After: 1, then resumes",
            [one(), Reply::status(429).retry_after(Duration::from_secs(1)), two()],
        )
        .reconnects(3)
        .shows(Shows::Requests)
        .departs("the wait is as long as the server says"),
        Row::new("answers 404, then would resume", [one(), Reply::status(404), two()])
            .reconnects(3)
            .shows(Shows::Requests)
            .same("a 404 will not change: an error"),
        Row::new(
            "answers text/plain, then would resume",
            [
                one(),
                Reply::status(200).header("content-type", "text/plain").send("maintenance"),
                two(),
            ],
        )
        .reconnects(3)
        .shows(Shows::Requests)
        .same("an error"),
        Row::new("ends twelve times without an event, two attempts", vec![Reply::events(""); 12])
            .reconnects(2)
            .shows(Shows::Requests)
            .departs("connections that bring nothing are attempts, so that they end"),
        Row::new("ends a POST", [one(), two()])
            .reconnects(1)
            .wants(|it| it.body = Some("question".to_owned()))
            .shows(Shows::Requests)
            .departs(
                "an answer would be computed, and billed, again; `SseConfig::resume` allows it",
            ),
        Row {
            name: "asks for a wait of 1500 ms instead of 300",
            ..timed("retry: 1500\ndata: 1\n\n", 300)
        }
        .shows(Shows::Wait(&[0, 300, 1500]))
        .same("`retry` replaces the option"),
        Row { name: "sends `retry: +5`, 900 configured", ..timed("retry: +5\ndata: 1\n\n", 900) }
            .shows(Shows::Wait(&[5, 900]))
            .departs("the standard: digits only"),
        Row { name: "sends `retry: -5`, 900 configured", ..timed("retry: -5\ndata: 1\n\n", 900) }
            .shows(Shows::Wait(&[0, 900]))
            .departs("the standard: digits only"),
        Row {
            name: "ends within `retry: 10000`, after 10; 900 configured",
            ..timed("data: 1\n\nretry: 10", 900)
        }
        .shows(Shows::Wait(&[10, 900]))
        .departs("the line is incomplete"),
        Row::new(
            "sends `retry: 0` and ends, for two seconds",
            vec![Reply::events("retry: 0\ndata: 1\n\n"); 10_000],
        )
        .reconnects(1)
        .steps([Step::Requests(1), Step::Wait(Duration::from_secs(2)), Step::Cancel])
        .shows(Shows::Flood(20))
        .departs("at least 100 ms pass between requests: a server cannot cause a flood"),
    ]
}
