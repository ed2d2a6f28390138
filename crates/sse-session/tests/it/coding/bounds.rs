//! Bounds: a small body may expand to much, and a large one to nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use sse_session::{BoxFuture, Clock, Deadline, Limits, SessionObserver, SseConfig, SseErrorKind};
use sse_test::TestClock;

use super::encode::{CODINGS, gzip};
use crate::support::{Reply, Script, coded, hanging, read, run};

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
    run(async {
        let second = Duration::from_secs(1);
        let clock = TestClock::manual();
        // The header of a member arrives before the silence.
        let header = gzip(&[]).concat()[..10].to_vec();
        let response = hanging(coded("gzip", [header]));
        let script = Script::new([Reply::Response(response)]);
        let config = SseConfig::new()
            .first_byte_timeout(second)
            .idle_timeout(3 * second)
            .clock(clock.clone());
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        let (event, ()) = tokio::join!(session.next(), async {
            clock.asked_for(1).await;
            clock.advance(second);
            clock.advance(2 * second);
        });
        assert_eq!(event.unwrap().unwrap_err().deadline(), Some(Deadline::Idle));
        assert_eq!(session.end_evidence().unwrap().bytes(), 0);
    });
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
