//! Sessions: what the session does is the same without `async`.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, header::AUTHORIZATION};
use sse_session::{
    BufferPolicy, EndReason, InvalidRequest, Limits, SessionEvent, SessionRequest, SessionState,
    SseConfig, SseErrorKind,
};
use sse_test::TestClock;

use super::support::{Reply, Script, data, end, fails, read, run, status, stream};

fn reconnecting() -> SseConfig {
    SseConfig::new().max_reconnection_attempts(3).reconnection_time(Duration::ZERO)
}

fn one() -> Reply {
    stream([data("id: 1\ndata: one\n\n")])
}

#[test]
fn a_blocking_session_reconnects_and_resumes_without_a_runtime() {
    run(|| {
        let script = Script::new([
            stream([
                data("id: 1\nda"),
                data("ta: one\n\nid: 2\nda"),
                fails(ErrorKind::UnexpectedEof),
            ]),
            stream([data("id: 2\ndata: two\n\n")]),
            end(),
        ]);
        let mut session = script.open(reconnecting()).unwrap();
        assert_eq!((session.state(), session.connections()), (SessionState::Open, 1));
        assert_eq!(read(&mut session).0, ["one", "two"]);
        assert_eq!(script.last_event_ids(), [None, Some("1".into()), Some("2".into())]);
        assert_eq!((session.connections(), session.last_event_id()), (2, "2"));
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        assert!(session.next().is_none() && session.next().is_none());
    });
}

#[test]
fn clock_option_replaces_the_clock_of_the_thread() {
    run(|| {
        let clock = TestClock::skipping();
        let busy = status(503, Some(("retry-after", "3600")), []);
        let script = Script::new([stream([data("retry: 250\ndata: 1\n\n")]), busy, one(), end()]);
        let config = SseConfig::new().max_reconnection_attempts(3).clock(clock.clone());
        let mut session = script.open(config).unwrap();
        assert_eq!(read(&mut session).0, ["1", "one"]);
        let waits = [250, 3_600_000, 250].map(Duration::from_millis);
        assert!(waits.iter().all(|wait| clock.asked().contains(wait)), "{:?}", clock.asked());
    });
}

#[test]
fn default_clock_waits_the_time_of_the_server() {
    run(|| {
        let script = Script::new([stream([data("retry: 30\ndata: 1\n\n")]), end()]);
        let mut session = script.open(SseConfig::new().max_reconnection_attempts(1)).unwrap();
        let start = std::time::Instant::now();
        assert_eq!(read(&mut session).0, ["1"]);
        assert!(start.elapsed() >= Duration::from_millis(30));
    });
}

#[test]
fn lifecycle_shows_what_happens_in_its_order() {
    run(|| {
        let refused: Reply = Box::new(|| Err(ErrorKind::ConnectionRefused.into()));
        let mut session = Script::new([one(), refused, one(), end()]).open(reconnecting()).unwrap();
        let mut seen = Vec::new();
        for step in session.lifecycle() {
            seen.push(match step.unwrap() {
                SessionEvent::Connecting => "connecting".to_owned(),
                SessionEvent::Open(call) => call.response().status().to_string(),
                SessionEvent::Event(event) => event.data().to_owned(),
                SessionEvent::Disconnected { cause, .. } => format!("{:?}", cause.kind()),
                SessionEvent::Closed(reason) => format!("{reason:?}"),
                other => format!("{other:?}"),
            });
        }
        let expected = [
            "one",
            "StreamEnded",
            "connecting",
            "NoResponse",
            "connecting",
            "200 OK",
            "one",
            "StreamEnded",
            "connecting",
            "NoContent",
        ];
        assert_eq!(seen, expected);
        assert!(session.lifecycle().next().is_none());
    });
}

#[test]
fn redirects_are_followed_without_credentials_to_another_origin() {
    run(|| {
        let redirect = status(307, Some(("location", "http://127.0.0.1/feed")), []);
        let script = Script::new([redirect, one()]);
        let request = Request::get("http://localhost/").header(AUTHORIZATION, "secret");
        let request = request.body(Bytes::new()).unwrap();
        let mut session = script.client(SseConfig::new()).sse_session(request).unwrap();
        assert_eq!(read(&mut session).0, ["one"]);
        assert_eq!(session.call().response().uri(), "http://127.0.0.1/feed");
        assert!(!script.requests()[1].headers().contains_key(AUTHORIZATION));
    });
}

