//! Reconnection: attempts after a connection ends, and when they stop.
//!
//! Which requests may be repeated is tested in `resume`, the waits in `policy/wait`.

mod wpt; // the connection cases of the web-platform-tests

use std::time::Duration;

use sse_reqwest::{EndReason, SessionState, SseConfig, SseErrorKind, SseErrorOutcome};

use crate::support::{
    Reply, ScriptedServer, Seen, TestClock, WebServer, data, event_stream, failure, open, reach,
    reconnecting, refusal, rest, rest_of_data, run, sse, text,
};

/// Returns five events after the one that the request names.
fn five_more(seen: &Seen) -> axum::response::Response {
    let last: u32 = seen.last_event_id().map_or(0, |id| id.parse().unwrap());
    let events = (last + 1..=last + 5).map(|id| format!("id: {id}\ndata: event {id}\n\n"));
    event_stream(events)
}

fn numbered(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    range.map(|number| format!("event {number}")).collect()
}

#[test]
fn reconnection_is_off_by_default_and_the_end_reason_is_stream_ended() {
    run(async {
        let server = WebServer::start(five_more).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, numbered(1..=5));
        assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
        assert_eq!(server.requests().len(), 1);
    });
}

#[test]
fn a_session_resumes_where_its_connection_ended() {
    run(async {
        let server = WebServer::start(five_more).await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        for expected in numbered(1..=10) {
            assert_eq!(data(&mut session).await, expected);
        }
        assert_eq!(session.connections(), 2);
        let seen = server.requests();
        assert_eq!(seen[0].last_event_id(), None);
        assert_eq!(seen[1].last_event_id(), Some("5"));
        assert_eq!(seen[1].values("accept"), ["text/event-stream"]);
        assert_eq!(seen[1].values("cache-control"), ["no-cache"]);
    });
}

#[test]
fn a_session_of_many_connections_ends_when_the_caller_closes_it() {
    run(async {
        let server = WebServer::start(five_more).await;
        let mut session = open(reconnecting(2), server.url("/")).await;
        for expected in numbered(1..=15) {
            assert_eq!(data(&mut session).await, expected);
        }
        session.close();
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
        assert_eq!(session.connections(), 3);
    });
}

#[test]
fn the_error_of_a_block_after_a_reconnection_is_its_value() {
    run(async {
        let server = WebServer::start(five_more).await;
        let mut seen = 0;
        let client = sse(reconnecting(1));
        let value = client.sse(server.url("/"), async |session| {
            loop {
                data(session).await;
                seen += 1;
                if seen == 7 {
                    return Ok(Err::<(), _>("seven is enough"));
                }
            }
        });
        assert_eq!(value.await.unwrap(), Err("seven is enough"));
        assert_eq!(seen, 7);
    });
}

#[test]
fn a_500_on_the_only_attempt_is_the_error() {
    run(async {
        let server = WebServer::start(|seen| match seen.last_event_id() {
            None => five_more(seen),
            Some(_) => text(500, "no more"),
        })
        .await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        let (events, error) = rest(&mut session).await;
        assert_eq!(events.len(), 5);
        let error = error.unwrap();
        assert!(error.outcome() == Some(SseErrorOutcome::Exhausted));
        assert_eq!(error.status().unwrap(), 500);
        assert_eq!(error.body_text().unwrap(), "no more");
        assert_eq!(error.last_event_id(), "5");
        assert_eq!(server.requests().len(), 2);
    });
}

