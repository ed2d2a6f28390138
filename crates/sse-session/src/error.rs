//! Errors of sessions: what failed, where, and what the caller can do about it.
//!
//! An [`SseError`] adds the place and the time to a [`Failure`], and what the session made of it.
//! Its [kind] says what failed, its [properties] answer questions that apply to several kinds.

mod kind;
mod outcome;
mod properties;

use std::{borrow::Cow, error::Error, fmt, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE};

pub use self::kind::{SseErrorKind, SseErrorOutcome};
use crate::{
    body_end::EndEvidence,
    body_excerpt::excerpt,
    failure::{Failure, NotRepeatable, Rejection},
    stop_reason::StopReason,
    timings::Timings,
};

/// Error of a session: why it could not be opened, or why it ended early.
///
/// [`kind`](Self::kind) says what happened last, and [`outcome`](Self::outcome) what the session
/// made of it, for example that its attempts to reconnect are exhausted. The methods `is_…` are
/// properties that several kinds can have, such as [`is_retryable`](Self::is_retryable) and
/// [`is_timeout`](Self::is_timeout).
///
/// The [`source`](Error::source) is the cause, if there is one. Neither `Display` nor `Debug` shows
/// secrets: URIs are shown without user, password and query; of the headers only content type and
/// content encoding; nothing of the body, of which [`body_excerpt`](Self::body_excerpt) returns the
/// start. Errors of the caller's own code, such as a [request
/// factory](crate::SseClient::request_factory) or a transport, are shown as they are. Cloning is
/// cheap.
///
/// ```
/// use sse_session::SseClient;
/// # use bytes::Bytes;
/// # use http_body_util::Full;
/// # use sse_session::{SendContext, SseConfig, Transport};
/// # struct Canned;
/// # impl Transport for Canned {
/// #     type Body = Full<Bytes>;
/// #     type Error = http::Error;
/// #     async fn send(
/// #         &self,
/// #         _: http::Request<Bytes>,
/// #         _: SendContext,
/// #     ) -> Result<http::Response<Full<Bytes>>, http::Error> {
/// #         let body = Full::new("no such feed".into());
/// #         http::Response::builder().status(404).header("content-type", "text/plain").body(body)
/// #     }
/// # }
///
/// async fn explain(client: &SseClient, url: &str) -> String {
///     match client.sse_session(url).await {
///         Ok(_) => "open".to_owned(),
///         Err(error) if error.is_unauthorized() => "log in first".to_owned(),
///         Err(error) if error.is_status() => error.body_excerpt().unwrap_or_default(),
///         Err(error) if error.is_retryable() => format!("try again: {error}"),
///         Err(error) => error.to_string(),
///     }
/// }
///
/// # #[cfg(not(feature = "tokio"))] fn main() {} // no default clock
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let client = SseClient::new(Canned, SseConfig::new());
/// // The server responds 404 with a text.
/// assert_eq!(explain(&client, "http://example.org/").await, "no such feed");
/// # }
/// ```
#[derive(Clone)]
pub struct SseError {
    inner: Arc<Inner>,
}

struct Inner {
    outcome: Outcome,
    uri: Option<Uri>,
    attempt: u32,
    last_event_id: String,
    history: Option<String>,
    pending_bytes: u64,
    evidence: Option<EndEvidence>,
    timings: Option<Timings>,
}

/// Failure that an error reports, or what the session made of the failure in its cause.
pub(crate) enum Outcome {
    Failed(Failure),
    NotRepeatable(NotRepeatable, SseError),
    Exhausted {
        reason: StopReason,
        /// `true` if nothing is missing of the last event stream, as far as HTTP shows it.
        is_after_complete_stream: bool,
        cause: SseError,
    },
    Incomplete {
        events: u64,
        cause: SseError,
    },
}

impl SseError {
    /// Creates the error of a failure outside of a session, of which no context is known.
    pub(crate) fn outside_of_a_session(outcome: impl Into<Outcome>) -> Self {
        Self::new(outcome, ErrorContext::default())
    }

