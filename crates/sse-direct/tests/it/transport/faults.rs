//! Connectors and connections that fail, wait or panic.

use std::{
    error::Error,
    future::{Ready, ready},
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use sse_direct::DirectTransport;
use sse_session::{Deadline, SseClient, SseConfig, SseError, SseErrorKind};
use sse_test::TestClock;
use tokio::task::yield_now;
use tower_service::Service;

use crate::support::{Connection, End, Memory, Script, chunked, read, run};

/// Connector of one connection.
#[derive(Clone)]
struct Faulty {
    memory: Memory,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    NeverReady,
    NotReady,
    PanicOfCall,
    /// Nothing is written, and this is what each write returns.
    Write(Result<usize, io::ErrorKind>),
}

impl Service<Uri> for Faulty {
    type Response = Silent;
    type Error = io::Error;
    type Future = Ready<io::Result<Silent>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.fault {
            Fault::NeverReady => Poll::Pending,
            Fault::NotReady => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Fault::PanicOfCall | Fault::Write(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        match self.fault {
            Fault::Write(result) => ready(Ok(Silent { io: self.memory.connect(), result })),
            _ => panic!("a fault of the connector"),
        }
    }
}

/// Connection that writes nothing.
struct Silent {
    io: Connection,
    result: Result<usize, io::ErrorKind>,
}

impl Read for Silent {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Silent {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.result.map_err(Into::into))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn client(fault: Fault, script: Script, config: SseConfig) -> SseClient {
    SseClient::new(DirectTransport::new(Faulty { memory: Memory::new([script]), fault }), config)
}

fn error(fault: Fault, script: Script) -> SseError {
    run(async {
        let client = client(fault, script, SseConfig::new().clock(TestClock::skipping()));
        client.sse_session("http://localhost/").await.unwrap_err()
    })
}

#[test]
fn a_connector_that_is_not_ready_is_a_connect_error() {
    let error = error(Fault::NotReady, Script::new(""));
    assert!(error.is_connect() && error.is_timeout() && error.is_retryable(), "{error:?}");
}

#[test]
fn a_connector_that_is_never_ready_is_subject_to_the_head_timeout() {
    run(async {
        let clock = TestClock::manual();
        let config = SseConfig::new().clock(clock.clone()).head_timeout(Duration::from_secs(9));
        let client = client(Fault::NeverReady, Script::new(""), config);
        let expire = async {
            clock.asked_for(1).await;
            clock.advance(Duration::from_secs(9));
        };
        let open = async { client.sse_session("http://localhost/").await };
        let (result, ()) = tokio::join!(open, expire);
        assert_eq!(result.unwrap_err().deadline(), Some(Deadline::Head));
    });
}

#[test]
fn a_panic_of_a_connector_is_an_error_of_its_request() {
    let error = error(Fault::PanicOfCall, Script::new(""));
    assert_eq!(error.kind(), SseErrorKind::NoResponse);
    let source = error.source().unwrap().to_string();
    assert_eq!(source, "the transport panicked: a fault of the connector");
}

#[test]
fn a_write_of_nothing_is_an_error() {
    let error = error(Fault::Write(Ok(0)), Script::new("").end(End::Silence));
    assert_eq!(error.kind(), SseErrorKind::NoResponse);
    assert!(error.is_transport() && !error.is_connect(), "{error:?}");
}

#[test]
fn a_write_that_fails_is_the_error_if_there_is_no_response() {
    for end in [End::Close, End::Error(io::ErrorKind::NotConnected)] {
        let fault = Fault::Write(Err(io::ErrorKind::ConnectionReset));
        let error = error(fault, Script::new("HTTP/1.1 200").end(end));
        assert!(error.is_reset() && error.is_retryable(), "{error:?}");
    }
}

#[test]
fn a_response_counts_even_if_the_request_was_not_read() {
    for result in [Ok(0), Err(io::ErrorKind::BrokenPipe)] {
        run(async {
            let script = Script::new(chunked(&["data: 1\n\n"])).end(End::Silence);
            let client =
                client(Fault::Write(result), script, SseConfig::new().clock(TestClock::skipping()));
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let (data, error) = read(&mut session).await;
            assert!(error.is_none(), "{error:?}");
            assert_eq!(data, ["1"]);
        });
    }
}

#[test]
fn a_response_is_awaited_after_the_server_has_stopped_reading() {
    run(async {
        let fault = Fault::Write(Err(io::ErrorKind::BrokenPipe));
        let client = client(
            fault,
            Script::new("").end(End::Silence),
            SseConfig::new().clock(TestClock::skipping()),
        );
        let open = async { drop(client.sse_session("http://localhost/").await) };
        tokio::select! {
            biased;
            () = open => panic!("the response is not awaited"),
            () = yield_now() => {}
        }
    });
}
