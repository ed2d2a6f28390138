//! Waits between connections, after `retry` fields and with a configured time.
//!
//! The test's clock records the sleeps, and nobody waits.

use std::time::Duration;

use sse_reqwest::{EndReason, SessionState, SseConfig};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, event, open, reach, rest_of_data, run, sse,
};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Returns the waits of a session that receives these bodies and then a 204.
fn waits(config: SseConfig, bodies: &[&str]) -> Vec<Duration> {
    run(async {
        let clock = TestClock::skipping();
        let end = [Reply::status(204)];
        let server = ScriptedServer::start(bodies.iter().map(Reply::events).chain(end)).await;
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        rest_of_data(&mut session).await;
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        clock.asked()
    })
}

#[track_caller]
fn check(bodies: &[&str], expected_ms: &[u64]) {
    let waits = waits(SseConfig::new().max_reconnection_attempts(5), bodies);
    let expected: Vec<_> = expected_ms.iter().copied().map(ms).collect();
    assert_eq!(waits, expected, "{bodies:?}");
}

#[test]
fn reconnection_time_defaults_to_three_seconds() {
    check(&["data\n\n", ""], &[3000, 3000]);
}

#[test]
fn reconnection_time_is_waited_unchanged() {
    for time in [Duration::ZERO, ms(7), Duration::MAX] {
        let config = SseConfig::new().max_reconnection_attempts(1).reconnection_time(time);
        assert_eq!(waits(config, &["data\n\n"]), [time]);
    }
}

#[test]
fn a_servers_retry_changes_the_wait_for_the_rest_of_the_session() {
    check(&["retry: 1000\ndata\n\n", "data\n\n", ""], &[1000, 1000, 1000]);
    check(&["retry: 1000\ndata\n\n", "retry: 200\n\n"], &[1000, 200]);
    check(&["data\n\n", "retry: 1000\n\n"], &[3000, 1000]);
}

#[test]
fn a_retry_counts_at_once_and_alone() {
    check(&["retry: 2000\n"], &[2000]);
    check(&["retry: 2000\ndata: incomplete\n"], &[2000]);
    check(&["retry:1000\nretry:5000x\ndata:x\n\n"], &[1000]);
    check(&["retry:03000\ndata:x\n\n"], &[3000]);
}

#[test]
fn a_truncated_retry_is_ignored() {
    check(&["retry: 10"], &[3000]);
}

#[test]
fn a_retry_that_is_not_a_number_is_ignored() {
    let bodies = ["-5", "+5", "1000x", " 5 ", "1_000", "", "no12", "5.0", "\u{0665}"]
        .map(|value| format!("retry: {value}\n\n"));
    for body in &bodies {
        check(&[body], &[3000]);
    }
}

#[test]
fn a_retry_below_a_tenth_of_a_second_counts_as_that() {
    check(&["retry: 0\n\n", "retry: 2\n\n", "retry: 101\n\n"], &[100, 100, 101]);
}

#[test]
fn a_huge_retry_becomes_the_largest_number() {
    check(&["retry: 18446744073709551615\n\n"], &[u64::MAX]);
    check(&["retry: 99999999999999999999999999\n\n"], &[u64::MAX]);
}

#[test]
fn the_default_clock_accepts_a_huge_retry() {
    run(async {
        let reply = Reply::events("retry: 99999999999999999999999999\n\n");
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().max_reconnection_attempts(1);
        let mut session = open(config, server.url("/")).await;
        reach(&mut session, SessionState::Waiting).await;
        assert_eq!(session.reconnection_time(), ms(u64::MAX));
        drop(session);
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn reconnection_time_returns_the_time_in_effect() {
    run(async {
        let body = "data: 1\n\nretry: 500\n\ndata: 2\n\nretry: 1\ndata: 3\n\n";
        let server = ScriptedServer::start([Reply::events(body)]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        for (number, time) in [("1", 3000), ("2", 500), ("3", 100)] {
            assert_eq!(data(&mut session).await, number);
            assert_eq!(session.reconnection_time(), ms(time));
        }
    });
}

#[test]
fn a_request_may_wait_longer_or_shorter_than_its_client() {
    run(async {
        for (global, own) in [(ms(10), ms(1000)), (ms(1000), ms(10))] {
            let clock = TestClock::skipping();
            let server =
                ScriptedServer::start([Reply::events("data\n\n"), Reply::status(204)]).await;
            let config = SseConfig::new().max_reconnection_attempts(1).reconnection_time(global);
            let request = sse(config.clock(clock.clone())).request(server.url("/"));
            let request = request.configure(|config| config.reconnection_time(own));
            rest_of_data(&mut request.sse_session().await.unwrap()).await;
            assert_eq!(clock.asked(), [own]);
        }
    });
}

#[test]
fn no_request_is_sent_before_reconnection_time_is_over() {
    run(async {
        let clock = TestClock::manual();
        let replies = [Reply::events("data: 1\n\n"), Reply::events("data: 2\n\n")];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().max_reconnection_attempts(1).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        reach(&mut session, SessionState::Waiting).await;
        clock.advance(ms(2999));
        reach(&mut session, SessionState::Waiting).await;
        assert_eq!(server.count_requests().await, 1);
        clock.advance(ms(1));
        assert_eq!(event(&mut session).await.data(), "2");
        assert_eq!(clock.running(), 0);
    });
}
