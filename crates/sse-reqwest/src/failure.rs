//! Failures of a connection, or of the attempt to make one.
//!
//! A [`Failure`] says what happened; the [`SseError`] around it says where and when. It decides
//! nothing except whether another attempt may succeed.

use std::{error::Error, fmt, time::Duration};

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use sse_core::LimitExceeded;

use crate::{
    acceptance::RetryAdvice, call::ResponseHead, deadlines::Deadline, error::SseError,
    id_header::Unsendable, policy::StopReason, threads::BoxError,
};

/// Failure of a connection, or of the attempt to make one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("invalid request")]
    InvalidRequest(#[source] reqwest::Error),
    #[error("invalid URL: {0}")]
    InvalidUrl(String),
    #[error("invalid last event ID: {0}")]
    InvalidLastEventId(Unsendable),
    #[error("request factory failed")]
    Factory(#[source] BoxError),
    #[error("refresh of credentials failed")]
    Refresh(#[source] BoxError),
    #[error("no response")]
    NoAnswer(#[source] BoxError),
    #[error("unexpected status {}", .0.head.status())]
    Status(Box<Refusal>),
    #[error("not an event stream: {}", .0.content_type())]
    ContentType(Box<Refusal>),
    #[error("event stream was not decoded: {}", .0.content_encoding())]
    Compressed(Box<Refusal>),
    #[error("disconnected")]
    Broken(#[source] reqwest::Error),
    #[error("{}", .0.message())]
    Silence(Deadline),
    #[error("event stream exceeds a limit")]
    Limit(#[source] LimitExceeded),
    #[error("server ended the event stream")]
    Ended,
    #[error("{0}")]
    NotRepeatable(NotRepeatable, #[source] SseError),
    #[error("reconnection requested")]
    ReconnectAsked,
    #[error("session closed before it opened")]
    ClosedBeforeOpen,
    #[error("server has no content")]
    NoContent,
    #[error("reconnection stopped: {reason}")]
    Exhausted {
        reason: StopReason,
        #[source]
        cause: SseError,
    },
    #[error("event stream is incomplete: no terminal event after {events} events")]
    Incomplete {
        events: u64,
        #[source]
        cause: SseError,
    },
}

/// Reason why a session has no request to reconnect with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRepeatable {
    /// The request's body is a stream, which was consumed with the request.
    BodySpent,
    /// The session began with a response, and was given no request.
    NoRequest,
}

impl fmt::Display for NotRepeatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BodySpent => "request cannot be repeated: its body can be read only once",
            Self::NoRequest => {
                "no request to reconnect with: the session began with a response, and \
                 resume_request is not set"
            }
        })
    }
}

/// Response that was rejected, and the start of its body.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
    pub(crate) advice: RetryAdvice,
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    /// Returns `true` if a redirect was not followed.
    pub(crate) fn is_redirect(&self) -> bool {
        self.is_reqwest_error(reqwest::Error::is_redirect)
    }

    fn is_reqwest_error(&self, matches: impl Fn(&reqwest::Error) -> bool) -> bool {
        match self {
            Self::NoAnswer(error) => {
                causes(&**error).filter_map(|cause| cause.downcast_ref()).any(matches)
            }
            _ => false,
        }
    }

    /// Returns `true` if another attempt may succeed.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::NoAnswer(_) => {
                !self.is_reqwest_error(|error| error.is_builder() || error.is_redirect())
            }
            Self::Broken(_) | Self::Silence(_) | Self::Ended => true,
            // Both may have asked a server that was unreachable.
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
            Self::Head => "head timeout expired",
            Self::FirstByte => "first byte timeout expired",
            Self::Idle => "idle timeout expired",
        }
    }
}

impl Refusal {
    fn content_type(&self) -> String {
        match self.escaped(&CONTENT_TYPE) {
            Some(value) => format!("content type {value}"),
            None => "no content type".to_owned(),
        }
    }

    /// Names the coding, and the feature of reqwest that decodes it.
    fn content_encoding(&self) -> String {
        let value = self.escaped(&CONTENT_ENCODING).unwrap_or_default();
        let names = || value.split(',').map(str::trim);
        let feature = FEATURES.iter().find(|(coding, _)| names().any(|name| name == *coding));
        match feature {
            Some((_, feature)) => {
                format!("content encoding {value}, for which reqwest has the feature `{feature}`")
            }
            None => format!("content encoding {value}, which reqwest does not decode"),
        }
    }

    /// The start of a header that is not secret.
    fn escaped(&self, name: &HeaderName) -> Option<String> {
        let value = self.head.headers().get(name)?.as_bytes();
        Some(value[..value.len().min(MAX_SHOWN_BYTES)].escape_ascii().to_string())
    }
}

/// Codings that reqwest decodes, in the spelling that it looks for, each with its feature.
const FEATURES: [(&str, &str); 4] =
    [("gzip", "gzip"), ("br", "brotli"), ("deflate", "deflate"), ("zstd", "zstd")];

const MAX_SHOWN_BYTES: usize = 100;

/// Returns the error, its source, the source of that, and so on.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
