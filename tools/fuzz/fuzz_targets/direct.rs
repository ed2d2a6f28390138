//! HTTP/1.1 of sse-direct. Any bytes as a response over a connection in memory yield the same
//! events and the same end whatever the reads, and take little memory. With a server that never
//! stops, each poll ends.

#![no_main]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::{Ready, ready},
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use libfuzzer_sys::fuzz_target;
use sse_direct::DirectTransport;
use sse_session::{BodyEnd, BoxFuture, Clock, SseClient, SseConfig, SseErrorKind};
use tower_service::Service;

use plan::Plan;

mod plan;

fuzz_target!(|input: &[u8]| {
    let Some(Plan { choice, chunks, stream }) = Plan::of(input) else { return };
    let head = HEADS[usize::from(choice) % HEADS.len()];
    let bytes: Arc<[u8]> = [head.as_bytes(), stream].concat().into();
    let sizes: Vec<_> = chunks.iter().map(|chunk| chunk.len()).filter(|len| *len > 0).collect();
    let sizes = if sizes.is_empty() { vec![1] } else { sizes };
    let is_flood = usize::from(choice) / HEADS.len() % 2 == 1 && !bytes.is_empty();
    if is_flood {
        flood(&bytes, &sizes, stream.len().clamp(1, sizes[0] * 4));
        return;
    }
    let each = read(&bytes, vec![1]);
    for sizes in [sizes, vec![usize::MAX]] {
        let some = read(&bytes, sizes);
        assert_eq!(some.end, each.end);
        if each.end.0 == Some(SseErrorKind::Decode) {
            // The amount that is decoded before corrupt data depends on the reads.
            assert!(each.events.starts_with(&some.events));
        } else {
            assert_eq!(some.events, each.events);
        }
    }
});

/// Starts of responses: none, or a head with one of the framings.
const HEADS: [&str; 5] = [
    "",
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 40\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n",
];

/// Events of a session, and how it ended.
struct Life {
    events: Vec<String>,
    end: (Option<SseErrorKind>, Option<BodyEnd>, Option<String>),
}

/// Reads a session over connections that return these bytes, in reads of these sizes, repeated.
fn read(bytes: &Arc<[u8]>, sizes: Vec<usize>) -> Life {
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    let mut life = Life { events: Vec::new(), end: (None, None, None) };
    let session = client(bytes, sizes, None).0.sse_session("http://localhost/");
    let end = run(async {
        let mut session = session.await?;
        while let Some(event) = session.next().await {
            life.events.push(event?.data().to_owned());
        }
        Ok(session.end_evidence())
    });
    life.end = match end {
        Ok(evidence) => (None, evidence.map(|it| it.body_end()), None),
        Err(error) => {
            let error: sse_session::SseError = error;
            let source = std::error::Error::source(&error).map(ToString::to_string);
            (Some(error.kind()), error.end_evidence().map(|it| it.body_end()), source)
        }
    };
    // A length that a server declares is not allocated.
    let held = PEAK.load(Relaxed).saturating_sub(before);
    assert!(held <= 512 * 1024 + 8 * bytes.len(), "{held} bytes held");
    life
}

/// Reads a session of a server that repeats its last bytes without end.
fn flood(bytes: &Arc<[u8]>, sizes: &[usize], repeated: usize) {
    let sizes = sizes.iter().map(|&size| size.min(256)).collect();
    let (client, sent) = client(bytes, sizes, Some(repeated.min(bytes.len())));
    let mut opening = Box::pin(async { client.sse_session("http://localhost/").await });
    let mut polls = 0;
    let mut session = loop {
        match bounded(&sent, opening.as_mut()) {
            Poll::Ready(Ok(session)) => break session,
            Poll::Ready(Err(_)) => return,
            Poll::Pending => polls += 1,
        }
        assert!(polls < 1000, "the session waits");
    };
    for _ in 0..100 {
        if let Poll::Ready(None | Some(Err(_))) = bounded(&sent, pin!(session.next())) {
            return;
        }
    }
}

/// Polls a future once, and checks that a server cannot send without end in that time.
fn bounded<F: Future>(sent: &AtomicUsize, future: Pin<&mut F>) -> Poll<F::Output> {
    let before = sent.load(Relaxed);
    let polled = future.poll(&mut Context::from_waker(Waker::noop()));
    let read = sent.load(Relaxed) - before;
    assert!(read <= MAX_POLL_BYTES, "{read} bytes in one poll");
    polled
}

/// Heads are bounded by 256 KiB, and redirects by their number.
const MAX_POLL_BYTES: usize = 1 << 20;

/// Polls a future that is always ready to continue.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

fn client(
    bytes: &Arc<[u8]>,
    sizes: Vec<usize>,
    repeated: Option<usize>,
) -> (SseClient, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let (bytes, count) = (bytes.clone(), sent.clone());
    let connection = Connection { bytes, sizes, repeated, at: 0, reads: 0, sent: count };
    let config = SseConfig::new().clock(Still);
    (SseClient::new(DirectTransport::new(Connector(connection)), config), sent)
}

/// Connector of connections that are all the same.
#[derive(Clone)]
struct Connector(Connection);

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = io::Error;
    type Future = Ready<io::Result<Connection>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(Ok(self.0.clone()))
    }
}

#[derive(Clone)]
struct Connection {
    bytes: Arc<[u8]>,
    sizes: Vec<usize>,
    /// Number of the last bytes that are repeated without end.
    repeated: Option<usize>,
    at: usize,
    reads: usize,
    sent: Arc<AtomicUsize>,
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if let (Some(repeated), true) = (self.repeated, self.at == self.bytes.len()) {
            self.at -= repeated;
        }
        let rest = &self.bytes[self.at..];
        let len = self.sizes[self.reads % self.sizes.len()].min(rest.len()).min(buf.remaining());
        buf.put_slice(&rest[..len]);
        self.at += len;
        self.reads += 1;
        self.sent.fetch_add(len, Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl Write for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Clock of a session that needs none.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<()> {
        Box::pin(std::future::pending())
    }
}

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn allocated(size: usize) {
    PEAK.fetch_max(HELD.fetch_add(size, Relaxed) + size, Relaxed);
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

// SAFETY: passes everything on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        allocated(new_size);
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(block, layout, new_size) }
    }
}
