//! States of a session, and the reasons why it has ended.

/// State of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionState {
    /// A request is being made, and its response has not been received.
    Connecting,
    /// The session has a connection.
    Open,
    /// The session waits before its next attempt.
    Waiting,
    /// The session has ended.
    Closed,
}

/// Reason why a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The server ended the event stream, and the session does not reconnect after that.
    StreamEnded,
    /// The server responded 204: it has no more events.
    NoContent,
    /// The session reached its terminal event, the one of
    /// [`stop_after`](crate::SseConfig::stop_after) or
    /// [`stop_before`](crate::SseConfig::stop_before).
    Stopped,
    /// The caller closed the session.
    Closed,
    /// The session failed, and has returned its error.
    Failed,
}
