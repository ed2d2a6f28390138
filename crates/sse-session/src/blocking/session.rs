//! Blocking session as its caller holds it: an iterator of events.

use std::{fmt, iter::FusedIterator, time::Duration};

use sse_core::{ServerSentEvent, Skipped};

use super::{lifecycle::BlockingLifecycle, thread::Thread};
use crate::{
    ack::AckToken,
    body_end::EndEvidence,
    call::Call,
    error::SseError,
    handle::SessionHandle,
    session::ClientSseSession,
    state::{EndReason, SessionState},
};

/// Session over a [`BlockingTransport`](crate::BlockingTransport): an iterator of the events of
/// successive connections that share a last event ID.
///
/// It behaves like a [`ClientSseSession`], with the same options, policies and errors, without a
/// runtime. `next` blocks the thread until there is an event. An `Err` item is always the last.
/// Dropping the session closes its connection.
///
/// ```
/// use std::time::Duration;
/// use bytes::Bytes;
/// use sse_session::{BlockingClient, EndReason, SseConfig};
///
/// // A server that ends each response after two events, and has no third one.
/// let send = |request: http::Request<Bytes>| {
///     let response = http::Response::builder();
///     match request.headers().get("last-event-id") {
///         Some(_) => response.status(204).body("".as_bytes()),
///         None => {
///             let body = "id: 1\ndata: one\n\nid: 2\ndata: two\n\n".as_bytes();
///             response.header("content-type", "text/event-stream").body(body)
///         }
///     }
/// };
///
/// let config = SseConfig::new().max_reconnection_attempts(9).reconnection_time(Duration::ZERO);
/// let client = BlockingClient::new(send, config);
/// let mut session = client.sse_session("http://example.org/feed")?;
/// for event in &mut session {
///     println!("{}", event?.data());
/// }
/// assert_eq!(session.last_event_id(), "2");
/// assert_eq!(session.end_reason(), Some(EndReason::NoContent));
/// # Ok::<(), sse_session::SseError>(())
/// ```
///
/// # Time
///
/// The session waits by the clock of the system, unless [`SseConfig::clock`] sets another, such as
/// the `TestClock` of sse-test. The futures of that clock, and of
/// [`SseConfig::refresh_credentials`], are polled by this thread: they must not need a runtime.
///
/// # Other threads
///
/// A session can move to another thread. Its [handle](Self::handle) closes it from any thread: at
/// once while the session waits, and otherwise when the transport returns to it, which is [up to
/// the transport](crate::BlockingTransport#timeouts). In async code, `next` would block a thread of
/// the runtime; use a [`ClientSseSession`] there.
///
/// # Memory
///
/// The bytes of small reads share a buffer of 16 KiB, which is reused if all events in it have been
/// dropped. To keep a small event for long, [detach](ServerSentEvent::detach) it.
///
/// [`SseConfig::clock`]: crate::SseConfig::clock
/// [`SseConfig::refresh_credentials`]: crate::SseConfig::refresh_credentials
pub struct BlockingSession {
    pub(super) session: ClientSseSession,
    pub(super) thread: Thread,
}

impl BlockingSession {
    /// Returns the heads of the current or last connection; see [`ClientSseSession::call`].
    #[must_use]
    pub fn call(&self) -> &Call {
        self.session.call()
    }

    /// Returns the number of connections so far; see [`ClientSseSession::connections`].
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.session.connections()
    }

    /// Returns the ID that the next request will send; see [`ClientSseSession::last_event_id`].
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.session.last_event_id()
    }

    /// Sets the last event ID; see [`ClientSseSession::set_last_event_id`].
    pub fn set_last_event_id(&mut self, id: impl Into<String>) {
        self.session.set_last_event_id(id);
    }

    /// Returns the token of the last event; see [`ClientSseSession::ack_token`].
    #[must_use]
    pub fn ack_token(&self) -> AckToken {
        self.session.ack_token()
    }

    /// Acknowledges an event and all before it; see [`ClientSseSession::acknowledge`].
    pub fn acknowledge(&mut self, token: AckToken) {
        self.session.acknowledge(token);
    }

    /// Returns how often the session has restarted; see [`ClientSseSession::restarts`].
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.session.restarts()
    }

    /// Returns the wait before a reconnection; see [`ClientSseSession::reconnection_time`].
    #[must_use]
    pub fn reconnection_time(&self) -> Duration {
        self.session.reconnection_time()
    }

    /// Returns the state of the session.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.session.state()
    }

    /// Returns why the session has ended; `None` if it has not.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        self.session.end_reason()
    }

    /// Returns how the last connection ended; see [`ClientSseSession::end_evidence`].
    #[must_use]
    pub fn end_evidence(&self) -> Option<EndEvidence> {
        self.session.end_evidence()
    }

    /// Returns which events exceeded a limit and were dropped; see [`ClientSseSession::skipped`].
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.session.skipped()
    }

    /// Returns the time since the last byte; see [`ClientSseSession::last_activity`].
    #[must_use]
    pub fn last_activity(&self) -> Option<Duration> {
        self.session.last_activity()
    }

    /// Creates a handle that controls the session from other threads.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        self.session.handle()
    }

    /// Returns what the buffer policy has kept; see [`ClientSseSession::history`].
    #[must_use]
    pub fn history(&self) -> Option<String> {
        self.session.history()
    }

    /// Closes the session; see [`ClientSseSession::close`].
    pub fn close(&mut self) {
        self.session.close();
    }

    /// Returns an iterator of everything that happens to the session: connections, disconnects and
    /// events.
    ///
    /// ```no_run
    /// # fn example(
    /// #     mut session: sse_session::BlockingSession,
    /// # ) -> Result<(), sse_session::SseError> {
    /// use sse_session::SessionEvent;
    ///
    /// for step in session.lifecycle() {
    ///     match step? {
    ///         SessionEvent::Event(event) => println!("{}", event.data()),
    ///         SessionEvent::Disconnected { cause, .. } => eprintln!("{cause}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn lifecycle(&mut self) -> BlockingLifecycle<'_> {
        BlockingLifecycle { lifecycle: self.session.lifecycle(), thread: &self.thread }
    }
}

impl Iterator for BlockingSession {
    type Item = Result<ServerSentEvent, SseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Self { session, thread } = self;
        thread.block_on(|cx| session.poll(cx))
    }
}

impl FusedIterator for BlockingSession {}

impl fmt::Debug for BlockingSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingSession").field(&self.session).finish()
    }
}
