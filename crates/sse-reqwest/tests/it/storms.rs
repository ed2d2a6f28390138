//! Servers that go down or close again and again in, how often they are asked out.
//!
//! What one session does to a server, and what many do at once.

use std::time::Duration;

use sse_reqwest::{ReconnectPolicy, SessionState, SseConfig};

use crate::support::{Reply, ScriptedServer, TestClock, open, reach, rest_of_data, run};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_server_that_recycles_its_connections_is_asked_again_at_once_for_ever() {
    // Whether or not it has sent anything in its 30 s.
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
fn one_outage_is_one_wait_and_one_request_whatever_was_received() {
    run(async {
        let clock = TestClock::manual();
        let garbage = "no field at all\nretry: soon\nid\u{0}\n: \u{fffd}\n\n".repeat(1000);
        let replies = [Reply::events(garbage).cut(), Reply::events("").hang()];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().reconnect(ReconnectPolicy::fixed(SECOND));
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        // However often it is looked at meanwhile.
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
        // In proportion to the wait, and none before the time that the server asked for.
        let evenly = (0..CLIENTS).map(|client| 30 * SECOND + 15 * SECOND * client / CLIENTS);
        assert_eq!(waits, Vec::from_iter(evenly));
    });
}
