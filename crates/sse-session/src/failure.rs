//! Failures of a connection, or of the attempt to make one.
//!
//! A [`Failure`] says what happened; the [`SseError`] around it says where and when. It decides
//! nothing except whether another attempt may succeed.

use std::{fmt, time::Duration};

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use sse_core::LimitExceeded;

use crate::{
    acceptance::RetryAdvice,
    call::ResponseHead,
    deadlines::Deadline,
    error::SseError,
    id_header::Unsendable,
    policy::StopReason,
    threads::BoxError,
    transport::{TransportError, TransportErrorKind},
};

/// Failure of a connection, or of the attempt to make one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("invalid request")]
    InvalidRequest(#[source] BoxError),
    #[error("invalid configuration: {0}")]
    InvalidConfig(&'static str),
    #[error("invalid URL: {0}")]
    InvalidUrl(String),
    #[error("invalid last event ID: {0}")]
    InvalidLastEventId(Unsendable),
    #[error("request factory failed")]
    Factory(#[source] BoxError),
    #[error("refresh of credentials failed")]
    Refresh(#[source] BoxError),
    #[error("no response")]
    NoResponse {
        kind: TransportErrorKind,
        #[source]
        source: BoxError,
    },
    #[error("redirect not followed: {0}")]
    Redirect(BadRedirect),
    #[error("unexpected status {}", .0.head.status())]
    Status(Box<Rejection>),
    #[error("not an event stream: {}", .0.content_type())]
    ContentType(Box<Rejection>),
    #[error("event stream was not decoded: {}", .0.content_encoding())]
    ContentEncoding(Box<Rejection>),
    #[error("disconnected")]
    Disconnected {
        kind: TransportErrorKind,
        #[source]
        source: BoxError,
    },
    #[error("{}", .0.message())]
    Deadline(Deadline),
    #[error("event stream exceeds a limit")]
    Limit(#[source] LimitExceeded),
    #[error("server ended the event stream")]
    StreamEnded,
    #[error("{0}")]
    NotRepeatable(NotRepeatable, #[source] SseError),
    #[error("reconnection requested")]
    ReconnectRequested,
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

/// Reason why the session did not follow a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRedirect {
    #[error("more than {MAX_REDIRECTS} in a row")]
    TooMany,
    #[error("missing or invalid Location")]
    Location,
    #[error("from https to http")]
    Downgrade,
    #[error("the request cannot be repeated")]
    NotRepeatable,
}

/// Number of redirects that are followed in a row.
pub(crate) const MAX_REDIRECTS: u8 = 10;

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
pub(crate) struct Rejection {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
    pub(crate) advice: RetryAdvice,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) coding_hints: &'static [(&'static str, &'static str)],
}

impl Failure {
    pub(crate) fn no_response(error: TransportError) -> Self {
        let TransportError { kind, source } = error;
        match kind {
            TransportErrorKind::InvalidRequest => Self::InvalidRequest(source),
            // Nothing was truncated: no head was received.
            TransportErrorKind::Truncated => {
                Self::NoResponse { kind: TransportErrorKind::Other, source }
            }
            kind => Self::NoResponse { kind, source },
        }
    }

    pub(crate) fn disconnected(error: TransportError) -> Self {
        let TransportError { kind, source } = error;
        Self::Disconnected { kind, source }
    }

    /// Returns the kind of the transport's error, if it was one.
    pub(crate) fn transport_kind(&self) -> Option<TransportErrorKind> {
        match self {
            Self::NoResponse { kind, .. } | Self::Disconnected { kind, .. } => Some(*kind),
            _ => None,
        }
    }

    /// Returns `true` if another attempt may succeed.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::NoResponse { kind, .. } => *kind != TransportErrorKind::Redirect,
            Self::Disconnected { .. } | Self::Deadline(_) | Self::StreamEnded => true,
            // Both may have asked a server that was unreachable.
            Self::Factory(_) | Self::Refresh(_) => true,
            Self::Status(rejection) => rejection.advice == RetryAdvice::MayHelp,
            Self::InvalidRequest(_)
            | Self::Redirect(_)
            | Self::InvalidConfig(_)
            | Self::InvalidUrl(_)
            | Self::InvalidLastEventId(_)
            | Self::ContentType(_)
            | Self::ContentEncoding(_)
            | Self::Limit(_)
            | Self::ReconnectRequested
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

impl Rejection {
    fn content_type(&self) -> String {
        match self.escaped(&CONTENT_TYPE) {
            Some(value) => format!("content type {value}"),
            None => "no content type".to_owned(),
        }
    }

    /// Names the coding, and what makes the transport decode it.
    fn content_encoding(&self) -> String {
        let value = self.escaped(&CONTENT_ENCODING).unwrap_or_default();
        let names = || value.split(',').map(str::trim);
        let mut hints = self.coding_hints.iter();
        match hints.find(|(coding, _)| names().any(|name| name == *coding)) {
            Some((_, hint)) => format!("content encoding {value}, {hint}"),
            None => format!("content encoding {value}"),
        }
    }

    /// The start of a header that is not secret.
    fn escaped(&self, name: &HeaderName) -> Option<String> {
        let value = self.head.headers().get(name)?.as_bytes();
        Some(value[..value.len().min(MAX_SHOWN_BYTES)].escape_ascii().to_string())
    }
}

const MAX_SHOWN_BYTES: usize = 100;
