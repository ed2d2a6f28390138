//! Blocking transport in memory, which follows a script and records its requests.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Read},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Version};
use sse_session::{
    BlockingClient, BlockingSession, BlockingTransport, SendContext, ServerSentEvent, SseConfig,
    SseError,
};

/// Runs a test to its end, on a thread without a runtime; a test that hangs fails.
pub(crate) fn run<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    let (ended, end) = mpsc::channel();
    let test = thread::spawn(move || {
        let result = test();
        let _ = ended.send(());
        result
    });
    // A panic drops the sender.
    let waited = end.recv_timeout(Duration::from_secs(30));
    assert_ne!(waited, Err(mpsc::RecvTimeoutError::Timeout), "the test hangs");
    test.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Transport that gives each request the next reply of its script.
#[derive(Clone, Default)]
pub(crate) struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
    timeouts: Arc<Mutex<Vec<Timeouts>>>,
}

/// Head timeout and read timeout of a request.
pub(crate) type Timeouts = (Option<Duration>, Option<Duration>);

/// Action of a transport while a request blocks.
pub(crate) type Reply = Box<dyn FnOnce() -> io::Result<Response<Pieces>> + Send>;

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = replies.into_iter().collect();
        Self { replies: Arc::new(Mutex::new(replies)), ..Self::default() }
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn timeouts(&self) -> Vec<Timeouts> {
        self.timeouts.lock().unwrap().clone()
    }

    pub(crate) fn last_event_ids(&self) -> Vec<Option<String>> {
        let id =
            |it: &Request<Bytes>| Some(it.headers().get("last-event-id")?.to_str().ok()?.into());
        self.requests().iter().map(id).collect()
    }

    pub(crate) fn client(&self, config: SseConfig) -> BlockingClient {
        BlockingClient::new(self.clone(), config)
    }

    pub(crate) fn open(&self, config: SseConfig) -> Result<BlockingSession, SseError> {
        self.client(config).sse_session("http://localhost/")
    }
}

impl BlockingTransport for Script {
    type Body = Pieces;
    type Error = io::Error;

    fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<Pieces>, io::Error> {
        self.requests.lock().unwrap().push(request);
        self.timeouts.lock().unwrap().push((context.head_timeout(), context.read_timeout()));
        let reply = self.replies.lock().unwrap().pop_front();
        reply.expect("a request that the script does not have")()
    }
}

/// Body of the pieces of a script.
#[derive(Default)]
pub(crate) struct Pieces(VecDeque<Piece>);

/// Action of one read of a body.
pub(crate) type Piece = Box<dyn FnOnce() -> io::Result<Bytes> + Send>;

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.0.pop_front() else {
            return Ok(0);
        };
        let mut piece = piece()?;
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece.split_to(count));
        if !piece.is_empty() {
            self.0.push_front(Box::new(|| Ok(piece)));
        }
        Ok(count)
    }
}

pub(crate) fn data(data: &'static str) -> Piece {
    Box::new(move || Ok(Bytes::from_static(data.as_bytes())))
}

pub(crate) fn fails(kind: ErrorKind) -> Piece {
    Box::new(move || Err(kind.into()))
}

/// Does this while the read blocks, and then fails.
pub(crate) fn after(act: impl FnOnce() + Send + 'static, kind: ErrorKind) -> Piece {
    Box::new(move || {
        act();
        Err(kind.into())
    })
}

/// Response with an event stream in these pieces, chunked as HTTP/1.1 has it.
pub(crate) fn stream(pieces: impl IntoIterator<Item = Piece>) -> Reply {
    let response = Response::builder()
        .version(Version::HTTP_11)
        .header("content-type", "text/event-stream")
        .header("transfer-encoding", "chunked");
    let response = response.body(Pieces(pieces.into_iter().collect())).unwrap();
    Box::new(|| Ok(response))
}

/// Response with this status, a header, and a body.
pub(crate) fn status(
    status: u16,
    header: Option<(&'static str, &str)>,
    pieces: impl IntoIterator<Item = Piece>,
) -> Reply {
    let mut response = Response::builder().status(status);
    if let Some((name, value)) = header {
        response = response.header(name, value);
    }
    let response = response.body(Pieces(pieces.into_iter().collect())).unwrap();
    Box::new(|| Ok(response))
}

/// The server has no more events.
pub(crate) fn end() -> Reply {
    status(204, None, [])
}

/// Reads the data of all events, and the error, if that was the end.
pub(crate) fn read(session: &mut BlockingSession) -> (Vec<String>, Option<SseError>) {
    let mut data = Vec::new();
    for event in session {
        match event {
            Ok(event) => data.push(ServerSentEvent::data(&event).to_owned()),
            Err(error) => return (data, Some(error)),
        }
    }
    (data, None)
}
