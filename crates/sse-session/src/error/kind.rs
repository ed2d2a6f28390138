//! Kinds of failures, and what a session made of them: the one table to match on.

use crate::{failure::Failure, transport_error::TransportErrorKind};

/// Kind of the failure that an [`SseError`](crate::SseError) reports: what happened last.
///
/// [`SseError::kind`](crate::SseError::kind) returns it. Properties that several kinds can have,
/// such as [`is_timeout`](crate::SseError::is_timeout), are methods of the error.
///
/// ```
/// use sse_session::{SseError, SseErrorKind};
///
/// fn advice(error: &SseError) -> &'static str {
///     match error.kind() {
///         SseErrorKind::Status if error.is_unauthorized() => "log in",
///         SseErrorKind::ContentType => "check the URL: this is not an event stream",
///         _ if error.is_retryable() => "try again later",
///         _ => "report this",
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SseErrorKind {
    /// The request was invalid and was never sent: its URI, a header, or the last event ID to start
    /// from. Or the client needs a tokio runtime, and was polled outside of any.
    InvalidRequest,
    /// The options of the session are invalid, for example because there is no
    /// [clock](crate::SseConfig::clock).
    InvalidConfig,
    /// A [request factory](crate::SseClient::request_factory) failed. Its error is the source.
    RequestFactory,
    /// [`refresh_credentials`](crate::SseConfig::refresh_credentials) failed. Its error is the
    /// source.
    CredentialsRefresh,
    /// No response head was received: no connection was established, or it failed or was closed
    /// before the head.
    NoResponse,
    /// A redirect was not followed: there were too many, or it led to where no request can go.
    Redirect,
    /// The server responded with a status other than 200 or 204.
    Status,
    /// The server responded 200 with a content type other than `text/event-stream`.
    ContentType,
    /// The server responded with an event stream in a coding that nothing decodes: the feature of
    /// the coding is off, or the session cannot decode the coding. Reading the stream
    /// without decoding it would yield no event and no error.
    ContentEncoding,
    /// The server responded 204, and the session [expects a terminal
    /// event](crate::SseConfig::expect_terminal). Otherwise a 204 is not an error.
    NoContent,
    /// A [deadline](crate::SseError::deadline) of the session expired.
    Deadline,
    /// The session has to wait, for a deadline or before its next attempt, and its
    /// [clock](crate::Clock) cannot: the session was polled outside of a tokio runtime, in one
    /// whose timer is not enabled, or in one that was shut down.
    NoTimer,
    /// The connection failed in the middle of the event stream.
    Disconnected,
    /// The event stream is not in the content coding that its head names, or is corrupt.
    Decode,
    /// The server ended the event stream regularly, as HTTP defines it, and not in the
    /// [middle](Self::Unfinished) of anything. This is the cause of a
    /// disconnect that the session recovers from, or of an
    /// [incomplete](crate::SseError::is_incomplete) event stream.
    StreamEnded,
    /// The server ended the event stream in the middle of a line or of an event, although the body
    /// ended regularly, as far as HTTP shows it: see
    /// [`is_unfinished`](crate::SseError::is_unfinished).
    Unfinished,
    /// An event exceeded the [limits](crate::SseConfig::limits);
    /// [`limit_exceeded`](crate::SseError::limit_exceeded) says which.
    LimitExceeded,
    /// A [handle](crate::SessionHandle::reconnect_now) requested a reconnection. This is the cause
    /// of a disconnect, or of an error if there is [no request to repeat](SseErrorOutcome).
    ReconnectRequested,
    /// A [handle](crate::OpenSession::handle) closed the session before it opened.
    Closed,
    /// The event stream of an [`Answer`](crate::Answer) says that the answer failed;
    /// [`reported`](crate::SseError::reported) returns how.
    Reported,
    /// An event of an [`Answer`](crate::Answer) could not be decoded. The decoder's error is the
    /// source.
    Malformed,
    /// The server began an [`Answer`](crate::Answer) again in the middle of its event stream. This
    /// is the cause of an [`AnswerPart::Restarted`](crate::AnswerPart::Restarted), and the error of
    /// an answer that its server begins again and again.
    BegunAgain,
    /// A connection that was to resume an [`Answer`](crate::Answer) brought nothing, or its server
    /// resumes [from another event](crate::Gap). The answer may be complete, or the server may have
    /// forgotten it or a part of it.
    NotResumed,
}

