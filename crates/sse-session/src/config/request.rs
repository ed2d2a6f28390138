//! Options of requests: where they go, what they carry, and how credentials are refreshed.

use http::{HeaderMap, HeaderName};

use super::SseConfig;
use crate::{
    destination::{Destination, ReconnectUrl},
    error::SseError,
    factory::Refresh,
    threads::{BoxError, MaybeSend, MaybeSendSync},
};

/// Options of the layer that makes requests.
#[derive(Debug, Clone)]
pub(crate) struct RequestOptions {
    pub(crate) destination: Destination,
    pub(crate) refresh: Refresh,
    pub(crate) last_event_id: Option<String>,
    pub(crate) send_last_event_id: bool,
    pub(crate) lift_total_timeout: bool,
}

impl Default for RequestOptions {
    fn default() -> Self {
        Self {
            destination: Destination::default(),
            refresh: Refresh::default(),
            last_event_id: None,
            send_last_event_id: true,
            lift_total_timeout: true,
        }
    }
}

impl SseConfig {
    /// Sets where a session reconnects to if its request was redirected.
    ///
    /// Defaults to [`ReconnectUrl::Original`].
    #[must_use]
    pub fn reconnect_url(mut self, url: ReconnectUrl) -> Self {
        self.request.destination.url = url;
        self
    }

    /// Sets the headers that, like `Authorization`, `Cookie` and `Proxy-Authorization`, the session
    /// does not send to another origin: when it follows a redirect, and when it reconnects to
    /// [where it was redirected](ReconnectUrl::Final).
    ///
    /// A transport that follows redirects itself does not know these headers. reqwest, for example,
    /// removes the three above and sends all others on. If a header of your own is secret, give the
    /// `reqwest::Client` a `redirect::Policy` that follows no redirect, or only those to the same
    /// origin.
    ///
    /// Defaults to none.
    #[must_use]
    pub fn sensitive_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.request.destination.sensitive = names.into_iter().collect();
        self
    }

    /// Sets a function that obtains new credentials when a server responds 401. The request is sent
    /// again at once with the headers that it returns.
    ///
    /// These headers replace those of the same name, on this request and on all later ones to the
    /// same origin (scheme, host and port), and replace the headers of an earlier refresh.
    ///
    /// The function is called with the rejected response, for example to read `WWW-Authenticate`;
    /// for the first request too; even if reconnection is off; and at most
    /// [`max_refreshes`](Self::max_refreshes) times in a row. If it fails, that counts as a failed
    /// attempt, like a server that does not respond.
    ///
    /// Defaults to none: a 401 ends the session.
    ///
    /// ```
    /// use http::header::{AUTHORIZATION, HeaderMap};
    /// use sse_session::SseConfig;
    ///
    /// # async fn new_token() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// let config = SseConfig::new().refresh_credentials(|_rejection| async {
    ///     let bearer = format!("Bearer {}", new_token().await?).parse()?;
    ///     Ok::<_, sse_session::BoxError>(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
    /// });
    /// ```
    #[must_use]
    pub fn refresh_credentials<F, Fut, E>(mut self, refresh: F) -> Self
    where
        F: Fn(SseError) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<HeaderMap, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.request.refresh.set_hook(refresh);
        self
    }

    /// Sets how many times in a row credentials are [refreshed](Self::refresh_credentials) before
    /// the server accepts them. A refresh that fails does not count.
    ///
    /// It needs `refresh_credentials`: without it, opening the session is an
    /// [error](crate::SseErrorKind::InvalidConfig).
    ///
    /// Defaults to 1: a 401 to a request with new credentials ends the session.
    #[must_use]
    pub fn max_refreshes(mut self, times: u32) -> Self {
        self.request.refresh.set_max_refreshes(times);
        self
    }

    /// Sets whether a total timeout of the transport is lifted, such as that of a `reqwest::Client`
    /// or of its request. If it is not, it limits each connection, from the request to the end of
    /// the event stream, and its expiry is a disconnect like any other.
    ///
    /// To lift it, reqwest is given a timeout that never expires, which it checks with each chunk.
    /// If the client has no total timeout, `false` saves that check. Other transports learn of this
    /// option from [`SendContext::lift_total_timeout`](crate::SendContext::lift_total_timeout).
    ///
    /// Defaults to `true`, as an event stream has no total time.
    #[must_use]
    pub fn lift_total_timeout(mut self, lift: bool) -> Self {
        self.request.lift_total_timeout = lift;
        self
    }

    /// Sets the last event ID to start from: the first request sends it, as if it had been
    /// received.
    ///
    /// If it is not a valid header value (it contains a control character, or is longer than 4
    /// KiB), opening the session is an [error](crate::SseErrorKind::InvalidRequest). An invalid
    /// ID that the server sends later is omitted from the next request, and
    /// [reported](crate::SessionEvent::Disconnected). The empty string means none: no header is
    /// sent.
    ///
    /// ```no_run
    /// # use sse_session::SseClient;
    /// # async fn example(client: SseClient) -> Result<(), Box<dyn std::error::Error>> {
    /// // What `session.last_event_id()` was when it was stored.
    /// let stored = std::fs::read_to_string("last-event-id").unwrap_or_default();
    /// let request = client.request("https://example.org/events");
    /// let session = request.configure(|config| config.last_event_id(stored)).sse_session().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Defaults to the `Last-Event-ID` header of the request, if it has one.
    #[must_use]
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.request.last_event_id = Some(id.into());
        self
    }

    /// Sets whether requests carry the `Last-Event-ID` header. Turn it off for servers and proxies
    /// that reject it, and in a browser where it would trigger a CORS preflight on a cross-origin
    /// reconnection.
    ///
    /// The session tracks its last event ID all the same, and can tell the server in another way,
    /// for example in the query of a URL by a [request
    /// factory](crate::SseClient::request_factory). A server that is not told starts from the
    /// beginning.
    ///
    /// Defaults to `true`.
    ///
    /// ```
    /// use http::Uri;
    /// use sse_session::{SessionRequest, SseClient, SseRequest};
    ///
    /// /// Resumes after a number, which this server expects in the query.
    /// fn request(client: &SseClient) -> SseRequest {
    ///     client
    ///         .request_factory(async |context| {
    ///             let after: u64 = context.last_event_id().parse().unwrap_or(0);
    ///             let uri: Uri = format!("https://example.org/events?after={after}").parse()?;
    ///             Ok::<_, http::uri::InvalidUri>(SessionRequest::get(uri))
    ///         })
    ///         .configure(|config| config.send_last_event_id(false))
    /// }
    /// ```
    #[must_use]
    pub fn send_last_event_id(mut self, send: bool) -> Self {
        self.request.send_last_event_id = send;
        self
    }
}