#[test]
fn refresh_credentials_may_be_ready_later_and_from_another_thread() {
    run(|| {
        let script = Script::new([status(401, None, []), one()]);
        let config = SseConfig::new().refresh_credentials(|_| {
            let mut is_first = true;
            std::future::poll_fn(move |cx| {
                if std::mem::take(&mut is_first) {
                    let waker = cx.waker().clone();
                    std::thread::spawn(move || waker.wake());
                    return Poll::Pending;
                }
                let token = "fresh".parse().unwrap();
                Poll::Ready(Ok::<_, InvalidRequest>(HeaderMap::from_iter([(AUTHORIZATION, token)])))
            })
        });
        assert_eq!(read(&mut script.open(config).unwrap()).0, ["one"]);
        assert_eq!(script.requests()[1].headers()[AUTHORIZATION], "fresh");
    });
}

#[test]
fn request_factory_makes_each_request_and_its_failure_is_a_failed_attempt() {
    run(|| {
        let script = Script::new([one(), end()]);
        let make = |context: sse_session::RequestContext| match context.attempt() {
            1 => Err("no token"),
            attempt => {
                let uri = format!("http://localhost/{attempt}/{}", context.last_event_id());
                Ok(SessionRequest::get(uri.parse().unwrap()))
            }
        };
        let mut session =
            script.client(reconnecting()).request_factory(make).sse_session().unwrap();
        assert_eq!(read(&mut session).0, ["one"]);
        let uris: Vec<_> = script.requests().iter().map(|it| it.uri().to_string()).collect();
        assert_eq!(uris, ["http://localhost/0/", "http://localhost/2/1"]);

        let failing = |_: sse_session::RequestContext| Err("no token");
        let request = script.client(SseConfig::new()).request_factory(failing);
        assert_eq!(request.sse_session().unwrap_err().kind(), SseErrorKind::RequestFactory);
    });
}

#[test]
fn resume_request_and_resume_factory_are_reconnected_with() {
    run(|| {
        let script = Script::new([one(), one(), end()]);
        let client = script.client(reconnecting());
        let post = Request::post("http://localhost/ask").body(Bytes::new()).unwrap();
        let request = client.request(post).resume_request("http://localhost/resume");
        assert_eq!(read(&mut request.sse_session().unwrap()).0, ["one", "one"]);
        let uris: Vec<_> = script.requests().iter().map(|it| it.uri().to_string()).collect();
        assert_eq!(uris[..2], ["http://localhost/ask", "http://localhost/resume"]);

        let script = Script::new([end()]);
        let client = script.client(reconnecting());
        let response = http::Response::builder().header("content-type", "text/event-stream");
        let response = response.body("id: 7\ndata: given\n\n".as_bytes()).unwrap();
        let request = client.response(response).resume_factory(|context| {
            assert_eq!(context.last_event_id(), "7");
            Ok::<_, InvalidRequest>(SessionRequest::get("http://localhost/".parse().unwrap()))
        });
        assert_eq!(read(&mut request.sse_session().unwrap()).0, ["given"]);
        assert_eq!(script.last_event_ids(), [Some("7".into())]);
    });
}

#[test]
fn configure_changes_options_for_one_session() {
    run(|| {
        let script = Script::new([one(), one()]);
        let client = script.client(SseConfig::new());
        let request = client.request("http://localhost/");
        let request = request.configure(|config| config.buffer_policy(BufferPolicy::last_event()));
        let mut session = request.sse_session().unwrap();
        read(&mut session);
        assert!(session.history().unwrap().contains("data: one"));
        assert!(client.sse_session("http://localhost/").unwrap().history().is_none());
    });
}

#[test]
fn acknowledge_events_decides_where_a_blocking_session_resumes() {
    run(|| {
        let script =
            Script::new([stream([data("id: 1\ndata: one\n\nid: 2\ndata: two\n\n")]), end()]);
        let mut session = script.open(reconnecting().acknowledge_events(true)).unwrap();
        session.next().unwrap().unwrap();
        let token = session.ack_token();
        session.next().unwrap().unwrap();
        session.acknowledge(token);
        assert!(session.next().is_none());
        assert_eq!(script.last_event_ids(), [None, Some("1".into())]);
    });
}

#[test]
fn limits_end_a_blocking_session() {
    run(|| {
        let script =
            Script::new([stream([data("data: 1\n\ndata: 23456789, and much too long\n\n")])]);
        let config = SseConfig::new().limits(Limits::default().max_event_bytes(20));
        let (seen, error) = read(&mut script.open(config).unwrap());
        assert_eq!(seen, ["1"]);
        assert_eq!(error.unwrap().kind(), SseErrorKind::LimitExceeded);
    });
}

#[test]
fn events_that_are_kept_stay_what_they_were_while_the_buffer_is_reused() {
    run(|| {
        let pieces = (0..3000).map(|number| -> super::support::Piece {
            Box::new(move || Ok(format!("data: {number} {:>20}\n\n", "x").into()))
        });
        let script = Script::new([stream(pieces)]);
        let session = script.open(SseConfig::new()).unwrap();
        let mut kept = Vec::new();
        for (number, event) in session.enumerate() {
            if number % 7 < 3 {
                kept.push((number, event.unwrap()));
            }
        }
        assert!(kept.len() > 1000);
        for (number, event) in kept {
            assert_eq!(event.data(), format!("{number} {:>20}", "x"));
        }
    });
}

