//! What can go wrong with a session, in a form to act on.
//!
//! A [`Failure`] in, an [`SseError`] out: it adds where and when, and answers
//! [questions](questions).

mod questions;

use std::{borrow::Cow, error::Error, fmt, sync::Arc, time::Duration};

use reqwest::{StatusCode, Url, header::HeaderMap};

use crate::failure::{Failure, Refusal, causes};

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

    /// The URL of the request, or of the [response](crate::SseClient::response) that the session
    /// began with, without user, password, query and fragment.
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

    /// How many bytes of an event came that never was complete, on the connection that was lost.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.inner.pending_bytes
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
            Failure::Exhausted { cause, .. } | Failure::NotRepeatable(_, cause) => {
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
