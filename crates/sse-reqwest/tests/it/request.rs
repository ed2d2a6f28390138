//! First request of a session, as it is sent.
//!
//! The requests to reconnect with are tested in `id_header` and `resume`.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::IntoResponse as _;
use reqwest::{Body, RequestBuilder};
use sse_reqwest::{RequestBuilderExt as _, SseConfig, SseError, UrlParts};

use crate::support::{
    ScriptedServer, Seen, WebServer, causes, data, event, event_stream, http, rest_of_data, run,
    sse, text,
};

/// Opens a session on a request that `change` has modified, and returns what the server has
/// received.
fn seen(change: impl FnOnce(reqwest::Client, String) -> RequestBuilder) -> Seen {
    run(async {
        let server = WebServer::start(|_| event_stream([])).await;
        let request = change(http(), server.url("/events?a=b"));
        request.sse_session().await.unwrap();
        server.request()
    })
}

#[test]
fn a_get_asks_for_an_event_stream_that_is_not_cached() {
    let seen = seen(|client, url| client.get(url));
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/events?a=b"));
    assert_eq!(seen.values("accept"), ["text/event-stream"]);
    assert_eq!(seen.values("cache-control"), ["no-cache"]);
    assert_eq!(seen.last_event_id(), None);
    assert_eq!(seen.body, b"");
}

#[test]
fn a_get_without_a_body_has_no_content_length() {
    let seen = seen(|client, url| client.get(url));
    assert_eq!(seen.value("content-length"), None);
    assert_eq!(seen.value("transfer-encoding"), None);
}

#[test]
fn headers_of_the_request_win_and_are_not_added_to() {
    let seen = seen(|client, url| {
        let request = client.get(url).header("accept", "text/event-stream, text/html;q=0.5");
        request.header("cache-control", "max-age=60").header("x-own", "1").header("x-own", "2")
    });
    assert_eq!(seen.values("accept"), ["text/event-stream, text/html;q=0.5"]);
    assert_eq!(seen.values("cache-control"), ["max-age=60"]);
    assert_eq!(seen.values("x-own"), ["1", "2"]);
}

#[test]
fn default_headers_of_the_client_are_sent_but_for_the_accept() {
    run(async {
        let server = WebServer::start(|_| event_stream([])).await;
        let headers = [("accept", "text/html"), ("x-own", "1")]
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let client =
            reqwest::Client::builder().no_proxy().default_headers(headers.into_iter().collect());
        client.build().unwrap().get(server.url("/")).sse_session().await.unwrap();
        let seen = server.request();
        assert_eq!(seen.values("accept"), ["text/event-stream"]);
        assert_eq!(seen.values("x-own"), ["1"]);
    });
}

#[test]
fn a_post_sends_its_body_and_content_type_and_gets_the_echo() {
    run(async {
        let server = WebServer::start(|seen| {
            event_stream([format!("data: {}\n\n", String::from_utf8_lossy(&seen.body))])
        })
        .await;
        let request = http().post(server.url("/echo")).header("content-type", "text/plain");
        let mut session = request.body("Hello there").sse_session().await.unwrap();
        assert_eq!(data(&mut session).await, "Hello there");
        let seen = server.request();
        assert_eq!(seen.method, "POST");
        assert_eq!(seen.value("content-type"), Some("text/plain"));
        assert_eq!(session.call().request().unwrap().headers()["content-type"], "text/plain");
        assert_eq!(session.call().request().unwrap().method(), "POST");
    });
}

#[test]
fn a_post_body_has_its_content_length() {
    let seen = seen(|client, url| client.post(url).body("body with length"));
    assert_eq!(seen.value("content-length"), Some("16"));
    assert_eq!(seen.body, b"body with length");
}

#[test]
fn a_post_needs_no_body() {
    let seen = seen(|client, url| client.post(url));
    assert_eq!((seen.method.as_str(), seen.body.as_slice()), ("POST", &b""[..]));
}

#[test]
fn a_body_that_is_a_stream_is_sent() {
    let seen = seen(|client, url| client.post(url).body(Body::wrap(String::from("once"))));
    assert_eq!(seen.body, b"once");
}

