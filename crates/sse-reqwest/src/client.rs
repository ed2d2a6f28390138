//! A `reqwest::Client` and an [`SseConfig`] in, sessions out.

use std::{fmt, sync::Arc};

use reqwest::{Client, RequestBuilder, Response};

use crate::{
    SseError,
    config::SseConfig,
    factory::{Factory, RequestContext},
    request::SseRequest,
    session::{ClientSseSession, OpenSession},
    target::IntoSseRequest,
    threads::{BoxError, MaybeSend, MaybeSendSync},
};

/// Opens sessions: what Ktor's `HttpClient` is with its `SSE` plugin installed.
///
/// Cloning it is cheap, and clones share their connections as those of the `reqwest::Client` do.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use sse_reqwest::{SseClient, SseConfig};
///
/// let client = SseClient::new(reqwest::Client::new(), SseConfig::new());
/// let first = client
///     .sse("https://example.org/events", async |session| session.next().await)
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// # Runtime
///
/// Sessions run on tokio, as reqwest does, with I/O and time enabled (`#[tokio::main]` enables
/// both), whatever their [clock](crate::Clock). [In a browser](crate#in-the-browser) they need
/// nothing but whatever polls futures there.
#[derive(Clone)]
pub struct SseClient {
    client: Client,
    config: Arc<SseConfig>,
}

impl SseClient {
    /// Creates a client that sends with `client`.
    ///
    /// Of its timeouts, `connect_timeout` and `read_timeout` apply to sessions; its total `timeout`
    /// does not, as it would cut every event stream, unless it is
    /// [kept](SseConfig::lift_total_timeout).
    #[must_use]
    pub fn new(client: Client, config: SseConfig) -> Self {
        Self { client, config: Arc::new(config) }
    }

    /// The client that requests are sent with, unless they bring their own.
    #[must_use]
    pub fn http_client(&self) -> &Client {
        &self.client
    }

    /// The configuration of sessions, unless their request changes it.
    #[must_use]
    pub fn config(&self) -> &SseConfig {
        &self.config
    }

    /// Starts a request of which the configuration can still be changed.
    pub fn request(&self, target: impl IntoSseRequest) -> SseRequest {
        SseRequest::new(target.into_target(Some(&self.client)), self.config.clone())
    }

    /// Starts a request that is made anew for each connection of its session, by `make`: with a
    /// token that is still good, another URL, a body that says how far one has come.
    ///
    /// It is called when the wait before the request is over, and told what is known then. The
    /// session adds the headers that it adds to every request, `Last-Event-ID` among them. If
    /// `make` fails, that is a failed attempt like that of a server without an answer.
    ///
    /// The request it makes is one that the session [may make](crate::Resume) if its last one was:
    /// of the next, the method is not known before it is there.
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
        SseRequest::made_by(self.client.clone(), Factory::new(make), self.config.clone())
    }

    /// Starts a session with a response that is at hand: for protocols whose requests are answered by
    /// an event stream or by something else, as the head of the response says. (The Model Context
    /// Protocol's are, and those of many an API that answers a POST.)
    ///
    /// It is the first connection of the session, and treated like any: its head is judged by the
    /// same rules, its body has the same [deadlines](SseConfig::first_byte_timeout), and observers are
    /// told of it. What has to do with a request concerns only those that follow it:
    /// [`head_timeout`](SseConfig::head_timeout), [`refresh_credentials`](SseConfig::refresh_credentials) and
    /// [`retry_first_connection`](SseConfig::retry_first_connection); and [`Call::request`] is not
    /// there. What was read of its body before does not come again.
    ///
    /// After a disconnect the session goes on with the request of [`resume_request`] or [`resume_factory`], with
    /// the last event ID as a header: this may be the request that was answered, if that can be made
    /// again. Without one, the session ends with the disconnect, as after a POST; if by its [`Resume`] it
    /// would have gone on, [the error says so](SseError::is_request_missing). A response that is refused
    /// is not asked for again.
    ///
    /// By default it goes on after a regular end as well, if it goes on with a GET. Where that end is the
    /// end of the answer, set [`CleanEnd::Finish`]; where it may come before the last event, as with the
    /// Model Context Protocol, say with [`SseConfig::stop_after`] which that is.
    ///
    /// What the request was, the session does not know. If it had a `Last-Event-ID`, set
    /// [`SseConfig::last_event_id`] to it, to go on from there after a disconnect that comes before any ID.
    ///
    /// ```no_run
    /// # async fn example(client: sse_reqwest::SseClient) -> Result<(), Box<dyn std::error::Error>> {
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
    /// A total timeout of the `reqwest::Client` or of the request that was answered cuts the event
    /// stream, and can be lifted no more. A request that may be answered by one should go without:
    /// `timeout(Duration::MAX)` of its `RequestBuilder` takes the place of the client's.
    ///
    /// [`Call::request`]: crate::Call::request
    /// [`CleanEnd::Finish`]: crate::CleanEnd::Finish
    /// [`resume_request`]: SseRequest::resume_request
    /// [`resume_factory`]: SseRequest::resume_factory
    /// [`Resume`]: crate::Resume
    pub fn response(&self, response: Response) -> SseRequest {
        SseRequest::answered(response, self.config.clone()).with_client(self.client.clone())
    }

    /// Opens a session; see [`SseRequest::sse_session`].
    ///
    /// # Errors
    ///
    /// If the request is invalid, gets no answer, or one that is not an event stream.
    pub fn sse_session(&self, target: impl IntoSseRequest) -> OpenSession {
        self.request(target).sse_session()
    }

    /// Opens a session, runs `block` with it, closes it, and returns what the block returned; see
    /// [`SseRequest::sse`].
    ///
    /// # Errors
    ///
    /// If the session cannot be opened.
    pub async fn sse<R>(
        &self,
        target: impl IntoSseRequest,
        block: impl AsyncFnOnce(&mut ClientSseSession) -> R,
    ) -> Result<R, SseError> {
        self.request(target).sse(block).await
    }
}

impl From<Client> for SseClient {
    /// With the default configuration.
    fn from(client: Client) -> Self {
        Self::new(client, SseConfig::new())
    }
}

impl fmt::Debug for SseClient {
    /// Leaves the `reqwest::Client` out, which would show its default headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseClient").field("config", &self.config).finish_non_exhaustive()
    }
}
