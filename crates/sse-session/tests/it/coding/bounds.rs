//! Bounds: a small body may expand to much, and a large one to nothing.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::poll_fn,
    io::Write,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use brotli::{CompressorWriter, enc::BrotliEncoderParams};
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use sse_session::{
    BoxFuture, Clock, Deadline, Limits, SendContext, SessionObserver, SseClient, SseConfig,
    SseErrorKind, Transport,
};
use sse_test::TestClock;

use super::encode::{CODINGS, gzip};
use crate::support::{Reply, Script, coded, read, run};

/// Number of bytes, and size of the largest piece, that a session has decoded.
#[derive(Default)]
struct Pieces {
    bytes: AtomicUsize,
    largest: AtomicUsize,
}

impl SessionObserver for Pieces {
    fn on_bytes(&self, count: usize) {
        self.bytes.fetch_add(count, Relaxed);
        self.largest.fetch_max(count, Relaxed);
    }
}

#[test]
fn a_body_that_expands_a_thousandfold_is_decoded_in_small_pieces() {
    for (coding, encode) in CODINGS {
        run(async {
            let comment = [&[b':'][..], &vec![b'x'; 1 << 20], b"\n\ndata: 1\n\n"].concat();
            let body = encode(&[&comment]).concat();
            assert!(body.len() < 8000, "{}", body.len());
            let script = Script::new([Reply::Response(coded(coding, [body]))]);
            let pieces = Arc::new(Pieces::default());
            let client = script.client(SseConfig::new().observer(pieces.clone()));
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            assert_eq!(read(&mut session).await.0, ["1"]);
            assert_eq!(pieces.bytes.load(Relaxed), comment.len());
            assert!(pieces.largest.load(Relaxed) <= 4096, "{}", pieces.largest.load(Relaxed));
            assert_eq!(session.end_evidence().unwrap().bytes(), comment.len() as u64);
        });
    }
}

#[test]
fn a_nested_body_is_decoded_in_small_pieces_and_only_up_to_the_limits() {
    for (coding, encode) in CODINGS {
        run(async {
            let event = [b"data: ", &vec![b'x'; 1 << 20][..], b"\n\n"].concat();
            let once = encode(&[&event]).concat();
            let body = encode(&[&once]).concat();
            // Less than one coding of deflate can make of it.
            assert!(body.len() * 1100 < event.len(), "{coding}: {}", body.len());
            for max_event_bytes in [4 << 20, 64 << 10] {
                let codings = format!("{coding}, {coding}");
                let script = Script::new([Reply::Response(coded(&codings, [body.clone()]))]);
                let pieces = Arc::new(Pieces::default());
                let limits = Limits::default().max_event_bytes(max_event_bytes);
                let config = SseConfig::new().limits(limits).observer(pieces.clone());
                let mut session =
                    script.client(config).sse_session("http://localhost/").await.unwrap();
                let (data, error) = read(&mut session).await;
                assert!(pieces.largest.load(Relaxed) <= 4096, "{}", pieces.largest.load(Relaxed));
                let bytes = pieces.bytes.load(Relaxed);
                if max_event_bytes > event.len() {
                    assert_eq!((data.len(), bytes), (1, event.len()), "{coding}: {error:?}");
                } else {
                    assert_eq!(error.unwrap().kind(), SseErrorKind::LimitExceeded, "{coding}");
                    assert!(bytes <= max_event_bytes + 2 * 4096, "{coding}: {bytes}");
                }
            }
        });
    }
}

#[test]
fn a_window_beyond_that_of_the_coding_is_a_decode_error() {
    let windows = [
        ("zstd", zstd_with_window(23), None),
        ("zstd", zstd_with_window(24), Some(SseErrorKind::Decode)),
        ("br", brotli_with_window(24), None),
        ("br", brotli_with_window(25), Some(SseErrorKind::Decode)),
    ];
    for (coding, body, expected) in windows {
        run(async {
            let script = Script::new([Reply::Response(coded(coding, [body]))]);
            let client = script.client(SseConfig::new());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let (data, error) = read(&mut session).await;
            assert_eq!(error.map(|error| error.kind()), expected, "{coding}");
            assert_eq!(data.len(), usize::from(expected.is_none()), "{coding}");
        });
    }
}

/// Returns an event with this logarithm of the window.
fn zstd_with_window(log: u32) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 0).unwrap();
    encoder.window_log(log).unwrap();
    encoder.write_all(b"data: 1\n\n").unwrap();
    encoder.finish().unwrap()
}

/// Returns an event with this logarithm of the window.
fn brotli_with_window(log: i32) -> Vec<u8> {
    let params = BrotliEncoderParams {
        lgwin: log,
        large_window: log > 24,
        ..BrotliEncoderParams::default()
    };
    let mut encoder = CompressorWriter::with_params(Vec::new(), 4096, &params);
    encoder.write_all(b"data: 1\n\n").unwrap();
    encoder.into_inner()
}

