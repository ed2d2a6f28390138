//! Failures of a connection, or of the attempt to make one.
//!
//! A [`Failure`] says what happened; the [`SseError`](crate::SseError) around it says where and
//! when, and what the session made of it. A failure decides nothing except whether another attempt
//! may succeed.

mod rejection;

use std::{error::Error, fmt, io};

use sse_core::{LimitExceeded, Parser};

pub(crate) use self::rejection::{Rejection, append_bounded};
use crate::{
    acceptance::RetryAdvice,
    deadlines::Deadline,
    id_header::Unsendable,
    platform::NoTimer,
    threads::BoxError,
    transport_error::{TransportError, TransportErrorKind},
};

/// Failure of a connection, or of the attempt to make one.
#[derive(Debug)]
pub(crate) enum Failure {
    InvalidRequest(BoxError),
    InvalidConfig(&'static str),
    InvalidUrl(String),
    InvalidLastEventId(Unsendable),
    Factory(BoxError),
    Refresh(BoxError),
    NoResponse {
        kind: TransportErrorKind,
        source: BoxError,
    },
    Redirect(BadRedirect),
    Status(Box<Rejection>),
    ContentType(Box<Rejection>),
    ContentEncoding(Box<Rejection>),
    Disconnected {
        kind: TransportErrorKind,
        source: BoxError,
    },
    /// The body could not be decoded.
    Decode(BoxError),
    Deadline(Deadline),
    /// The session has to wait, and its clock cannot.
    NoTimer(NoTimer),
    Limit(LimitExceeded),
    StreamEnded,
    /// The body ended regularly, as far as HTTP shows it, and the event stream in it did not: it
    /// ended in the middle of this.
    Unfinished(&'static str),
    ReconnectRequested,
    ClosedBeforeOpen,
    NoContent,
    /// The event stream of an answer says that the answer failed.
    Reported {
        message: String,
        is_transient: bool,
    },
    /// An event of an answer could not be decoded.
    Malformed(BoxError),
    /// The answer began again in the middle of its event stream.
    BegunAgain,
    /// A connection that was to resume an answer brought nothing, or begins with another event.
    NotResumed,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(_) => f.write_str("invalid request"),
            Self::InvalidConfig(why) => write!(f, "invalid configuration: {why}"),
            Self::InvalidUrl(why) => write!(f, "invalid URL: {why}"),
            Self::InvalidLastEventId(why) => write!(f, "invalid last event ID: {why}"),
            Self::Factory(_) => f.write_str("request factory failed"),
            Self::Refresh(_) => f.write_str("refresh of credentials failed"),
            Self::NoResponse { kind: TransportErrorKind::Closed, .. } => {
                f.write_str("no response: connection closed")
            }
            Self::NoResponse { kind, .. } => {
                f.write_str("no response")?;
                local_limit(*kind).map_or(Ok(()), |limit| write!(f, ": {limit}"))
            }
            Self::Redirect(why) => write!(f, "redirect not followed: {why}"),
            Self::Status(rejection) => write!(f, "unexpected status {}", rejection.head.status()),
            Self::ContentType(rejection) => {
                write!(f, "not an event stream: {}", rejection.content_type())
            }
            Self::ContentEncoding(rejection) => {
                write!(f, "event stream was not decoded: {}", rejection.coding())
            }
            Self::Disconnected { kind, .. } => {
                f.write_str("disconnected")?;
                local_limit(*kind).map_or(Ok(()), |limit| write!(f, ": {limit}"))
            }
            Self::Decode(_) => f.write_str("event stream could not be decoded"),
            Self::Deadline(deadline) => f.write_str(deadline.message()),
            Self::NoTimer(NoTimer(why)) => write!(f, "clock cannot wait: {why}"),
            Self::Limit(_) => f.write_str("event stream exceeds a limit"),
            Self::StreamEnded => f.write_str("server ended the event stream"),
            Self::Unfinished(what) => {
                write!(f, "server ended the event stream in the middle of {what}")
            }
            Self::ReconnectRequested => f.write_str("reconnection requested"),
            Self::ClosedBeforeOpen => f.write_str("session closed before it opened"),
            Self::NoContent => f.write_str("server has no content"),
            // Its text is the server's, and may repeat secrets of the request.
            Self::Reported { .. } => f.write_str("answer failed, as its event stream reports"),
            Self::Malformed(_) => f.write_str("event of the answer could not be decoded"),
            Self::BegunAgain => f.write_str("server began the answer again"),
            Self::NotResumed => f.write_str("answer was not resumed: it may be complete, or lost"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::InvalidRequest(source)
            | Self::Factory(source)
            | Self::Refresh(source)
            | Self::NoResponse { source, .. }
            | Self::Disconnected { source, .. }
            | Self::Decode(source)
            | Self::Malformed(source) => Some(&**source),
            Self::Limit(source) => Some(source),
            Self::InvalidConfig(_)
            | Self::InvalidUrl(_)
            | Self::InvalidLastEventId(_)
            | Self::Redirect(_)
            | Self::Status(_)
            | Self::ContentType(_)
            | Self::ContentEncoding(_)
            | Self::Deadline(_)
            | Self::NoTimer(_)
            | Self::StreamEnded
            | Self::Unfinished(_)
            | Self::ReconnectRequested
            | Self::ClosedBeforeOpen
            | Self::NoContent
            | Self::Reported { .. }
            | Self::BegunAgain
            | Self::NotResumed => None,
        }
    }
}

/// Reason why the session did not follow a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadRedirect {
    TooMany,
    Location,
    Downgrade,
    NotRepeatable,
}

