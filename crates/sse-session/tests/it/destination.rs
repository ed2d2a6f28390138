//! Redirects that the session follows, for a transport that follows none.

use std::any::Any;

use bytes::Bytes;
use http::{HeaderName, Method, Request};
use sse_session::{
    Capabilities, NativeRequest, ReconnectUrl, SessionRequest, SseConfig, SseErrorKind,
};

use crate::support::{Reply, Script, events, read, redirect, run};

const HELLO: &[&str] = &["data: hello\n\n"];

fn hello() -> Reply {
    Reply::Response(events(HELLO))
}

fn post(uri: &str) -> Request<Bytes> {
    let request = Request::post(uri).header("content-type", "text/plain").header("x-own", "1");
    request.header("authorization", "secret").body(Bytes::from_static(b"question")).unwrap()
}

#[test]
fn redirect_status_decides_about_method_and_body() {
    let cases = [
        (301, Method::GET, ""),
        (302, Method::GET, ""),
        (303, Method::GET, ""),
        (307, Method::POST, "question"),
        (308, Method::POST, "question"),
    ];
    for (status, method, body) in cases {
        run(async {
            let script = Script::new([redirect(status, "/b?c"), hello()]);
            let client = script.client(SseConfig::new());
            let mut session = client.sse_session(post("http://localhost/a")).await.unwrap();
            assert_eq!(read(&mut session).await.0, ["hello"]);
            assert_eq!(session.call().response().uri(), "http://localhost/b?c");
            assert_eq!(session.call().request().unwrap().uri(), "http://localhost/a");
            let second = &script.requests()[1];
            assert_eq!((second.method(), &second.body()[..]), (&method, body.as_bytes()));
            assert_eq!(second.uri(), "http://localhost/b?c");
            assert_eq!(second.headers().contains_key("content-type"), !body.is_empty());
            assert_eq!(second.headers()["x-own"], "1");
            assert_eq!(second.headers()["authorization"], "secret");
        });
    }
}

#[test]
fn redirect_of_a_get_stays_a_get_with_its_headers() {
    for status in [301, 302, 303, 307, 308] {
        run(async {
            let script = Script::new([redirect(status, "elsewhere"), hello()]);
            let config = SseConfig::new().last_event_id("7");
            let mut session =
                script.client(config).sse_session("http://localhost/a/b").await.unwrap();
            assert_eq!(read(&mut session).await.0, ["hello"]);
            let second = &script.requests()[1];
            assert_eq!(second.method(), Method::GET);
            assert_eq!(second.uri(), "http://localhost/a/elsewhere");
            assert_eq!(second.headers()["last-event-id"], "7");
            assert_eq!(second.headers()["accept"], "text/event-stream");
        });
    }
}

#[test]
fn sensitive_headers_and_credentials_do_not_follow_a_redirect_to_another_origin() {
    for (location, kept) in [
        ("http://localhost/b", true),
        ("http://localhost:81/b", false),
        ("http://other.example/b", false),
        ("https://localhost/b", false),
    ] {
        run(async {
            let script = Script::new([redirect(307, location), hello()]);
            let sensitive = [HeaderName::from_static("x-own")];
            let config = SseConfig::new().sensitive_headers(sensitive);
            script.client(config).sse_session(post("http://localhost/a")).await.unwrap();
            let headers = script.requests()[1].headers().clone();
            assert_eq!(headers.contains_key("authorization"), kept, "{location}");
            assert_eq!(headers.contains_key("x-own"), kept, "{location}");
            assert!(headers.contains_key("content-type"));
        });
    }
}

#[test]
fn redirects_that_are_not_followed_are_final_errors() {
    let cases: [(&str, Vec<Reply>, &str, usize); 4] = [
        (
            "http://localhost/",
            (0..11).map(|_| redirect(302, "/")).collect(),
            "redirect not followed: more than 10 in a row (http://localhost/)",
            11,
        ),
        (
            "https://localhost/",
            vec![redirect(302, "http://localhost/")],
            "redirect not followed: from https to http (https://localhost/)",
            1,
        ),
        (
            "http://localhost/",
            vec![redirect(302, "ftp://localhost/")],
            "redirect not followed: missing or invalid Location (http://localhost/)",
            1,
        ),
        (
            "http://localhost/",
            vec![Reply::Response(crate::support::status(302))],
            "redirect not followed: missing or invalid Location (http://localhost/)",
            1,
        ),
    ];
    for (uri, replies, message, requests) in cases {
        run(async {
            let script = Script::new(replies);
            let config = SseConfig::new().max_reconnection_attempts(9).retry_first_connection(true);
            let error = script.client(config).sse_session(uri).await.unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.kind() == SseErrorKind::Redirect && !error.is_retryable());
            assert_eq!(script.requests().len(), requests);
        });
    }
}

#[test]
fn a_chain_of_ten_redirects_is_followed() {
    run(async {
        let redirects = (0..10).map(|_| redirect(302, "/"));
        let script = Script::new(redirects.chain([hello()]));
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["hello"]);
    });
}

#[test]
fn reconnect_url_final_reconnects_to_where_the_session_was_redirected() {
    for (url, second) in [
        (ReconnectUrl::Original, "http://localhost/a"),
        (ReconnectUrl::Final, "http://other.example/b"),
    ] {
        run(async {
            let end = Reply::Response(crate::support::status(204));
            let script = Script::new([redirect(302, "http://other.example/b"), hello(), end]);
            let config = SseConfig::new().max_reconnection_attempts(1).reconnect_url(url);
            let config = config.reconnection_time(std::time::Duration::ZERO);
            let mut session =
                script.client(config).sse_session("http://localhost/a").await.unwrap();
            read(&mut session).await;
            assert_eq!(script.requests()[2].uri(), second);
        });
    }
}

#[test]
fn a_transport_that_follows_redirects_is_left_to_it() {
    run(async {
        let capabilities = Capabilities::new().follows_redirects(true);
        let script = Script::new([redirect(302, "/b")]).capabilities(capabilities);
        let client = script.client(SseConfig::new());
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert_eq!(error.status().unwrap(), 302);
        assert_eq!(script.requests().len(), 1);
    });
}

/// Part of a request that can be sent once.
struct Once;

impl NativeRequest for Once {
    fn try_clone(&self) -> Option<Box<dyn NativeRequest>> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[test]
fn redirect_of_a_request_that_can_be_sent_once_is_followed_only_as_a_get() {
    for (status, is_followed) in [(303, true), (307, false)] {
        run(async {
            let script = Script::new([redirect(status, "/b"), hello()]);
            let request = SessionRequest::new(post("http://localhost/a")).native(Box::new(Once));
            let opened = script.client(SseConfig::new()).sse_session(request).await;
            assert_eq!(opened.is_ok(), is_followed);
            if let Err(error) = opened {
                let message = "redirect not followed: the request cannot be repeated";
                assert!(error.to_string().starts_with(message), "{error}");
            }
            assert_eq!(script.requests().len(), 1 + usize::from(is_followed));
        });
    }
}
