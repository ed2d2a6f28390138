//! Client of sessions over any transport.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::Response;
use http_body::Body;

use crate::{
    boxed::{erased, erased_shared},
    config::SseConfig,
    context::RequestContext,
    erased::{DynTransport, erase},
    error::SseError,
    factory::Factory,
    opening::OpenSession,
    request::{SseRequest, into_source},
    session::ClientSseSession,
    session_request::{IntoSessionRequest, SessionRequest},
    source::Source,
    threads::{BoxError, MaybeSend, MaybeSendSync},
    transport::Transport,
};

/// Client that opens sessions over a [`Transport`].
///
/// Cloning is cheap, and clones share the transport.
#[derive(Clone)]
pub struct SseClient {
    transport: Arc<dyn DynTransport>,
    config: Arc<SseConfig>,
}

impl SseClient {
    /// Creates a client that sends requests over `transport`: a type that implements
    /// [`Transport`], a function, a [`BoxTransport`](crate::BoxTransport), or the service of a
    /// `TowerTransport`.
    #[must_use]
    pub fn new(transport: impl Transport, config: SseConfig) -> Self {
        Self { transport: erased(transport), config: Arc::new(config) }
    }

    /// Creates a client that shares its transport and its options with others.
    #[must_use]
    pub fn shared(transport: Arc<impl Transport>, config: Arc<SseConfig>) -> Self {
        Self { transport: erased_shared(transport), config }
    }

    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))] // for blocking sessions
    pub(crate) fn over(transport: Arc<dyn DynTransport>, config: Arc<SseConfig>) -> Self {
        Self { transport, config }
    }

    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))] // for blocking sessions
    pub(crate) fn into_parts(self) -> (Arc<dyn DynTransport>, Arc<SseConfig>) {
        (self.transport, self.config)
    }

    /// Returns the options of sessions, unless their request changes them.
    #[must_use]
    pub fn config(&self) -> &SseConfig {
        &self.config
    }

    /// Starts a request, whose options can still be changed.
    pub fn request(&self, request: impl IntoSessionRequest) -> SseRequest {
        SseRequest::new(self.transport.clone(), into_source(request), self.config.clone())
    }

    /// Starts a request that `make` creates again for each connection of its session: with a valid
    /// token, another URI, or a body that says where to resume.
    ///
    /// `make` is called when the wait before the request is over. The session then adds its
    /// headers, `Last-Event-ID` among them. If `make` fails, the attempt fails, as if the server
    /// had not responded.
    pub fn request_factory<F, Fut, E>(&self, make: F) -> SseRequest
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<SessionRequest, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        let source = Ok(Source::Factory(Factory::fallible(make)));
        SseRequest::new(self.transport.clone(), source, self.config.clone())
    }

    /// Starts a session with a response that was already received: for protocols in which a request
    /// is answered by an event stream or by something else, and the head of the response says
    /// which.
    ///
    /// The URI of the response is that of its [`FinalUri`](crate::FinalUri) extension, or `/` if it
    /// has none.
    pub fn response<B>(&self, response: Response<B>) -> SseRequest
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + MaybeSend + 'static,
    {
        let response = erase(self.transport.clone(), response);
        SseRequest::answered(self.transport.clone(), response, self.config.clone())
    }

    /// Opens a session; see [`SseRequest::sse_session`].
    ///
    /// # Errors
    ///
    /// Fails if the request is invalid, or if the server does not respond with an event stream.
    pub fn sse_session(&self, request: impl IntoSessionRequest) -> OpenSession {
        self.request(request).sse_session()
    }

    /// Opens a session, runs `block` with it, closes it, and returns what the block returned; see
    /// [`SseRequest::sse`].
    ///
    /// # Errors
    ///
    /// Fails if the session cannot be opened, or if the block fails.
    pub async fn sse<R>(
        &self,
        request: impl IntoSessionRequest,
        block: impl AsyncFnOnce(&mut ClientSseSession) -> Result<R, SseError>,
    ) -> Result<R, SseError> {
        self.request(request).sse(block).await
    }
}

impl fmt::Debug for SseClient {
    /// Omits the transport, which may show secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseClient").field("config", &self.config).finish_non_exhaustive()
    }
}
