//! Session handles: closing and reconnecting a session from outside.

mod closing; // every way to stop a session, at every moment
mod interleavings; // property: after a session was stopped, nothing follows

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::Frame;
use sse_reqwest::{
    EndReason, OpenSession, ReconnectPolicy, SessionEvent, SessionHandle, SessionState, SseClient,
    SseConfig, SseErrorKind, SseErrorOutcome,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, failure, http, open, reach, reconnecting, rest, run,
    sse,
};

#[test]
fn a_session_handle_is_send_and_sync() {
    fn is_shared<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    is_shared::<SessionHandle>();
}

#[test]
fn close_wakes_a_waiting_task() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let mut session = open(reconnecting(5), server.url("/")).await;
        let handle = session.handle();
        let waiting = tokio::spawn(async move { (rest(&mut session).await, session) });
        server.requested(1).await;
        handle.close();
        let ((_, error), session) = waiting.await.unwrap();
        assert!(error.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
        server.closed_by_client(1).await;
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn close_and_reconnect_now_take_effect_after_the_handle_is_dropped() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::events("data: 1\n\n").hang(); 2]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        session.handle().reconnect_now();
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(session.connections(), 2);
        session.handle().close();
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
    });
}

#[test]
fn no_event_comes_after_a_close_though_it_was_read() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\ndata: 2\n\n").hang()]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        session.handle().close();
        assert!(session.next().await.is_none());
    });
}

#[test]
fn reconnect_now_disconnects_with_reconnect_requested_and_resumes() {
    run(async {
        let replies =
            [Reply::events("id: 7\ndata: 1\n\n").hang(), Reply::events("data: 2\n\n").hang()];
        let server = ScriptedServer::start(replies).await;
        // Regardless of the policy.
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        session.handle().reconnect_now();
        let step = session.lifecycle().next().await.unwrap().unwrap();
        let SessionEvent::Disconnected { cause, delay, .. } = step else { panic!("{step:?}") };
        assert!(cause.kind() == SseErrorKind::ReconnectRequested);
        assert_eq!(delay, Duration::ZERO);
        assert_eq!(data(&mut session).await, "2");
        server.closed_by_client(1).await;
        assert_eq!(server.last_event_ids(), [None, Some("7".to_owned())]);
    });
}

#[test]
fn reconnect_now_ends_a_wait_and_resets_the_attempts() {
    run(async {
        let clock = TestClock::manual();
        let replies =
            [Reply::events(""), Reply::events(""), Reply::events(""), Reply::events("data: 1\n\n")];
        let server = ScriptedServer::start(replies).await;
        let policy = ReconnectPolicy::exponential().jitter(0.0);
        let config = SseConfig::new().reconnect(policy).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        reach(&mut session, SessionState::Waiting).await;
        clock.advance(Duration::from_secs(1));
        server_asked(&server, &mut session, 2).await;
        reach(&mut session, SessionState::Waiting).await;
        session.handle().reconnect_now();
        server_asked(&server, &mut session, 3).await;
        reach(&mut session, SessionState::Waiting).await;
        let waits: Vec<_> = clock.asked().iter().map(Duration::as_secs).collect();
        // The requested attempt is the first of its outage.
        assert_eq!(waits, [1, 2, 0, 2]);
    });
}

/// Drives the session until the server has received this many requests.
async fn server_asked(
    server: &ScriptedServer,
    session: &mut sse_reqwest::ClientSseSession,
    count: usize,
) {
    tokio::select! {
        next = session.next() => panic!("{next:?}"),
        () = server.requested(count) => {}
    }
}

#[test]
fn reconnect_now_abandons_an_attempt_that_hangs() {
    run(async {
        let replies = [Reply::events(""), Reply::nothing(), Reply::events("data: 1\n\n")];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        server_asked(&server, &mut session, 2).await;
        session.handle().reconnect_now();
        assert_eq!(data(&mut session).await, "1");
        server.closed_by_client(1).await;
    });
}

/// Drives the opening of a session until the server has received this many requests.
async fn asked_while_opening(server: &ScriptedServer, opening: &mut OpenSession, count: usize) {
    tokio::select! {
        opened = opening => panic!("{opened:?}"),
        () = server.requested(count) => {}
    }
}

#[test]
fn a_session_can_be_closed_before_it_is_open() {
    run(async {
        let server = ScriptedServer::start([Reply::nothing()]).await;
        let mut opening = sse(reconnecting(9)).sse_session(server.url("/"));
        let handle = opening.handle();
        asked_while_opening(&server, &mut opening, 1).await;
        handle.close();
        let error = opening.await.unwrap_err();
        assert!(error.kind() == SseErrorKind::Closed && !error.is_retryable(), "{error:?}");
        server.closed_by_client(1).await;
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn a_session_that_is_closed_before_it_began_makes_no_request() {
    run(async {
        let server = ScriptedServer::start([]).await;
        let opening = sse(SseConfig::new()).sse_session(server.url("/"));
        opening.handle().close();
        assert!(opening.await.unwrap_err().kind() == SseErrorKind::Closed);
        assert_eq!(server.count_requests().await, 0);
    });
}

#[test]
fn reconnect_now_ends_the_wait_for_a_first_connection() {
    run(async {
        let clock = TestClock::manual();
        let replies = [Reply::status(503), Reply::nothing(), Reply::events("data: 1\n\n")];
        let server = ScriptedServer::start(replies).await;
        let policy = ReconnectPolicy::exponential();
        let config = SseConfig::new().reconnect(policy).retry_first_connection(true);
        let mut opening = sse(config.clock(clock.clone())).sse_session(server.url("/"));
        let handle = opening.handle();
        tokio::select! {
            opened = &mut opening => panic!("{opened:?}"),
            // Once for the body of the rejected response, and once to wait.
            () = clock.asked_for(2) => {}
        }
        handle.reconnect_now();
        asked_while_opening(&server, &mut opening, 2).await;
        handle.reconnect_now();
        let mut session = opening.await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        handle.close();
        assert!(session.next().await.is_none());
    });
}

#[test]
fn reconnect_requested_is_an_error_if_the_request_cannot_be_repeated() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let body = reqwest::Body::wrap(String::from("once"));
        let client = SseClient::new(http(), SseConfig::new());
        let post = http().post(server.url("/")).body(body);
        let mut session = client.sse_session(post).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        session.handle().reconnect_now();
        let error = failure(&mut session).await;
        assert!(
            error.outcome() == Some(SseErrorOutcome::BodyNotRepeatable)
                && error.kind() == SseErrorKind::ReconnectRequested
        );
        server.closed_by_client(1).await;
    });
}

#[test]
fn a_handle_has_no_effect_after_the_end() {
    run(async {
        let server = ScriptedServer::start([Reply::events("")]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert!(session.next().await.is_none());
        let handle = session.handle();
        handle.reconnect_now();
        handle.close();
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
        assert_eq!(server.count_requests().await, 1);
    });
}

/// Body of comments that is always ready.
struct Flood {
    left: u32,
}

impl http_body::Body for Flood {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b": flood\n\n")))))
    }
}

#[test]
fn close_takes_effect_while_bytes_are_always_ready() {
    run(async {
        let client = sse(SseConfig::new()).send_with(|_| async {
            let body = reqwest::Body::wrap(Flood { left: 1_000_000 });
            let response = http::Response::builder();
            response.header("content-type", "text/event-stream").body(body).map(Into::into)
        });
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        let handle = session.handle();
        tokio::join!(
            async {
                assert!(session.next().await.is_none());
                assert_eq!(session.end_reason(), Some(EndReason::Closed));
            },
            async { handle.close() },
        );
    });
}