#[test]
fn limits_apply_to_decoded_bytes() {
    for (coding, encode) in CODINGS {
        run(async {
            let event = [b"data: ", &vec![b'x'; 1 << 20][..], b"\n\n"].concat();
            let body = encode(&[b"data: 1\n\n", &event]);
            let script = Script::new([Reply::Response(coded(coding, body))]);
            let limits = Limits::default().max_event_bytes(4096);
            let client = script.client(SseConfig::new().limits(limits));
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let (data, error) = read(&mut session).await;
            assert_eq!(data, ["1"]);
            assert_eq!(error.unwrap().kind(), SseErrorKind::LimitExceeded, "{coding}");
        });
    }
}

#[test]
fn other_tasks_run_while_a_chunk_is_decoded() {
    run(async {
        // Four megabytes of comments in a chunk of a few kilobytes.
        let body = gzip(&[&b":x\n".repeat(1 << 20)]).concat();
        let script = Script::new([Reply::Response(coded("gzip", [body]))]);
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        let turns = AtomicUsize::new(0);
        let count_turns = async {
            loop {
                turns.fetch_add(1, Relaxed);
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            end = session.next() => assert!(end.is_none()),
            () = count_turns => {}
        }
        assert!(turns.load(Relaxed) > 4, "{turns:?}");
    });
}

#[test]
fn coded_bytes_that_decode_to_nothing_postpone_the_idle_timeout() {
    // The start of a body, and what can follow it forever without any data.
    let cases: [(&str, &[u8], &[u8]); 4] = [
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", EMPTY_BLOCK),
        ("deflate", b"\x78\x9c", EMPTY_BLOCK),
        // Blocks of metadata without any.
        ("br", b"\x0c", b"\x06"),
        // Frames that are skipped.
        ("zstd", EMPTY_FRAME, EMPTY_FRAME),
    ];
    for (coding, start, rest) in cases {
        run(async {
            let second = Duration::from_secs(1);
            let clock = TestClock::manual();
            let body = Fed::default();
            let config = SseConfig::new()
                .first_byte_timeout(second)
                .idle_timeout(3 * second)
                .clock(clock.clone());
            let client = SseClient::new(Feed { coding, body: body.clone() }, config);
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let mut next = pin!(session.next());
            body.feed(start);
            for _ in 0..20 {
                assert!(poll_twice(next.as_mut()).await.is_pending(), "{coding}");
                clock.advance(2 * second);
                body.feed(rest);
            }
            assert!(poll_twice(next.as_mut()).await.is_pending(), "{coding}");
            clock.advance(2 * second);
            assert!(poll_twice(next.as_mut()).await.is_pending(), "{coding}");
            clock.advance(second);
            let Poll::Ready(Some(Err(error))) = poll_twice(next.as_mut()).await else {
                panic!("{coding}: no error");
            };
            assert_eq!(error.deadline(), Some(Deadline::Idle), "{coding}");
            assert_eq!(error.end_evidence().unwrap().bytes(), 0, "{coding}");
        });
    }
}

/// Stored block of deflate without data, as it ends each flush.
const EMPTY_BLOCK: &[u8] = b"\0\0\0\xff\xff";

/// Skippable frame of zstd without data.
const EMPTY_FRAME: &[u8] = b"\x50\x2a\x4d\x18\0\0\0\0";

/// Polls a session twice: it reads the body once more before a deadline expires.
async fn poll_twice<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    let mut poll = async || poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
    match poll().await {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending => poll().await,
    }
}

/// Transport whose responses have the body that a test feeds.
struct Feed {
    coding: &'static str,
    body: Fed,
}

impl Transport for Feed {
    type Body = Fed;
    type Error = http::Error;

    async fn send(&self, _: Request<Bytes>, _: SendContext) -> Result<Response<Fed>, http::Error> {
        Response::builder()
            .header("content-type", "text/event-stream")
            .header("content-encoding", self.coding)
            .body(self.body.clone())
    }
}

/// Body that is silent whenever it has yielded what a test has fed. A test polls it again.
#[derive(Clone, Default)]
struct Fed(Arc<Mutex<VecDeque<Bytes>>>);

impl Fed {
    fn feed(&self, chunk: &'static [u8]) {
        self.0.lock().unwrap().push_back(Bytes::from_static(chunk));
    }
}

impl Body for Fed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0.lock().unwrap().pop_front() {
            Some(chunk) => Poll::Ready(Some(Ok(Frame::data(chunk)))),
            None => Poll::Pending,
        }
    }
}

/// Clock that stands still, and counts how often it is read.
#[derive(Debug, Clone, Default)]
struct CountedClock(Arc<AtomicUsize>);

impl Clock for CountedClock {
    fn now(&self) -> Duration {
        self.0.fetch_add(1, Relaxed);
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<()> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn the_clock_is_read_once_per_coded_chunk() {
    for (coding, encode) in CODINGS {
        let reads = |events: usize| {
            run(async {
                let body = encode(&vec![&b"data: 1\n\n"[..]; events]);
                let script = Script::new([Reply::Response(coded(coding, body))]);
                let clock = CountedClock::default();
                let client = script.client(SseConfig::new().clock(clock.clone()));
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                assert_eq!(read(&mut session).await.0.len(), events);
                clock.0.load(Relaxed)
            })
        };
        assert_eq!(reads(30) - reads(10), 20, "{coding}");
    }
}
