//! Scenarios of responses that are not event streams, and of none.

use std::time::Duration;

use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Act, Scenario, Server, When, post, reconnecting},
    transport::{CONNECTS_EACH_TIME, Over, RESET_IS_END},
};

/// One request in place of two.
const ONE_REQUEST: (&str, &str) = ("GET /\nGET /\n", "GET /\n");

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut scenarios = rejected();
    scenarios.extend(missing());
    scenarios
}

fn rejected() -> Vec<Scenario> {
    vec![
        Scenario::new("204: a session without events", |_| vec![Reply::status(204)]).expect(
            "open 204
            closed NoContent
            GET /
            ",
        ),
        Scenario::new("an empty event stream", |_| vec![Reply::events("")]).expect(
            "open 200
            closed StreamEnded
            end LastChunk after 0 messages
            GET /
            ",
        ),
        Scenario::new("404, with the start of its body", |_| {
            vec![Reply::status(404).header("content-type", "text/plain").send("no such\nfeed")]
        })
        .config(reconnecting)
        .expect(
            "not opened: Status 404, body no such feed
            GET /
            ",
        ),
        Scenario::new("429 and 503 when reconnecting: `Retry-After` is obeyed", |_| {
            let seconds = Duration::from_secs;
            vec![
                Reply::events("id: 1\ndata: 1\n\n"),
                Reply::status(429).retry_after(seconds(7)).send("slow down"),
                Reply::status(503).retry_after(seconds(60)),
                Reply::status(500),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            disconnected Status 429 retryable, Retry-After 7s, body slow down, again in 7s
            disconnected Status 503 retryable, Retry-After 60s, again in 60s
            failed Status 500 retryable, Exhausted
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 1
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("503 at first, with `Retry-After`", |_| {
            vec![Reply::status(503).retry_after(Duration::from_secs(60)).send("{\"busy\":1}")]
        })
        .config(reconnecting)
        .expect(
            r#"not opened: Status 503 retryable, Retry-After 60s, body {"busy":1}
            GET /
            "#,
        ),
        Scenario::new("404 when reconnecting ends the session", |_| {
            vec![Reply::messages(["1"]), Reply::status(404)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            failed Status 404
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("`retry_statuses`", |_| {
            vec![Reply::messages(["1"]), Reply::status(404), Reply::status(204)]
        })
        .config(|config| reconnecting(config).retry_statuses(|status| status == 404))
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            disconnected Status 404 retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("another content type", |_| {
            vec![Reply::status(200).header("content-type", "text/html").send("<p>log in</p>")]
        })
        .config(reconnecting)
        .expect(
            "not opened: ContentType 200, body <p>log in</p>
            GET /
            ",
        ),
        Scenario::new("no content type", |_| vec![Reply::status(200).send("data: 1\n\n")]).expect(
            "not opened: ContentType 200, body data: 1
            GET /
            ",
        ),
        Scenario::new("a content type with parameters", |_| {
            vec![
                Reply::status(200)
                    .header("content-type", "Text/Event-Stream;charset=latin1")
                    .send("data: é\n\n"),
            ]
        })
        .expect(
            "open 200
            event: é
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            ",
        ),
        Scenario::new("`accept_any_content_type`", |_| {
            vec![Reply::status(200).header("content-type", "text/plain").send("data: 1\n\n")]
        })
        .config(|config| config.accept_any_content_type(true))
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            ",
        ),
        Scenario::new("a head that arrives in two parts", |_| {
            vec![Reply::messages(["1"]).pause_within_head()]
        })
        .when(When::Requests(1), Act::GoOn)
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            ",
        ),
        Scenario::new("103 before the response", |_| {
            let hints = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
            vec![Reply::raw(format!("{hints}{head}content-length: 9\r\n\r\ndata: 1\n\n"))]
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LengthReached after 1 messages
            GET /
            ",
        ),
        Scenario::new("a rejected body that breaks off is kept", |_| {
            vec![Reply::status(500).header("content-type", "text/plain").send("disk f").cut()]
        })
        .expect(
            "not opened: Status 500 retryable, body disk f
            GET /
            ",
        ),
    ]
}

fn missing() -> Vec<Scenario> {
    vec![
        Scenario::new("a refused connection", |_| Vec::new()).server(Server::Refusing).expect(
            "not opened: NoResponse connect retryable
            ",
        ),
        Scenario::new("refused connections, with `retry_first_connection`", |_| Vec::new())
            .server(Server::Refusing)
            .config(|config| reconnecting(config).retry_first_connection(true))
            .expect(
                "not opened: NoResponse connect retryable, Exhausted
            ",
            ),
        Scenario::new(
            "the first request is repeated if its connection closes before the head",
            |_| vec![Reply::raw("").cut(), Reply::messages(["1"])],
        )
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        )
        .differs(
            Over::Direct,
            CONNECTS_EACH_TIME,
            &[
                ("open 200\nevent: 1\nclosed StreamEnded\n", ""),
                (
                    "end LastChunk after 1 messages\n",
                    "not opened: NoResponse unanswered retryable\n",
                ),
                ONE_REQUEST,
            ],
        ),
        Scenario::new("the connection is closed before the head, twice", |_| {
            vec![Reply::raw("").cut(), Reply::raw("").cut()]
        })
        .expect(
            "not opened: NoResponse unanswered retryable
            GET /
            GET /
            ",
        )
        .differs(Over::Direct, CONNECTS_EACH_TIME, &[ONE_REQUEST]),
        Scenario::new("the connection is closed within the head, twice", |_| {
            let reply = Reply::raw("HTTP/1.1 200 OK\r\ncontent-type: text/eve").cut();
            vec![reply.clone(), reply]
        })
        .expect(
            "not opened: NoResponse unanswered retryable
            GET /
            GET /
            ",
        )
        .differs(Over::Direct, CONNECTS_EACH_TIME, &[ONE_REQUEST]),
        Scenario::new("the connection is reset before the head, twice", |_| {
            vec![Reply::raw("").pause().reset(), Reply::raw("").pause().reset()]
        })
        .when(When::Requests(1), Act::GoOn)
        .when(When::Requests(2), Act::GoOn)
        .expect(
            "not opened: NoResponse reset unanswered retryable
            GET /
            GET /
            ",
        )
        .differs(
            Over::Direct,
            CONNECTS_EACH_TIME,
            &[("GET /\nGET /\n", "not performed: (Requests(2), GoOn)\nGET /\n")],
        ),
        Scenario::new("a POST whose connection closes before the head is not repeated", |_| {
            vec![Reply::raw("").cut()]
        })
        .request(post)
        .expect(
            "not opened: NoResponse unanswered retryable
            POST /, body question
            ",
        ),
        Scenario::new("the connection is reset after the head", |_| {
            vec![Reply::events("").pause().reset()]
        })
        .when(When::Line("open 200"), Act::GoOn)
        .expect(
            "open 200
            failed Disconnected reset retryable
            end Reset after 0 messages
            GET /
            ",
        )
        .differs(
            Over::Ureq,
            RESET_IS_END,
            &[(" reset", " truncated"), ("Reset", "Truncated")],
        ),
        Scenario::new("a response that is not HTTP", |_| vec![Reply::raw("data: 1\n\n\r\n\r\n")])
            .expect(
                "not opened: NoResponse retryable
            GET /
            ",
            ),
        Scenario::new("an empty response when reconnecting is a failed attempt", |_| {
            vec![Reply::messages(["1"]), Reply::raw("").cut(), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            disconnected NoResponse unanswered retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("a kept connection that is closed instead of a response", |_| {
            vec![
                Reply::messages(["1"]).keep_alive(),
                Reply::raw("").cut(),
                Reply::messages(["2"]).keep_alive(),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            disconnected NoResponse unanswered retryable, again at once
            open 200
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            GET /
            ",
        ),
    ]
}

#[test]
fn responses_over_every_transport() {
    check(&scenarios());
}
