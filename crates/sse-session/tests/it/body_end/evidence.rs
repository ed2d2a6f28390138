//! Ends of bodies, as `end_evidence()` reports them on the session, on a disconnect, and on an
//! error.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Response, Version};
use sse_session::{BodyEnd, ReconnectDecision, ReconnectPolicy, SseConfig};
use sse_test::TestClock;

use crate::support::{Frames, Reply, Script, broken, events, hanging, read, run, status};

const TWO: &[&str] = &["data: 1\n\n: x\n\ndata: 2\n\ndata: 3"];

fn with_head(version: Version, header: Option<(&'static str, &str)>) -> Response<Frames> {
    let mut response = events(TWO);
    *response.version_mut() = version;
    response.headers_mut().remove("transfer-encoding");
    if let Some((name, value)) = header {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// hyper takes a stream that is reset with NO_ERROR for one that ended.
#[test]
fn is_truncated_if_a_body_over_http2_ends_before_its_content_length() {
    let cases = [("30", BodyEnd::EndStream), ("31", BodyEnd::Truncated)];
    for (length, expected) in cases {
        for version in [Version::HTTP_2, Version::HTTP_3] {
            run(async {
                let response = with_head(version, Some(("content-length", length)));
                let client = Script::new([Reply::Response(response)]).client(SseConfig::new());
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                let (data, error) = read(&mut session).await;
                assert_eq!(data, ["1", "2"]);
                let is_truncated = error.is_some_and(|error| error.is_truncated());
                assert_eq!(is_truncated, expected == BodyEnd::Truncated);
                assert_eq!(session.end_evidence().unwrap().body_end(), expected);
            });
        }
    }
}

#[test]
fn end_evidence_says_how_a_body_ended_and_what_was_received() {
    let cases = [
        (events(TWO), BodyEnd::LastChunk),
        (with_head(Version::HTTP_11, Some(("content-length", "30"))), BodyEnd::LengthReached),
        (with_head(Version::HTTP_2, None), BodyEnd::EndStream),
        (with_head(Version::HTTP_10, None), BodyEnd::CloseDelimited),
        (broken(events(TWO), ErrorKind::UnexpectedEof), BodyEnd::Truncated),
        (broken(events(TWO), ErrorKind::ConnectionReset), BodyEnd::Reset),
        (broken(events(TWO), ErrorKind::Other), BodyEnd::Unknown),
    ];
    for (response, expected) in cases {
        run(async {
            let script = Script::new([Reply::Response(response)]);
            let client = script.client(SseConfig::new());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            assert_eq!(session.end_evidence(), None);
            let (data, error) = read(&mut session).await;
            assert_eq!(data, ["1", "2"]);
            let evidence = session.end_evidence().unwrap();
            assert_eq!((evidence.body_end(), evidence.messages()), (expected, 2));
            assert_eq!(evidence.bytes(), TWO[0].len() as u64);
            assert!(evidence.since_last_byte().is_some());
            if let Some(error) = error {
                assert_eq!(error.end_evidence(), Some(evidence));
            }
        });
    }
}

#[test]
fn end_evidence_of_a_connection_that_the_session_closed_is_abandoned() {
    run(async {
        let clock = TestClock::manual();
        let script = Script::new([Reply::Response(hanging(events(TWO)))]);
        let idle = Duration::from_secs(10);
        let config = SseConfig::new().idle_timeout(idle).clock(clock.clone());
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        let (result, ()) = tokio::join!(read(&mut session), async {
            clock.asked_for(1).await;
            clock.advance(idle);
        });
        assert!(result.1.unwrap().is_timeout());
        let evidence = session.end_evidence().unwrap();
        assert_eq!(evidence.body_end(), BodyEnd::Abandoned);
        assert_eq!(evidence.since_last_byte(), Some(idle));
    });
}

#[test]
fn end_evidence_is_among_the_facts_that_a_policy_decides_by() {
    run(async {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let policy = ReconnectPolicy::custom(move |disconnect| {
            log.lock().unwrap().push(disconnect.end_evidence().map(|it| it.body_end()));
            ReconnectDecision::After(Duration::ZERO)
        });
        let script = Script::new([
            Reply::Response(broken(events(TWO), ErrorKind::UnexpectedEof)),
            Reply::Error(ErrorKind::ConnectionRefused.into()),
            Reply::Response(events(TWO)),
            Reply::Response(status(204)),
        ]);
        let config = SseConfig::new().reconnect(policy);
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1", "2", "1", "2"]);
        let expected = [Some(BodyEnd::Truncated), None, Some(BodyEnd::LastChunk)];
        assert_eq!(*seen.lock().unwrap(), expected);
    });
}
