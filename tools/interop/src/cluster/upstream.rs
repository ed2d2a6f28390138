//! Upstream of the cluster: an event stream on loopback, whose events come at a steady rate from
//! its first connection on, whether or not anybody follows it.
//!
//! Resumes after the `Last-Event-ID` of a request, or a few events before it, unless its events
//! have no IDs; then it sends what is new. Ends after the last event, and then responds with 204.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use crate::error::Result;

/// Running upstream.
#[derive(Debug, Clone)]
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Time of the first connection.
    began: OnceLock<Instant>,
    options: Options,
    last: Arc<AtomicU64>,
    no_content: AtomicU64,
    open: AtomicU64,
    most_open: AtomicU64,
}

/// Properties of the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    /// Events per second.
    pub(super) rate: f64,
    /// Number of the last event, or [`OPEN`].
    pub(super) total: u64,
    pub(super) has_ids: bool,
    /// Bytes of data of each event, at least.
    pub(super) bytes: usize,
    /// Number of events before the ID of a request that are sent again.
    pub(super) rewind: u64,
}

/// Number of the last event of a stream that continues until [`Upstream::end_soon`].
pub(super) const OPEN: u64 = u64::MAX;

impl Upstream {
    pub(super) async fn start(options: Options) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            began: OnceLock::new(),
            options,
            last: Arc::new(AtomicU64::new(options.total)),
            no_content: AtomicU64::new(0),
            open: AtomicU64::new(0),
            most_open: AtomicU64::new(0),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                tokio::spawn(async move {
                    let open = shared.open.fetch_add(1, Ordering::Relaxed) + 1;
                    shared.most_open.fetch_max(open, Ordering::Relaxed);
                    // The follower is gone, which is what these scenarios are about.
                    let _ = shared.serve(stream).await;
                    shared.open.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Ok(Self { address, shared })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Returns the number of the last event, which may change.
    pub(super) fn last(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.shared.last)
    }

    /// Returns the number of the newest event.
    pub(super) fn newest(&self) -> u64 {
        self.shared.due()
    }

    /// Ends the stream some events after the newest one. Returns the number of its last event.
    pub(super) fn end_soon(&self) -> u64 {
        let last = self.newest() + MORE;
        self.shared.last.store(last, Ordering::Relaxed);
        last
    }

    /// Returns the number of responses that said that there are no more events.
    pub(super) fn no_content(&self) -> u64 {
        self.shared.no_content.load(Ordering::Relaxed)
    }

    /// Returns the largest number of connections at one time.
    pub(super) fn most_open(&self) -> u64 {
        self.shared.most_open.load(Ordering::Relaxed)
    }
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let id = head.lines().find_map(|line| line.strip_prefix("last-event-id:"));
        let resumed = id.and_then(|id| id.trim().parse().ok());
        self.began.get_or_init(Instant::now);
        let after: u64 = resumed.unwrap_or(if self.options.has_ids { 0 } else { self.due() });
        if after >= self.last() {
            self.no_content.fetch_add(1, Ordering::Relaxed);
            return stream.write_all(NO_CONTENT.as_bytes()).await;
        }
        let mut sent =
            after.saturating_sub(if resumed.is_some() { self.options.rewind } else { 0 });
        stream.write_all(HEAD.as_bytes()).await?;
        let (mut reading, mut writing) = stream.split();
        let mut nothing = [0; 1];
        loop {
            let due = self.due().min(sent + MOST_AT_ONCE);
            let text: String = (sent + 1..=due).map(|number| self.event(number)).collect();
            sent = due.max(sent);
            writing.write_all(text.as_bytes()).await?;
            if sent < self.due() {
                continue;
            }
            if sent >= self.last() {
                return Ok(());
            }
            tokio::select! {
                _ = reading.read(&mut nothing) => return Ok(()),
                () = sleep(TICK) => {}
            }
        }
    }

    fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Returns the number of the newest event.
    fn due(&self) -> u64 {
        let elapsed = self.began.get().map_or(Duration::ZERO, Instant::elapsed);
        // A number of events, which is small and not negative.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let due = (elapsed.as_secs_f64() * self.options.rate) as u64;
        due.min(self.last())
    }

    fn event(&self, number: u64) -> String {
        let id = if self.options.has_ids { format!("id: {number}\n") } else { String::new() };
        format!("{id}event: tick\ndata: {number} {:.<1$}\n\n", "", self.options.bytes)
    }
}

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
const TICK: Duration = Duration::from_millis(5);
const MOST_AT_ONCE: u64 = 500;
/// Number of events between the decision to end the stream and its end.
const MORE: u64 = 500;
