//! Transports: functions, errors and their kinds, panics.

use std::{
    io::{self, ErrorKind},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;
use http::{Request, Response};
use sse_session::{
    BlockingClient, BlockingTransport, BoxError, Capabilities, SendContext, SseConfig,
    SseErrorKind, TransportError, TransportErrorKind,
};

use super::support::{Piece, Reply, Script, data, fails, read, run, status, stream};

#[test]
fn a_boxed_function_is_a_transport() {
    type Send = dyn Fn(Request<Bytes>) -> Result<Response<Box<dyn io::Read + std::marker::Send>>, BoxError>
        + std::marker::Send
        + Sync;
    run(|| {
        let send: Box<Send> = Box::new(|request| {
            assert_eq!(request.headers()["accept"], "text/event-stream");
            let response = Response::builder().header("content-type", "text/event-stream");
            Ok(response.body(Box::new("data: 1\n\n".as_bytes()) as Box<_>)?)
        });
        let client = BlockingClient::shared(Arc::new(send), Arc::new(SseConfig::new()));
        let mut session = client.clone().sse_session("http://localhost/").unwrap();
        assert_eq!(read(&mut session).0, ["1"]);
        assert!(format!("{client:?} {session:?}").contains("BlockingSession"));
    });
}

#[test]
fn a_truncated_body_loses_no_event_before_the_error() {
    run(|| {
        let pieces = [data("data: 1\n\nda"), data("ta: 2\n\nda"), fails(ErrorKind::UnexpectedEof)];
        let mut session = Script::new([stream(pieces)]).open(SseConfig::new()).unwrap();
        let (seen, error) = read(&mut session);
        let error = error.unwrap();
        assert_eq!(seen, ["1", "2"]);
        assert!(error.is_truncated() && error.kind() == SseErrorKind::Disconnected);
        assert_eq!(error.pending_bytes(), 2);
    });
}

#[test]
fn error_kind_of_a_body_is_that_of_a_transport_error_within_it() {
    run(|| {
        let reset = || TransportError::new(TransportErrorKind::Reset, "reset");
        let piece: Piece = Box::new(move || Err(io::Error::other(reset())));
        let mut session = Script::new([stream([piece])]).open(SseConfig::new()).unwrap();
        let error = read(&mut session).1.unwrap();
        assert!(error.is_reset());
    });
}

/// Transport whose errors are all invalid requests, and that decodes content.
struct Strict;

impl BlockingTransport for Strict {
    type Body = &'static [u8];
    type Error = io::Error;

    fn send(&self, request: Request<Bytes>, _: SendContext) -> io::Result<Response<&'static [u8]>> {
        if request.uri().path() == "/refused" {
            return Err(io::Error::other("refused"));
        }
        let response = Response::builder().header("content-type", "text/event-stream");
        let response = response.header("content-encoding", "gzip");
        Ok(response.body("data: 1\n\n".as_bytes()).unwrap())
    }

    fn error_kind(&self, _: &(dyn std::error::Error + 'static)) -> TransportErrorKind {
        TransportErrorKind::InvalidRequest
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().decodes_content(true)
    }
}

#[test]
fn error_kind_and_capabilities_of_a_blocking_transport_are_asked() {
    run(|| {
        let client = BlockingClient::new(Strict, SseConfig::new());
        let error = client.sse_session("http://localhost/refused").unwrap_err();
        assert!(error.is_invalid_request());
        assert_eq!(read(&mut client.sse_session("http://localhost/").unwrap()).0, ["1"]);
    });
}

#[test]
fn a_rejected_response_has_its_body_in_the_error() {
    run(|| {
        let script = Script::new([
            status(404, None, [data("no such "), data("topic")]),
            status(
                200,
                Some(("content-type", "text/html")),
                [data("<p>"), fails(ErrorKind::Other)],
            ),
        ]);
        let error = script.open(SseConfig::new()).unwrap_err();
        assert_eq!(error.body_text().unwrap(), "no such topic");
        let error = script.open(SseConfig::new()).unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::ContentType);
        assert_eq!(error.body_text().unwrap(), "<p>");
    });
}

#[test]
fn a_panic_of_send_is_an_error_of_its_request_and_a_panic_of_a_body_reaches_the_caller() {
    run(|| {
        let panics: Reply = Box::new(|| panic!("out of sockets"));
        let body: Piece = Box::new(|| panic!("out of bytes"));
        let script = Script::new([panics, stream([body])]);
        let error = script.open(SseConfig::new()).unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::NoResponse);
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "the transport panicked: out of sockets");

        let mut session = script.open(SseConfig::new()).unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| session.next())).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"out of bytes"));
    });
}

#[test]
fn an_invalid_request_is_never_sent() {
    run(|| {
        let script = Script::new([]);
        let error = script.client(SseConfig::new()).sse_session("not a uri").unwrap_err();
        assert!(error.is_invalid_request());
        assert!(script.requests().is_empty());
    });
}
