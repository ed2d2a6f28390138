//! Event streams that end in the middle of an event: `completeness`, and `expect_complete_events`.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Version};
use sse_session::{
    BodyEnd, CleanEnd, Completeness, EndReason, ReconnectDecision, ReconnectPolicy, Resume,
    SseConfig, SseError, SseErrorKind, SseErrorOutcome,
};
use sse_test::TestClock;

use crate::support::{Frames, Reply, Script, broken, events, hanging, read, run, status};

/// Returns the event stream without the header that says where it ends.
fn close_delimited(mut response: Response<Frames>) -> Response<Frames> {
    response.headers_mut().remove("transfer-encoding");
    response
}

fn http2(mut response: Response<Frames>) -> Response<Frames> {
    *response.version_mut() = Version::HTTP_2;
    close_delimited(response)
}

/// Ends of a session with these responses: its data, its error, and the number of its requests.
async fn outcome(
    config: SseConfig,
    method: &str,
    responses: Vec<Response<Frames>>,
) -> (Vec<String>, Option<SseError>, usize, Option<EndReason>) {
    let script = Script::new(responses.into_iter().map(Reply::Response));
    let client = script.client(config.clock(TestClock::skipping()));
    let request = Request::builder().method(method).uri("http://localhost/");
    let request = client.request(request.body(Bytes::new()).unwrap());
    let mut session = request.sse_session().await.unwrap();
    let (data, error) = read(&mut session).await;
    (data, error, script.requests().len(), session.end_reason())
}

/// Three bodies: one that ends within a line, one after whole lines of an event, and whole ones.
const CUT: [&str; 5] = [
    "data: 1\n\ndata: 2",
    "data: 1\n\n: hi",
    "data: 1\n\ndata: 2\nInternal Server Error",
    "data: 1\n\nInternal Server Error",
    "data: 1\r\n\r\nretry: 5",
];
const UNFINISHED: [&str; 4] = [
    "data: 1\n\ndata: 2\n",
    "data: 1\n\ndata: 2\r",
    "data: 1\n\nid: 1\n: hi\n",
    "data: 1\n\nevent: e\n",
];
const WHOLE: [&str; 6] = [
    "data: 1\n\n",
    "data: 1\r\r",
    "data: 1\n\n: hi\n",
    "data: 1\n\nInternal Server Error\n",
    "data: 1\n\nretry: 5\n",
    "data: 1\n\n\n",
];

#[test]
fn completeness_is_what_the_end_of_the_event_stream_shows() {
    type Framing = fn(Response<Frames>) -> Response<Frames>;
    let framings: [(Framing, Completeness); 3] = [
        (|it| it, Completeness::Framed),
        (http2, Completeness::Framed),
        (close_delimited, Completeness::Unknown),
    ];
    for (framing, whole) in framings {
        let bodies = [
            (&CUT[..], Completeness::Cut),
            (&UNFINISHED, Completeness::Unfinished),
            (&WHOLE, whole),
        ];
        for (bodies, expected) in bodies {
            for body in bodies {
                run(async {
                    let script = Script::new([Reply::Response(framing(events(&[body])))]);
                    let client = script.client(SseConfig::new());
                    let mut session = client.sse_session("http://localhost/").await.unwrap();
                    let (data, error) = read(&mut session).await;
                    assert!(data == ["1"] && error.is_none());
                    // The regular end of the standard stays the default.
                    assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
                    let evidence = session.end_evidence().unwrap();
                    assert_eq!(evidence.completeness(), expected, "{body:?}");
                    let is_whole = expected == whole;
                    assert_eq!(evidence.pending_bytes() == 0, is_whole, "{body:?}");
                    assert_eq!((evidence.messages(), evidence.bytes()), (1, body.len() as u64));
                    assert!(evidence.since_last_byte().is_some());
                });
            }
        }
    }
}

#[test]
fn completeness_of_a_body_that_failed_is_cut_wherever_it_ends() {
    let kinds = [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::Other];
    for kind in kinds {
        run(async {
            let response = broken(events(&["data: 1\n\n"]), kind);
            let script = Script::new([Reply::Response(response)]);
            let client = script.client(SseConfig::new());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let error = read(&mut session).await.1.unwrap();
            assert!(!error.is_unfinished());
            let evidence = error.end_evidence().unwrap();
            assert_eq!(evidence.completeness(), Completeness::Cut, "{kind}");
        });
    }
    run(async {
        // A promised length that is not reached, over HTTP/2.
        let mut response = http2(events(&["data: 1\n\n"]));
        response.headers_mut().insert("content-length", 10.into());
        let script = Script::new([Reply::Response(response)]);
        let mut session =
            script.client(SseConfig::new()).sse_session("http://localhost/").await.unwrap();
        let error = read(&mut session).await.1.unwrap();
        assert!(error.is_truncated());
        assert_eq!(error.end_evidence().unwrap().completeness(), Completeness::Cut);
    });
}

