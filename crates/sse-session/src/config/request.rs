//! Setters of the options of requests: where they go, what they carry, and how credentials are
//! refreshed.

use http::{HeaderMap, HeaderName};

use super::SseConfig;
use crate::{
    call::ResponseHead,
    destination::ReconnectUrl,
    error::SseError,
    id_replacement::IdReplacement,
    threads::{BoxError, MaybeSend, MaybeSendSync},
};

impl SseConfig {
    /// Sets where a session reconnects to if its request was redirected.
    ///
    /// Defaults to [`ReconnectUrl::Original`].
    #[must_use]
    pub fn reconnect_url(mut self, url: ReconnectUrl) -> Self {
        self.request.destination.url = url;
        self
    }

    /// Sets headers that the session does not send to another origin, in addition to
    /// `Authorization`, `Cookie` and `Proxy-Authorization`. This concerns redirects that the
    /// session follows, and reconnections to [where it was redirected](ReconnectUrl::Final).
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

    /// Sets a function that obtains new credentials when a server responds 401, or when
    /// [`refresh_credentials_on`](Self::refresh_credentials_on) says so. The request is sent again
    /// at once, with the headers that the function returns.
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

    /// Sets which rejected responses ask for [new credentials](Self::refresh_credentials), by their
    /// status, headers and the start of their body.
    ///
    /// The function is called with each rejected response: a status other than 200 and 204, or a
    /// 200 that is not an event stream, such as a login page. It is called first:
    /// [`retry_statuses`](Self::retry_statuses) and the policy decide if it returns `false`, or
    /// once [`max_refreshes`](Self::max_refreshes) is reached.
    ///
    /// The request is repeated whatever its method. A response that asks for credentials must
    /// therefore mean that the server has not carried out the request.
    ///
    /// Defaults to status 401, [`SseError::is_unauthorized`].
    ///
    /// ```
    /// use http::StatusCode;
    /// use sse_session::SseConfig;
    ///
    /// // This server responds 403 to an expired token, and to everything else that is forbidden.
    /// let config = SseConfig::new().refresh_credentials_on(|rejection| {
    ///     let is_forbidden = rejection.status() == Some(StatusCode::FORBIDDEN);
    ///     let body = rejection.body_text().unwrap_or_default();
    ///     rejection.is_unauthorized() || (is_forbidden && body.contains("token_expired"))
    /// });
    /// ```
    #[must_use]
    pub fn refresh_credentials_on<F>(mut self, predicate: F) -> Self
    where
        F: Fn(&SseError) -> bool + MaybeSendSync + 'static,
    {
        self.request.refresh.set_rejections(predicate);
        self
    }

    /// Sets how many times in a row credentials are [refreshed](Self::refresh_credentials) before
    /// the server accepts them. A refresh that fails does not count.
    ///
    /// It needs `refresh_credentials`: without it, opening the session is an
    /// [error](crate::SseErrorKind::InvalidConfig).
    ///
    /// Defaults to 1: a rejection of new credentials ends the session.
    #[must_use]
    pub fn max_refreshes(mut self, times: u32) -> Self {
        self.request.refresh.set_max_refreshes(times);
        self
    }

    /// Sets whether a total timeout of the transport is lifted, such as that of a `reqwest::Client`
    /// or of its request. If it is not, it limits each connection, from the request to the end of
    /// the event stream, and its expiry is a disconnect like any other.
    ///
    /// A lifted timeout does not limit the time until the head of the response either.
    /// [`head_timeout`](Self::head_timeout) does: it defaults to the total timeout of the request.
    /// The timeout of a `reqwest::Client` cannot be read, so set `head_timeout` yourself.
    ///
    /// To lift the timeout, the session gives reqwest one that never expires, and reqwest checks it
    /// with each chunk. If the client has no total timeout, `false` saves that check. Other
    /// transports learn of this option from
    /// [`SendContext::lift_total_timeout`](crate::SendContext::lift_total_timeout).
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
    /// The value of a header has no spaces and tabs at its ends: over HTTP/1.1 every server removes
    /// them, and over HTTP/2 they are invalid. The session therefore sends an ID without them,
    /// whatever the version, though it keeps the ID as it was received.
    ///
    /// If the ID cannot be sent (it contains a control character, or is longer than 4 KiB), opening
    /// the session is an [error](crate::SseErrorKind::InvalidRequest). Such an ID that the server
    /// sends later is omitted from the next request, and
    /// [reported](crate::SessionEvent::Disconnected). An empty string means none, as does one of
    /// spaces and tabs: no header is sent.
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

    /// Sets a function that may replace the last event ID, given the head of a response and the ID
    /// that the session has by then. `None` keeps the ID, and the empty string forgets it.
    ///
    /// Use it for servers that forget their events, for example at a restart, and show that by a
    /// header or a status. Without it, the session sends the old ID until an event brings another
    /// one. The function is called for each response that is not a redirect, rejected ones
    /// included, and the next request sends the new ID.
    /// [`Resume::IfIdSeen`](crate::Resume::IfIdSeen) applies to the new ID. Acknowledging an event
    /// that was yielded before does not change the new ID.
    ///
    /// [`ClientSseSession::set_last_event_id`](crate::ClientSseSession::set_last_event_id) does the
    /// same at any other time.
    ///
    /// Defaults to none: the ID is that of the last event.
    ///
    /// ```
    /// use http::StatusCode;
    /// use sse_session::SseConfig;
    ///
    /// // This server responds 410 to an ID that it does not know.
    /// let config = SseConfig::new()
    ///     .replace_last_event_id(|head, _| {
    ///         (head.status() == StatusCode::GONE).then(String::new)
    ///     })
    ///     .retry_statuses(|status| status == StatusCode::GONE || status.is_server_error());
    /// ```
    #[must_use]
    pub fn replace_last_event_id(
        mut self,
        replace: impl Fn(&ResponseHead, &str) -> Option<String> + MaybeSendSync + 'static,
    ) -> Self {
        self.request.id_replacement = IdReplacement::new(replace);
        self
    }

    /// Sets whether requests carry the `Last-Event-ID` header. Turn it off for servers and proxies
    /// that reject it, and in a browser where it would trigger a CORS preflight on a cross-origin
    /// reconnection.
    ///
    /// The session still tracks its last event ID, and can send it in another way, for example in
    /// the query of a URL by a [request factory](crate::SseClient::request_factory). A server that
    /// does not receive the ID starts from the beginning.
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
