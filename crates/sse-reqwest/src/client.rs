//! Client of sessions: a `reqwest::Client` and the options of the sessions that it opens.

use std::{fmt, sync::Arc};

use reqwest::{Client, Request, RequestBuilder, Response};
use sse_session::{
    BoxError, ClientSseSession, MaybeSend, MaybeSendSync, OpenSession, RequestContext, SseConfig,
    SseError,
};

use crate::{
    request::{Origin, SseRequest},
    sender::Sender,
    target::IntoSseRequest,
    transport::ReqwestTransport,
};

/// Client that opens sessions. (In Ktor, this is an `HttpClient` with the `SSE` plugin installed.)
///
/// Cloning is cheap, and clones share their connections as those of the `reqwest::Client` do.
///
/// ```no_run
/// # #[cfg(feature = "http2")] // `ClientBuilderExt` needs it
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use sse_reqwest::{ClientBuilderExt, SseClient, SseConfig};
///
/// let http = reqwest::Client::builder().for_event_streams().build()?;
/// let client = SseClient::new(http, SseConfig::new());
/// let mut session = client.sse_session("https://example.org/events").await?;
/// while let Some(event) = session.next().await {
///     println!("{}", event?.data());
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Runtime
///
/// Sessions run on tokio, as reqwest does, with I/O and time enabled (`#[tokio::main]` enables
/// both), whatever their [clock](crate::Clock). [In a browser](crate#in-the-browser) they need only
/// something that polls futures.
#[derive(Clone)]
pub struct SseClient {
    client: Client,
    origin: Origin,
}

impl SseClient {
    /// Creates a client that sends requests with `client`.
    ///
    /// Of its timeouts, `connect_timeout` and `read_timeout` apply to sessions. Its total `timeout`
    /// does not, as it would truncate every event stream, unless
    /// [`lift_total_timeout`](SseConfig::lift_total_timeout) is turned off. The lifted timeout does
    /// not limit the time until a server responds either, so set a
    /// [`head_timeout`](SseConfig::head_timeout).
    #[must_use]
    pub fn new(client: Client, config: SseConfig) -> Self {
        let transport = Arc::new(ReqwestTransport::new(Some(client.clone())));
        Self { client, origin: Origin::new(transport, Arc::new(config)) }
    }

