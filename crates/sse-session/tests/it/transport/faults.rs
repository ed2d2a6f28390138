//! Transports that misbehave: each leads to a defined outcome within the session's deadlines.

use std::{
    io::ErrorKind,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use sse_session::{
    Capabilities, Deadline, ReconnectDecision, ReconnectPolicy, SseConfig, SseErrorKind,
    TransportError, TransportErrorKind,
};
use sse_test::TestClock;

use crate::support::{Frames, Reply, Script, broken, events, hanging, read, run, status};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_transport_that_never_responds_misses_the_head_timeout() {
    run(async {
        let clock = TestClock::manual();
        let script = Script::new([Reply::Never]);
        let config = SseConfig::new().head_timeout(SECOND).clock(clock.clone());
        let client = script.client(config);
        let (opened, ()) = tokio::join!(client.sse_session("http://localhost/"), async {
            clock.asked_for(1).await;
            clock.advance(SECOND);
        });
        assert_eq!(opened.unwrap_err().deadline(), Some(Deadline::Head));
    });
}

#[test]
fn a_body_that_errs_loses_no_event_before_the_error() {
    run(async {
        let response = broken(events(&["data: 1\n\nda", "ta: 2\n\nda"]), ErrorKind::UnexpectedEof);
        let script = Script::new([Reply::Response(response)]);
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        let (data, error) = read(&mut session).await;
        let error = error.unwrap();
        assert_eq!(data, ["1", "2"]);
        assert!(error.is_truncated() && error.kind() == SseErrorKind::Disconnected);
        assert_eq!(error.pending_bytes(), 2);
        // It stays ended, however often it is asked.
        assert!(session.next().await.is_none() && session.next().await.is_none());
    });
}

#[test]
fn empty_chunks_are_neither_events_nor_an_end() {
    run(async {
        let script = Script::new([Reply::Response(events(&["", "data: 1\n", "", "\n", ""]))]);
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert_eq!(session.end_evidence().unwrap().bytes(), 9);
    });
}

/// Transport whose event streams are [`EmptyChunks`].
struct Empty;

/// Body that alternates between an empty chunk and a wait for nothing.
#[derive(Default)]
struct EmptyChunks {
    waits: bool,
}

impl http_body::Body for EmptyChunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        self.waits = !self.waits;
        match self.waits {
            true => Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::new())))),
            false => Poll::Pending,
        }
    }
}

impl sse_session::Transport for Empty {
    type Body = EmptyChunks;
    type Error = http::Error;

    async fn send(
        &self,
        _: http::Request<Bytes>,
        _: sse_session::SendContext,
    ) -> Result<Response<EmptyChunks>, http::Error> {
        let response = Response::builder().header("content-type", "text/event-stream");
        response.body(EmptyChunks::default())
    }
}

#[test]
fn empty_chunks_do_not_postpone_the_idle_timeout() {
    run(async {
        let clock = TestClock::manual();
        let config = SseConfig::new().idle_timeout(SECOND).clock(clock.clone());
        let client = sse_session::SseClient::new(Empty, config);
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        let (event, ()) = tokio::join!(session.next(), async {
            clock.asked_for(1).await;
            clock.advance(SECOND);
        });
        assert_eq!(event.unwrap().unwrap_err().deadline(), Some(Deadline::Idle));
    });
}

#[test]
fn a_rejected_body_that_never_ends_is_read_for_five_seconds() {
    run(async {
        let clock = TestClock::manual();
        let body = std::mem::take(hanging(events(&["too ", "busy"])).body_mut());
        let response = Response::builder().status(503).header("content-type", "text/plain");
        let script = Script::new([Reply::Response(response.body(body).unwrap())]);
        let client = script.client(SseConfig::new().clock(clock.clone()));
        let (opened, ()) = tokio::join!(client.sse_session("http://localhost/"), async {
            clock.asked_for(1).await;
            clock.advance(5 * SECOND);
        });
        let error = opened.unwrap_err();
        assert_eq!(error.body_excerpt().as_deref(), Some("too busy"));
    });
}

#[test]
fn a_body_that_errs_after_a_rejection_is_the_rejection() {
    run(async {
        let mut response = broken(status(404), ErrorKind::ConnectionReset);
        response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
        let script = Script::new([Reply::Response(response)]);
        let client = script.client(SseConfig::new());
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert!(error.is_status() && !error.is_reset());
    });
}

#[test]
fn error_kinds_of_a_transport_are_properties_of_the_error() {
    let cases = [
        (ErrorKind::ConnectionRefused, TransportErrorKind::Connect),
        (ErrorKind::TimedOut, TransportErrorKind::Timeout),
        (ErrorKind::ConnectionReset, TransportErrorKind::Reset),
        // Nothing was truncated: no head was received.
        (ErrorKind::UnexpectedEof, TransportErrorKind::Closed),
        (ErrorKind::Other, TransportErrorKind::Other),
    ];
    for (io, kind) in cases {
        run(async {
            let each_time = Capabilities::new().connects_each_time(true);
            let script = Script::new([Reply::Error(io.into())]).capabilities(each_time);
            let client = script.client(SseConfig::new());
            let error = client.sse_session("http://localhost/").await.unwrap_err();
            assert_eq!(error.kind(), SseErrorKind::NoResponse);
            let is_unanswered = [TransportErrorKind::Closed, TransportErrorKind::Reset];
            assert_eq!(error.is_unanswered(), is_unanswered.contains(&kind), "{io:?}");
            assert_eq!(error.is_connect(), kind == TransportErrorKind::Connect, "{io:?}");
            assert_eq!(error.is_timeout(), kind == TransportErrorKind::Timeout, "{io:?}");
            assert_eq!(error.is_reset(), kind == TransportErrorKind::Reset, "{io:?}");
            assert!(!error.is_truncated() && error.is_transport(), "{io:?}");
        });
    }
}

