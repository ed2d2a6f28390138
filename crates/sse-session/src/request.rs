//! Request of a session: where its events come from, and the options of that session.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    boxed::erased_shared,
    clock::Timekeeper,
    config::SseConfig,
    context::RequestContext,
    driver::{Beginning, Driver},
    erased::{DynTransport, ErasedResponse},
    error::SseError,
    factory::Factory,
    failure::{Failure, NotRepeatable},
    final_uri::FinalUri,
    opening::OpenSession,
    resume::Resume,
    session::ClientSseSession,
    session_request::{IntoSessionRequest, InvalidRequest, SessionRequest},
    source::Source,
    threads::{BoxError, MaybeSend, MaybeSendSync},
    transport::Transport,
};

/// Request for an event stream, or response to one, with the options of the session that it opens.
///
/// Created by [`SseClient::request`](crate::SseClient::request) and the methods beside it.
#[must_use = "a request does nothing until a session is opened with it"]
pub struct SseRequest {
    transport: Arc<dyn DynTransport>,
    source: Result<Source, Failure>,
    response: Option<Box<ErasedResponse>>,
    resume_request: Option<Result<Source, Failure>>,
    config: Arc<SseConfig>,
    /// If `true`, options were changed for this session.
    is_configured: bool,
}

impl SseRequest {
    pub(crate) fn new(
        transport: Arc<dyn DynTransport>,
        source: Result<Source, Failure>,
        config: Arc<SseConfig>,
    ) -> Self {
        let (response, resume_request, is_configured) = (None, None, false);
        Self { transport, source, response, resume_request, config, is_configured }
    }

    pub(crate) fn answered(
        transport: Arc<dyn DynTransport>,
        response: ErasedResponse,
        config: Arc<SseConfig>,
    ) -> Self {
        let uri = response.response.extensions().get::<FinalUri>();
        let uri = uri.map(|it| it.uri().clone()).unwrap_or_default();
        let response = Some(Box::new(response));
        let source = Ok(Source::Response(Box::new(uri)));
        let (resume_request, is_configured) = (None, false);
        Self { transport, source, response, resume_request, config, is_configured }
    }

    /// Sets the request to reconnect with, if that is not the one that the session begins with, or
    /// if the session begins with a response. This does not turn reconnection on: a
    /// [policy](SseConfig::reconnect) does.
    ///
    /// The request is made once the session has had a connection, with the last event ID as a
    /// header. [`Resume::ByMethod`](crate::Resume::ByMethod) and
    /// [`CleanEnd::ByMethod`](crate::CleanEnd::ByMethod) then consider its method: with a GET, the
    /// session reconnects after a regular end too.
    pub fn resume_request(mut self, request: impl IntoSessionRequest) -> Self {
        self.resume_request = Some(into_source(request));
        self
    }