#[test]
fn the_same_client_still_makes_ordinary_requests() {
    run(async {
        let server = WebServer::start(|seen| match seen.method.as_str() {
            "POST" => text(200, "Hello"),
            _ => event_stream(["data: event\n\n".into()]),
        })
        .await;
        let client = http();
        let mut session = client.get(server.url("/")).sse_session().await.unwrap();
        let answer = client.post(server.url("/")).body("Hello").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.text().await.unwrap(), "Hello");
        assert_eq!(rest_of_data(&mut session).await, ["event"]);
        let seen = server.requests();
        assert_eq!(seen[1].value("accept"), Some("*/*"));
    });
}

#[test]
fn data_has_all_lines_of_an_event() {
    run(async {
        let server =
            WebServer::start(|_| event_stream(["id: 0\ndata: hello 0\ndata: and more\n\n".into()]))
                .await;
        let mut session = sse(SseConfig::new()).sse_session(server.url("/hello")).await.unwrap();
        let first = event(&mut session).await;
        assert_eq!(first.id(), Some("0"));
        assert_eq!(first.data(), "hello 0\nand more");
        assert_eq!(first.event_type(), "message");
    });
}

#[test]
fn a_session_opens_from_a_url_its_parts_or_a_request_builder() {
    run(async {
        let server = WebServer::start(|_| event_stream([])).await;
        let (client, url) = (sse(SseConfig::new()), server.url("/events"));
        client.sse_session(url.as_str()).await.unwrap();
        client.sse_session(&url).await.unwrap();
        client.sse_session(url.clone()).await.unwrap();
        client.sse_session(reqwest::Url::parse(&url).unwrap()).await.unwrap();
        client.sse_session(http().get(&url)).await.unwrap();
        let address = server.address();
        let parts = UrlParts::new().scheme("http").host(address.ip().to_string());
        client.sse_session(parts.port(address.port()).path("/events")).await.unwrap();
        let seen = server.requests();
        assert_eq!(seen.len(), 6);
        for request in seen {
            assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/events"));
        }
    });
}

#[test]
fn an_invalid_url_is_an_error_that_names_the_expected_scheme() {
    let no_host = "no scheme, or no host";
    let cases = [
        ("localhost:8080/events", no_host),
        ("name:secret@localhost/events", no_host),
        ("file:///events", no_host),
        ("ftp://name:secret@localhost/events", "unsupported scheme ftp"),
        ("/events", "relative URL without a base"),
    ];
    for (text, reason) in cases {
        let expected = format!("invalid URL: {reason} (expected a URL with http:// or https://)");
        let client = sse(SseConfig::new());
        let check = |opened: Result<_, SseError>| {
            let error = opened.err().unwrap();
            assert!(error.is_invalid_request(), "{text}");
            assert_eq!(error.to_string(), expected, "{text}");
            assert_eq!(causes(&error).len(), 0, "{text}");
        };
        check(run(client.sse_session(text)));
        if let Ok(url) = reqwest::Url::parse(text) {
            check(run(client.sse_session(url)));
        }
    }
}

/// Body that fails when it is read.
struct Broken;

impl http_body::Body for Broken {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::Error::other("no more paper"))))
    }
}

#[test]
fn a_body_that_cannot_be_read_is_an_error_with_its_cause() {
    run(async {
        let server = ScriptedServer::start([]).await;
        let request = http().post(server.url("/")).body(Body::wrap(Broken));
        let error = request.sse_session().await.unwrap_err();
        assert!(error.is_transport());
        assert!(causes(&error).contains(&"no more paper".to_owned()), "{:?}", causes(&error));
        assert!(server.requests().is_empty());
    });
}

#[test]
fn call_has_the_head_of_the_response() {
    run(async {
        let server = WebServer::start(|_| {
            let headers = [(CONTENT_TYPE.as_str(), "text/event-stream"), ("x-limit", "7")];
            (headers, "data: 1\n\n").into_response()
        })
        .await;
        let session = sse(SseConfig::new()).sse_session(server.url("/?q")).await.unwrap();
        let response = session.call().response();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["x-limit"], "7");
        assert_eq!(response.uri().to_string(), server.url("/?q"));
        assert_eq!(response.version(), http::Version::HTTP_11);
        assert_eq!(session.connections(), 1);
    });
}
