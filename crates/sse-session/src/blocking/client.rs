//! Client of blocking sessions.

use std::{fmt, io::Read, sync::Arc};

use http::Response;

use super::{
    body::{Blocking, erase},
    request::{BlockingRequest, polled},
    session::BlockingSession,
    transport::BlockingTransport,
};
use crate::{
    client::SseClient,
    config::SseConfig,
    context::RequestContext,
    error::SseError,
    request::SseRequest,
    session_request::{IntoSessionRequest, SessionRequest},
    threads::BoxError,
};

/// Client that opens [blocking sessions](BlockingSession) over a [`BlockingTransport`].
///
/// Cloning is cheap, and clones share the transport.
#[derive(Clone)]
pub struct BlockingClient {
    client: SseClient,
}

impl BlockingClient {
    /// Creates a client that sends requests over `transport`, which may be a function.
    #[must_use]
    pub fn new(transport: impl BlockingTransport, config: SseConfig) -> Self {
        Self::shared(Arc::new(transport), Arc::new(config))
    }

    /// Creates a client that shares its transport and its options with others.
    #[must_use]
    pub fn shared(transport: Arc<impl BlockingTransport>, config: Arc<SseConfig>) -> Self {
        Self { client: SseClient::over(Arc::new(Blocking { transport }), config) }
    }

    /// Returns the options of sessions, unless their request changes them.
    #[must_use]
    pub fn config(&self) -> &SseConfig {
        self.client.config()
    }

    /// Starts a request, whose options can still be changed.
    pub fn request(&self, request: impl IntoSessionRequest) -> BlockingRequest {
        BlockingRequest { request: self.client.request(request) }
    }

    /// Starts a request that `make` makes again for each connection of its session; see
    /// [`SseClient::request_factory`].
    pub fn request_factory<F, E>(&self, make: F) -> BlockingRequest
    where
        F: Fn(RequestContext) -> Result<SessionRequest, E> + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
    {
        BlockingRequest { request: self.client.request_factory(polled(make)) }
    }

    /// Starts a session with a response that was already received; see [`SseClient::response`].
    ///
    /// It must be one of this client's transport, or at least one whose errors the transport
    /// understands.
    pub fn response<B>(&self, response: Response<B>) -> BlockingRequest
    where
        B: Read + Send + 'static,
    {
        let (transport, config) = self.client.clone().into_parts();
        let response = erase(transport.clone(), response);
        BlockingRequest { request: SseRequest::answered(transport, response, config) }
    }

    /// Opens a session, and blocks until it is open; see [`BlockingRequest::sse_session`].
    ///
    /// # Errors
    ///
    /// Fails if the request is invalid, or if the server does not respond with an event stream.
    pub fn sse_session(
        &self,
        request: impl IntoSessionRequest,
    ) -> Result<BlockingSession, SseError> {
        self.request(request).sse_session()
    }
}

impl fmt::Debug for BlockingClient {
    /// Omits the transport, which may show secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingClient").field("config", self.config()).finish_non_exhaustive()
    }
}
