//! Ways to stop a session, and what the server sees of each.
//!
//! At every moment of a session, the server must see the connection close, no further request may
//! follow, and no sleep may be left running.

use std::time::Duration;

use sse_reqwest::{ClientSseSession, EndReason, SessionState, SseConfig};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, event, open, reach, reconnecting, rest, run, sse,
};

fn hanging() -> Reply {
    Reply::events("data: 1\n\ndata: 2\n\n").hang()
}

/// Ways to stop a session.
type Stop = fn(ClientSseSession) -> Option<ClientSseSession>;

fn ways_to_stop() -> [Stop; 2] {
    [
        |session| {
            drop(session);
            None
        },
        |mut session| {
            session.close();
            Some(session)
        },
    ]
}

/// Asserts that a session that was closed, not dropped, is at its end.
async fn check_closed(stopped: Option<ClientSseSession>) {
    if let Some(mut session) = stopped {
        assert_eq!(session.state(), SessionState::Closed);
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
    }
}

#[test]
fn the_server_sees_that_an_open_session_is_closed_or_dropped() {
    for stop in ways_to_stop() {
        run(async {
            let server = ScriptedServer::start([hanging()]).await;
            let mut session = open(reconnecting(5), server.url("/")).await;
            assert_eq!(data(&mut session).await, "1");
            check_closed(stop(session)).await;
            server.closed_by_client(1).await;
            assert_eq!(server.count_requests().await, 1);
        });
    }
}

#[test]
fn the_server_sees_that_a_session_is_closed_or_dropped_before_its_first_event() {
    for stop in ways_to_stop() {
        run(async {
            let server = ScriptedServer::start([Reply::events("").hang()]).await;
            check_closed(stop(open(reconnecting(5), server.url("/")).await)).await;
            server.closed_by_client(1).await;
            assert_eq!(server.count_requests().await, 1);
        });
    }
}

#[test]
fn the_server_sees_that_a_session_is_dropped_while_connecting() {
    run(async {
        let server = ScriptedServer::start([Reply::nothing()]).await;
        let client = sse(reconnecting(5));
        tokio::select! {
            opened = client.sse_session(server.url("/")) => panic!("{opened:?}"),
            () = server.requested(1) => {}
        }
        server.closed_by_client(1).await;
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn a_session_that_is_never_polled_sends_no_request() {
    run(async {
        let server = ScriptedServer::start([hanging()]).await;
        drop(sse(SseConfig::new()).sse_session(server.url("/")));
        assert_eq!(server.count_requests().await, 0);
    });
}

#[test]
fn no_request_follows_close_or_drop_during_the_wait() {
    for stop in ways_to_stop() {
        run(async {
            let clock = TestClock::manual();
            let server = ScriptedServer::start([Reply::events(""), hanging()]).await;
            let config = SseConfig::new().max_reconnection_attempts(5).clock(clock.clone());
            let mut session = open(config, server.url("/")).await;
            reach(&mut session, SessionState::Waiting).await;
            assert_eq!(clock.running(), 1);
            let stopped = stop(session);
            assert_eq!(clock.running(), 0);
            clock.advance(Duration::from_secs(3600));
            check_closed(stopped).await;
            assert_eq!(server.count_requests().await, 1);
        });
    }
}

#[test]
fn the_server_sees_close_or_drop_while_reconnecting() {
    for stop in ways_to_stop() {
        run(async {
            let server = ScriptedServer::start([Reply::events(""), Reply::nothing()]).await;
            let mut session = open(reconnecting(5), server.url("/")).await;
            tokio::select! {
                next = session.next() => panic!("{next:?}"),
                () = server.requested(2) => {}
            }
            assert_eq!(session.state(), SessionState::Connecting);
            check_closed(stop(session)).await;
            server.closed_by_client(1).await;
            assert_eq!(server.count_requests().await, 2);
        });
    }
}

#[test]
fn the_server_sees_close_or_drop_after_a_reconnection() {
    for stop in ways_to_stop() {
        run(async {
            let server = ScriptedServer::start([Reply::events("data: 0\n\n"), hanging()]).await;
            let mut session = open(reconnecting(5), server.url("/")).await;
            assert_eq!(data(&mut session).await, "0");
            assert_eq!(data(&mut session).await, "1");
            check_closed(stop(session)).await;
            server.closed_by_client(1).await;
            assert_eq!(server.count_requests().await, 2);
        });
    }
}

#[test]
fn no_event_comes_after_a_close_though_it_was_read() {
    run(async {
        let server = ScriptedServer::start([hanging()]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert_eq!(event(&mut session).await.data(), "1");
        session.close();
        assert!(session.next().await.is_none());
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
        server.closed_by_client(1).await;
    });
}

#[test]
fn closing_what_has_ended_changes_nothing() {
    run(async {
        let replies = [Reply::events(""), Reply::status(204), Reply::events("").cut()];
        let server = ScriptedServer::start(replies).await;
        for reason in [EndReason::StreamEnded, EndReason::NoContent, EndReason::Failed] {
            let mut session = open(SseConfig::new(), server.url("/")).await;
            rest(&mut session).await;
            session.close();
            session.close();
            assert_eq!(session.end_reason(), Some(reason));
        }
    });
}

#[test]
fn the_scoped_call_closes_its_session() {
    run(async {
        let server = ScriptedServer::start([hanging()]).await;
        let client = sse(SseConfig::new());
        let first = client.sse(server.url("/"), async |session| Ok(data(session).await)).await;
        assert_eq!(first.unwrap(), "1");
        server.closed_by_client(1).await;
    });
}

#[test]
fn a_task_that_is_aborted_closes_its_session() {
    run(async {
        let server = ScriptedServer::start([hanging()]).await;
        let (reading, read) = tokio::sync::oneshot::channel();
        let client = sse(reconnecting(5));
        let url = server.url("/");
        let task = tokio::spawn(async move {
            client
                .sse(url, async |session| {
                    let first = data(session).await;
                    reading.send(first).unwrap();
                    Ok(rest(session).await)
                })
                .await
        });
        assert_eq!(read.await.unwrap(), "1");
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        server.closed_by_client(1).await;
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn ten_sessions_opened_and_closed_in_a_row_do_not_get_stuck() {
    run(async {
        let server = ScriptedServer::start(vec![hanging(); 10]).await;
        let client = sse(SseConfig::new());
        for number in 1..=10 {
            let mut session = client.sse_session(server.url("/")).await.unwrap();
            assert_eq!(data(&mut session).await, "1");
            drop(session);
            server.closed_by_client(number).await;
        }
    });
}