    /// Sends requests with a function instead of the `reqwest::Client` that they were made with:
    /// middleware, a test double, or another client for some requests.
    ///
    /// A [`client_factory`](Self::client_factory) then has no effect.
    ///
    /// An error of the function is the source of the session's error, and a failed attempt. If it
    /// is or contains a `reqwest::Error`, the session's error has the properties of that one:
    /// whether it was a timeout, a redirect and so on.
    ///
    /// Defaults to the `reqwest::Client` of the request. [`SseRequest::send_with`] sets it for one
    /// session.
    ///
    /// ```
    /// use sse_reqwest::SseClient;
    ///
    /// let http = reqwest::Client::new();
    /// let client = SseClient::from(http.clone()).send_with(move |request| {
    ///     println!("requesting {}", request.url().path());
    ///     http.execute(request)
    /// });
    /// ```
    #[must_use]
    pub fn send_with<F, Fut, E>(mut self, send: F) -> Self
    where
        F: Fn(Request) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<Response, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.origin.set_sender(Sender::custom(send));
        self
    }

    /// Sets a function that makes a new `reqwest::Client` whenever a fresh connection is needed:
    /// for the attempt after a [deadline](crate::Deadline) of a session expired, or after
    /// [`reconnect_now`](crate::SessionHandle::reconnect_now), and for a [first
    /// request](crate::Resume#the-first-request-of-a-session) that is repeated. All later requests
    /// of this client use the new one. If the function fails, the old one stays in use.
    ///
    /// Over HTTP/2 a `reqwest::Client` sends the next request over its existing connection, which
    /// may be dead or stalled, and its pool has no setting to change that. The function should make
    /// clients with the options of the first one. A request made by a `reqwest::RequestBuilder` is
    /// sent by the client of that builder until a new client has been made.
    ///
    /// Defaults to none: the client stays the same.
    ///
    /// ```
    /// use sse_reqwest::{IdleTimeout, SseClient, SseConfig, reqwest::Client};
    ///
    /// # fn main() -> Result<(), reqwest::Error> {
    /// let make = || Client::builder().build();
    /// let config =
    ///     SseConfig::new().max_reconnection_attempts(9).idle_timeout(IdleTimeout::auto());
    /// let client = SseClient::new(make()?, config).client_factory(make);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn client_factory(
        mut self,
        make: impl Fn() -> reqwest::Result<Client> + MaybeSendSync + 'static,
    ) -> Self {
        self.origin.set_client_factory(Arc::new(make));
        self
    }

    /// Returns the client that requests are sent with, unless they bring their own.
    #[must_use]
    pub fn http_client(&self) -> &Client {
        &self.client
    }

    /// Returns the options of sessions, unless their request changes them.
    #[must_use]
    pub fn config(&self) -> &SseConfig {
        self.origin.config()
    }

    /// Starts a request whose options can still be changed.
    ///
    /// ```
    /// # use sse_reqwest::{SseClient, SseRequest};
    /// # fn request(client: &SseClient) -> SseRequest {
    /// client.request("https://example.org/events").show_comment_events(true)
    /// # }
    /// ```
    pub fn request(&self, target: impl IntoSseRequest) -> SseRequest {
        self.origin.request(target.into_request(Some(&self.client)))
    }

    /// Starts a request that `make` creates again for each connection of its session: with a valid
    /// token, another URL, or a body that says where to resume.
    ///
    /// `make` is called when the wait before the request is over. The session then adds its
    /// headers, `Last-Event-ID` among them. If `make` fails, the attempt fails, as if the server
    /// had not responded.
    ///
    /// The method of the last request decides whether the session [may repeat](crate::Resume) it,
    /// as the method of the next one is not known before it is made.
    ///
    /// ```no_run
    /// # async fn current_token() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// # async fn example(client: sse_reqwest::SseClient) -> Result<(), sse_reqwest::SseError> {
    /// let http = client.http_client().clone();
    /// let request = client.request_factory(move |context| {
    ///     let builder = http.get("https://example.org/events");
    ///     async move {
    ///         let builder = builder.header("x-attempt", context.attempt());
    ///         Ok::<_, std::io::Error>(builder.bearer_auth(current_token().await?))
    ///     }
    /// });
    /// let session = request.sse_session().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn request_factory<F, Fut, E>(&self, make: F) -> SseRequest
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<RequestBuilder, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.origin.request_factory(make)
    }

    /// Starts a session with a response that was already received: for protocols in which a request
    /// is answered by an event stream or by something else, and the head of the response says
    /// which. (The Model Context Protocol, MCP, is one of them.)
    ///
    /// The response is the first connection of the session, and is treated like any other: its head
    /// is judged by the same rules, the same [deadlines](SseConfig::first_byte_timeout) apply
    /// to its body, and observers are notified of it. Options about requests apply to later
    /// requests only: [`head_timeout`](SseConfig::head_timeout),
    /// [`refresh_credentials`](SseConfig::refresh_credentials) and
    /// [`retry_first_connection`](SseConfig::retry_first_connection); and [`Call::request`] is
    /// `None`. Bytes of the body that were read before are not seen by the session.
    ///
    /// After a disconnect the session continues with the request of [`resume_request`] or
    /// [`resume_factory`], and sends the last event ID as a header. That may be the request that
    /// was answered, if it can be made again. Without one, the session ends with the
    /// disconnect, as after a POST; if its [`Resume`] allowed a reconnection, the error says
    /// [`RequestMissing`](crate::SseErrorOutcome::RequestMissing). A rejected response is not
    /// requested again.
    ///
    /// By default the session reconnects after a regular end too, if it continues with a GET. If
    /// the regular end is the end of the answer, set [`CleanEnd::Finish`]. If the stream may
    /// end before the last event, as with MCP, name that event with [`SseConfig::stop_after`].
    ///
    /// The session does not know the request. If that had a `Last-Event-ID`, set
    /// [`SseConfig::last_event_id`] to it, to resume there after a disconnect that comes before any
    /// ID.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     client: sse_reqwest::SseClient,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// use sse_reqwest::{CleanEnd, ResponseExt, Resume};
    ///
    /// let (http, url) = (client.http_client(), "https://example.org/answers");
    /// let response = http.post(url).body("{}").send().await?;
    /// if !response.is_event_stream() {
    ///     println!("{}", response.text().await?);
    ///     return Ok(());
    /// }
    /// let session = client
    ///     .response(response)
    ///     .resume_request(url)
    ///     .configure(|config| config.max_reconnection_attempts(5).resume(Resume::IfIdSeen))
    ///     .configure(|config| config.clean_end(CleanEnd::Finish))
    ///     .sse_session()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # The total timeout
    ///
    /// A total timeout of the `reqwest::Client`, or of the request that was answered, truncates the
    /// event stream and can no longer be lifted. Send a request that may be answered by an event
    /// stream without one: `timeout(Duration::MAX)` of its `RequestBuilder` replaces the
    /// client's.
    ///
    /// [`Call::request`]: crate::Call::request
    /// [`CleanEnd::Finish`]: crate::CleanEnd::Finish
    /// [`resume_request`]: SseRequest::resume_request
    /// [`resume_factory`]: SseRequest::resume_factory
    /// [`Resume`]: crate::Resume
    pub fn response(&self, response: Response) -> SseRequest {
        self.origin.response(response)
    }

    /// Opens a session; see [`SseRequest::sse_session`].
    ///
    /// # Errors
    ///
    /// Fails if the request is invalid, or if the server does not respond with an event stream.
    pub fn sse_session(&self, target: impl IntoSseRequest) -> OpenSession {
        self.request(target).sse_session()
    }

    /// Opens a session, runs `block` with it, closes it, and returns what the block returned; see
    /// [`SseRequest::sse`].
    ///
    /// # Errors
    ///
    /// Fails if the session cannot be opened, or if the block fails.
    pub async fn sse<R>(
        &self,
        target: impl IntoSseRequest,
        block: impl AsyncFnOnce(&mut ClientSseSession) -> Result<R, SseError>,
    ) -> Result<R, SseError> {
        self.request(target).sse(block).await
    }
}

impl From<Client> for SseClient {
    /// Creates a client with the default options.
    fn from(client: Client) -> Self {
        Self::new(client, SseConfig::new())
    }
}

impl fmt::Debug for SseClient {
    /// Omits the `reqwest::Client`, which would show its default headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseClient").field("config", self.config()).finish_non_exhaustive()
    }
}
