//! Scenarios of requests: headers, bodies, and what is sent again.

use bytes::Bytes;
use http::HeaderValue;
use sse_session::{CleanEnd, Resume};
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Scenario, get, post, reconnecting, request},
    transport::Over,
};

const NO_LENGTH: &str = "hyper does not state the length of an empty body";

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("headers of an event stream", |_| vec![Reply::messages(["1"])])
            .headers(&["accept", "cache-control", "accept-encoding", "content-length", "user-agent"])
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /, accept: text/event-stream, cache-control: no-cache, accept-encoding: gzip, deflate, br, zstd
            ",
        )
        .differs(
            Over::Ureq,
            "ureq adds a `User-Agent`, unless configured not to",
            &[("zstd", "zstd, user-agent: ureq")],
        ),
        Scenario::new("headers of the caller replace those", |_| vec![Reply::messages(["1"])])
            .request(|origin| {
                let mut request = get(origin);
                let headers = request.headers_mut();
                headers.insert("cache-control", "no-store".parse().unwrap());
                headers.insert("accept-encoding", "identity".parse().unwrap());
                headers.append("x-topic", "a".parse().unwrap());
                headers.append("x-topic", "b".parse().unwrap());
                request
            })
            .headers(&["accept", "cache-control", "accept-encoding", "x-topic"])
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /, accept: text/event-stream, cache-control: no-store, accept-encoding: identity, x-topic: a, x-topic: b
            ",
        ),
        Scenario::new("path and query", |_| vec![Reply::messages(["1"])])
            .request(|origin| request("GET", origin, "/feeds/a%20b?from=1&to=%C3%A9"))
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /feeds/a%20b?from=1&to=%C3%A9
            ",
        ),
        Scenario::new("a fragment of the URL is not sent", |_| vec![Reply::messages(["1"])])
            .request(|origin| request("GET", origin, "/feed#latest"))
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /feed
            ",
        ),
        Scenario::new("credentials in the URL are not sent", |_| {
            vec![Reply::messages(["1"])]
        })
        .request(|origin| {
            request("GET", &origin.replace("http://", "http://user:p%40ss@"), "/")
        })
        .headers(&["authorization"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            ",
        )
        .differs(
            Over::Reqwest,
            "reqwest sends them as a header",
            &[("GET /", "GET /, authorization: Basic dXNlcjpwQHNz")],
        )
        .differs(
            Over::Ureq,
            "ureq sends them as a header, percent-encoded",
            &[("GET /", "GET /, authorization: Basic dXNlcjpwJTQwc3M=")],
        ),
        Scenario::new("a header value outside ASCII", |_| vec![Reply::messages(["1"])])
            .request(|origin| {
                let mut request = get(origin);
                let value = HeaderValue::from_bytes("é".as_bytes()).unwrap();
                request.headers_mut().insert("x-name", value);
                request
            })
            .headers(&["x-name"])
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /, x-name: é
            ",
        ),
        Scenario::new("a POST sends its body", |_| vec![Reply::messages(["1"])])
            .request(|origin| {
                let mut request = post(origin);
                let json = "application/json".parse().unwrap();
                request.headers_mut().insert("content-type", json);
                request
            })
            .headers(&["content-type", "content-length"])
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, content-type: application/json, content-length: 8, body question
            ",
        ),
        Scenario::new("a POST without a body", |_| vec![Reply::messages(["1"])])
            .request(|origin| request("POST", origin, "/"))
            .headers(&["content-length", "transfer-encoding"])
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, content-length: 0
            ",
        )
        .differs(Over::Reqwest, NO_LENGTH, &[(", content-length: 0", "")])
        .differs(Over::Hyper, NO_LENGTH, &[(", content-length: 0", "")]),
        Scenario::new("another method", |_| vec![Reply::messages(["1"])])
            .request(|origin| request("REPORT", origin, "/").map(|_| Bytes::from("filter")))
            .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            REPORT /, body filter
            ",
        ),
        Scenario::new("a POST is not repeated after a disconnect", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\n").cut()]
        })
        .request(post)
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            POST /, body question
            ",
        ),
        Scenario::new("a QUERY is repeated with its body, after a regular end too", |_| {
            vec![
                Reply::events("id: 1\ndata: 1\n\n"),
                Reply::events("data: 2\n\n").cut(),
                Reply::status(204),
            ]
        })
        .request(|origin| request("QUERY", origin, "/").map(|_| "question".into()))
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            open 200
            event: 2
            disconnected Disconnected truncated retryable, again at once
            closed NoContent
            end Truncated after 1 messages
            QUERY /, body question
            QUERY /, last-event-id: 1, body question
            QUERY /, last-event-id: 1, body question
            ",
        ),
        Scenario::new("a PUT is repeated without a response", |_| {
            vec![Reply::raw("").cut(), Reply::raw("").cut(), Reply::messages(["1"])]
        })
        .request(|origin| request("PUT", origin, "/").map(|_| "question".into()))
        .config(|config| reconnecting(config).retry_first_connection(true))
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            PUT /, body question
            PUT /, body question
            PUT /, body question
            ",
        ),
        Scenario::new("a PUT is not repeated after a response", |_| {
            vec![Reply::status(503).header("content-type", "text/plain").send("busy")]
        })
        .request(|origin| request("PUT", origin, "/").map(|_| "question".into()))
        .config(|config| reconnecting(config).retry_first_connection(true))
        .expect(
            "not opened: Status 503 retryable, body busy
            PUT /, body question
            ",
        ),
        Scenario::new("`Resume::FromBeginning`: a POST is repeated", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\n").cut(), Reply::messages(["2"])]
        })
        .request(post)
        .config(|config| reconnecting(config).resume(Resume::FromBeginning))
        .expect(
            "open 200
            event #1: 1
            disconnected Disconnected truncated retryable, again at once
            open 200
            event: 2
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, body question
            POST /, last-event-id: 1, body question
            ",
        ),
        Scenario::new("`Resume::IfNothingDelivered`", |_| {
            vec![
                Reply::events(": hello\n\n").cut(),
                Reply::messages(["1"]).cut(),
            ]
        })
        .request(post)
        .config(|config| reconnecting(config).resume(Resume::IfNothingDelivered))
        .expect(
            "open 200
            disconnected Disconnected truncated retryable, again at once
            open 200
            event: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            POST /, body question
            POST /, body question
            ",
        ),
        Scenario::new("`resume_request`: a POST is resumed by a GET", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\n").cut(), Reply::messages(["2"])]
        })
        .request(post)
        .resume(|origin| request("GET", origin, "/resume"))
        .config(|config| reconnecting(config).clean_end(CleanEnd::Finish))
        .expect(
            "open 200
            event #1: 1
            disconnected Disconnected truncated retryable, again at once
            open 200
            event: 2
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, body question
            GET /resume, last-event-id: 1
            ",
        ),
        Scenario::new("`request_factory` makes each request", |_| {
            vec![
                Reply::events("id: 1\ndata: 1\n\n"),
                Reply::raw("").cut(),
                Reply::events("data: 2\n\n"),
                Reply::status(204),
            ]
        })
        .factory(|context, origin| {
            let (attempt, id) = (context.attempt(), context.last_event_id());
            Ok(request("GET", origin, &format!("/?attempt={attempt}&id={id}")))
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            disconnected NoResponse unanswered retryable, again at once
            open 200
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /?attempt=0&id=
            GET /?attempt=1&id=1, last-event-id: 1
            GET /?attempt=2&id=1, last-event-id: 1
            GET /?attempt=1&id=1, last-event-id: 1
            ",
        ),
        Scenario::new("`request_factory` that fails is a failed attempt", |_| {
            vec![Reply::messages(["1"]), Reply::status(204)]
        })
        .factory(|context, origin| match context.attempt() {
            1 => Err("no token".into()),
            _ => Ok(get(origin)),
        })
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            disconnected RequestFactory retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("`request_factory` that fails at first opens nothing", |_| Vec::new())
            .factory(|_, _| Err("no token".into()))
            .expect(
            "not opened: RequestFactory retryable
            ",
        ),
    ]
}

#[test]
fn requests_over_every_transport() {
    check(&scenarios());
}
