//! Limits: an event that is too large is an error after the events before it.
//!
//! Tests in sse-core cover the counting; these tests show that a session applies a limit.

use std::error::Error as _;

use sse_reqwest::{
    EndReason, ExcessPolicy, Limit, LimitExceeded, Limits, SessionEvent, SseConfig, SseErrorKind,
};

use crate::support::{Reply, ScriptedServer, data, failure, open, reconnecting, rest, run, sse};

fn small() -> Limits {
    Limits::default().max_event_bytes(100).max_id_bytes(10).max_event_type_bytes(10)
}

/// Asserts that the session yields the event before, and then fails with a limit as its last item.
#[track_caller]
fn check(too_large: &str) {
    let reply = Reply::events("id: 1\ndata: before\n\n").send(too_large);
    let (error, requests) = run(async {
        let server = ScriptedServer::start([reply.hang()]).await;
        let mut session = open(reconnecting(5).limits(small()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "before");
        let error = failure(&mut session).await;
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Failed));
        server.closed_by_client(1).await;
        (error, server.count_requests().await)
    });
    assert!(
        error.kind() == SseErrorKind::LimitExceeded
            && !error.is_transport()
            && !error.is_retryable(),
        "{error:?}"
    );
    let limit = error.source().unwrap().downcast_ref::<LimitExceeded>().unwrap();
    assert!([10, 100].contains(&limit.max_bytes()));
    assert_eq!(error.last_event_id(), "1");
    assert_eq!(requests, 1);
}

#[test]
fn limit_exceeded_ends_the_session_after_the_events_before_it() {
    check(&format!("data: {}\n\n", "x".repeat(101)));
    check(&"data\n".repeat(50));
    check(&format!("id: 2\ndata: {}", "x".repeat(101)));
    check(&format!("id: {}\n", "2".repeat(11)));
    check(&format!("event: {}\n", "e".repeat(11)));
}

#[test]
fn a_line_without_an_end_ends_the_session() {
    run(async {
        let reply = Reply::events("data: before\n\n").send("data: ").repeat("x".repeat(10));
        let server = ScriptedServer::start([reply]).await;
        let mut session = open(SseConfig::new().limits(small()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "before");
        assert!(failure(&mut session).await.kind() == SseErrorKind::LimitExceeded);
        server.closed_by_client(1).await;
    });
}

#[test]
fn a_comment_of_any_length_costs_nothing_without_show_comment_events() {
    run(async {
        let body = format!(": {}\ndata: 1\n\n", "x".repeat(100_000));
        let server = ScriptedServer::start([Reply::events(&body), Reply::events(&body)]).await;
        let mut session = open(SseConfig::new().limits(small()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        let shown = SseConfig::new().limits(small()).show_comment_events(true);
        let mut session = open(shown, server.url("/")).await;
        assert!(failure(&mut session).await.kind() == SseErrorKind::LimitExceeded);
    });
}

#[test]
fn a_request_may_have_other_limits_than_its_client() {
    for (global, own, events) in [(small(), Limits::default(), 1), (Limits::default(), small(), 0)]
    {
        run(async {
            let body = format!("data: {}\n\n", "x".repeat(1000));
            let server = ScriptedServer::start([Reply::events(body)]).await;
            let request = sse(SseConfig::new().limits(global)).request(server.url("/"));
            let request = request.configure(|config| config.limits(own));
            let (seen, error) = rest(&mut request.sse_session().await.unwrap()).await;
            assert_eq!(seen.len(), events);
            assert_eq!(error.is_some(), events == 0);
        });
    }
}

#[test]
fn an_event_over_a_limit_may_be_skipped_and_is_reported() {
    run(async {
        let long = "x".repeat(101);
        let body = format!("id: 1\ndata: 1\n\nid: 2\ndata: {long}\n\ndata: 3\n\n");
        let reply = Reply::events(body).pause().send(format!("data: {long}")).pause();
        let server = ScriptedServer::start([reply, Reply::status(204)]).await;
        let limits = small().excess_policy(ExcessPolicy::Skip);
        let mut session = open(reconnecting(1).limits(limits), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(data(&mut session).await, "3");
        let next = session.lifecycle().next().await.unwrap().unwrap();
        let SessionEvent::Skipped(skipped) = next else { panic!("{next:?}") };
        assert_eq!((skipped.count(), skipped.last().unwrap().limit()), (1, Limit::Event));
        // An event that has not ended is reported at once.
        server.go_on();
        let next = session.lifecycle().next().await.unwrap().unwrap();
        assert!(matches!(next, SessionEvent::Skipped(skipped) if skipped.count() == 2));
        assert_eq!(session.skipped().count(), 2);
        server.go_on();
        assert!(session.next().await.is_none());
        // The dropped event has not changed the ID.
        assert_eq!(server.last_event_ids()[1].as_deref(), Some("1"));
    });
}

#[test]
fn the_event_stream_continues_after_a_skipped_event() {
    run(async {
        let body = format!("data: {}\n\n", "x".repeat(101)).repeat(100) + "data: 1\n\n";
        let server = ScriptedServer::start([Reply::events(body)]).await;
        let limits = small().excess_policy(ExcessPolicy::Skip);
        let mut session = open(SseConfig::new().limits(limits), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        assert!(session.next().await.is_none());
        assert_eq!(session.skipped().count(), 100);
    });
}

#[test]
fn an_event_over_a_limit_ends_the_session_instead_of_repeating_forever() {
    run(async {
        let poison = format!("id: 2\ndata: {}\n\n", "x".repeat(101));
        let replies = vec![Reply::events(format!("id: 1\ndata: 1\n\n{poison}")); 9];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(9).limits(small()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert!(error.kind() == SseErrorKind::LimitExceeded && !error.is_retryable());
        // The position to continue from, for a caller that knows better.
        assert_eq!(error.last_event_id(), "1");
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn a_session_resumes_after_an_event_that_excess_policy_skips() {
    run(async {
        let poison = format!("id: 2\ndata: {}\n\n", "x".repeat(101));
        let first = Reply::events(format!("id: 1\ndata: 1\n\n{poison}")).cut();
        // The server sends again what follows the ID that it received.
        let again = Reply::events(format!("{poison}id: 3\ndata: 3\n\n"));
        let server = ScriptedServer::start([first, again, Reply::status(204)]).await;
        let limits = small().excess_policy(ExcessPolicy::Skip);
        let mut session = open(reconnecting(9).limits(limits), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(data(&mut session).await, "3");
        assert!(session.next().await.is_none());
        assert_eq!(session.skipped().count(), 2);
        let sent = server.last_event_ids();
        assert_eq!(sent, [None, Some("1".to_owned()), Some("3".to_owned())]);
    });
}

#[test]
fn no_skipped_event_is_reported_after_an_error() {
    run(async {
        let body = format!("data: {}\n\n", "x".repeat(101));
        let server = ScriptedServer::start([Reply::events(body).cut()]).await;
        let limits = small().excess_policy(ExcessPolicy::Skip);
        let mut session = open(SseConfig::new().limits(limits), server.url("/")).await;
        let mut told = Vec::new();
        while let Some(step) = session.lifecycle().next().await {
            told.push(step.is_err());
        }
        assert_eq!(told.iter().position(|is_error| *is_error), Some(told.len() - 1));
        assert_eq!(session.skipped().count(), 1);
    });
}
