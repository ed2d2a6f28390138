//! Request of a blocking session, and its opening.

use std::{fmt, future::ready, pin::Pin, sync::Arc};

use super::{session::BlockingSession, thread::Thread};
use crate::{
    clock::Timekeeper,
    config::SseConfig,
    context::RequestContext,
    error::SseError,
    handle::SessionHandle,
    opening::OpenSession,
    request::SseRequest,
    session_request::{IntoSessionRequest, SessionRequest},
    threads::BoxError,
};

/// Request for an event stream, or response to one, with the options of the blocking session that
/// it opens.
///
/// Created by [`BlockingClient::request`](crate::BlockingClient::request) and the methods beside
/// it.
#[must_use = "a request does nothing until a session is opened with it"]
pub struct BlockingRequest {
    pub(super) request: SseRequest,
}

impl BlockingRequest {
    /// Sets the request to reconnect with, if that is not the one that the session begins with; see
    /// [`SseRequest::resume_request`].
    pub fn resume_request(self, request: impl IntoSessionRequest) -> Self {
        Self { request: self.request.resume_request(request) }
    }

    /// Sets a function that makes the request to reconnect with, again for each connection; see
    /// [`SseRequest::resume_factory`].
    pub fn resume_factory<F, E>(self, make: F) -> Self
    where
        F: Fn(RequestContext) -> Result<SessionRequest, E> + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
    {
        Self { request: self.request.resume_factory(polled(make)) }
    }

    /// Changes options for this session.
    pub fn configure(self, change: impl FnOnce(SseConfig) -> SseConfig) -> Self {
        Self { request: self.request.configure(change) }
    }

    /// Opens a session, and blocks until it is open.
    ///
    /// # Errors
    ///
    /// Fails if the request is invalid, or if the server does not respond with an event stream: see
    /// [`SseError`]. A response with status 204 is not an error, but a session without events.
    pub fn sse_session(self) -> Result<BlockingSession, SseError> {
        self.prepare().open()
    }

    /// Returns the clock that the caller has set, or else that of the thread, which waits.
    pub(super) fn clock(&self) -> (Arc<dyn Timekeeper>, Thread) {
        let thread = Thread::new();
        (self.request.own_clock().unwrap_or_else(|| Arc::new(thread.clock())), thread)
    }

    /// Prepares a session whose handle can be created before it is opened.
    pub fn prepare(self) -> OpenBlockingSession {
        let (clock, thread) = self.clock();
        OpenBlockingSession { opening: self.request.open(Some(clock)), thread }
    }
}

impl fmt::Debug for BlockingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingRequest").field(&self.request).finish()
    }
}

/// Blocking session that is about to be opened.
///
/// ```
/// use bytes::Bytes;
/// use sse_session::{BlockingClient, SseConfig, SseErrorKind};
///
/// # let send = |_: http::Request<Bytes>| -> Result<http::Response<&[u8]>, std::io::Error> {
/// #     Err(std::io::ErrorKind::ConnectionRefused.into())
/// # };
/// // Waits for a server that is down, until Ctrl-C.
/// let client = BlockingClient::new(send, SseConfig::strict_whatwg());
/// let opening = client.request("http://localhost/").prepare();
/// let handle = opening.handle();
/// // A signal handler of another thread calls this.
/// handle.close();
/// assert_eq!(opening.open().unwrap_err().kind(), SseErrorKind::Closed);
/// ```
#[must_use = "no request is made unless the session is opened"]
pub struct OpenBlockingSession {
    opening: OpenSession,
    thread: Thread,
}

impl OpenBlockingSession {
    /// Creates a handle that controls the session from other threads, before it is open and after;
    /// see [`OpenSession::handle`].
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        self.opening.handle()
    }

    /// Opens the session, and blocks until it is open.
    ///
    /// # Errors
    ///
    /// Fails as [`BlockingRequest::sse_session`] does, and if a handle closes the session before it
    /// is open ([`Closed`](crate::SseErrorKind::Closed)).
    pub fn open(self) -> Result<BlockingSession, SseError> {
        let Self { mut opening, thread } = self;
        let session = thread.block_on(|cx| Pin::new(&mut opening).poll(cx))?;
        Ok(BlockingSession { session, thread })
    }
}

impl fmt::Debug for OpenBlockingSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenBlockingSession").finish_non_exhaustive()
    }
}

/// Returns a function as a session calls it.
pub(super) fn polled<F, E>(
    make: F,
) -> impl Fn(RequestContext) -> std::future::Ready<Result<SessionRequest, BoxError>>
where
    F: Fn(RequestContext) -> Result<SessionRequest, E>,
    E: Into<BoxError>,
{
    move |context| ready(make(context).map_err(Into::into))
}
