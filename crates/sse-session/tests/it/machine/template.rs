//! Requests that the session makes: their headers, their bodies, and what led to them.

use std::{any::Any, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header::AUTHORIZATION};
use sse_session::{
    BoxError, Capabilities, InvalidRequest, NativeRequest, ReconnectUrl, Resume, SessionRequest,
    SseConfig, SseErrorKind, SseErrorOutcome,
};
use sse_test::TestClock;

use crate::support::{Reply, Script, events, hanging, read, run, status};

const ONE: &[&str] = &["id: 1\ndata: 1\n\n"];

fn reconnecting() -> SseConfig {
    SseConfig::new().max_reconnection_attempts(3).reconnection_time(Duration::ZERO)
}

fn end() -> Reply {
    Reply::Response(status(204))
}

#[test]
fn headers_of_an_event_stream_are_added_where_the_caller_has_set_none() {
    run(async {
        let script = Script::new([Reply::Response(events(ONE)), end()]);
        let client = script.client(reconnecting());
        let request = Request::get("http://localhost/").header("cache-control", "max-age=0");
        let request = request.header("last-event-id", "0").body(Bytes::new()).unwrap();
        read(&mut client.sse_session(request).await.unwrap()).await;
        let requests = script.requests();
        for (request, id) in requests.iter().zip(["0", "1"]) {
            assert_eq!(request.headers()["accept"], "text/event-stream");
            assert_eq!(request.headers()["cache-control"], "max-age=0");
            assert_eq!(request.headers().get_all("last-event-id").iter().count(), 1);
            assert_eq!(request.headers()["last-event-id"], id);
        }
        assert_eq!(requests.len(), 2);
    });
}

#[test]
fn capabilities_decide_about_cache_control_and_ids_that_are_not_ascii() {
    for (capabilities, has_cache_control, id) in [
        (Capabilities::new(), true, Some("é")),
        (Capabilities::new().bypasses_caches(true), false, Some("é")),
        (Capabilities::new().ascii_headers_only(true), true, None),
    ] {
        run(async {
            let replies = [Reply::Response(events(&["id: é\ndata: 1\n\n"])), end()];
            let script = Script::new(replies).capabilities(capabilities);
            let client = script.client(reconnecting());
            read(&mut client.sse_session("http://localhost/").await.unwrap()).await;
            let headers = script.requests()[1].headers().clone();
            assert_eq!(headers.contains_key("cache-control"), has_cache_control);
            let sent = headers.get("last-event-id").map(HeaderValue::as_bytes);
            assert_eq!(sent, id.map(str::as_bytes));
        });
    }
}

#[test]
fn a_body_in_memory_is_sent_again_if_resume_allows_it() {
    run(async {
        let script = Script::new([Reply::Response(events(ONE)), end()]);
        let client = script.client(reconnecting().resume(Resume::IfIdSeen));
        let client = client.request(Request::post("http://localhost/").body("q".into()).unwrap());
        let client = client.configure(|it| it.clean_end(sse_session::CleanEnd::Reconnect));
        read(&mut client.sse_session().await.unwrap()).await;
        let bodies: Vec<_> = script.requests().iter().map(|it| it.body().clone()).collect();
        assert_eq!(bodies, ["q", "q"]);
    });
}

/// Part of a request that can be sent once.
struct Once(u8);

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
fn a_native_part_that_can_be_sent_once_ends_a_session_that_would_reconnect() {
    run(async {
        assert_eq!(Once(7).0, 7);
        let script = Script::new([Reply::Response(events(ONE))]);
        let request = SessionRequest::get("http://localhost/".parse().unwrap());
        let request = request.native(Box::new(Once(1)));
        let mut session = script.client(reconnecting()).sse_session(request).await.unwrap();
        let error = read(&mut session).await.1.unwrap();
        assert_eq!(error.outcome(), Some(SseErrorOutcome::BodyNotRepeatable));
        assert_eq!(script.requests().len(), 1);
    });
}

#[test]
fn refresh_credentials_stay_at_the_origin_that_requested_them() {
    run(async {
        let unauthorized = || Reply::Response(status(401));
        let script = Script::new([
            unauthorized(),
            crate::support::redirect(302, "http://other.example/"),
            Reply::Response(events(ONE)),
            end(),
        ]);
        let config = reconnecting().refresh_credentials(|_| async {
            let headers = [(AUTHORIZATION, HeaderValue::from_static("new"))];
            Ok::<_, BoxError>(HeaderMap::from_iter(headers))
        });
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        read(&mut session).await;
        let sent: Vec<_> = script.requests().iter().map(|it| it.headers().len()).collect();
        let has: Vec<_> =
            script.requests().iter().map(|it| it.headers().contains_key(AUTHORIZATION)).collect();
        assert_eq!(has, [false, true, false, true], "{sent:?}");
    });
}

