//! Transitions of a session, for its lifecycle, its observers and its spans.

use std::time::Duration;

use sse_core::Skipped;

use crate::{call::Call, error::SseError, gap::Gap};

/// Transition of a session, other than an event that it yields.
#[derive(Debug)]
pub(crate) enum Transition {
    /// The session makes a request.
    Connecting,
    /// The session has a connection.
    Open(Call),
    /// The session has ended, as the server has no more events.
    NoContent(Call),
    /// The server resumes from another event than the session asked for.
    Gap(Gap),
    /// Events were dropped because they exceeded a limit.
    Skipped(Skipped),
    /// The connection ended, or could not be made, and the session tries again after the delay.
    Disconnected(Disconnected),
    /// The session has failed.
    Failed(SseError),
    /// The session has ended without an error.
    Closed,
}

/// Disconnect that the session recovers from.
#[derive(Debug)]
pub(crate) struct Disconnected {
    pub(crate) cause: SseError,
    pub(crate) delay: Duration,
    /// Last event ID that the next request cannot carry.
    pub(crate) unsendable_id: Option<String>,
    /// If `true`, the next request does not say where to resume, although events were received.
    pub(crate) is_restart: bool,
}
