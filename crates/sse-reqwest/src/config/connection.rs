//! Options of a connection: where it goes, which response is accepted, and how long it may take.

use std::time::Duration;

use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName},
};
use sse_core::Limits;

use super::SseConfig;
use crate::{
    acceptance::RetryableStatuses,
    deadlines::IdleTimeout,
    destination::ReconnectUrl,
    error::SseError,
    threads::{BoxError, MaybeSend, MaybeSendSync},
};

impl SseConfig {
    /// Sets where a session reconnects to if its request was redirected.
    ///
    /// Defaults to [`ReconnectUrl::Original`].
    #[must_use]
    pub fn reconnect_url(mut self, url: ReconnectUrl) -> Self {
        self.destination.url = url;
        self
    }

    /// Sets the headers that, like `Authorization`, `Cookie` and `Proxy-Authorization`, are not
    /// sent to another origin by a session that reconnects to [where it was
    /// redirected](ReconnectUrl::Final).
    ///
    /// Redirects themselves are followed by reqwest, which removes the three headers above and
    /// sends all others on. If a header of your own is secret, give the `reqwest::Client` a
    /// `redirect::Policy` that follows none, or only those to the same origin.
    ///
    /// Defaults to none.
    #[must_use]
    pub fn sensitive_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.destination.sensitive = names.into_iter().collect();
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
    /// use sse_reqwest::{SseConfig, reqwest::header::{AUTHORIZATION, HeaderMap}};
    ///
    /// # async fn new_token() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// let config = SseConfig::new().refresh_credentials(|_rejection| async {
    ///     let bearer = format!("Bearer {}", new_token().await?).parse()?;
    ///     Ok::<_, sse_reqwest::BoxError>(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
    /// });
    /// ```
    #[must_use]
    pub fn refresh_credentials<F, Fut, E>(mut self, refresh: F) -> Self
    where
        F: Fn(SseError) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<HeaderMap, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.refresh.set_hook(refresh);
        self
    }

    /// Sets how many times in a row credentials are [refreshed](Self::refresh_credentials) before
    /// the server accepts them. A refresh that fails does not count.
    ///
    /// Defaults to 1: a 401 to a request with new credentials ends the session.
    #[must_use]
    pub fn max_refreshes(mut self, times: u32) -> Self {
        self.refresh.max_refreshes = times;
        self
    }

    /// Sets which statuses, other than 200 and 204, may be followed by another attempt if
    /// reconnection is on.
    ///
    /// Defaults to 408, 425, 429 and 500 to 599.
    ///
    /// ```
    /// use sse_reqwest::{SseConfig, reqwest::StatusCode};
    ///
    /// // Behind this proxy, a 404 means that the service is being deployed.
    /// let config = SseConfig::new().retry_statuses(|status| {
    ///     status == StatusCode::NOT_FOUND || status.is_server_error()
    /// });
    /// ```
    #[must_use]
    pub fn retry_statuses<F>(mut self, predicate: F) -> Self
    where
        F: Fn(StatusCode) -> bool + MaybeSendSync + 'static,
    {
        self.acceptance.statuses = RetryableStatuses::custom(predicate);
        self
    }

    /// Sets whether every response with status 200 is read as an event stream, whatever its content
    /// type: for servers that do not set it.
    ///
    /// Defaults to `false`, as the standard says: the content type must be `text/event-stream`,
    /// with whatever parameters.
    #[must_use]
    pub fn accept_any_content_type(mut self, accept: bool) -> Self {
        self.acceptance.any_content_type = accept;
        self
    }

    /// Sets the longest time from sending a request until the head of its response is received,
    /// connecting included. It applies to each attempt.
    ///
    /// Defaults to no limit, as some servers compute for a while before they respond.
    #[must_use]
    pub fn head_timeout(mut self, time: Duration) -> Self {
        self.deadlines.head = Some(time);
        self
    }

    /// Sets the longest time from the head of a response until the first byte of its body.
    ///
    /// Defaults to the [idle timeout](Self::idle_timeout), which it replaces until that byte.
    #[must_use]
    pub fn first_byte_timeout(mut self, time: Duration) -> Self {
        self.deadlines.first_byte = Some(time);
        self
    }

    /// Sets how long a connection may be silent: a `Duration` or an [`IdleTimeout`].
    ///
    /// A connection can be dead without any sign, and only bytes from the server, such as comments
    /// sent as keep-alives, show that it is not. An expired idle timeout is a disconnect like any
    /// other, after which the session reconnects if it does at all.
    ///
    /// Defaults to [`IdleTimeout::off`], as many servers are silent for hours.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: impl Into<IdleTimeout>) -> Self {
        self.deadlines.idle = timeout.into();
        self
    }

    /// Sets whether the total timeout of the `reqwest::Client`, or of the request, is lifted. If it
    /// is not, it limits each connection, from the request to the end of the event stream, and
    /// its expiry is a disconnect like any other.
    ///
    /// To lift it, reqwest is given a timeout that never expires, which it checks with each chunk.
    /// If the client has no total timeout, `false` saves that check.
    ///
    /// Defaults to `true`, as an event stream has no total time.
    #[must_use]
    pub fn lift_total_timeout(mut self, lift: bool) -> Self {
        self.deadlines.keep_total = !lift;
        self
    }

    /// Sets how large an event may be. A larger one ends the session with an
    /// [error](crate::SseErrorKind::LimitExceeded), or is dropped and
    /// [reported](crate::SessionEvent::Skipped), as the [policy](Limits::excess_policy) of the
    /// limits says.
    ///
    /// Defaults to 16 MiB per event, 64 KiB per ID or event type, and an error.
    ///
    /// ```
    /// use sse_reqwest::{ExcessPolicy, Limits, SseConfig};
    ///
    /// let limits = Limits::default().max_event_bytes(1024 * 1024);
    /// let config = SseConfig::new().limits(limits.excess_policy(ExcessPolicy::Skip));
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}
