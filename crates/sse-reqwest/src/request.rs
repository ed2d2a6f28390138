//! A request, or the response to one, and the configuration of its session in, a session out.

use std::{fmt, sync::Arc};

use reqwest::{Client, RequestBuilder, Response};

use crate::{
    config::SseConfig,
    error::SseError,
    factory::{Factory, RequestContext},
    failure::Failure,
    session::{ClientSseSession, OpenSession},
    source::Source,
    target::{IntoSseRequest, Target},
    threads::{BoxError, MaybeSend, MaybeSendSync},
};

/// A request for an event stream, to be made or answered already, and the configuration of the
/// session that it opens.
///
/// Made by [`SseClient::request`](crate::SseClient::request) and the methods beside it, or by
/// [`RequestBuilderExt::with_sse_config`](crate::RequestBuilderExt::with_sse_config) and the method
/// of that name for [responses](crate::ResponseExt::with_sse_config).
///
/// A total timeout of the request, or of the `reqwest::Client`, does not apply unless it is
/// [kept](SseConfig::lift_total_timeout): it would cut every event stream.
#[must_use = "a request does nothing until a session is opened with it"]
pub struct SseRequest {
    /// Sends what the session is to resume with, if that brings no client of its own.
    client: Option<Client>,
    pub(crate) source: Result<Source, Failure>,
    pub(crate) resume_request: Option<Result<Source, Failure>>,
    pub(crate) config: Arc<SseConfig>,
}

impl SseRequest {
    pub(crate) fn new(target: Target, config: Arc<SseConfig>) -> Self {
        let client = target.0.as_ref().ok().map(|(client, _)| client.clone());
        Self { client, source: Source::of(target), resume_request: None, config }
    }

    pub(crate) fn made_by(client: Client, factory: Factory, config: Arc<SseConfig>) -> Self {
        let source = Ok(Source::Factory(factory));
        Self { client: Some(client), source, resume_request: None, config }
    }

    pub(crate) fn answered(response: Response, config: Arc<SseConfig>) -> Self {
        let source = Ok(Source::Response(Box::new(response)));
        Self { client: None, source, resume_request: None, config }
    }

    pub(crate) fn with_client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Reconnects with another request than the one that the session begins with; with any at all, if
    /// it begins with a [response](crate::SseClient::response). This does not turn reconnection on:
    /// a [policy](crate::SseConfig::reconnect) does.
    ///
    /// That other request is made once the session has had a connection, with the last event ID as
    /// a header, and is what [`Resume::ByMethod`](crate::Resume::ByMethod) and
    /// [`CleanEnd::ByMethod`](crate::CleanEnd::ByMethod) then look at: with a GET, the session goes on
    /// after a regular end too. With the Model Context Protocol, for one, a POST is resumed by a GET, and
    /// only if the server has sent an ID. Its servers may end a stream before the answer has come, so it is
    /// the answer that ends the session:
    ///
    /// ```no_run
    /// # async fn example(http: reqwest::Client) -> Result<(), sse_reqwest::SseError> {
    /// # fn is_answer(data: &str) -> bool { data.contains("result") }
    /// use sse_reqwest::{RequestBuilderExt, Resume, SseConfig};
    ///
    /// let config = SseConfig::new()
    ///     .max_reconnection_attempts(5)
    ///     .resume(Resume::IfIdSeen)
    ///     .stop_after(|event| is_answer(event.data()));
    /// let session = http
    ///     .post("https://example.org/mcp")
    ///     .body("{}")
    ///     .with_sse_config(config)
    ///     .resume_request(http.get("https://example.org/mcp"))
    ///     .sse_session()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume_request(mut self, request: impl IntoSseRequest) -> Self {
        self.resume_request = Some(Source::of(request.into_target(self.client.as_ref())));
        self
    }

    /// Reconnects with requests that `make` makes, anew for each connection: as
    /// [`resume_request`](Self::resume_request), for tokens that expire and URLs that say where to go on.
    ///
    /// It is called as that of [`SseClient::request_factory`](crate::SseClient::request_factory) is, once the
    /// session has had a connection. Its first request is taken for one that changes nothing; of the
    /// others, [`Resume::ByMethod`](crate::Resume::ByMethod) looks at the one before.
    ///
    /// ```no_run
    /// # async fn current_token() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// # async fn example(client: sse_reqwest::SseClient) -> Result<(), sse_reqwest::SseError> {
    /// use sse_reqwest::BoxError;
    ///
    /// let http = client.http_client().clone();
    /// let session = client
    ///     .request(http.post("https://example.org/answers").body("{}"))
    ///     .resume_factory(move |context| {
    ///         let after = [("after", context.last_event_id())];
    ///         let url = reqwest::Url::parse_with_params("https://example.org/answers/7", after);
    ///         let get = url.map(|url| http.get(url));
    ///         async move { Ok::<_, BoxError>(get?.bearer_auth(current_token().await?)) }
    ///     })
    ///     .sse_session()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume_factory<F, Fut, E>(mut self, make: F) -> Self
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<RequestBuilder, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.resume_request = Some(Ok(Source::Factory(Factory::new(make))));
        self
    }

    /// Changes the configuration for this request alone.
    ///
    /// ```
    /// # use sse_reqwest::{SseClient, SseRequest};
    /// # fn request(client: &SseClient) -> SseRequest {
    /// client
    ///     .request("https://example.org/events")
    ///     .configure(|config| config.max_reconnection_attempts(10).last_event_id("42"))
    /// # }
    /// ```
    pub fn configure(mut self, change: impl FnOnce(SseConfig) -> SseConfig) -> Self {
        self.config = Arc::new(change(Arc::unwrap_or_clone(self.config)));
        self
    }

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// If the request is invalid, gets no answer, or one that is not an event stream: see
    /// [`SseError`]. A response with status 204 is no error, but a session without events.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future cancels the request.
    pub fn sse_session(self) -> OpenSession {
        OpenSession::new(self)
    }

    /// Opens a session, runs `block` with it, closes it, and returns what the block returned.
    ///
    /// A block that can fail returns a `Result` of its own:
    ///
    /// ```no_run
    /// # async fn example(client: sse_reqwest::SseClient) -> Result<(), sse_reqwest::SseError> {
    /// use sse_reqwest::SseError;
    ///
    /// let request = client.request("https://example.org/events");
    /// let first = request
    ///     .sse(async |session| Ok::<_, SseError>(session.next().await.transpose()?))
    ///     .await??;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the session cannot be opened, as [`sse_session`](Self::sse_session) says. What happens
    /// to it later, the block is told by the session.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future drops the block and closes the session.
    pub async fn sse<R>(
        self,
        block: impl AsyncFnOnce(&mut ClientSseSession) -> R,
    ) -> Result<R, SseError> {
        let mut session = self.sse_session().await?;
        Ok(block(&mut session).await)
    }
}

impl fmt::Debug for SseRequest {
    /// Shows neither the values of the headers nor the query of the URL: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseRequest")
            .field("source", &self.source)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
