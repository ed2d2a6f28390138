//! The options of a connection: who sends the request, what is accepted, how long it may take.

use std::time::Duration;

use reqwest::{
    Request, Response, StatusCode,
    header::{HeaderMap, HeaderName},
};
use sse_core::Limits;

use super::SseConfig;
use crate::{
    acceptance::{ContentType, RetryableStatuses},
    deadlines::{IdleTimeout, TotalTimeout},
    destination::ReconnectUrl,
    error::SseError,
    sender::Sender,
    threads::{BoxError, MaybeSend, MaybeSendSync},
};

impl SseConfig {
    /// Sends requests by `send` instead of the `reqwest::Client` that they were made with: by
    /// middleware, by a double in a test, or by another client after each disconnect. Over HTTP/2 that is
    /// the way to a fresh connection, as a client uses the one that it has until it is known to be
    /// dead: the example `fresh-connection` of the repository does so.
    ///
    /// What it fails with is the source of the error, and is a failed attempt. It should be a
    /// `reqwest::Error` where there is one, for then the error can say whether it was a timeout, a
    /// redirect, and so on. The default is that client.
    ///
    /// ```
    /// use sse_reqwest::SseConfig;
    ///
    /// let client = reqwest::Client::new();
    /// let config = SseConfig::new().send_with(move |request| {
    ///     println!("asking {}", request.url().path());
    ///     client.execute(request)
    /// });
    /// ```
    #[must_use]
    pub fn send_with<F, Fut, E>(mut self, send: F) -> Self
    where
        F: Fn(Request) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<Response, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.sender = Sender::custom(send);
        self
    }

    /// Sets where a session reconnects to, if its request was redirected.
    ///
    /// The default is [`ReconnectUrl::Original`].
    #[must_use]
    pub fn reconnect_url(mut self, url: ReconnectUrl) -> Self {
        self.destination.url = url;
        self
    }

    /// Names headers that, like `Authorization`, `Cookie` and `Proxy-Authorization`, are not sent
    /// to another origin by a session that reconnects to [where it was
    /// redirected](ReconnectUrl::Final).
    ///
    /// It does not touch the redirects themselves: these are followed by reqwest, which removes
    /// the three named above and lets every other header cross. With a header of your own that is
    /// a secret, have reqwest follow none (`redirect::Policy`), or only those to the same origin.
    ///
    /// The default is none.
    #[must_use]
    pub fn sensitive_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.destination.sensitive = names.into_iter().collect();
        self
    }

    /// Gets new credentials by `renew` when a server answers 401, and tries again at once with the
    /// headers that it gives: they replace those of the same name, on this request and all that
    /// follow it to the same origin (scheme, host and port). Those of an earlier refresh are gone.
    ///
    /// It is called with the refusal, so that it can look at `WWW-Authenticate`; whether or not
    /// reconnection is on, and for the first request too; and [so often in a
    /// row](Self::max_refreshes). If it fails, that is a failed attempt like that of a server
    /// without an answer.
    ///
    /// The default is that a 401 ends the session.
    ///
    /// ```
    /// use sse_reqwest::{SseConfig, reqwest::header::{AUTHORIZATION, HeaderMap}};
    ///
    /// # async fn new_token() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// let config = SseConfig::new().refresh_credentials(|_refusal| async {
    ///     let bearer = format!("Bearer {}", new_token().await?).parse()?;
    ///     Ok::<_, sse_reqwest::BoxError>(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
    /// });
    /// ```
    #[must_use]
    pub fn refresh_credentials<F, Fut, E>(mut self, renew: F) -> Self
    where
        F: Fn(SseError) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<HeaderMap, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.refresh.set_hook(renew);
        self
    }

    /// Sets how often credentials are [refreshed](Self::refresh_credentials) until the server accepts
    /// them. Where there are no new ones to be had, that does not count.
    ///
    /// The default is 1: a 401 to a request with new credentials ends the session.
    #[must_use]
    pub fn max_refreshes(mut self, times: u32) -> Self {
        self.refresh.max_refreshes = times;
        self
    }

    /// Sets which statuses, other than 200 and 204, may be followed by another request if
    /// reconnection is on.
    ///
    /// ```
    /// use sse_reqwest::{SseConfig, reqwest::StatusCode};
    ///
    /// // Behind this proxy a 404 says that the service is being deployed.
    /// let config = SseConfig::new().retry_statuses(|status| {
    ///     status == StatusCode::NOT_FOUND || status.is_server_error()
    /// });
    /// ```
    ///
    /// The default is 408, 425, 429 and all of 500 to 599.
    #[must_use]
    pub fn retry_statuses<F>(mut self, predicate: F) -> Self
    where
        F: Fn(StatusCode) -> bool + MaybeSendSync + 'static,
    {
        self.acceptance.statuses = RetryableStatuses::custom(predicate);
        self
    }

    /// Takes every body of a response with status 200 for an event stream, whatever its content
    /// type: for servers that do not name it.
    ///
    /// The default is to take `text/event-stream` alone.
    #[must_use]
    pub fn accept_any_content_type(mut self) -> Self {
        self.acceptance.content_type = ContentType::Any;
        self
    }

    /// Takes [`accept_any_content_type`](Self::accept_any_content_type) back.
    #[must_use]
    pub fn require_event_stream(mut self) -> Self {
        self.acceptance.content_type = ContentType::EventStream;
        self
    }

    /// Sets how long it may take from sending a request until the head of the response is there,
    /// connecting included. It starts anew with each attempt.
    ///
    /// The default is no limit, as some servers think before they answer.
    #[must_use]
    pub fn head_timeout(mut self, time: Duration) -> Self {
        self.deadlines.head = Some(time);
        self
    }

    /// Sets how long it may take from the head of a response until the first byte of its body.
    ///
    /// The default is the [idle timeout](Self::idle_timeout), which it takes the place of.
    #[must_use]
    pub fn first_byte_timeout(mut self, time: Duration) -> Self {
        self.deadlines.first_byte = Some(time);
        self
    }

    /// Sets for how long a connection may be silent: a `Duration` or an [`IdleTimeout`].
    ///
    /// A connection may be dead without a sign, and nobody but a server that sends comments can
    /// show that it is not. Being silent for too long is a disconnect like any other, after which a
    /// session reconnects if it does so at all.
    ///
    /// The default is [`IdleTimeout::off`], as many servers are silent for hours.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: impl Into<IdleTimeout>) -> Self {
        self.deadlines.idle = timeout.into();
        self
    }

    /// Lets the total timeout of the `reqwest::Client`, or of the request, count: from each request
    /// to the end of its event stream. Its end is a disconnect like any other.
    ///
    /// The default is to lift it, as no event stream has a total time. Beyond what it is for, this
    /// is for sessions with many small events over a client without such a timeout: to lift it,
    /// reqwest is told of one that never ends, and looks at it with each chunk.
    #[must_use]
    pub fn lift_total_timeout(mut self) -> Self {
        self.deadlines.total = TotalTimeout::Kept;
        self
    }

    /// Takes [`lift_total_timeout`](Self::lift_total_timeout) back.
    #[must_use]
    pub fn lift_total_timeout(mut self) -> Self {
        self.deadlines.total = TotalTimeout::Lifted;
        self
    }

    /// Sets how large an event may be. One that is larger ends the session with an
    /// [error](crate::SseError::is_limit), or is dropped and
    /// [reported](crate::SessionEvent::Skipped), as their
    /// [policy](Limits::excess_policy) says.
    ///
    /// ```
    /// use sse_reqwest::{ExcessPolicy, Limits, SseConfig};
    ///
    /// let limits = Limits::default().max_event_bytes(1024 * 1024);
    /// let config = SseConfig::new().limits(limits.excess_policy(ExcessPolicy::Skip));
    /// ```
    ///
    /// The default is 16 MiB for an event and 64 KiB for an ID or an event type, and an error.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}