#[test]
fn an_attempt_may_succeed_after_others_have_failed() {
    run(async {
        let replies = [
            Reply::events("data: 1\n\n"),
            Reply::status(500),
            Reply::nothing().cut(),
            Reply::status(429),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(4), server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(session.connections(), 2);
    });
}

#[test]
fn a_204_ends_a_session_for_good() {
    run(async {
        let replies = [Reply::events("data: 1\n\n"), Reply::events("data: 2\n\n")];
        let server = ScriptedServer::start(replies.into_iter().chain([Reply::status(204)])).await;
        let mut session = open(reconnecting(9), server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        assert_eq!(session.call().response().status(), 204);
        assert_eq!(server.count_requests().await, 3);
    });
}

/// Asserts that a session with these replies abandons reconnection after this many requests.
#[track_caller]
fn check_ends_after(attempts: u32, replies: &[Reply], requests: usize) {
    let (error, seen) = run(async {
        let server = ScriptedServer::start(replies.iter().cloned()).await;
        let mut session = open(reconnecting(attempts), server.url("/")).await;
        let (_, error) = rest(&mut session).await;
        (error.expect("an end by an error"), server.count_requests().await)
    });
    assert!(error.outcome() == Some(SseErrorOutcome::Exhausted), "{error:?}");
    assert_eq!(error.attempt(), attempts);
    assert_eq!(seen, requests);
}

#[test]
fn accept_then_close_ends_after_as_many_attempts_as_may_fail() {
    let empty = Reply::events("");
    check_ends_after(1, &vec![empty.clone(); 9], 2);
    check_ends_after(4, &vec![empty.clone(); 9], 5);
}

#[test]
fn a_short_connection_that_was_cut_has_failed_without_a_new_last_event_id() {
    let cut = |body| Reply::events(body).cut();
    check_ends_after(2, &vec![cut(": beat\n\nretry: 100\n\nevent: e\n\ndata\n\n"); 9], 3);
    // The ID is new the first time only.
    check_ends_after(2, &vec![cut("id: 1\ndata\n\n"); 9], 3);
    let numbered = (1..9).map(|id| Reply::events(format!("id: {id}\n\n")).cut());
    let failing = [cut(""), cut(""), cut("")];
    check_ends_after(2, &Vec::from_iter(numbered.chain(failing)), 10);
}

#[test]
fn the_attempt_counter_resets_after_an_event() {
    let event = Reply::events("data\n\n");
    let empty = Reply::events("");
    let replies =
        [&event, &empty, &event, &empty, &event, &empty, &empty, &empty].map(Clone::clone);
    check_ends_after(2, &replies, 7);
    let replies = [&event, &event, &event, &empty, &event].map(Clone::clone);
    check_ends_after(1, &replies, 4);
}

/// Returns the end of a session that may fail one attempt, and whose second connection lives this
/// long.
fn end_after_living(lived: Duration) -> Option<EndReason> {
    run(async {
        let clock = TestClock::manual();
        let replies = [Reply::events("").pause(), Reply::events("").pause(), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(1).clock(clock.clone()), server.url("/")).await;
        server.go_on();
        reach(&mut session, SessionState::Connecting).await;
        reach(&mut session, SessionState::Open).await;
        clock.advance(lived);
        server.go_on();
        rest(&mut session).await;
        session.end_reason()
    })
}

#[test]
fn the_attempt_counter_resets_after_healthy_after() {
    assert_eq!(end_after_living(Duration::from_millis(4999)), Some(EndReason::Failed));
    assert_eq!(end_after_living(Duration::from_secs(5)), Some(EndReason::NoContent));
}

#[track_caller]
fn check_final(second: Reply) {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n"), second]).await;
        let mut session = open(reconnecting(5), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert!(error.is_status() || error.kind() == SseErrorKind::ContentType, "{error}");
        assert!(!error.is_retryable());
        assert_eq!(error.attempt(), 1);
        assert_eq!(session.end_reason(), Some(EndReason::Failed));
        assert_eq!(server.count_requests().await, 2);
    });
}

#[test]
fn a_permanent_rejection_ends_the_session() {
    for status in [201, 206, 400, 401, 403, 404, 405, 410, 422] {
        check_final(Reply::status(status).header("content-type", "text/event-stream"));
    }
    check_final(Reply::status(200).header("content-type", "text/html").send("log in"));
}

#[test]
fn a_transient_rejection_is_a_failed_attempt() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        check_ends_after(1, &[Reply::events(""), Reply::status(status)], 2);
    }
    check_ends_after(1, &[Reply::events(""), Reply::nothing().cut()], 2);
}

#[test]
fn a_first_request_that_is_unanswered_is_repeated_once_whatever_the_policy() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::nothing().cut(); 3]).await;
        let error = refusal(reconnecting(5), server.url("/")).await;
        assert!(error.is_transport() && error.is_retryable());
        assert_eq!(error.attempt(), 0);
        assert_eq!(server.count_requests().await, 2);
    });
}

#[test]
fn a_request_may_have_more_attempts_or_fewer_than_its_client() {
    for (global, own) in [(0, 2), (5, 1), (5, 0)] {
        run(async {
            let server = ScriptedServer::start(vec![Reply::events(""); 9]).await;
            let request = sse(reconnecting(global)).request(server.url("/"));
            let request = request.configure(|config| config.max_reconnection_attempts(own));
            let mut session = request.sse_session().await.unwrap();
            rest(&mut session).await;
            assert_eq!(server.count_requests().await, 1 + own as usize);
        });
    }
}

#[test]
fn healthy_after_does_not_count_the_time_of_a_slow_consumer() {
    run(async {
        let clock = TestClock::skipping();
        let server = ScriptedServer::start(vec![Reply::events(""); 9]).await;
        let config = SseConfig::new().max_reconnection_attempts(2).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        let error = loop {
            clock.advance(Duration::from_secs(60));
            match session.lifecycle().next().await {
                Some(Ok(_)) => {}
                step => break step.unwrap().unwrap_err(),
            }
        };
        assert!(error.outcome() == Some(SseErrorOutcome::Exhausted));
        assert_eq!(session.connections(), 3);
    });
}