/// Transport whose future panics.
struct Panicking;

impl sse_session::Transport for Panicking {
    type Body = Frames;
    type Error = std::io::Error;

    async fn send(
        &self,
        _: http::Request<Bytes>,
        _: sse_session::SendContext,
    ) -> Result<Response<Frames>, std::io::Error> {
        panic!("a fault of the transport")
    }
}

#[test]
fn a_panic_of_a_transport_is_an_error_of_its_request() {
    run(async {
        let client = sse_session::SseClient::new(Panicking, SseConfig::new());
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::NoResponse);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "the transport panicked: a fault of the transport");
    });
}

/// Transport with an error of this kind.
struct Failing(TransportErrorKind);

impl sse_session::Transport for Failing {
    type Body = Frames;
    type Error = TransportError;

    async fn send(
        &self,
        _: http::Request<Bytes>,
        _: sse_session::SendContext,
    ) -> Result<Response<Frames>, TransportError> {
        Err(TransportError::new(self.0, "a reason"))
    }
}

#[test]
fn transport_error_kinds_of_a_transport_of_ones_own_are_taken_as_they_are() {
    use TransportErrorKind::{
        Connect, ConnectTimeout, FrameLimit, HeadLimit, InvalidRequest, Other, ProxyUnauthorized,
        Redirect, Timeout, Tls,
    };
    let cases = [
        (Connect, SseErrorKind::NoResponse, [true, false, true]),
        (Tls, SseErrorKind::NoResponse, [true, false, false]),
        (ProxyUnauthorized, SseErrorKind::NoResponse, [true, false, false]),
        (HeadLimit, SseErrorKind::NoResponse, [false, false, false]),
        (FrameLimit, SseErrorKind::NoResponse, [false, false, true]),
        (ConnectTimeout, SseErrorKind::NoResponse, [true, true, true]),
        (Timeout, SseErrorKind::NoResponse, [false, true, true]),
        (Redirect, SseErrorKind::Redirect, [false, false, false]),
        (InvalidRequest, SseErrorKind::InvalidRequest, [false, false, false]),
        (Other, SseErrorKind::NoResponse, [false, false, true]),
    ];
    for (kind, expected, properties) in cases {
        run(async {
            let client = sse_session::SseClient::new(Failing(kind), SseConfig::new());
            let error = client.sse_session("http://localhost/").await.unwrap_err();
            let seen = [error.is_connect(), error.is_timeout(), error.is_retryable()];
            assert_eq!((error.kind(), seen), (expected, properties), "{kind:?}");
            assert_eq!(error.is_tls(), kind == Tls, "{kind:?}");
            let is_local_limit = matches!(kind, HeadLimit | FrameLimit);
            assert_eq!(error.is_local_limit(), is_local_limit, "{kind:?}");
            assert_eq!(error.to_string().contains("this HTTP client"), is_local_limit, "{error}");
            let source = std::error::Error::source(&error).unwrap();
            assert_eq!(source.to_string(), "a reason");
        });
    }
}

/// Transport whose second request fails so; the others are answered.
struct FailingOnce(TransportErrorKind, Arc<AtomicUsize>);

impl sse_session::Transport for FailingOnce {
    type Body = Frames;
    type Error = TransportError;

    async fn send(
        &self,
        _: http::Request<Bytes>,
        _: sse_session::SendContext,
    ) -> Result<Response<Frames>, TransportError> {
        match self.1.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(events(&["data: 1\n\n"])),
            1 => Err(TransportError::new(self.0, "a reason")),
            _ => Ok(status(204)),
        }
    }
}

/// The certificate may be that of the login page of a network.
#[test]
fn is_tls_ends_a_session_unless_a_custom_policy_continues() {
    use TransportErrorKind::{HeadLimit, ProxyUnauthorized, Tls};
    for kind in [Tls, ProxyUnauthorized, HeadLimit] {
        let custom = ReconnectPolicy::custom(|_| ReconnectDecision::After(Duration::ZERO));
        for (policy, requests) in [(ReconnectPolicy::fixed(Duration::ZERO), 2), (custom, 3)] {
            run(async {
                let config = SseConfig::new().reconnect(policy).clock(TestClock::skipping());
                let sent = Arc::new(AtomicUsize::new(0));
                let client = sse_session::SseClient::new(FailingOnce(kind, sent.clone()), config);
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                let (data, error) = read(&mut session).await;
                assert_eq!(data, ["1"]);
                assert_eq!(error.is_some(), requests == 2, "{kind:?}: {error:?}");
                assert!(error.is_none_or(|error| !error.is_retryable()));
                assert_eq!(sent.load(Ordering::Relaxed), requests, "{kind:?}");
            });
        }
    }
}
