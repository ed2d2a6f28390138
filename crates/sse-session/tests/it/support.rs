//! Transport in memory, which follows a script and records its requests.

use std::{
    collections::VecDeque,
    future::pending,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body::{Body, Frame};
use sse_session::{
    Capabilities, ClientSseSession, SendContext, ServerSentEvent, SseClient, SseConfig, SseError,
    Transport,
};

/// Runs a test to its end, on one thread; a test that hangs fails.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let guard = std::time::Duration::from_secs(30);
    runtime.block_on(async { tokio::time::timeout(guard, test).await.expect("the test hangs") })
}

/// Transport that gives each request the next reply of its script.
#[derive(Clone, Default)]
pub(crate) struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
    contexts: Arc<Mutex<Vec<(u32, bool)>>>,
    capabilities: Capabilities,
}

pub(crate) enum Reply {
    Response(Response<Frames>),
    Error(io::Error),
    Never,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = replies.into_iter().collect();
        Self { replies: Arc::new(Mutex::new(replies)), ..Self::default() }
    }

    pub(crate) fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }

    /// The attempt of each request, and whether a fresh connection was wanted.
    pub(crate) fn contexts(&self) -> Vec<(u32, bool)> {
        self.contexts.lock().unwrap().clone()
    }

    pub(crate) fn client(&self, config: SseConfig) -> SseClient {
        SseClient::new(self.clone(), config)
    }
}

impl Transport for Script {
    type Body = Frames;
    type Error = io::Error;

    async fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<Frames>, io::Error> {
        self.requests.lock().unwrap().push(request);
        let context = (context.attempt(), context.fresh_connection_wanted());
        self.contexts.lock().unwrap().push(context);
        let reply = self.replies.lock().unwrap().pop_front();
        match reply.expect("a request that the script does not have") {
            Reply::Response(response) => Ok(response),
            Reply::Error(error) => Err(error),
            Reply::Never => pending().await,
        }
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }
}

/// Body of the frames of a script.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    frames: VecDeque<Result<Bytes, io::Error>>,
    hangs: bool,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(frame.map(Frame::data))),
            None if self.hangs => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

/// Response with an event stream in these chunks, chunked as HTTP/1.1 has it.
pub(crate) fn events(chunks: &[&'static str]) -> Response<Frames> {
    let frames = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
    let response = Response::builder()
        .version(Version::HTTP_11)
        .header("content-type", "text/event-stream")
        .header("transfer-encoding", "chunked");
    response.body(Frames { frames, hangs: false }).unwrap()
}

/// Response with an event stream in these codings, whose body has these chunks.
pub(crate) fn coded(codings: &str, chunks: impl IntoIterator<Item = Vec<u8>>) -> Response<Frames> {
    let mut response = events(&[]);
    response.headers_mut().insert("content-encoding", codings.parse().unwrap());
    response.body_mut().frames = chunks.into_iter().map(|chunk| Ok(chunk.into())).collect();
    response
}

/// Adds the error that ends a body.
pub(crate) fn broken(mut response: Response<Frames>, kind: io::ErrorKind) -> Response<Frames> {
    response.body_mut().frames.push_back(Err(kind.into()));
    response
}

/// Makes a body silent where it would end.
pub(crate) fn hanging(mut response: Response<Frames>) -> Response<Frames> {
    response.body_mut().hangs = true;
    response
}

/// Response with this status and no body.
pub(crate) fn status(status: u16) -> Response<Frames> {
    Response::builder().status(status).body(Frames::default()).unwrap()
}

/// Redirect to this location.
pub(crate) fn redirect(status: u16, location: &str) -> Reply {
    let response = Response::builder().status(status).header("location", location);
    Reply::Response(response.body(Frames::default()).unwrap())
}

/// Reads the data of all events, and the error, if that was the end.
pub(crate) async fn read(session: &mut ClientSseSession) -> (Vec<String>, Option<SseError>) {
    let mut data = Vec::new();
    while let Some(event) = session.next().await {
        match event {
            Ok(event) => data.push(ServerSentEvent::data(&event).to_owned()),
            Err(error) => return (data, Some(error)),
        }
    }
    (data, None)
}
