//! Deadlines: silences that end in a disconnect.
//!
//! The test moves the clock, and so decides how long a silence is.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::Frame;
use sse_reqwest::{
    ClientSseSession, Deadline, EndReason, SessionState, SseConfig, SseError, SseErrorOutcome,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, failure, open, reach, rest_of_data, run, sse,
};

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Advances the clock for a session that must not yield anything meanwhile.
pub(crate) async fn pass(session: &mut ClientSseSession, clock: &TestClock, time: Duration) {
    reach(session, SessionState::Open).await;
    clock.advance(time);
}

#[track_caller]
pub(crate) fn check(error: &SseError, deadline: Deadline) {
    assert_eq!(error.deadline(), Some(deadline));
    assert!(error.is_timeout() && error.is_retryable());
    assert_eq!((error.deadline() == Some(Deadline::Idle)), deadline == Deadline::Idle);
    assert!(!error.is_transport() && !error.is_truncated());
}

#[test]
fn head_timeout_is_an_error_of_the_first_request() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::nothing()]).await;
        let config = SseConfig::new().head_timeout(secs(30)).clock(clock.clone());
        let client = sse(config);
        let mut opening = client.sse_session(server.url("/"));
        tokio::select! {
            opened = &mut opening => panic!("{opened:?}"),
            () = server.requested(1) => clock.advance(secs(29)),
        }
        tokio::select! {
            biased;
            opened = &mut opening => panic!("{opened:?}"),
            () = std::future::ready(()) => clock.advance(secs(1)),
        }
        check(&opening.await.unwrap_err(), Deadline::Head);
        server.closed_by_client(1).await;
        assert_eq!(clock.running(), 0);
    });
}

#[test]
fn head_timeout_applies_to_each_attempt() {
    run(async {
        let clock = TestClock::skipping();
        let replies = [Reply::events("data: 1\n\n"), Reply::nothing(), Reply::nothing()];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().max_reconnection_attempts(2).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        drop(session);
        let config = SseConfig::new()
            .max_reconnection_attempts(1)
            .retry_first_connection(true)
            .head_timeout(secs(30))
            .clock(clock.clone());
        let miss_both = async {
            for asked in [1, 3] {
                clock.asked_for(asked).await;
                clock.advance(secs(30));
            }
        };
        let client = sse(config);
        let (opened, ()) = tokio::join!(client.sse_session(server.url("/")), miss_both);
        let error = opened.unwrap_err();
        assert!(error.outcome() == Some(SseErrorOutcome::Exhausted));
        check(&error, Deadline::Head);
        assert_eq!(clock.asked(), [secs(30), secs(3), secs(30)]);
    });
}

#[test]
fn first_byte_timeout_is_a_disconnect() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::events("").hang()]).await;
        let config = SseConfig::new().first_byte_timeout(secs(5)).idle_timeout(secs(1));
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        pass(&mut session, &clock, secs(4)).await;
        pass(&mut session, &clock, secs(1)).await;
        check(&failure(&mut session).await, Deadline::FirstByte);
        server.closed_by_client(1).await;
    });
}

#[test]
fn first_byte_timeout_ends_with_the_first_byte() {
    run(async {
        let clock = TestClock::manual();
        let reply = Reply::events(":\n").pause().send("data: 1\n\n");
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().first_byte_timeout(secs(5)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        while session.last_activity().is_none() {
            pass(&mut session, &clock, Duration::ZERO).await;
            tokio::task::yield_now().await;
        }
        pass(&mut session, &clock, secs(3600)).await;
        reach(&mut session, SessionState::Open).await;
        server.go_on();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
    });
}

#[test]
fn idle_timeout_is_a_disconnect_that_is_followed_by_a_reconnection() {
    run(async {
        let clock = TestClock::manual();
        let replies = [Reply::events("id: 7\ndata: 1\n\n").hang(), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().max_reconnection_attempts(1).idle_timeout(secs(60));
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(59)).await;
        pass(&mut session, &clock, secs(1)).await;
        reach(&mut session, SessionState::Waiting).await;
        server.closed_by_client(1).await;
        clock.advance(secs(3));
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        assert_eq!(server.last_event_ids(), [None, Some("7".to_owned())]);
    });
}

#[test]
fn any_byte_restarts_idle_timeout() {
    run(async {
        let clock = TestClock::manual();
        let pieces = [":\n", ":\n", "d", "ata: 1\n", "\n"];
        let reply = pieces.iter().fold(Reply::events(""), |reply, piece| reply.pause().send(piece));
        let server = ScriptedServer::start([reply.hang()]).await;
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        for _ in &pieces[1..] {
            pass(&mut session, &clock, secs(9)).await;
            server.go_on();
            // Polls until the byte has arrived.
            while session.last_activity() != Some(Duration::ZERO) {
                reach(&mut session, SessionState::Open).await;
                tokio::task::yield_now().await;
            }
        }
        server.go_on();
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(10)).await;
        check(&failure(&mut session).await, Deadline::Idle);
    });
}

#[test]
fn a_slow_consumer_does_not_expire_idle_timeout() {
    run(async {
        let clock = TestClock::manual();
        let reply = Reply::events("data: 1\n\n").pause().send("data: 2\n\n").hang();
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        // The consumer does not poll, and nobody reads.
        clock.advance(secs(3600));
        server.go_on();
        assert_eq!(data(&mut session).await, "2");
        // It does not poll again, now after it has begun to wait.
        pass(&mut session, &clock, secs(9)).await;
        pass(&mut session, &clock, secs(1)).await;
        check(&failure(&mut session).await, Deadline::Idle);
    });
}

/// Body that returns an event when it is polled for the third time.
struct Late {
    looks: u32,
}

impl http_body::Body for Late {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.looks += 1;
        if self.looks == 3 {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"data: 1\n\n")))));
        }
        Poll::Pending
    }
}

#[test]
fn a_delayed_runtime_does_not_expire_idle_timeout() {
    run(async {
        let clock = TestClock::manual();
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let client = sse(config).send_with(|_| async {
            let body = reqwest::Body::wrap(Late { looks: 0 });
            let response = http::Response::builder();
            response.header("content-type", "text/event-stream").body(body).map(Into::into)
        });
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        pass(&mut session, &clock, secs(10)).await;
        // The task that reads the socket runs only now, after the deadline.
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(10)).await;
        check(&failure(&mut session).await, Deadline::Idle);
    });
}

#[test]
fn idle_timeout_keeps_one_timer() {
    run(async {
        let clock = TestClock::manual();
        let pieces = vec!["data\n\n"; 50];
        let reply = pieces.iter().fold(Reply::events(""), |reply, piece| reply.pause().send(piece));
        let server = ScriptedServer::start([reply.hang()]).await;
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        for _ in pieces {
            reach(&mut session, SessionState::Open).await;
            server.go_on();
            data(&mut session).await;
        }
        reach(&mut session, SessionState::Open).await;
        assert_eq!((clock.asked().len(), clock.running()), (1, 1));
        drop(session);
        assert_eq!(clock.running(), 0);
    });
}

#[test]
fn no_timer_runs_without_a_deadline() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let mut session = open(SseConfig::new().clock(clock.clone()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(36_000)).await;
        reach(&mut session, SessionState::Open).await;
        assert!(clock.asked().is_empty());
        assert_eq!(session.last_activity(), Some(secs(36_000)));
    });
}
