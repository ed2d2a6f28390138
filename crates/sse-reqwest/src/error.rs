//! What can go wrong with a session, in a form to act on.
//!
//! A [`Failure`] in, an [`SseError`] out: it adds where and when, and answers questions.

use std::{borrow::Cow, error::Error, fmt, io, sync::Arc, time::Duration};

use reqwest::{StatusCode, Url, header::HeaderMap};
use sse_core::LimitExceeded;

use crate::{
    deadlines::Deadline,
    failure::{Failure, Refusal, causes},
    platform,
};

/// Why a session could not be opened, or why it ended other than it should.
///
/// Ask it what it is: [`is_status`](Self::is_status), [`is_timeout`](Self::is_timeout) and so on.
/// Where attempts to reconnect were [exhausted](Self::is_reconnection_exhausted) or [not
/// possible](Self::is_body_not_repeatable), these answer for the last failure.
/// The cause, where there is one, is its [`source`](Error::source). Neither `Display` nor `Debug`
/// shows secrets: URLs come without user, password and query; of headers only content type and
/// content encoding are shown, of bodies nothing. (What code of yours fails with, a [sender](crate::SseConfig::send_with)
/// for one, is shown as it is.) Cloning it is cheap.
///
/// ```
/// use sse_reqwest::{SseClient, SseError};
///
/// async fn tell(client: &SseClient, url: &str) -> String {
///     match client.sse_session(url).await {
///         Ok(_) => "open".to_owned(),
///         Err(error) if error.is_unauthorized() => "not for you".to_owned(),
///         Err(error) if error.is_status() => error.body_text().unwrap_or_default().into_owned(),
///         Err(error) if error.is_retryable() => format!("try again: {error}"),
///         Err(error) => error.to_string(),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), reqwest::Error> {
/// # use sse_test::{Reply, ScriptedServer};
/// # let server = ScriptedServer::start([Reply::status(404).send("no such feed")]).await;
/// # let client = SseClient::from(reqwest::Client::builder().no_proxy().build()?);
/// // A server that answers 404, and says why.
/// assert_eq!(tell(&client, &server.url("/")).await, "no such feed");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SseError {
    inner: Arc<Inner>,
}

struct Inner {
    failure: Failure,
    url: Option<Url>,
    attempt: u32,
    last_event_id: String,
    history: Option<String>,
    pending_bytes: u64,
}

impl SseError {
    /// For what fails where there is no session to tell more.
    pub(crate) fn outside_of_a_session(failure: Failure) -> Self {
        Self::new(failure, ErrorContext::default())
    }

    pub(crate) fn new(failure: Failure, context: ErrorContext) -> Self {
        let ErrorContext { url, attempt, last_event_id, history, pending_bytes } = context;
        let inner = Inner { failure, url, attempt, last_event_id, history, pending_bytes };
        Self { inner: Arc::new(inner) }
    }

    /// Whether the server answered with a status other than 200 or 204.
    #[must_use]
    pub fn is_status(&self) -> bool {
        matches!(self.last_failure(), Failure::Status(_))
    }

    /// Whether the server answered 200 with a content type other than `text/event-stream`.
    #[must_use]
    pub fn is_content_type(&self) -> bool {
        matches!(self.last_failure(), Failure::ContentType(_))
    }

