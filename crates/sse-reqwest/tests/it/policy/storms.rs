//! Reconnection storms: how often clients request a server that goes down or closes again and
//! again.
//!
//! Covers what one session does to a server, and what many do at once.

use std::time::Duration;

use sse_reqwest::{ReconnectPolicy, SessionState, SseConfig, SseErrorOutcome};

use crate::support::{Reply, ScriptedServer, TestClock, failure, open, reach, rest_of_data, run};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_server_that_recycles_its_connections_is_requested_again_at_once_forever() {
    // Regardless of whether it has sent anything in its 30 s.
    for body in ["", ": alive\n\n", "data\n\n"] {
        run(async {
            let clock = TestClock::manual();
            let server = ScriptedServer::start(vec![Reply::events(body).pause(); 9]).await;
            let policy = ReconnectPolicy::exponential().jitter(0.0).max_attempts(1);
            let config = SseConfig::new().reconnect(policy).clock(clock.clone());
            let mut session = open(config.filter_event_types(|_| false), server.url("/")).await;
            for _ in 0..8 {
                reach(&mut session, SessionState::Open).await;
                clock.advance(30 * SECOND);
                server.go_on();
                reach(&mut session, SessionState::Waiting).await;
                clock.advance(SECOND);
            }
            assert_eq!(clock.asked(), [SECOND; 8]);
        });
    }
}

#[test]
fn keep_alives_make_a_connection_healthy_that_is_cut_after_healthy_after() {
    // A comment, a block without data, and a comment without a blank line after it.
    for body in [": alive\n\n", "event: ping\n\n", ":\n"] {
        for (lived, waits) in [(5, vec![SECOND; 8]), (4, vec![SECOND, 2 * SECOND])] {
            run(async {
                let clock = TestClock::manual();
                let server =
                    ScriptedServer::start(vec![Reply::events(body).pause().cut(); 9]).await;
                let policy = ReconnectPolicy::exponential().jitter(0.0).max_attempts(2);
                let config = SseConfig::new().reconnect(policy).clock(clock.clone());
                let mut session = open(config, server.url("/")).await;
                for &wait in &waits {
                    reach(&mut session, SessionState::Open).await;
                    clock.advance(lived * SECOND);
                    server.go_on();
                    reach(&mut session, SessionState::Waiting).await;
                    clock.advance(wait);
                }
                assert_eq!(clock.asked(), waits, "{body:?}");
            });
        }
    }
}

#[test]
fn healthy_after_does_not_count_a_wait_for_the_first_byte_that_was_in_vain() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start(vec![Reply::events("").hang(); 9]).await;
        let policy = ReconnectPolicy::fixed(SECOND).max_attempts(2);
        let config = SseConfig::new().reconnect(policy).clock(clock.clone());
        let config = config.first_byte_timeout(30 * SECOND);
        let mut session = open(config, server.url("/")).await;
        for _ in 0..2 {
            reach(&mut session, SessionState::Open).await;
            clock.advance(30 * SECOND);
            reach(&mut session, SessionState::Waiting).await;
            clock.advance(SECOND);
        }
        reach(&mut session, SessionState::Open).await;
        clock.advance(30 * SECOND);
        let error = failure(&mut session).await;
        assert!(error.is_timeout() && error.outcome() == Some(SseErrorOutcome::Exhausted));
        assert_eq!(server.count_requests().await, 3);
    });
}

#[test]
fn finish_on_empty_reconnection_does_not_end_a_quiet_session_that_its_server_recycles() {
    for (lived, state) in [(4, SessionState::Closed), (5, SessionState::Waiting)] {
        run(async {
            let clock = TestClock::manual();
            let quiet = || Reply::events("").pause();
            let server = ScriptedServer::start([quiet(), quiet()]).await;
            let config = SseConfig::new().reconnect(ReconnectPolicy::fixed(SECOND));
            let config = config.finish_on_empty_reconnection(true).clock(clock.clone());
            let mut session = open(config, server.url("/")).await;
            server.go_on();
            reach(&mut session, SessionState::Waiting).await;
            clock.advance(SECOND);
            reach(&mut session, SessionState::Open).await;
            clock.advance(lived * SECOND);
            server.go_on();
            match state {
                SessionState::Waiting => reach(&mut session, state).await,
                _ => assert!(session.next().await.is_none()),
            }
            assert_eq!(session.state(), state);
        });
    }
}

#[test]
fn one_outage_is_one_wait_and_one_request_whatever_was_received() {
    run(async {
        let clock = TestClock::manual();
        let garbage = "no field at all\nretry: soon\nid\u{0}\n: \u{fffd}\n\n".repeat(1000);
        let replies = [Reply::events(garbage).cut(), Reply::events("").hang()];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().reconnect(ReconnectPolicy::fixed(SECOND));
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        // However often the session is polled meanwhile.
        for _ in 0..100 {
            reach(&mut session, SessionState::Waiting).await;
        }
        assert_eq!((clock.asked(), clock.running()), (vec![SECOND], 1));
        clock.advance(SECOND);
        reach(&mut session, SessionState::Open).await;
        assert_eq!((server.count_requests().await, clock.running()), (2, 0));
    });
}

#[test]
fn the_clients_of_a_server_that_comes_back_do_not_come_back_at_once() {
    const CLIENTS: u32 = 20;
    run(async {
        let mut waits = Vec::new();
        for client in 0..CLIENTS {
            let clock = TestClock::skipping();
            let replies = [Reply::events("retry: 30000\n\n").cut(), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let config = SseConfig::new()
                .reconnect(ReconnectPolicy::exponential())
                .randomness(move || f64::from(client) / f64::from(CLIENTS))
                .clock(clock.clone());
            rest_of_data(&mut open(config, server.url("/")).await).await;
            waits.extend(clock.asked());
        }
        // In proportion to the wait, and none before the time that the server has requested.
        let evenly = (0..CLIENTS).map(|client| 30 * SECOND + 15 * SECOND * client / CLIENTS);
        assert_eq!(waits, Vec::from_iter(evenly));
    });
}