#[test]
fn unfinished_excerpt_is_the_start_of_the_data_of_the_unfinished_event() {
    let cases = [
        ("data: 1\n\n", None),
        ("data: 1\n\ndata: 2", Some("2".to_owned())),
        (
            "data: 1\n\nid: 1\ndata: 2\ndata: \u{1b}[m Zo\u{eb}\n",
            Some("2 \\u{1b}[m Zo\u{eb}".to_owned()),
        ),
        ("data: 1\n\nid: 1\n", None),
        ("data: 1\n\nInternal Server Error", None),
    ];
    for (body, expected) in cases {
        for framing in [|it| it, close_delimited, |it| broken(it, ErrorKind::UnexpectedEof)] {
            run(async {
                let script = Script::new([Reply::Response(framing(events(&[body])))]);
                let client = script.client(SseConfig::new());
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                read(&mut session).await;
                let evidence = session.end_evidence().unwrap();
                assert_eq!(evidence.unfinished_excerpt(), expected.as_deref(), "{body:?}");
                assert!(!format!("{evidence:?}").contains("Zo"), "{evidence:?}");
            });
        }
    }
    run(async {
        let body: &'static str = format!("data: {}", "x".repeat(100_000)).leak();
        let script = Script::new([Reply::Response(events(&[body]))]);
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        read(&mut session).await;
        let evidence = session.end_evidence().unwrap();
        assert!(evidence.unfinished_excerpt().unwrap().chars().count() <= 201);
    });
}

#[test]
fn completeness_is_unknown_where_the_session_stops_reading() {
    run(async {
        let response = hanging(events(&["data: 1\n\ndata: 2"]));
        let script = Script::new([Reply::Response(response)]);
        let mut session =
            script.client(SseConfig::new()).sse_session("http://localhost/").await.unwrap();
        assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
        session.close();
        let evidence = session.end_evidence().unwrap();
        assert_eq!(evidence.body_end(), BodyEnd::Abandoned);
        assert_eq!(evidence.completeness(), Completeness::Unknown);
    });
}

#[test]
fn expect_complete_events_makes_an_unfinished_event_an_error() {
    let bodies = CUT.into_iter().chain(UNFINISHED).map(|body| (body, true));
    for (body, is_unfinished) in bodies.chain(WHOLE.map(|body| (body, false))) {
        for method in ["GET", "POST"] {
            run(async {
                let config = SseConfig::new().expect_complete_events(true);
                let (data, error, ..) = outcome(config, method, vec![events(&[body])]).await;
                assert_eq!(data, ["1"]);
                assert_eq!(error.is_some(), is_unfinished, "{body:?}");
                let Some(error) = error else { return };
                assert!(error.is_unfinished() && error.is_retryable());
                assert!(!error.is_truncated() && !error.is_incomplete() && !error.is_transport());
                assert_eq!(error.kind(), SseErrorKind::Unfinished);
                assert_eq!(error.outcome(), None);
                let evidence = error.end_evidence().unwrap();
                assert_eq!(error.pending_bytes(), evidence.pending_bytes());
                let is_cut = evidence.completeness() == Completeness::Cut;
                assert_eq!(error.to_string().contains("a line"), is_cut, "{error}");
            });
        }
    }
}

#[test]
fn expect_complete_events_is_met_by_dispatch_unfinished_event() {
    let config = || SseConfig::new().dispatch_unfinished_event(true).expect_complete_events(true);
    let delivered = ["data: 1\n\ndata: 2", "data: 1\n\ndata: 2\n", "data: 1\n\ndata: 2\r"];
    for body in delivered {
        run(async {
            let (data, error, ..) = outcome(config(), "GET", vec![events(&[body])]).await;
            assert!(data == ["1", "2"] && error.is_none(), "{body:?}");
        });
        // HTTP does not show that the body is whole, so the event is not delivered.
        run(async {
            let response = close_delimited(events(&[body]));
            let (data, error, ..) = outcome(config(), "GET", vec![response]).await;
            assert!(data == ["1"] && error.unwrap().is_unfinished());
        });
    }
    // No event can be delivered.
    for body in ["data: 1\n\nInternal Server Error", "data: 1\n\n: hi", "data: 1\n\nda"] {
        run(async {
            let (_, error, ..) = outcome(config(), "GET", vec![events(&[body])]).await;
            assert!(error.unwrap().is_unfinished(), "{body:?}");
        });
    }
}