    /// Whether the server answered with an event stream that is compressed in a way that the
    /// `reqwest::Client` does not decompress: reqwest does so if its feature for it (`gzip`, `brotli`,
    /// `zstd`, `deflate`) is on. It could be read without an error, and no event would ever be in it.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        matches!(self.last_failure(), Failure::Compressed(_))
    }

    /// Whether the server ended the event stream as HTTP wants it. A session shows this as the cause
    /// of a loss that it survives; at its end it is no error, but for one that was
    /// [incomplete](Self::is_incomplete).
    #[must_use]
    pub fn is_stream_end(&self) -> bool {
        matches!(self.last_failure(), Failure::Ended)
    }

    /// Whether the session ended without the [event](crate::SseConfig::stop_on) that it
    /// [should have](crate::SseConfig::expect_terminal) ended with. The source is an `SseError`:
    /// how the last connection ended.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        matches!(self.inner.failure, Failure::Incomplete { .. })
    }

    /// How many events with data an [incomplete](Self::is_incomplete) event stream had.
    #[must_use]
    pub fn events_seen(&self) -> Option<u64> {
        match self.inner.failure {
            Failure::Incomplete { events, .. } => Some(events),
            _ => None,
        }
    }

    /// How many bytes of an event came that never was complete, on the connection that was lost.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.inner.pending_bytes
    }

    /// Whether the network failed: no connection could be made, no answer came over it or none that
    /// is HTTP, or it was lost in the middle of the event stream.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(self.last_failure(), Failure::NoAnswer(_) | Failure::Broken(_))
            && !self.is_redirect()
    }

    /// Whether the connection was lost before the body was complete: a chunk or the rest of its
    /// length is missing, or that of its compression. Where none of these is used, the end of the
    /// connection is a [regular end](Self::is_stream_end). HTTP/2's errors do not show it: they are
    /// [`is_transport`](Self::is_transport).
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.has_io_error(|kind| kind == io::ErrorKind::UnexpectedEof)
    }

    /// Whether the peer, or something on the way to it, reset the connection: not shown by HTTP/2.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        self.has_io_error(|kind| matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset))
    }

    fn has_io_error(&self, is_meant: impl Fn(io::ErrorKind) -> bool) -> bool {
        let error: &(dyn Error + 'static) = match self.last_failure() {
            Failure::NoAnswer(error) => &**error,
            Failure::Broken(error) => error,
            _ => return false,
        };
        causes(error)
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| is_meant(error.kind()))
    }

    /// Whether no connection could be made: the host is unknown, refuses, or failed TLS. In a
    /// browser, which does not tell, it never is.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.transport_error().is_some_and(platform::is_connect)
    }

    /// Whether the server redirected in a way that the redirect policy of the `reqwest::Client`
    /// does not follow: too often, or in a circle.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        self.transport_error().is_some_and(reqwest::Error::is_redirect)
    }

    /// Whether something took too long: a [deadline](Self::deadline) of the session or a timeout of
    /// the `reqwest::Client`.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.deadline().is_some() || self.transport_error().is_some_and(reqwest::Error::is_timeout)
    }

    /// Whether the connection was silent for too long, by the session's
    /// [idle timeout](crate::SseConfig::idle_timeout).
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.deadline() == Some(Deadline::Idle)
    }

    /// Which of the session's own deadlines was missed.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        match self.last_failure() {
            Failure::Silence(deadline) => Some(*deadline),
            _ => None,
        }
    }

    /// Whether the server answered 401.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Whether a [factory](crate::SseClient::request_with) of requests, or what
    /// [renews credentials](crate::SseConfig::on_unauthorized), has failed. What it failed with is
    /// the source.
    #[must_use]
    pub fn is_callback(&self) -> bool {
        matches!(self.last_failure(), Failure::Factory(_) | Failure::Refresh(_))
    }

    /// Whether a [handle](crate::OpenSession::handle) closed the session before it was open.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.inner.failure, Failure::ClosedBeforeOpen)
    }

    /// Whether a handle made the session [reconnect](crate::SessionHandle::reconnect_now).
    #[must_use]
    pub fn is_reconnect_asked(&self) -> bool {
        matches!(self.last_failure(), Failure::ReconnectAsked)
    }

    /// Whether an event was larger than the [limits](crate::SseConfig::limits) allow.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.limit_exceeded().is_some()
    }

    /// Which limit was exceeded, and where in the event stream.
    #[must_use]
    pub fn limit_exceeded(&self) -> Option<&LimitExceeded> {
        match self.last_failure() {
            Failure::Limit(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the session's [policy](crate::ReconnectPolicy) has given up: too many attempts failed,
    /// or took too long. The message says which; the source is an `SseError`: why the last failed.
    #[must_use]
    pub fn is_reconnection_exhausted(&self) -> bool {
        matches!(self.outcome(), Failure::Exhausted { .. })
    }

    /// Whether the session would have reconnected, had the request's body not been a stream that
    /// can be read only once. The source is an `SseError`: how the connection was lost.
    #[must_use]
    pub fn is_body_not_repeatable(&self) -> bool {
        matches!(self.outcome(), Failure::BodyNotRepeatable(_))
    }

    /// Whether the request is at fault and was never sent: its URL or a header is invalid, or the
    /// last event ID to start from is.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(
            self.last_failure(),
            Failure::InvalidRequest(_) | Failure::InvalidUrl(_) | Failure::InvalidLastEventId(_)
        )
    }

    /// Whether the same request may go better another time: the network failed, something took too
    /// long, or the status was one that [says so](crate::SseConfig::retry_statuses), which is 408,
    /// 425, 429 and all server errors by default. Never, if the request cannot be repeated.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !self.is_body_not_repeatable() && self.last_failure().is_retryable()
    }

    /// The status of the response that was no event stream.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.refusal().map(|refusal| refusal.head.status())
    }

    /// How long the server wants to be left alone, as the `Retry-After` of its refusal says.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal().and_then(|refusal| refusal.retry_after)
    }

    /// The headers of the response that was no event stream.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.refusal().map(|refusal| refusal.head.headers())
    }

    /// The body of the response that was no event stream: what came of it within 5 s, 64 KiB at
    /// most.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.refusal().map(|refusal| &*refusal.body)
    }

    /// The [body](Self::body) as text, ill-formed UTF-8 replaced.
    #[must_use]
    pub fn body_text(&self) -> Option<Cow<'_, str>> {
        self.body().map(String::from_utf8_lossy)
    }

    /// The URL of the request, without user, password, query and fragment.
    #[must_use]
    pub fn url(&self) -> Option<&Url> {
        self.inner.url.as_ref()
    }

    /// Which attempt to reconnect it was, counted from the last connection that was of use; zero
    /// for the first request of a session and for what happened on a connection of use.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.inner.attempt
    }

    /// The last event ID when it happened, empty if there is none: where to go on from.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.inner.last_event_id
    }

    /// What the session's [buffer policy](crate::SseConfig::buffer_policy) has kept, if it keeps
    /// anything.
    #[must_use]
    pub fn history(&self) -> Option<&str> {
        self.inner.history.as_deref()
    }

    /// What was made of what happened last, but for that it was expected to end otherwise.
    fn outcome(&self) -> &Failure {
        match &self.inner.failure {
            Failure::Incomplete { cause, .. } => cause.outcome(),
            failure => failure,
        }
    }

    /// What happened last, whatever was made of it.
    pub(crate) fn last_failure(&self) -> &Failure {
        match self.outcome() {
            Failure::Exhausted { cause, .. } | Failure::BodyNotRepeatable(cause) => {
                cause.last_failure()
            }
            failure => failure,
        }
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self.last_failure() {
            Failure::Status(refusal)
            | Failure::ContentType(refusal)
            | Failure::Compressed(refusal) => Some(refusal),
            _ => None,
        }
    }

    fn transport_error(&self) -> Option<&reqwest::Error> {
        match self.last_failure() {
            Failure::NoAnswer(error) => causes(&**error).find_map(|cause| cause.downcast_ref()),
            Failure::Broken(error) => Some(error),
            _ => None,
        }
    }
}

/// Where and when something happened.
#[derive(Default)]
pub(crate) struct ErrorContext {
    /// Without secrets.
    pub(crate) url: Option<Url>,
    pub(crate) attempt: u32,
    pub(crate) last_event_id: String,
    pub(crate) history: Option<String>,
    pub(crate) pending_bytes: u64,
}

impl fmt::Display for SseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.url() {
            Some(url) => write!(f, "{} ({url})", self.inner.failure),
            None => write!(f, "{}", self.inner.failure),
        }
    }
}

impl fmt::Debug for SseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseError")
            .field("message", &self.to_string())
            .field("attempt", &self.inner.attempt)
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

impl Error for SseError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner.failure.source()
    }
}