    /// Sets a function that makes the request to reconnect with, again for each connection. It is
    /// like [`resume_request`](Self::resume_request), for tokens that expire and URIs that say
    /// where to resume.
    pub fn resume_factory<F, Fut, E>(mut self, make: F) -> Self
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<SessionRequest, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.resume_request = Some(Ok(Source::Factory(Factory::fallible(make))));
        self
    }

    /// Sends the requests of this session over another transport.
    pub fn transport(mut self, transport: Arc<impl Transport>) -> Self {
        self.transport = erased_shared(transport);
        self
    }

    /// Changes options for this session.
    ///
    /// Options that can have no effect are an [error](crate::SseErrorKind::InvalidConfig) when the
    /// session is opened, such as a policy for reconnection that is set here for a POST without
    /// [`SseConfig::resume`].
    pub fn configure(mut self, change: impl FnOnce(SseConfig) -> SseConfig) -> Self {
        let mut config = Arc::unwrap_or_clone(self.config);
        if !std::mem::replace(&mut self.is_configured, true) {
            config.reconnection.inherit();
        }
        self.config = Arc::new(change(config));
        self
    }

    /// Overrides the time to wait before each attempt to reconnect; short for
    /// [`configure`](Self::configure) with [`SseConfig::reconnection_time`].
    pub fn reconnection_time(self, time: Duration) -> Self {
        self.configure(|config| config.reconnection_time(time))
    }

    /// Sets whether events that have comments and no data are shown; short for
    /// [`configure`](Self::configure) with [`SseConfig::show_comment_events`].
    pub fn show_comment_events(self, show: bool) -> Self {
        self.configure(|config| config.show_comment_events(show))
    }

    /// Sets whether events that have a reconnection time and no data are shown; short for
    /// [`configure`](Self::configure) with [`SseConfig::show_retry_events`].
    pub fn show_retry_events(self, show: bool) -> Self {
        self.configure(|config| config.show_retry_events(show))
    }

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Fails if the request is invalid, or if the server does not respond with an event stream: see
    /// [`SseError`]. A response with status 204 is not an error, but a session without events.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future cancels the request.
    pub fn sse_session(self) -> OpenSession {
        let clock = self.config.clock_or_default();
        self.open(clock)
    }

    /// Opens a session, runs `block` with it, closes it, and returns what the block returned.
    ///
    /// A block that can fail in other ways returns that `Result` as its value, for example
    /// `Ok(store(event).await)`.
    ///
    /// # Errors
    ///
    /// Fails if the session cannot be opened, as [`sse_session`](Self::sse_session) says, or if the
    /// block fails.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future drops the block and closes the session.
    pub async fn sse<R>(
        self,
        block: impl AsyncFnOnce(&mut ClientSseSession) -> Result<R, SseError>,
    ) -> Result<R, SseError> {
        let mut session = self.sse_session().await?;
        block(&mut session).await
    }

    /// Returns a copy, or why the request can be sent only once.
    pub(crate) fn try_clone(&self) -> Result<Self, NotRepeatable> {
        if self.response.is_some() {
            return Err(NotRepeatable::NoRequest);
        }
        let copy = |source: &Result<Source, Failure>| match source {
            Ok(source) => source.try_clone().map(Ok),
            Err(_) => None, // the first attempt reports it
        };
        let source = copy(&self.source).ok_or(NotRepeatable::BodySpent)?;
        let resume_request = match &self.resume_request {
            Some(source) => Some(copy(source).ok_or(NotRepeatable::BodySpent)?),
            None => None,
        };
        let (transport, config) = (self.transport.clone(), self.config.clone());
        let (response, is_configured) = (None, self.is_configured);
        Ok(Self { transport, source, response, resume_request, config, is_configured })
    }

    /// Returns `true` if the session resumes by an ID: the caller has set with which request, or
    /// when.
    pub(crate) fn resumes_by_id(&self) -> bool {
        self.resume_request.is_some() || self.config.reconnection.resume() == Resume::IfIdSeen
    }

    pub(crate) fn config(&self) -> &SseConfig {
        &self.config
    }

    /// Returns the clock that the caller has set.
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))] // for blocking sessions
    pub(crate) fn own_clock(&self) -> Option<Arc<dyn Timekeeper>> {
        self.config.clock.clone()
    }

    /// Returns the session that is opened when it is polled, with this clock.
    pub(crate) fn open(self, clock: Option<Arc<dyn Timekeeper>>) -> OpenSession {
        OpenSession::new(self.into_driver(clock))
    }

    pub(crate) fn into_driver(self, clock: Option<Arc<dyn Timekeeper>>) -> Result<Driver, Failure> {
        let Self { transport, source, response, resume_request, config, is_configured } = self;
        let (source, resume_request) = (source?, resume_request.transpose()?);
        let beginning = Beginning { source, response, resume_request, is_configured };
        Driver::new(beginning, transport, config, clock)
    }
}

pub(crate) fn into_source(request: impl IntoSessionRequest) -> Result<Source, Failure> {
    request.into_request().map(Source::Request).map_err(InvalidRequest::into_failure)
}

impl fmt::Debug for SseRequest {
    /// Shows neither the values of the headers nor the query of the URI: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseRequest")
            .field("source", &self.source)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