#[test]
fn an_unfinished_event_is_a_broken_connection_where_reconnection_is_on() {
    let second = Duration::from_secs(1);
    for (body, is_broken) in CUT
        .into_iter()
        .chain(UNFINISHED)
        .map(|body| (body, true))
        .chain(WHOLE.map(|body| (body, false)))
    {
        run(async {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let log = seen.clone();
            let policy = ReconnectPolicy::custom(move |disconnect| {
                let cause = disconnect.cause();
                let evidence = disconnect.end_evidence().unwrap();
                log.lock().unwrap().push((cause.kind(), evidence.completeness()));
                ReconnectDecision::After(second)
            });
            // A regular end is final here.
            let config = SseConfig::new().reconnect(policy).clean_end(CleanEnd::Finish);
            let responses = vec![events(&[body]), status(204)];
            let (data, error, requests, reason) = outcome(config, "GET", responses).await;
            assert!(data == ["1"] && error.is_none());
            assert_eq!(requests, 1 + usize::from(is_broken), "{body:?}");
            let expected = if is_broken { EndReason::NoContent } else { EndReason::StreamEnded };
            assert_eq!(reason, Some(expected));
            let seen = seen.lock().unwrap();
            assert_eq!(seen.len(), usize::from(is_broken));
            for (kind, completeness) in &*seen {
                assert_eq!(*kind, SseErrorKind::Unfinished);
                assert!(matches!(completeness, Completeness::Cut | Completeness::Unfinished));
            }
        });
    }
}

#[test]
fn an_unfinished_event_counts_as_an_attempt_that_failed() {
    for body in CUT.into_iter().chain(UNFINISHED) {
        run(async {
            let policy = ReconnectPolicy::exponential().max_attempts(2);
            let responses = (0..9).map(|_| events(&[body])).collect();
            let (_, error, requests, _) =
                outcome(SseConfig::new().reconnect(policy), "GET", responses).await;
            let error = error.unwrap();
            assert_eq!((error.outcome(), requests), (Some(SseErrorOutcome::Exhausted), 3));
            assert!(error.is_unfinished() && !error.is_after_complete_stream());
        });
    }
}

#[test]
fn resume_says_whether_an_unfinished_answer_to_a_post_is_an_error() {
    let on = |resume| {
        let policy = ReconnectPolicy::fixed(Duration::ZERO).max_attempts(3);
        SseConfig::new().reconnect(policy).resume(resume)
    };
    let cases = [
        // The POST is never repeated: reconnection is off for it.
        (on(Resume::ByMethod), 1, false),
        (on(Resume::Never), 1, false),
        (on(Resume::ByMethod).expect_complete_events(true), 1, true),
        // It could have been repeated, but events were received.
        (on(Resume::IfNothingDelivered), 1, true),
        (on(Resume::IfIdSeen), 1, true),
        (on(Resume::Feed), 2, false),
    ];
    for (config, expected_requests, is_error) in cases {
        for body in ["data: 1\n\ndata: 2", "data: 1\n\ndata: 2\n"] {
            run(async {
                let responses = vec![events(&[body]), status(204)];
                let (data, error, requests, _) = outcome(config.clone(), "POST", responses).await;
                assert_eq!((data.len(), requests), (1, expected_requests));
                assert_eq!(error.is_some_and(|error| error.is_unfinished()), is_error);
            });
        }
    }
}

#[test]
fn expect_terminal_reports_an_unfinished_event_as_the_cause() {
    run(async {
        let config = SseConfig::new().stop_before(|event| event.data() == "2");
        let config = config.expect_terminal(true);
        let (_, error, ..) = outcome(config, "GET", vec![events(&["data: 1\n\ndata: 2\n"])]).await;
        let error = error.unwrap();
        assert!(error.is_incomplete() && error.is_unfinished());
        assert_eq!(error.events_seen(), Some(1));
    });
}
