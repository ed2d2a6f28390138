//! Scenarios of redirects, which the session follows unless the transport does.

use bytes::Bytes;
use http::Request;
use sse_session::{CleanEnd, ReconnectUrl, Resume};
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Scenario, get, post, reconnecting},
    transport::Over,
};

fn with_token(origin: &str) -> Request<Bytes> {
    let mut request = get(origin);
    request.headers_mut().insert("authorization", "Bearer token".parse().unwrap());
    request.headers_mut().insert("x-client", "scenario".parse().unwrap());
    request
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("a GET follows 301, 302, 303, 307 and 308", |_| {
            let redirect = |status, path| Reply::redirect(status, path);
            vec![
                redirect(301, "/1"),
                redirect(302, "/2"),
                redirect(303, "/3"),
                redirect(307, "/4?x=1"),
                redirect(308, "../5"),
                Reply::messages(["1"]),
            ]
        })
        .headers(&["accept"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /, accept: text/event-stream
            GET /1, accept: text/event-stream
            GET /2, accept: text/event-stream
            GET /3, accept: text/event-stream
            GET /4?x=1, accept: text/event-stream
            GET /5, accept: text/event-stream
            ",
        ),
        Scenario::new("a POST becomes a GET after 301, 302 and 303", |_| {
            let follow = |status| [Reply::redirect(status, "/to"), Reply::messages(["1"])];
            let end = vec![Reply::status(204)];
            [&follow(301)[..], &follow(302), &follow(303), &end].concat()
        })
        .request(post)
        .config(|config| {
            reconnecting(config).resume(Resume::FromBeginning).clean_end(CleanEnd::Reconnect)
        })
        .headers(&["content-length"])
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            POST /, content-length: 8, body question
            GET /to
            POST /, content-length: 8, body question
            GET /to
            POST /, content-length: 8, body question
            GET /to
            POST /, content-length: 8, body question
            ",
        ),
        Scenario::new("a POST is repeated after 307 and 308", |_| {
            vec![Reply::redirect(307, "/1"), Reply::redirect(308, "/2"), Reply::messages(["1"])]
        })
        .request(post)
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, body question
            POST /1, body question
            POST /2, body question
            ",
        ),
        Scenario::new("credentials do not follow to another origin", |other| {
            vec![Reply::redirect(307, format!("{other}/feed"))]
        })
        .other(|| vec![Reply::messages(["1"])])
        .request(with_token)
        .headers(&["authorization", "x-client"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /, authorization: Bearer token, x-client: scenario
            other: GET /feed, x-client: scenario
            ",
        ),
        Scenario::new("credentials follow within an origin", |_| {
            vec![Reply::redirect(307, "/feed"), Reply::messages(["1"])]
        })
        .request(with_token)
        .headers(&["authorization", "x-client"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /, authorization: Bearer token, x-client: scenario
            GET /feed, authorization: Bearer token, x-client: scenario
            ",
        ),
        Scenario::new("a reconnection starts at the original URL, with the credentials", |other| {
            let redirect = Reply::redirect(307, format!("{other}/feed"));
            vec![redirect.clone(), redirect, Reply::status(204)]
        })
        .other(|| vec![Reply::events("id: 1\ndata: 1\n\n"), Reply::events("id: 2\ndata: 2\n\n")])
        .request(with_token)
        .config(reconnecting)
        .headers(&["authorization"])
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            open 200
            event #2: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /, authorization: Bearer token
            GET /, last-event-id: 1, authorization: Bearer token
            GET /, last-event-id: 2, authorization: Bearer token
            other: GET /feed
            other: GET /feed, last-event-id: 1
            ",
        ),
        Scenario::new("`ReconnectUrl::Final`: it starts where the session was redirected", |_| {
            vec![
                Reply::redirect(307, "/feed"),
                Reply::events("id: 1\ndata: 1\n\n"),
                Reply::status(204),
            ]
        })
        .config(|config| reconnecting(config).reconnect_url(ReconnectUrl::Final))
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /feed
            GET /feed, last-event-id: 1
            ",
        ),
        Scenario::new("a circle of redirects ends", |_| vec![Reply::redirect(302, "/"); 30])
            .expect(
                "not opened: Redirect
            GET /
            GET /
            GET /
            GET /
            GET /
            GET /
            GET /
            GET /
            GET /
            GET /
            GET /
            ",
            ),
        Scenario::new("a redirect to where no request can go", |_| {
            vec![Reply::redirect(302, "ftp://localhost/")]
        })
        .expect(
            "not opened: Redirect
            GET /
            ",
        ),
        Scenario::new("a redirect without `Location`", |_| vec![Reply::status(302)])
            .expect(
                "not opened: Redirect
            GET /
            ",
            )
            .differs(
                Over::Reqwest,
                "reqwest follows redirects, and returns this response",
                &[("Redirect", "Status 302")],
            ),
        Scenario::new("a redirect to a server that rejects", |_| {
            vec![Reply::redirect(302, "/gone"), Reply::status(410)]
        })
        .expect(
            "not opened: Status 410
            GET /
            GET /gone
            ",
        ),
    ]
}

#[test]
fn redirects_over_every_transport() {
    check(&scenarios());
}
