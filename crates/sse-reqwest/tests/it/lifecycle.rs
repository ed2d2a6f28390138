//! Lifecycle: every step of a session, in order.
//!
//! Shows that both views read from the same session; what each step means is tested elsewhere.

use std::time::Duration;

use futures_util::stream::FusedStream as _;
use sse_reqwest::{ClientSseSession, SessionEvent, SseConfig, SseError, SseErrorOutcome};

use crate::support::{Reply, ScriptedServer, TestClock, data, failure, open, reconnecting, run};

/// Describes a step in a few words.
fn words(step: Option<Result<SessionEvent, SseError>>) -> String {
    match step {
        Some(Ok(SessionEvent::Connecting)) => "connecting".to_owned(),
        Some(Ok(SessionEvent::Open(_))) => "open".to_owned(),
        Some(Ok(SessionEvent::Event(event))) => event.data().to_owned(),
        Some(Ok(SessionEvent::Disconnected { cause, delay, .. })) => {
            format!("{} {} {}", kind(&cause), cause.attempt(), delay.as_millis())
        }
        Some(Ok(SessionEvent::Closed(reason))) => format!("{reason:?}"),
        Some(Ok(other)) => panic!("{other:?}"),
        Some(Err(error)) => format!("{} {}", kind(&error), error.attempt()),
        None => "end".to_owned(),
    }
}

fn kind(error: &SseError) -> &'static str {
    match error {
        _ if error.outcome() == Some(SseErrorOutcome::Exhausted) => "exhausted",
        _ if error.is_status() => "status",
        _ if error.is_transport() => "transport",
        _ => "ended",
    }
}

async fn steps(session: &mut ClientSseSession) -> Vec<String> {
    let mut steps = Vec::new();
    while steps.last().is_none_or(|step| step != "end") {
        steps.push(words(session.lifecycle().next().await));
    }
    steps
}

#[track_caller]
fn check(attempts: u32, replies: &[Reply], expected: &[&str]) {
    let steps = run(async {
        let clock = TestClock::skipping();
        let server = ScriptedServer::start(replies.iter().cloned()).await;
        let config = SseConfig::new().max_reconnection_attempts(attempts).clock(clock);
        steps(&mut open(config, server.url("/")).await).await
    });
    assert_eq!(steps, expected);
}

#[test]
fn lifecycle_yields_every_step_in_order() {
    check(
        2,
        &[
            Reply::events("data: 1\n\n"),
            Reply::status(503),
            Reply::events("id: 2\nretry: 200\ndata: 2\n\n").cut(),
            Reply::status(204),
        ],
        &[
            "1",
            "ended 0 3000",
            "connecting",
            "status 1 3000",
            "connecting",
            "open",
            "2",
            "transport 0 200",
            "connecting",
            "NoContent",
            "end",
        ],
    );
}

#[test]
fn lifecycle_reports_a_session_without_content() {
    check(0, &[Reply::status(204)], &["NoContent", "end"]);
}

#[test]
fn lifecycle_reports_a_session_that_ends_with_its_connection() {
    check(0, &[Reply::events("data: 1\n\n")], &["1", "StreamEnded", "end"]);
    check(0, &[Reply::events("data: 1\n\n").cut()], &["1", "transport 0", "end"]);
}

#[test]
fn the_failure_after_max_attempts_is_the_last_step() {
    let replies = [Reply::events(""), Reply::events("").cut()];
    let expected = ["ended 0 3000", "connecting", "open", "exhausted 1", "end"];
    check(1, &replies, &expected);
}

#[test]
fn lifecycle_does_not_yield_hidden_blocks() {
    check(0, &[Reply::events(": a\n\nid: 1\n\ndata: 1\n\n")], &["1", "StreamEnded", "end"]);
}

#[test]
fn lifecycle_and_next_take_from_one_session() {
    run(async {
        let replies = [Reply::events("data: 1\n\ndata: 2\n\n"), Reply::events("data: 3\n\n")];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        assert_eq!(words(session.lifecycle().next().await), "1");
        assert_eq!(data(&mut session).await, "2");
        assert_eq!(words(session.lifecycle().next().await), "ended 0 0");
        assert_eq!(data(&mut session).await, "3");
        assert_eq!(session.connections(), 2);
        assert!(failure(&mut session).await.is_status());
    });
}

#[test]
fn lifecycle_reports_once_that_the_caller_has_closed_it() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert_eq!(words(session.lifecycle().next().await), "1");
        session.close();
        assert!(!session.lifecycle().is_terminated());
        assert_eq!(words(session.lifecycle().next().await), "Closed");
        assert!(session.lifecycle().is_terminated());
        assert_eq!(words(session.lifecycle().next().await), "end");
        server.closed_by_client(1).await;
    });
}

#[test]
fn lifecycle_reports_the_actual_delay() {
    run(async {
        let clock = TestClock::skipping();
        let server = ScriptedServer::start([Reply::events("retry: 1234\n\n")]).await;
        let config = SseConfig::new().max_reconnection_attempts(1).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        let step = session.lifecycle().next().await.unwrap().unwrap();
        let SessionEvent::Disconnected { delay, .. } = step else { panic!("{step:?}") };
        assert_eq!(delay, Duration::from_millis(1234));
        assert_eq!(clock.asked(), [delay]);
    });
}
