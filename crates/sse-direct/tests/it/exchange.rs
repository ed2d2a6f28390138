//! Pipes in memory with a server that reads and writes at its own pace: early responses, pauses,
//! and the deadlines of sessions.

use std::{
    future::{Ready, ready},
    io,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Uri};
use hyper_util::rt::TokioIo;
use sse_direct::DirectTransport;
use sse_session::{BodyEnd, Deadline, SseClient, SseConfig};
use sse_test::TestClock;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::oneshot,
    task::yield_now,
};
use tower_service::Service;

use crate::support::{chunked, read, response, run};

/// Connector of one pipe.
#[derive(Clone)]
struct Pipe(Arc<Mutex<Option<DuplexStream>>>);

impl Service<Uri> for Pipe {
    type Response = TokioIo<DuplexStream>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(Ok(TokioIo::new(self.0.lock().unwrap().take().unwrap())))
    }
}

/// Returns a client, and the server's side of a pipe that holds 1000 bytes.
fn pipe(config: SseConfig) -> (SseClient, DuplexStream) {
    let (ours, server) = duplex(1000);
    let connector = Pipe(Arc::new(Mutex::new(Some(ours))));
    (SseClient::new(DirectTransport::new(connector), config), server)
}

const LEN: usize = 100_000;

fn upload() -> Request<Bytes> {
    Request::post("http://localhost/").body(Bytes::from(vec![b'~'; LEN])).unwrap()
}

/// Reads a request up to this number of bytes of its body.
async fn receive(server: &mut DuplexStream, upto: usize) -> usize {
    let mut bytes = 0;
    let mut buffer = [0; 300];
    while bytes < upto {
        let len = server.read(&mut buffer).await.unwrap();
        if len == 0 {
            break;
        }
        bytes += buffer[..len].iter().filter(|byte| **byte == b'~').count();
    }
    bytes
}

#[test]
fn an_early_rejection_counts_and_the_rest_of_the_request_is_not_sent() {
    const REJECTION: &[u8] =
        b"HTTP/1.1 413 Too Large\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\ntoo large";
    for closes in [true, false] {
        run(async {
            let (client, mut server) = pipe(SseConfig::new());
            let serve = async move {
                let read = receive(&mut server, 1).await;
                server.write_all(REJECTION).await.unwrap();
                if closes { 0 } else { read + receive(&mut server, LEN).await }
            };
            let open = async { client.sse_session(upload()).await };
            let (result, received) = tokio::join!(open, serve);
            let error = result.unwrap_err();
            assert_eq!(error.status().unwrap(), 413);
            assert_eq!(error.body_excerpt().as_deref(), Some("too large"));
            assert!(received < 5000, "{received}");
        });
    }
}

#[test]
fn events_are_yielded_while_the_server_still_reads_the_request() {
    run(async {
        let (client, mut server) = pipe(SseConfig::new());
        let (seen, is_seen) = oneshot::channel();
        let serve = async move {
            let mut received = receive(&mut server, 1).await;
            let fields = "transfer-encoding: chunked\r\n";
            server.write_all(&response(fields, "9\r\ndata: 1\n\n\r\n")).await.unwrap();
            is_seen.await.unwrap();
            assert!(received < LEN / 2);
            received += receive(&mut server, LEN - received).await;
            let event = format!("data: {received}\n\n");
            let chunk = format!("{:x}\r\n{event}\r\n0\r\n\r\n", event.len());
            server.write_all(chunk.as_bytes()).await.unwrap();
        };
        let follow = async {
            let mut session = client.sse_session(upload()).await.unwrap();
            assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
            seen.send(()).unwrap();
            read(&mut session).await
        };
        let ((data, error), ()) = tokio::join!(follow, serve);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(data, [LEN.to_string()]);
    });
}

#[test]
fn an_early_response_counts_though_its_server_reads_no_more() {
    let cases = [
        (chunked(&["data: 1\n\n"]), BodyEnd::LastChunk),
        (response("content-length: 9\r\n", "data: 1\n\n"), BodyEnd::LengthReached),
        (response("", "data: 1\n\n"), BodyEnd::CloseDelimited),
    ];
    for (bytes, end) in cases {
        run(async {
            let (client, mut server) = pipe(SseConfig::new());
            let serve = async move {
                receive(&mut server, 1).await;
                server.write_all(&bytes).await.unwrap();
            };
            let follow = async {
                let mut session = client.sse_session(upload()).await.unwrap();
                let (data, error) = read(&mut session).await;
                assert!(error.is_none(), "{error:?}");
                assert_eq!(data, ["1"]);
                assert_eq!(session.end_evidence().unwrap().body_end(), end);
            };
            tokio::join!(follow, serve);
        });
    }
}

#[test]
fn a_head_that_trickles_in_is_subject_to_the_head_timeout() {
    const TIMEOUT: Duration = Duration::from_secs(10);
    let head = response("", "data: 1\n\n");
    for sent in [head.len(), head.len() - 20] {
        run(async {
            let clock = TestClock::manual();
            let config = SseConfig::new().clock(clock.clone()).head_timeout(TIMEOUT);
            let (client, mut server) = pipe(config);
            let serve = async {
                for (number, byte) in head[..sent].iter().enumerate() {
                    server.write_all(&[*byte]).await.unwrap();
                    yield_now().await;
                    if number == 5 {
                        clock.advance(TIMEOUT - Duration::from_millis(1));
                    }
                }
                clock.advance(Duration::from_secs(1));
                // The session has closed its side, if it is late.
                if sent < head.len() {
                    let mut rest = Vec::new();
                    server.read_to_end(&mut rest).await.unwrap();
                }
                drop(server);
            };
            let follow = async { client.sse_session("http://localhost/").await };
            let (result, ()) = tokio::join!(follow, serve);
            if sent < head.len() {
                assert_eq!(result.unwrap_err().deadline(), Some(Deadline::Head));
            } else {
                assert_eq!(read(&mut result.unwrap()).await.0, ["1"]);
            }
        });
    }
}

#[test]
fn a_silent_body_is_subject_to_the_first_byte_and_idle_timeouts() {
    const FIRST: Duration = Duration::from_secs(5);
    const IDLE: Duration = Duration::from_secs(50);
    for (body, limit, deadline) in [("", FIRST, Deadline::FirstByte), (":\n", IDLE, Deadline::Idle)]
    {
        run(async {
            let clock = TestClock::manual();
            let config = SseConfig::new().clock(clock.clone());
            let (client, mut server) = pipe(config.first_byte_timeout(FIRST).idle_timeout(IDLE));
            server.write_all(&response("", body)).await.unwrap();
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let expire = async {
                for _ in 0..10 {
                    yield_now().await;
                }
                clock.advance(limit - Duration::from_millis(1));
                yield_now().await;
                clock.advance(Duration::from_millis(1));
            };
            let (next, ()) = tokio::join!(session.next(), expire);
            assert_eq!(next.unwrap().unwrap_err().deadline(), Some(deadline));
            let mut rest = Vec::new();
            server.read_to_end(&mut rest).await.unwrap();
            assert!(rest.starts_with(b"GET / HTTP/1.1\r\n"));
        });
    }
}
