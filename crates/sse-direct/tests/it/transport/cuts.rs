//! Whole sessions, whose connections are cut at every byte: no event is lost or yielded twice.
//!
//! A model server has a feed of numbered events and resumes after the last event ID. Each seed
//! makes a feed. The first response is cut at each of its bytes in turn, and the following
//! connections anywhere. A failure prints its seed. For a million cuts from a first seed:
//!
//! ```text
//! CUTS=1000000 SEED=0 cargo test --release -p sse-direct cuts -- --nocapture
//! ```

use std::{
    fmt::Write,
    io::ErrorKind,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use fastrand::Rng;
use sse_session::{ReconnectPolicy, SseConfig};

use crate::support::{End, Memory, Script, read, response, setting};

#[test]
fn sessions_that_are_cut_at_any_byte_lose_and_repeat_no_event() {
    let (count, first) = (setting("CUTS", 100_000), setting("SEED", 0));
    let (seeds, cuts) = (AtomicU64::new(first), Arc::new(AtomicU64::new(0)));
    let sessions = AtomicU64::new(0);
    let run_seeds = || {
        while cuts.load(Relaxed) < count {
            let seed = seeds.fetch_add(1, Relaxed);
            let feed = Feed::new(&mut Rng::with_seed(seed));
            let len = feed.response(0, &mut Rng::with_seed(seed)).0.len();
            for at in 0..len {
                let life = || live(&feed, seed, at, cuts.clone());
                let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(life));
                assert!(result.is_ok(), "SEED={seed} CUTS=1, first cut at {at}");
                sessions.fetch_add(1, Relaxed);
            }
        }
    };
    // On all cores: it takes longest of the tests of this crate. `CUTS=1` runs one seed only.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..count.min(cores as u64) {
            scope.spawn(run_seeds);
        }
    });
    let (seeds, cuts) = (seeds.into_inner(), cuts.load(Relaxed));
    let sessions = sessions.into_inner();
    println!("{cuts} cuts in {sessions} sessions, seeds {first} to {}", seeds - 1);
}

/// Runs a session whose first connection is cut after this number of bytes.
fn live(feed: &Feed, seed: u64, first_cut: usize, cuts: Arc<AtomicU64>) {
    let mut rng = Rng::with_seed(seed);
    let served = feed.clone();
    let mut connections = 0;
    let memory = Memory::serving(move |request| {
        let id = request.split("\r\nlast-event-id: ").nth(1);
        let position = id.map_or(0, |id| id.split("\r\n").next().unwrap().parse().unwrap());
        connections += 1;
        if position == served.events.len() {
            return Script::new("HTTP/1.1 204 No Content\r\n\r\n");
        }
        let (bytes, knows_end) = served.response(position, &mut rng);
        let largest = *rng.choice(&[1, 9, 100, usize::MAX]).unwrap();
        let sizes = (0..5).map(|_| rng.usize(1..=largest)).collect();
        let cut = match connections {
            1 => Some(first_cut),
            2..6 if rng.usize(..4) > 0 => Some(rng.usize(..bytes.len())),
            _ => None,
        };
        let end = match rng.usize(..3) {
            0 => End::Close,
            1 if cut.is_some() => End::Error(ErrorKind::ConnectionReset),
            _ if cut.is_none() && knows_end => End::Silence,
            _ => End::Close,
        };
        cuts.fetch_add(u64::from(cut.is_some()), Relaxed);
        Script::new(&bytes[..cut.unwrap_or(bytes.len())]).pieces(sizes).end(end)
    });
    let policy = ReconnectPolicy::fixed(Duration::ZERO).max_attempts(20);
    let config = SseConfig::new().reconnect(policy).retry_first_connection(true);
    let (data, error) = finish(async {
        let mut session = memory.client(config).sse_session("http://localhost/").await.unwrap();
        read(&mut session).await
    });
    assert!(error.is_none(), "{error:?}");
    assert_eq!(data, feed.events);
}

/// Polls a future to its end, whose session waits for nothing.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
    panic!("the session waits");
}

/// Events of a server. The ID of each is its number, from 1.
#[derive(Debug, Clone)]
struct Feed {
    events: Vec<String>,
}

impl Feed {
    fn new(rng: &mut Rng) -> Self {
        let event = |number| {
            let lines = (0..rng.usize(1..3)).map(|line| format!("{number}.{line} é"));
            lines.collect::<Vec<_>>().join("\n")
        };
        Self { events: (1..=4).map(event).collect() }
    }

    /// Returns a response with the events after a position, and `true` if it knows its end.
    fn response(&self, position: usize, rng: &mut Rng) -> (Vec<u8>, bool) {
        let mut stream = String::new();
        for (index, data) in self.events.iter().enumerate().skip(position) {
            let line_end = *rng.choice(&["\n", "\r\n", "\r"]).unwrap();
            if rng.usize(..4) == 0 {
                write!(stream, ": a comment{line_end}{line_end}").unwrap();
            }
            write!(stream, "id: {}{line_end}", index + 1).unwrap();
            for line in data.split('\n') {
                write!(stream, "data: {line}{line_end}").unwrap();
            }
            stream += line_end;
        }
        match rng.usize(..4) {
            0 => (response(&format!("content-length: {}\r\n", stream.len()), stream), true),
            1 => (response("", stream), false),
            _ => (response("transfer-encoding: chunked\r\n", chunks(stream.as_bytes(), rng)), true),
        }
    }
}

/// Encodes a body in chunks of any size.
fn chunks(body: &[u8], rng: &mut Rng) -> Vec<u8> {
    let largest = *rng.choice(&[3, 30, 1000]).unwrap();
    let mut bytes = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rng.usize(1..=largest).min(rest.len()));
        let extension = if rng.usize(..8) == 0 { ";x=y" } else { "" };
        bytes.extend(format!("{:x}{extension}\r\n", chunk.len()).bytes());
        bytes.extend([chunk, b"\r\n"].concat());
        rest = after;
    }
    let trailers = if rng.usize(..4) == 0 { "x: y\r\n" } else { "" };
    bytes.extend(format!("0\r\n{trailers}\r\n").bytes());
    bytes
}
