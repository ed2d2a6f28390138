//! What can go wrong with a session, in a form to act on.
//!
//! A [`Failure`] is what happened; an [`SseError`] adds where and when. Reads nothing, decides
//! nothing but whether another try may go better.

use std::{borrow::Cow, error::Error, fmt};

use reqwest::{StatusCode, Url, header::HeaderMap};
use sse_core::LimitExceeded;

use crate::call::ResponseHead;

/// Why a session could not be opened, or why it ended other than it should.
///
/// Ask it what it is: [`is_status`](Self::is_status), [`is_timeout`](Self::is_timeout) and so on.
/// Where attempts to reconnect were [exhausted](Self::is_reconnection_exhausted) or [not
/// possible](Self::is_body_not_repeatable), these answer for the last failure.
/// The cause, where there is one, is its [`source`](Error::source). Neither `Display` nor `Debug`
/// shows secrets: URLs come without user, password and query; of headers only the content type is
/// shown, of bodies nothing.
pub struct SseError {
    inner: Box<Inner>,
}

struct Inner {
    failure: Failure,
    url: Option<Url>,
    attempt: u32,
    last_event_id: String,
    history: Option<String>,
}

/// What happened to a connection, or kept it from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the request cannot be built")]
    InvalidRequest(#[source] reqwest::Error),
    #[error("the URL cannot be used: {0}")]
    InvalidUrl(String),
    #[error("the last event ID to start from cannot be sent in a header")]
    InvalidLastEventId,
    #[error("the request failed")]
    NoAnswer(#[source] reqwest::Error),
    #[error("the server answered {}", .0.head.status())]
    Status(Box<Refusal>),
    #[error("the server answered with {}, not with an event stream", .0.content_type())]
    ContentType(Box<Refusal>),
    #[error("the connection was lost")]
    Broken(#[source] reqwest::Error),
    #[error("the event stream exceeds a limit")]
    Limit(#[source] LimitExceeded),
    #[error("the server ended the event stream")]
    Ended,
    #[error("the request cannot be repeated, since its body can be read only once")]
    BodyNotRepeatable(#[source] SseError),
    #[error("gave up reconnecting (failed attempts in a row: {attempts})")]
    Exhausted {
        attempts: u32,
        #[source]
        cause: SseError,
    },
}

/// A response that is no event stream, and the start of what it said.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
}

impl SseError {
    pub(crate) fn new(failure: Failure, context: ErrorContext) -> Self {
        let ErrorContext { url, attempt, last_event_id, history } = context;
        Self { inner: Box::new(Inner { failure, url, attempt, last_event_id, history }) }
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

    /// Whether the network failed: no connection could be made, no answer came over it or none that
    /// is HTTP, or it was lost in the middle of the event stream.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        self.transport_error().is_some_and(|error| !error.is_redirect())
    }

    /// Whether no connection could be made: the host is unknown, refuses, or failed TLS.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.transport_error().is_some_and(reqwest::Error::is_connect)
    }

    /// Whether the server redirected in a way that the redirect policy of the `reqwest::Client`
    /// does not follow: too often, or in a circle.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        self.transport_error().is_some_and(reqwest::Error::is_redirect)
    }

    /// Whether a timeout of the `reqwest::Client` was hit.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.transport_error().is_some_and(reqwest::Error::is_timeout)
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

    /// Whether all attempts to reconnect failed. The source is an `SseError`: why the last did.
    #[must_use]
    pub fn is_reconnection_exhausted(&self) -> bool {
        matches!(self.inner.failure, Failure::Exhausted { .. })
    }

    /// Whether the session would have reconnected, had the request's body not been a stream that
    /// can be read only once. The source is an `SseError`: how the connection was lost.
    #[must_use]
    pub fn is_body_not_repeatable(&self) -> bool {
        matches!(self.inner.failure, Failure::BodyNotRepeatable(_))
    }

    /// Whether the request is at fault and was never sent: its URL or a header is invalid, or the
    /// last event ID to start from is.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(
            self.inner.failure,
            Failure::InvalidRequest(_) | Failure::InvalidUrl(_) | Failure::InvalidLastEventId
        )
    }

    /// Whether the same request may go better another time: the network failed, or the status was
    /// 408, 425, 429 or a server error. Never, if the request cannot be repeated.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !self.is_body_not_repeatable() && self.last_failure().is_retryable()
    }

    /// The status of the response that was no event stream.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.refusal().map(|refusal| refusal.head.status())
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

    /// What happened last, whatever was made of it.
    fn last_failure(&self) -> &Failure {
        match &self.inner.failure {
            Failure::Exhausted { cause, .. } | Failure::BodyNotRepeatable(cause) => {
                cause.last_failure()
            }
            failure => failure,
        }
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self.last_failure() {
            Failure::Status(refusal) | Failure::ContentType(refusal) => Some(refusal),
            _ => None,
        }
    }

    fn transport_error(&self) -> Option<&reqwest::Error> {
        match self.last_failure() {
            Failure::NoAnswer(error) | Failure::Broken(error) => Some(error),
            _ => None,
        }
    }
}

impl Failure {
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::NoAnswer(error) => !(error.is_builder() || error.is_redirect()),
            Self::Broken(_) | Self::Ended => true,
            Self::Status(refusal) => {
                let status = refusal.head.status();
                status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
            }
            Self::InvalidRequest(_)
            | Self::InvalidUrl(_)
            | Self::InvalidLastEventId
            | Self::ContentType(_)
            | Self::Limit(_)
            | Self::BodyNotRepeatable(_)
            | Self::Exhausted { .. } => false,
        }
    }
}

impl Refusal {
    fn content_type(&self) -> Cow<'_, str> {
        match self.head.headers().get(reqwest::header::CONTENT_TYPE) {
            Some(value) => {
                let start = &value.as_bytes()[..value.len().min(MAX_SHOWN_BYTES)];
                Cow::Owned(format!("content type {}", start.escape_ascii()))
            }
            None => Cow::Borrowed("no content type"),
        }
    }
}

const MAX_SHOWN_BYTES: usize = 100;

impl From<Failure> for SseError {
    /// For what fails before there is a session.
    fn from(failure: Failure) -> Self {
        Self::new(failure, ErrorContext::default())
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