#[test]
fn refresh_credentials_are_for_the_origin_of_the_request_even_if_another_requested_them() {
    let token = HeaderName::from_static("x-token");
    let config = |url| {
        reconnecting().reconnect_url(url).refresh_credentials(|_| async {
            let headers = [(HeaderName::from_static("x-token"), HeaderValue::from_static("new"))];
            Ok::<_, BoxError>(HeaderMap::from_iter(headers))
        })
    };
    let away = || crate::support::redirect(302, "http://other.example/");
    let unauthorized = || Reply::Response(status(401));
    run(async {
        let script = Script::new([unauthorized(), away(), Reply::Response(events(ONE)), end()]);
        let client = script.client(config(ReconnectUrl::Original));
        read(&mut client.sse_session("http://localhost/").await.unwrap()).await;
        let seen = script.requests();
        let has = seen.iter().map(|it| it.headers().contains_key(&token));
        assert_eq!(Vec::from_iter(has), [false, true, false, true]);
    });
    run(async {
        let one = || Reply::Response(events(ONE));
        let script = Script::new([away(), one(), unauthorized(), one(), end()]);
        let client = script.client(config(ReconnectUrl::Final));
        read(&mut client.sse_session("http://localhost/").await.unwrap()).await;
        let seen = script.requests();
        let seen =
            seen.iter().map(|it| (it.uri().host().unwrap(), it.headers().contains_key(&token)));
        let (local, other) = ("localhost", "other.example");
        // After an attempt that failed, the session starts from the original URL again.
        let expected =
            [(local, false), (other, false), (other, false), (local, true), (local, true)];
        assert_eq!(Vec::from_iter(seen), expected);
    });
}

#[test]
fn fresh_connection_wanted_after_a_deadline_and_on_request() {
    run(async {
        let clock = TestClock::manual();
        let script = Script::new([
            Reply::Never,
            Reply::Response(hanging(events(ONE))),
            Reply::Response(events(ONE)),
            Reply::Response(hanging(events(ONE))),
            end(),
        ]);
        let second = Duration::from_secs(1);
        let config = reconnecting().head_timeout(second).idle_timeout(second).clock(clock.clone());
        let client = script.client(config.retry_first_connection(true));
        let opening = client.sse_session("http://localhost/");
        let handle = opening.handle();
        let (data, ()) = tokio::join!(
            async {
                let mut session = opening.await.unwrap();
                read(&mut session).await.0
            },
            async {
                // The head, then the first wait, then the silence.
                clock.asked_for(1).await;
                clock.advance(second);
                while script.requests().len() < 3 {
                    tokio::task::yield_now().await;
                    clock.advance(second);
                }
                while script.requests().len() < 4 {
                    tokio::task::yield_now().await;
                    clock.advance(second);
                }
                handle.reconnect_now();
            }
        );
        assert_eq!(data[..2], ["1", "1"]);
        let wanted: Vec<_> = script.contexts().into_iter().map(|(_, wanted)| wanted).collect();
        assert_eq!(wanted, [false, true, true, false, true]);
        assert_eq!(script.contexts()[1].0, 1);
    });
}

#[test]
fn request_factory_errors_are_distinguished_from_invalid_requests() {
    run(async {
        let script = Script::new([]);
        let client = script.client(SseConfig::new());
        let request = client.request_factory(|_| async { Err("no token") });
        let error = request.sse_session().await.unwrap_err();
        assert!(error.kind() == SseErrorKind::RequestFactory && error.is_retryable());
        assert!(error.to_string().starts_with("request factory failed"), "{error}");
        let request = client.request_factory(|_| async { Err(InvalidRequest::url("no scheme")) });
        let error = request.sse_session().await.unwrap_err();
        assert!(error.is_invalid_request() && !error.is_retryable());
        assert!(error.to_string().starts_with("invalid URL: no scheme"), "{error}");
        let request = client.request_factory(|_| async { Err(InvalidRequest::new("no body")) });
        let error = request.sse_session().await.unwrap_err();
        assert!(error.to_string().starts_with("invalid request"), "{error}");
        let request = client.request_factory(|_| async {
            Ok::<_, BoxError>(SessionRequest::get("ftp://localhost/".parse()?))
        });
        assert!(request.sse_session().await.unwrap_err().is_invalid_request());
        assert!(client.sse_session("localhost:8080").await.unwrap_err().is_invalid_request());
    });
}