/// Outcome of a session's last failure, for an error that says more than the failure itself.
///
/// [`SseError::outcome`](crate::SseError::outcome) returns it. The source of such an error is an
/// `SseError` too: the failure itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SseErrorOutcome {
    /// The [policy](crate::ReconnectPolicy) allows no further attempt: too many failed in a row,
    /// the outage lasted too long, the session [restarted](crate::ReconnectPolicy::max_restarts)
    /// too often, or a custom policy stopped. The error's message says which.
    Exhausted,
    /// The session would have reconnected, but the body of its request is a stream that can be read
    /// only once.
    BodyNotRepeatable,
    /// The session would have reconnected, but it began with a
    /// [response](crate::SseClient::response) and has no
    /// [request to resume with](crate::SseRequest::resume_request).
    RequestMissing,
    /// The session would have reconnected, but the server would have answered from the beginning
    /// again, and the session is not read by its
    /// [lifecycle](crate::ClientSseSession::lifecycle), which alone shows that: see
    /// [`Resume::FromBeginning`](crate::Resume::FromBeginning). The request was not repeated; a new
    /// session can.
    ///
    /// A feed that begins again, with [`Resume::Feed`](crate::Resume::Feed) or a GET, is never
    /// this: its events are messages of their own, and not parts of one answer. It is a restart for
    /// `is_restart`, [`restarts`](crate::ClientSseSession::restarts) and
    /// [`max_restarts`](crate::ReconnectPolicy::max_restarts), which count both.
    RestartUnseen,
    /// The session ended without its [terminal event](crate::SseConfig::expect_terminal), and none
    /// of the outcomes above is the reason. [`is_incomplete`](crate::SseError::is_incomplete)
    /// answers in those cases too.
    Incomplete,
}

impl Failure {
    /// Returns the kind of what happened last.
    pub(super) fn kind(&self) -> SseErrorKind {
        match self {
            Self::InvalidRequest(_) | Self::InvalidUrl(_) | Self::InvalidLastEventId(_) => {
                SseErrorKind::InvalidRequest
            }
            Self::InvalidConfig(_) => SseErrorKind::InvalidConfig,
            Self::Factory(_) => SseErrorKind::RequestFactory,
            Self::Refresh(_) => SseErrorKind::CredentialsRefresh,
            Self::NoResponse { kind: TransportErrorKind::Redirect, .. } | Self::Redirect(_) => {
                SseErrorKind::Redirect
            }
            Self::NoResponse { .. } => SseErrorKind::NoResponse,
            Self::Status(_) => SseErrorKind::Status,
            Self::ContentType(_) => SseErrorKind::ContentType,
            Self::ContentEncoding(_) => SseErrorKind::ContentEncoding,
            Self::NoContent => SseErrorKind::NoContent,
            Self::Deadline(_) => SseErrorKind::Deadline,
            Self::NoTimer(_) => SseErrorKind::NoTimer,
            Self::Disconnected { .. } => SseErrorKind::Disconnected,
            Self::Decode(_) => SseErrorKind::Decode,
            Self::StreamEnded => SseErrorKind::StreamEnded,
            Self::Unfinished(_) => SseErrorKind::Unfinished,
            Self::Limit(_) => SseErrorKind::LimitExceeded,
            Self::ReconnectRequested => SseErrorKind::ReconnectRequested,
            Self::ClosedBeforeOpen => SseErrorKind::Closed,
            Self::Reported { .. } => SseErrorKind::Reported,
            Self::Malformed(_) => SseErrorKind::Malformed,
            Self::BegunAgain => SseErrorKind::BegunAgain,
            Self::NotResumed => SseErrorKind::NotResumed,
        }
    }
}
