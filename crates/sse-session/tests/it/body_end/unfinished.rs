//! Bodies whose last event lacks its blank line: `dispatch_unfinished_event`.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use http::{Response, Version};
use sse_session::{
    BodyEnd, BufferPolicy, EndReason, LimitExceeded, Limits, SseConfig, SseErrorKind,
};

use crate::support::{Frames, Reply, Script, broken, events, read, run, status};

fn unfinished() -> SseConfig {
    SseConfig::new().dispatch_unfinished_event(true)
}

fn done() -> SseConfig {
    unfinished().stop_before(|event| event.data() == "[DONE]").expect_terminal(true)
}

/// Response of this version with a length, if one is given, and no other sign of its end.
fn framed(version: Version, length: Option<usize>, chunks: &[&'static str]) -> Response<Frames> {
    let mut response = events(chunks);
    *response.version_mut() = version;
    response.headers_mut().remove("transfer-encoding");
    if let Some(length) = length {
        response.headers_mut().insert("content-length", length.into());
    }
    response
}

#[test]
fn dispatch_unfinished_event_completes_the_last_event_of_a_whole_body() {
    for end in ["", "\n", "\r\n", "\r"] {
        let body: &'static str = format!("data: 1\n\nevent: e\ndata: 2{end}").leak();
        let whole = [
            events(&[body]),
            framed(Version::HTTP_11, Some(body.len()), &[body]),
            framed(Version::HTTP_2, None, &[body]),
        ];
        for response in whole {
            run(async {
                let script = Script::new([Reply::Response(response)]);
                let client = script.client(unfinished());
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                let (data, error) = read(&mut session).await;
                assert_eq!(
                    (data.as_slice(), error.is_none()),
                    (&["1".into(), "2".into()][..], true)
                );
                assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
                let evidence = session.end_evidence().unwrap();
                assert!(evidence.body_end().is_framed());
                assert_eq!((evidence.messages(), evidence.pending_bytes()), (2, 0));
                assert_eq!(evidence.bytes(), body.len() as u64);
            });
        }
    }
}

#[test]
fn dispatch_unfinished_event_is_off_by_default_and_pending_bytes_are_evidence() {
    run(async {
        let script = Script::new([Reply::Response(events(&["data: 1\n\ndata: 2\n"]))]);
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert_eq!(session.end_evidence().unwrap().pending_bytes(), 8);
    });
}

#[test]
fn dispatch_unfinished_event_leaves_a_body_alone_whose_end_http_does_not_show() {
    let body = &["data: 1\n\ndata: 2\n"];
    let cases = [
        (framed(Version::HTTP_10, None, body), BodyEnd::CloseDelimited),
        (broken(events(body), ErrorKind::UnexpectedEof), BodyEnd::Truncated),
        (broken(events(body), ErrorKind::ConnectionReset), BodyEnd::Reset),
    ];
    for (response, expected) in cases {
        run(async {
            let script = Script::new([Reply::Response(response)]);
            let client = script.client(unfinished());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            assert_eq!(read(&mut session).await.0, ["1"]);
            let evidence = session.end_evidence().unwrap();
            assert_eq!((evidence.body_end(), evidence.pending_bytes()), (expected, 8));
        });
    }
}

#[test]
fn dispatch_unfinished_event_makes_a_done_without_its_line_end_the_terminal_event() {
    for body in [&["data: 1\n\ndata: [DONE]"][..], &["data: 1\n\n", "data: [DO", "NE]\n"]] {
        run(async {
            let script = Script::new([Reply::Response(events(body))]);
            let mut session = script.client(done()).sse_session("http://localhost/").await.unwrap();
            let (data, error) = read(&mut session).await;
            assert_eq!((data.as_slice(), error.is_none()), (&["1".into()][..], true));
            assert_eq!(session.end_reason(), Some(EndReason::Stopped));
            assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::LastChunk);
        });
    }
}

#[test]
fn dispatch_unfinished_event_does_not_turn_another_event_into_the_terminal_one() {
    run(async {
        let script = Script::new([Reply::Response(events(&["data: 1\n\ndata: [DON"]))]);
        let mut session = script.client(done()).sse_session("http://localhost/").await.unwrap();
        let (data, error) = read(&mut session).await;
        assert_eq!(data, ["1", "[DON"]);
        assert!(error.unwrap().is_incomplete());
    });
}

#[test]
fn dispatch_unfinished_event_takes_the_id_that_a_reconnection_sends() {
    run(async {
        let script = Script::new([
            Reply::Response(events(&["id: 1\ndata: 1\n\nid: 2\ndata: 2"])),
            Reply::Response(events(&["\u{feff}id: 3\ndata: 3"])),
            Reply::Response(status(204)),
        ]);
        let config = unfinished()
            .max_reconnection_attempts(1)
            .reconnection_time(std::time::Duration::ZERO)
            .buffer_policy(BufferPolicy::all());
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1", "2", "3"]);
        let ids = script.requests();
        let ids = ids.iter().map(|it| it.headers().get("last-event-id").cloned());
        let expected = [None, Some("2".parse().unwrap()), Some("3".parse().unwrap())];
        assert_eq!(ids.collect::<Vec<_>>(), expected);
        // The history has what was received, and nothing else.
        let history = session.history().unwrap();
        assert!(history.contains("id: 2\ndata: 2") && !history.contains("data: 2\n\n"));
    });
}

#[test]
fn dispatch_unfinished_event_is_subject_to_limits() {
    run(async {
        let body = "data: 1\n\n".to_owned() + &"data: 12345678\n".repeat(9);
        let script = Script::new([Reply::Response(events(&[body.leak()]))]);
        let config = unfinished().limits(Limits::default().max_event_bytes(100));
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        let (data, error) = read(&mut session).await;
        let error = error.unwrap();
        assert_eq!((data.len(), error.kind()), (1, SseErrorKind::LimitExceeded));
        assert!(error.limit_exceeded().map(LimitExceeded::max_bytes).is_some());
    });
}

#[test]
fn dispatch_unfinished_event_can_be_interrupted_by_a_close() {
    run(async {
        let script = Script::new([Reply::Response(events(&["data: 1\n\ndata: 2"]))]);
        let client = script.client(unfinished());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        for _ in 0..2 {
            session.next().await.unwrap().unwrap();
        }
        session.close();
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
        assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::LastChunk);
    });
}

#[test]
fn dispatch_unfinished_event_adds_no_bytes() {
    #[derive(Default)]
    struct Count(AtomicUsize);
    impl sse_session::SessionObserver for Count {
        fn on_bytes(&self, count: usize) {
            self.0.fetch_add(count, Relaxed);
        }
    }
    run(async {
        let count = Arc::new(Count::default());
        let script = Script::new([Reply::Response(events(&["data: 1"]))]);
        let client = script.client(unfinished().observer(count.clone()));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert_eq!(count.0.load(Relaxed), 7);
    });
}
