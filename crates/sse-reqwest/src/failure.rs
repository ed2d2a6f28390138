//! What can happen to a connection, or keep it from being made.
//!
//! What happened, and no more: where and when is said by the [`SseError`] around it. Reads nothing,
//! decides nothing but whether another try may go better.

use std::{borrow::Cow, error::Error, fmt, time::Duration};

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use sse_core::LimitExceeded;

use crate::{
    acceptance::RetryAdvice, call::ResponseHead, deadlines::Deadline, error::SseError,
    id_header::Unsendable, policy::StopReason, threads::BoxError,
};

/// What happened to a connection, or kept it from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the request cannot be built")]
    InvalidRequest(#[source] reqwest::Error),
    #[error("the URL cannot be used: {0}")]
    InvalidUrl(String),
    #[error("the last event ID to start from cannot be sent in a header: {0}")]
    InvalidLastEventId(Unsendable),
    #[error("the request could not be made")]
    Factory(#[source] BoxError),
    #[error("the credentials could not be refreshed")]
    Refresh(#[source] BoxError),
    #[error("the request failed")]
    NoAnswer(#[source] BoxError),
    #[error("the server answered {}", .0.head.status())]
    Status(Box<Refusal>),
    #[error("the server answered with {}, not with an event stream", .0.content_type())]
    ContentType(Box<Refusal>),
    #[error(
        "the event stream is compressed ({}), and the reqwest::Client does not decompress it",
        .0.content_encoding()
    )]
    Compressed(Box<Refusal>),
    #[error("the connection was lost")]
    Broken(#[source] reqwest::Error),
    #[error("{}", .0.message())]
    Silence(Deadline),
    #[error("the event stream exceeds a limit")]
    Limit(#[source] LimitExceeded),
    #[error("the server ended the event stream")]
    Ended,
    #[error("{0}")]
    NotRepeatable(Obstacle, #[source] SseError),
    #[error("another connection was asked for")]
    ReconnectAsked,
    #[error("the session was closed before it was open")]
    ClosedBeforeOpen,
    #[error("the server has nothing to send")]
    NoContent,
    #[error("gave up reconnecting ({reason})")]
    Exhausted {
        reason: StopReason,
        #[source]
        cause: SseError,
    },
    #[error(
        "the event stream is incomplete: it ended after {events} events, not with its last one"
    )]
    Incomplete {
        events: u64,
        #[source]
        cause: SseError,
    },
}

/// Why a session has no request to go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The request's body is a stream, which went with the request.
    BodySpent,
    /// The session began with a response, and was given no request.
    NoRequest,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BodySpent => {
                "the request cannot be repeated, since its body can be read only once"
            }
            Self::NoRequest => {
                "there is no request to go on with, since the session began with a response and was \
                 given none (by resume_request)"
            }
        })
    }
}

/// A response that is no event stream, and the start of what it said.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
    pub(crate) advice: RetryAdvice,
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::NoAnswer(error) => {
                let mut causes = causes(&**error).filter_map(|it| it.downcast_ref());
                !causes.any(|it: &reqwest::Error| it.is_builder() || it.is_redirect())
            }
            Self::Broken(_) | Self::Silence(_) | Self::Ended => true,
            // Both may well have asked a server that was not there.
            Self::Factory(_) | Self::Refresh(_) => true,
            Self::Status(refusal) => refusal.advice == RetryAdvice::MayHelp,
            Self::InvalidRequest(_)
            | Self::InvalidUrl(_)
            | Self::InvalidLastEventId(_)
            | Self::ContentType(_)
            | Self::Compressed(_)
            | Self::Limit(_)
            | Self::ReconnectAsked
            | Self::ClosedBeforeOpen
            | Self::NoContent
            | Self::NotRepeatable(..)
            | Self::Exhausted { .. }
            | Self::Incomplete { .. } => false,
        }
    }
}

impl Deadline {
    fn message(self) -> &'static str {
        match self {
            Self::Head => "the server took too long to answer",
            Self::FirstByte => "the event stream took too long to begin",
            Self::Idle => "the connection was silent for too long",
        }
    }
}

impl Refusal {
    fn content_type(&self) -> Cow<'_, str> {
        match self.shown(&CONTENT_TYPE) {
            Some(value) => Cow::Owned(format!("content type {value}")),
            None => Cow::Borrowed("no content type"),
        }
    }

    fn content_encoding(&self) -> String {
        self.shown(&CONTENT_ENCODING).map(|value| value.to_string()).unwrap_or_default()
    }

    /// The start of a header that is no secret.
    fn shown(&self, name: &HeaderName) -> Option<impl fmt::Display> {
        let value = self.head.headers().get(name)?.as_bytes();
        Some(value[..value.len().min(MAX_SHOWN_BYTES)].escape_ascii())
    }
}

const MAX_SHOWN_BYTES: usize = 100;

/// The error, its source, the source of that, and so on.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