#[test]
fn a_body_larger_than_the_buffer_is_read_in_parts() {
    run(|| {
        let text: &'static str = Box::leak("x".repeat(100_000).into_boxed_str());
        let script = Script::new([stream([data("data: "), data(text), data("\n\n")])]);
        let (seen, error) = read(&mut script.open(SseConfig::new()).unwrap());
        assert!(error.is_none() && seen == [text]);
    });
}

#[test]
fn a_blocking_session_can_move_to_another_thread() {
    run(|| {
        let script = Script::new([one(), one(), end()]);
        let mut session = script.open(reconnecting()).unwrap();
        session.next().unwrap().unwrap();
        let rest = std::thread::spawn(move || read(&mut session).0);
        assert_eq!(rest.join().unwrap(), ["one"]);
    });
}

#[test]
fn observers_are_notified_of_the_bytes_of_each_read_and_of_a_drop() {
    #[derive(Default)]
    struct Log(Mutex<Vec<String>>);
    impl sse_session::SessionObserver for Log {
        fn on_bytes(&self, count: usize) {
            self.0.lock().unwrap().push(count.to_string());
        }
        fn on_closed(&self, reason: EndReason) {
            self.0.lock().unwrap().push(format!("{reason:?}"));
        }
    }
    run(|| {
        let log = Arc::new(Log::default());
        let script =
            Script::new([stream([data("data: 1\n\n"), data(": x\n"), data("data: 2\n\n")])]);
        let mut session = script.open(SseConfig::new().observer(log.clone())).unwrap();
        session.next().unwrap().unwrap();
        session.next().unwrap().unwrap();
        drop(session);
        assert_eq!(*log.0.lock().unwrap(), ["9", "4", "9", "Closed"]);
    });
}

#[cfg(feature = "gzip")]
#[test]
fn gzip_is_decoded_for_a_blocking_transport() {
    use std::io::Write as _;

    run(|| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        let mut pieces: Vec<super::support::Piece> = Vec::new();
        for event in ["id: 1\ndata: one\n\n", "id: 2\ndata: two\n\n"] {
            encoder.write_all(event.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let piece = std::mem::take(encoder.get_mut());
            pieces.push(Box::new(|| Ok(piece.into())));
            pieces.push(fails(ErrorKind::WouldBlock));
        }
        let stream = stream(pieces);
        let coded: Reply = Box::new(|| {
            let mut response = stream()?;
            response.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
            Ok(response)
        });
        let script = Script::new([coded]);
        let (seen, error) = read(&mut script.open(SseConfig::new()).unwrap());
        assert_eq!(seen, ["one", "two"]);
        assert!(error.unwrap().is_truncated()); // the coding has no end
        let accepted =
            script.requests()[0].headers()["accept-encoding"].to_str().unwrap().to_owned();
        assert!(accepted.contains("gzip"));
    });
}

#[test]
fn replace_last_event_id_and_set_last_event_id_work_without_async() {
    run(|| {
        let restarted = status(410, None, []);
        let plain = || stream([data("data: more\n\n")]);
        let script = Script::new([one(), restarted, plain(), plain(), end()]);
        let config = reconnecting()
            .retry_statuses(|status| status == 410)
            .replace_last_event_id(|head, _| (head.status() == 410).then(String::new));
        let mut session = script.open(config).unwrap();
        assert_eq!(session.next().unwrap().unwrap().data(), "one");
        assert_eq!(session.next().unwrap().unwrap().data(), "more");
        assert_eq!(session.last_event_id(), "");
        session.set_last_event_id("7");
        assert_eq!(read(&mut session).0, ["more"]);
        let seven = || Some("7".to_owned());
        assert_eq!(script.last_event_ids(), [None, Some("1".into()), None, seven(), seven()]);
    });
}

#[test]
fn refresh_credentials_on_works_without_async() {
    run(|| {
        let script = Script::new([status(403, None, [data("expired")]), one()]);
        let config = SseConfig::new()
            .refresh_credentials(|_| {
                let token = HeaderMap::from_iter([(AUTHORIZATION, "new".parse().unwrap())]);
                std::future::ready(Ok::<_, InvalidRequest>(token))
            })
            .refresh_credentials_on(|rejection| rejection.body() == Some(b"expired"));
        assert_eq!(read(&mut script.open(config).unwrap()).0, ["one"]);
        assert_eq!(script.requests()[1].headers()[AUTHORIZATION], "new");
    });
}
