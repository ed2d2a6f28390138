//! What a session does, one thing at a time: what its views are made of. Data only.

use std::time::Duration;

use sse_core::{ServerSentEvent, Skipped};

use crate::{call::Call, error::SseError};

/// What a session has done when it was polled.
pub(crate) enum Step {
    /// It has an event to give out.
    Event(ServerSentEvent),
    /// Anything else. It is rare, and in a box so that events do not pass by way of memory.
    Change(Box<Change>),
}

/// What happens to a session other than events.
pub(crate) enum Change {
    /// It makes a request.
    Connecting,
    /// It has a connection.
    Open(Call),
    /// It has ended, as the server has nothing to send.
    NoContent(Call),
    /// It has dropped events that exceed a limit.
    Skipped(Skipped),
    /// It has lost its connection, or could make none, and tries again after the delay.
    Disconnected(Disconnected),
    /// It has failed.
    Failed(SseError),
    /// It is closed, now or since long.
    Closed,
}

/// A disconnect that the session survives.
pub(crate) struct Disconnected {
    pub(crate) cause: SseError,
    pub(crate) delay: Duration,
    pub(crate) unsendable_id: Option<String>,
}