    pub(crate) fn new(outcome: impl Into<Outcome>, context: ErrorContext) -> Self {
        let ErrorContext { uri, attempt, last_event_id, history, pending_bytes, evidence, timings } =
            context;
        let inner = Inner {
            outcome: outcome.into(),
            uri,
            attempt,
            last_event_id,
            history,
            pending_bytes,
            evidence,
            timings,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Returns what happened last.
    #[must_use]
    pub fn kind(&self) -> SseErrorKind {
        self.inner.outcome.kind()
    }

    /// Returns what the session made of what happened last; `None` if it reports the failure
    /// itself.
    #[must_use]
    pub fn outcome(&self) -> Option<SseErrorOutcome> {
        self.inner.outcome.reported()
    }

    /// Returns the status of the response that was rejected.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.rejection().map(|rejection| rejection.head.status())
    }

    /// Returns the delay that the `Retry-After` header of the rejected response asks for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.rejection().and_then(|rejection| rejection.retry_after)
    }

    /// Returns the headers of the response that was rejected.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.rejection().map(|rejection| rejection.head.headers())
    }

    /// Returns the start of the body of the response that was rejected: what was received within 5
    /// s, at most 64 KiB.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.rejection().map(|rejection| &*rejection.body)
    }

    /// Returns the [body](Self::body) as text, with ill-formed UTF-8 replaced.
    ///
    /// It is the server's text, unchanged: it may be long, and may contain control characters. To
    /// show a person, or a log, why a request was rejected, use
    /// [`body_excerpt`](Self::body_excerpt).
    #[must_use]
    pub fn body_text(&self) -> Option<Cow<'_, str>> {
        self.body().map(String::from_utf8_lossy)
    }

    /// Returns the start of the [body](Self::body) in one line, fit for a terminal or a log: at
    /// most 200 characters, followed by `…` if the body is longer. If the event stream of an answer
    /// [reported](Self::reported) a failure, its message takes the place of the body.
    ///
    /// White space is collapsed, and control characters and characters that change the direction of
    /// writing are escaped. Returns `None` if the body is missing or blank, or if its content type
    /// is not textual (`text/*`, JSON, XML, and form data are). A body without a content type is
    /// text if it is UTF-8.
    ///
    /// The text is the server's: it may repeat what the request contained, secrets among it.
    #[must_use]
    pub fn body_excerpt(&self) -> Option<String> {
        if let Some(message) = self.reported() {
            return excerpt(Some(b"text/event-stream"), message.as_bytes());
        }
        let rejection = self.rejection()?;
        excerpt(rejection.head.header(&CONTENT_TYPE), &rejection.body)
    }

    /// Returns the URI of the request, or of the [response](crate::SseClient::response) that the
    /// session began with, without user, password, query and fragment.
    #[must_use]
    pub fn uri(&self) -> Option<&Uri> {
        self.inner.uri.as_ref()
    }

    /// Returns the number of the attempt to reconnect that failed, counted since the last healthy
    /// connection. It is 0 for the first request of a session, and for a failure on a healthy
    /// connection.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.inner.attempt
    }

    /// Returns the last event ID at the time of the failure, to resume from; empty if no ID was
    /// received.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.inner.last_event_id
    }

    /// Returns the number of bytes that were received of an event that was never completed, on the
    /// connection that failed.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.inner.pending_bytes
    }

    /// Returns what the session's [buffer policy](crate::SseConfig::buffer_policy) has kept, if it
    /// keeps anything.
    #[must_use]
    pub fn history(&self) -> Option<&str> {
        self.inner.history.as_deref()
    }

    /// Returns the failure that happened last, whatever the session made of it.
    pub(crate) fn last_failure(&self) -> &Failure {
        match &self.inner.outcome {
            Outcome::Incomplete { cause, .. }
            | Outcome::Exhausted { cause, .. }
            | Outcome::NotRepeatable(_, cause) => cause.last_failure(),
            Outcome::Failed(failure) => failure,
        }
    }

    fn rejection(&self) -> Option<&Rejection> {
        match self.last_failure() {
            Failure::Status(rejection)
            | Failure::ContentType(rejection)
            | Failure::ContentEncoding(rejection) => Some(rejection),
            _ => None,
        }
    }
}

/// Place and time of a failure.
#[derive(Default)]
pub(crate) struct ErrorContext {
    /// Without secrets.
    pub(crate) uri: Option<Uri>,
    pub(crate) attempt: u32,
    pub(crate) last_event_id: String,
    pub(crate) history: Option<String>,
    pub(crate) pending_bytes: u64,
    pub(crate) evidence: Option<EndEvidence>,
    pub(crate) timings: Option<Timings>,
}

impl fmt::Display for SseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.uri() {
            Some(uri) => write!(f, "{} ({uri})", self.inner.outcome),
            None => write!(f, "{}", self.inner.outcome),
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
        self.inner.outcome.source()
    }
}
