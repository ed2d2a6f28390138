//! Memory that sessions hold while their servers are silent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking
#![cfg(feature = "tokio")] // the sessions need the default clock

mod heap; // counts what is allocated

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http_body::{Body, Frame};
use sse_session::{
    ClientSseSession, SendContext, SseClient, SseConfig, Transport,
    http::{Request, Response},
};

use crate::heap::held;

/// Headers of an event stream from a usual server.
const HEADERS: [(&str, &str); 6] = [
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
    ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ("server", "example/1.0"),
    ("vary", "accept-encoding"),
    ("transfer-encoding", "chunked"),
];

#[test]
fn an_idle_session_holds_little_beyond_its_parser() {
    let (bare, _) = per_session(|_| {});
    // Spans take some of it, and the header that asks for content codings.
    let limit = if cfg!(feature = "tracing") { 2048 } else { 1900 };
    assert!(bare <= limit, "{bare} bytes per idle session");
}

#[test]
fn headers_of_a_response_take_memory_once_they_are_asked_for() {
    let (bare, _) = per_session(|_| {});
    let (asked, sessions) = per_session(|session| {
        let headers = session.call().response().headers();
        assert_eq!(headers.len(), HEADERS.len());
    });
    assert!(asked > bare + 500, "{asked} bytes after, {bare} before");
    for session in sessions {
        for (name, value) in HEADERS {
            assert_eq!(session.call().response().headers()[name], value);
        }
    }
}

#[test]
fn debug_of_a_call_keeps_no_memory() {
    let (bare, _) = per_session(|_| {});
    let (shown, _) = per_session(|session| {
        let call = format!("{:?}", session.call());
        assert!(call.contains("transfer-encoding"), "{call}");
    });
    assert_eq!(shown, bare);
}

/// Opens sessions that each take an event and wait for the next. Returns the bytes that each holds,
/// and the sessions.
fn per_session(visit: impl Fn(&ClientSseSession)) -> (isize, Vec<ClientSseSession>) {
    const SESSIONS: usize = 64;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let client = SseClient::new(Silent, SseConfig::new().max_reconnection_attempts(3));
        let mut sessions = Vec::with_capacity(SESSIONS + 1);
        let mut before = 0;
        for number in 0..=SESSIONS {
            let mut session = client.sse_session("http://localhost/events").await.unwrap();
            assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
            let mut cx = Context::from_waker(Waker::noop());
            assert!(pin!(session.next()).poll(&mut cx).is_pending());
            visit(&session);
            sessions.push(session);
            if number == 0 {
                // Everything that is allocated once has been allocated now.
                before = held();
            }
        }
        ((held() - before) / SESSIONS as isize, sessions)
    })
}

/// Transport of event streams with one event, after which they are silent.
struct Silent;

impl Transport for Silent {
    type Body = OneEvent;
    type Error = Infallible;

    async fn send(
        &self,
        _: Request<Bytes>,
        _: SendContext,
    ) -> Result<Response<OneEvent>, Infallible> {
        let mut response = Response::builder();
        for (name, value) in HEADERS {
            response = response.header(name, value);
        }
        Ok(response.body(OneEvent { is_taken: false }).unwrap())
    }
}

struct OneEvent {
    is_taken: bool,
}

impl Body for OneEvent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if std::mem::replace(&mut self.is_taken, true) {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"data: 1\n\n")))))
    }
}
