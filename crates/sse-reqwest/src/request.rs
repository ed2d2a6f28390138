//! Request of a session: where its events come from, and the options of that session.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{Request, RequestBuilder, Response};
use sse_session::{
    Answer, BoxError, BoxFuture, ClientSseSession, InvalidRequest, Judgment, MaybeSend,
    MaybeSendSync, OpenSession, RequestContext, ServerSentEvent, SessionRequest, SseConfig,
    SseError,
};

use crate::{
    sender::Sender,
    target::{IntoSseRequest, sealed::Sealed as _},
    transport::{MakeClient, ReqwestTransport, into_http},
};

/// Transport and options that requests start from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    transport: Arc<ReqwestTransport>,
    config: Arc<SseConfig>,
}

impl Origin {
    pub(crate) fn new(transport: Arc<ReqwestTransport>, config: Arc<SseConfig>) -> Self {
        Self { transport, config }
    }

    pub(crate) fn config(&self) -> &SseConfig {
        &self.config
    }

    pub(crate) fn set_sender(&mut self, sender: Sender) {
        self.transport = Arc::new(self.transport.sent_with(sender));
    }

    pub(crate) fn set_client_factory(&mut self, make: Arc<dyn MakeClient>) {
        self.transport = Arc::new(self.transport.with_fresh_clients(make));
    }

    fn client(&self) -> sse_session::SseClient {
        sse_session::SseClient::shared(self.transport.clone(), self.config.clone())
    }

    pub(crate) fn request(&self, request: Result<SessionRequest, InvalidRequest>) -> SseRequest {
        SseRequest { transport: self.transport.clone(), inner: self.client().request(request) }
    }

    pub(crate) fn request_factory<F, Fut, E>(&self, make: F) -> SseRequest
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<RequestBuilder, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        let inner = self.client().request_factory(move |context| -> BoxFuture<_> {
            let making = make(context);
            Box::pin(async { made(making.await.map_err(Into::into)) })
        });
        SseRequest { transport: self.transport.clone(), inner }
    }

    pub(crate) fn response(&self, response: Response) -> SseRequest {
        let inner = self.client().response(into_http(response));
        SseRequest { transport: self.transport.clone(), inner }
    }
}

/// Converts the request that a factory has made.
fn made(made: Result<RequestBuilder, BoxError>) -> Result<SessionRequest, BoxError> {
    made?.into_request(None).map_err(Into::into)
}

/// Request for an event stream, or response to one, with the options of the session that it opens.
///
/// Created by [`SseClient::request`](crate::SseClient::request) and the methods beside it, or by
/// [`RequestBuilderExt::with_sse_config`](crate::RequestBuilderExt::with_sse_config) and the method
/// of that name for [responses](crate::ResponseExt::with_sse_config).
///
/// A total timeout of the request, or of the `reqwest::Client`, is
/// [lifted](SseConfig::lift_total_timeout), as it would truncate every event stream. The timeout of
/// the request is then the default of [`head_timeout`](SseConfig::head_timeout). The timeout of the
/// client cannot be read, so nothing limits the time until the server responds.
#[must_use = "a request does nothing until a session is opened with it"]
pub struct SseRequest {
    transport: Arc<ReqwestTransport>,
    inner: sse_session::SseRequest,
}

impl SseRequest {
    /// Sets the request to reconnect with, if that is not the one that the session begins with, or
    /// if the session begins with a [response](crate::SseClient::response). This does not turn
    /// reconnection on: a [policy](crate::SseConfig::reconnect) does.
    ///
    /// The request is made once the session has had a connection, with the last event ID as a
    /// header. [`Resume::ByMethod`](crate::Resume::ByMethod) and
    /// [`CleanEnd::ByMethod`](crate::CleanEnd::ByMethod) then consider its method: with a GET, the
    /// session reconnects after a regular end too.
    ///
    /// In the Model Context Protocol (MCP), for example, a POST is resumed by a GET, and only if
    /// the server has sent an ID. Its servers may end a stream before the answer, so the answer
    /// is the terminal event:
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
        let request = request.into_request(self.transport.client());
        self.inner = self.inner.resume_request(request);
        self
    }

    /// Sets a function that makes the request to reconnect with, again for each connection: like
    /// [`resume_request`](Self::resume_request), for tokens that expire and URLs that say where to
    /// resume.
    ///
    /// `make` is called like the function of
    /// [`SseClient::request_factory`](crate::SseClient::request_factory), once the session has had
    /// a connection. [`Resume::ByMethod`](crate::Resume::ByMethod) treats its first request as a
    /// GET, and each later one by the method of the one before.
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
        self.inner = self.inner.resume_factory(move |context| -> BoxFuture<_> {
            let making = make(context);
            Box::pin(async { made(making.await.map_err(Into::into)) })
        });
        self
    }

    /// Sends the requests of this session with a function of the caller's; see
    /// [`SseClient::send_with`](crate::SseClient::send_with).
    ///
    /// Defaults to the client's.
    pub fn send_with<F, Fut, E>(mut self, send: F) -> Self
    where
        F: Fn(Request) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<Response, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.transport = Arc::new(self.transport.sent_with(Sender::custom(send)));
        self.inner = self.inner.transport(self.transport.clone());
        self
    }

    /// Changes options for this session.
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
        self.inner = self.inner.configure(change);
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
        self.inner.sse_session()
    }

    /// Starts an answer: a finite event stream that is read to its end, and requested again if
    /// repeating is safe. The closure [judges](Judgment) each event; sse-typed has such closures
    /// for the wire formats of language models.
    ///
    /// Nothing happens before the answer is polled.
    ///
    /// ```no_run
    /// # async fn example(client: sse_reqwest::SseClient) -> Result<(), sse_reqwest::SseError> {
    /// use sse_reqwest::Judgment;
    ///
    /// let request = client.http_client().post("https://example.org/answers").body("{}");
    /// let mut answer = client.request(request).answer(|event| match event.event_type() {
    ///     "text" => Judgment::Delta(event.data().to_owned()),
    ///     "end" => Judgment::Whole(None),
    ///     "error" => Judgment::failed(event.data(), false),
    ///     _ => Judgment::NotYet,
    /// });
    /// println!("{}", answer.concat().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer<T, F>(self, judge: F) -> Answer<T>
    where
        F: FnMut(&ServerSentEvent) -> Judgment<T> + Clone + MaybeSend + 'static,
    {
        self.inner.answer(judge)
    }

    /// Opens a session, runs `block` with it, closes it, and returns what the block returned.
    ///
    /// ```no_run
    /// # async fn example(client: sse_reqwest::SseClient) -> Result<(), sse_reqwest::SseError> {
    /// client
    ///     .request("https://example.org/events")
    ///     .sse(async |session| {
    ///         while let Some(event) = session.next().await {
    ///             println!("{}", event?.data());
    ///         }
    ///         Ok(())
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
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
}

impl fmt::Debug for SseRequest {
    /// Shows neither the values of the headers nor the query of the URL: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