impl fmt::Display for BadRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "more than {MAX_REDIRECTS} in a row"),
            Self::Location => f.write_str("missing or invalid Location"),
            Self::Downgrade => f.write_str("from https to http"),
            Self::NotRepeatable => f.write_str("the request cannot be repeated"),
        }
    }
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
    /// The answer would start again from the beginning, and its reader would not see that.
    RestartUnseen,
}

impl fmt::Display for NotRepeatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BodySpent => "request cannot be repeated: its body can be read only once",
            Self::NoRequest => {
                "no request to reconnect with: the session began with a response, and \
                 resume_request is not set"
            }
            Self::RestartUnseen => {
                "answer would start again from the beginning: only the lifecycle shows that"
            }
        })
    }
}

impl Failure {
    pub(crate) fn no_response(error: TransportError) -> Self {
        let TransportError { kind, source } = error;
        match kind {
            TransportErrorKind::InvalidRequest => Self::InvalidRequest(source),
            // Nothing was truncated: no head was received.
            TransportErrorKind::Truncated => {
                Self::NoResponse { kind: TransportErrorKind::Closed, source }
            }
            kind => Self::NoResponse { kind, source },
        }
    }

    pub(crate) fn disconnected(error: TransportError) -> Self {
        let TransportError { kind, source } = error;
        match kind {
            TransportErrorKind::Decode => Self::Decode(source),
            kind => Self::Disconnected { kind, source },
        }
    }

    /// Returns the failure that the regular end of a body is for this parser of it.
    pub(crate) fn stream_ended(parser: &Parser) -> Self {
        if parser.is_in_line() {
            Self::Unfinished("a line")
        } else if parser.has_unfinished_event() {
            Self::Unfinished("an event")
        } else {
            Self::StreamEnded
        }
    }

    /// Returns the failure of a body that is incomplete although its transport saw a regular end.
    pub(crate) fn truncated(why: &'static str) -> Self {
        let source = io::Error::new(io::ErrorKind::UnexpectedEof, why);
        Self::Disconnected { kind: TransportErrorKind::Truncated, source: source.into() }
    }

    /// Returns the kind of the transport's error, if it was one.
    pub(crate) fn transport_kind(&self) -> Option<TransportErrorKind> {
        match self {
            Self::NoResponse { kind, .. } | Self::Disconnected { kind, .. } => Some(*kind),
            Self::Decode(_) => Some(TransportErrorKind::Decode),
            _ => None,
        }
    }

    /// Returns `true` if a response was rejected.
    pub(crate) fn is_rejection(&self) -> bool {
        matches!(self, Self::Status(_) | Self::ContentType(_) | Self::ContentEncoding(_))
    }

    /// Returns `true` if this side does not accept the peer, or if a proxy does not accept this
    /// side.
    pub(crate) fn is_peer_rejected(&self) -> bool {
        use TransportErrorKind::{HeadLimit, ProxyUnauthorized, Tls};
        matches!(self, Self::NoResponse { kind: HeadLimit | ProxyUnauthorized | Tls, .. })
    }

    /// Returns `true` if this side does not accept the TLS of the peer.
    pub(crate) fn is_tls_rejected(&self) -> bool {
        matches!(self, Self::NoResponse { kind: TransportErrorKind::Tls, .. })
    }

    /// Returns `true` if the connection ended before the head of a response was received.
    pub(crate) fn is_unanswered(&self) -> bool {
        matches!(
            self,
            Self::NoResponse { kind: TransportErrorKind::Closed | TransportErrorKind::Reset, .. }
        )
    }

    /// Returns `true` if the head of a response to the last request was received.
    pub(crate) fn is_answered(&self) -> bool {
        !matches!(
            self,
            Self::NoResponse { .. }
                | Self::Deadline(Deadline::Head)
                | Self::Factory(_)
                | Self::Refresh(_)
        )
    }

    /// Returns `true` if another attempt may succeed.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::NoResponse { kind: TransportErrorKind::Redirect, .. } => false,
            Self::NoResponse { .. } => !self.is_peer_rejected(),
            Self::Disconnected { .. } | Self::Deadline(_) => true,
            Self::StreamEnded | Self::Unfinished(_) => true,
            // It may have been damaged on its way. The session counts them apart.
            Self::Decode(_) => true,
            // Both may have asked a server that was unreachable.
            Self::Factory(_) | Self::Refresh(_) => true,
            Self::Reported { is_transient, .. } => *is_transient,
            // From the beginning.
            Self::NotResumed => true,
            Self::Status(rejection)
            | Self::ContentType(rejection)
            | Self::ContentEncoding(rejection) => rejection.advice == RetryAdvice::MayHelp,
            Self::InvalidRequest(_)
            | Self::Redirect(_)
            | Self::InvalidConfig(_)
            | Self::InvalidUrl(_)
            | Self::InvalidLastEventId(_)
            | Self::NoTimer(_)
            | Self::Limit(_)
            | Self::ReconnectRequested
            | Self::ClosedBeforeOpen
            | Self::NoContent
            | Self::Malformed(_)
            | Self::BegunAgain => false,
        }
    }
}

/// Describes the limit of this side's HTTP client that was exceeded, and what raises it.
fn local_limit(kind: TransportErrorKind) -> Option<&'static str> {
    match kind {
        TransportErrorKind::HeadLimit => Some("its head exceeds a limit of this HTTP client"),
        TransportErrorKind::FrameLimit => Some(
            "this HTTP client allows no more unread frames on its connection; larger HTTP/2 windows \
             would allow more",
        ),
        _ => None,
    }
}

impl Deadline {
    fn message(self) -> &'static str {
        match self {
            Self::Head => "head timeout expired",
            Self::FirstByte => "first byte timeout expired",
            Self::Idle => "idle timeout expired",
            Self::Budget => "budget expired before the answer began",
        }
    }
}
