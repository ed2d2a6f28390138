//! Kinds of the errors of sse-session, as data for serde.

use serde::{Deserialize, Serialize};
#[cfg(feature = "session")]
use sse_session::TransportErrorKind;

/// Kind of an error of sse-session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecordedErrorKind {
    Connect,
    ConnectTimeout,
    Timeout,
    Tls,
    ProxyUnauthorized,
    Redirect,
    Closed,
    Truncated,
    Reset,
    Malformed,
    Decode,
    HeadLimit,
    FrameLimit,
    InvalidRequest,
    /// Any other kind, such as one that a newer version knows.
    #[serde(other)]
    Other,
}

#[cfg(feature = "session")]
impl From<TransportErrorKind> for RecordedErrorKind {
    fn from(kind: TransportErrorKind) -> Self {
        match kind {
            TransportErrorKind::Connect => Self::Connect,
            TransportErrorKind::ConnectTimeout => Self::ConnectTimeout,
            TransportErrorKind::Timeout => Self::Timeout,
            TransportErrorKind::Tls => Self::Tls,
            TransportErrorKind::ProxyUnauthorized => Self::ProxyUnauthorized,
            TransportErrorKind::Redirect => Self::Redirect,
            TransportErrorKind::Closed => Self::Closed,
            TransportErrorKind::Truncated => Self::Truncated,
            TransportErrorKind::Reset => Self::Reset,
            TransportErrorKind::Malformed => Self::Malformed,
            TransportErrorKind::Decode => Self::Decode,
            TransportErrorKind::HeadLimit => Self::HeadLimit,
            TransportErrorKind::FrameLimit => Self::FrameLimit,
            TransportErrorKind::InvalidRequest => Self::InvalidRequest,
            _ => Self::Other,
        }
    }
}

#[cfg(feature = "session")]
impl From<RecordedErrorKind> for TransportErrorKind {
    fn from(kind: RecordedErrorKind) -> Self {
        match kind {
            RecordedErrorKind::Connect => Self::Connect,
            RecordedErrorKind::ConnectTimeout => Self::ConnectTimeout,
            RecordedErrorKind::Timeout => Self::Timeout,
            RecordedErrorKind::Tls => Self::Tls,
            RecordedErrorKind::ProxyUnauthorized => Self::ProxyUnauthorized,
            RecordedErrorKind::Redirect => Self::Redirect,
            RecordedErrorKind::Closed => Self::Closed,
            RecordedErrorKind::Truncated => Self::Truncated,
            RecordedErrorKind::Reset => Self::Reset,
            RecordedErrorKind::Malformed => Self::Malformed,
            RecordedErrorKind::Decode => Self::Decode,
            RecordedErrorKind::HeadLimit => Self::HeadLimit,
            RecordedErrorKind::FrameLimit => Self::FrameLimit,
            RecordedErrorKind::InvalidRequest => Self::InvalidRequest,
            RecordedErrorKind::Other => Self::Other,
        }
    }
}
