//! Connections in memory: the bytes that a server sends, the sizes of the reads, and the end.

mod heap;

use std::{
    collections::VecDeque,
    future::{Ready, ready},
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use sse_direct::DirectTransport;
use sse_session::{ClientSseSession, SseClient, SseConfig, SseError};
use sse_test::TestClock;
use tower_service::Service;

pub(crate) use heap::{allocations, held};

/// Runs a test to its end, on one thread; a test that hangs fails.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let guard = std::time::Duration::from_secs(30);
    runtime.block_on(async { tokio::time::timeout(guard, test).await.expect("the test hangs") })
}

/// Returns the number in a variable of the environment, or a default.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// Bytes and end of a server's side of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    bytes: Vec<u8>,
    /// Maximum lengths of the reads, repeated.
    sizes: Vec<usize>,
    end: End,
    /// Nothing is received before something was sent.
    is_answer: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    Close,
    Silence,
    Error(io::ErrorKind),
    /// These bytes follow without end, as fast as they are read.
    Flood(&'static str),
}

impl Script {
    pub(crate) fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self {
            bytes: bytes.as_ref().to_vec(),
            sizes: vec![usize::MAX],
            end: End::Close,
            is_answer: false,
        }
    }

    pub(crate) fn pieces_of(self, size: usize) -> Self {
        self.pieces(vec![size])
    }

    pub(crate) fn pieces(mut self, sizes: Vec<usize>) -> Self {
        self.sizes = sizes;
        self
    }

    pub(crate) fn answer(mut self) -> Self {
        self.is_answer = true;
        self
    }

    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }
}

/// Server that responds to each request by a script.
type Server = dyn FnMut(&str) -> Script + Send;

/// Connector of scripts, one for each connection. Records what was sent.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    scripts: Arc<Mutex<VecDeque<Script>>>,
    server: Option<Arc<Mutex<Server>>>,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
    reads: Arc<AtomicUsize>,
    open: Arc<()>,
}

impl Memory {
    pub(crate) fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        let scripts = Arc::new(Mutex::new(scripts.into_iter().collect()));
        Self { scripts, ..Self::default() }
    }

    /// Connects to a server that has received the whole head of a request when it responds.
    pub(crate) fn serving(server: impl FnMut(&str) -> Script + Send + 'static) -> Self {
        Self { server: Some(Arc::new(Mutex::new(server))), ..Self::default() }
    }

    /// Returns the bytes that were sent over each connection.
    pub(crate) fn sent(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(|bytes| String::from_utf8(bytes.clone()).unwrap()).collect()
    }

    /// Number of reads that returned bytes.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Relaxed)
    }

    /// Number of connections that are open.
    pub(crate) fn open(&self) -> usize {
        // This one, and the client's.
        Arc::strong_count(&self.open) - 2
    }

    pub(crate) fn client(&self, config: SseConfig) -> SseClient {
        SseClient::new(self.transport(), config.clock(TestClock::skipping()))
    }

    /// Returns the next connection.
    pub(crate) fn connect(&self) -> Connection {
        Connector(self.clone()).call(Uri::default()).into_inner().unwrap()
    }

    pub(crate) fn transport(&self) -> DirectTransport<Connector> {
        DirectTransport::new(Connector(self.clone()))
    }
}

#[derive(Clone)]
pub(crate) struct Connector(Memory);

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = io::Error;
    type Future = Ready<io::Result<Connection>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let memory = &self.0;
        let script = memory.scripts.lock().unwrap().pop_front();
        if script.is_none() && memory.server.is_none() {
            return ready(Err(io::ErrorKind::ConnectionRefused.into()));
        }
        let number = memory.sent.lock().unwrap().len();
        memory.sent.lock().unwrap().push(Vec::new());
        let (server, sent) = (memory.server.clone(), memory.sent.clone());
        let (all_reads, open) = (memory.reads.clone(), memory.open.clone());
        let connection =
            Connection { script, server, at: 0, reads: 0, number, sent, all_reads, _open: open };
        ready(Ok(connection))
    }
}

pub(crate) struct Connection {
    script: Option<Script>,
    server: Option<Arc<Mutex<Server>>>,
    at: usize,
    reads: usize,
    number: usize,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
    all_reads: Arc<AtomicUsize>,
    _open: Arc<()>,
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let sent = this.sent.lock().unwrap();
        let sent = &sent[this.number];
        if let (None, Some(server)) = (&this.script, &this.server) {
            if !sent.ends_with(b"\r\n\r\n") {
                return Poll::Pending;
            }
            let request = std::str::from_utf8(sent).unwrap();
            this.script = Some((server.lock().unwrap())(request));
        }
        let script = this.script.as_ref().unwrap();
        if script.is_answer && sent.is_empty() {
            return Poll::Pending;
        }
        let rest = &script.bytes[this.at..];
        let size = script.sizes[this.reads % script.sizes.len()];
        let len = rest.len().min(size).min(buf.remaining());
        if len > 0 {
            buf.put_slice(&rest[..len]);
            this.at += len;
            this.reads += 1;
            this.all_reads.fetch_add(1, Relaxed);
            return Poll::Ready(Ok(()));
        }
        match script.end {
            End::Close => Poll::Ready(Ok(())),
            End::Silence => Poll::Pending,
            End::Error(kind) => Poll::Ready(Err(kind.into())),
            End::Flood(piece) => {
                let reads = this.all_reads.fetch_add(1, Relaxed);
                assert!(reads < 100_000, "a flood keeps the thread");
                while buf.remaining() > piece.len() {
                    buf.put_slice(piece.as_bytes());
                }
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl Write for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Returns fewer bytes than requested.
        let len = bytes.len().min(1000);
        self.sent.lock().unwrap()[self.number].extend_from_slice(&bytes[..len]);
        Poll::Ready(Ok(len))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Returns a response with this head and body; the head ends without the empty line.
pub(crate) fn response(fields: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{fields}\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

/// Returns a response whose body has these chunks, and the last chunk.
pub(crate) fn chunked(chunks: &[&str]) -> Vec<u8> {
    let mut body = String::new();
    for chunk in chunks {
        body += &format!("{:x}\r\n{chunk}\r\n", chunk.len());
    }
    response("transfer-encoding: chunked\r\n", body + "0\r\n\r\n")
}

/// Opens a session over one connection.
pub(crate) async fn open(script: Script) -> Result<ClientSseSession, SseError> {
    Memory::new([script]).client(SseConfig::new()).sse_session("http://localhost/").await
}

/// Reads the data of all events, and the error if there is one.
pub(crate) async fn read(session: &mut ClientSseSession) -> (Vec<String>, Option<SseError>) {
    let mut data = Vec::new();
    while let Some(event) = session.next().await {
        match event {
            Ok(event) => data.push(event.data().to_owned()),
            Err(error) => return (data, Some(error)),
        }
    }
    (data, None)
}
