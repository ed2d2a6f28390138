//! Session: a stream of events, with methods that return its state.
//!
//! Decisions are made by the [`Driver`].

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::{FusedStream, Stream};
use sse_core::{ServerSentEvent, Skipped};

use crate::{
    ack::AckToken,
    body_end::EndEvidence,
    call::Call,
    driver::{Driver, Step},
    error::SseError,
    handle::SessionHandle,
    state::{EndReason, SessionState},
    transition::{Disconnected, Transition},
};

/// Session: the events of successive connections that share a last event ID.
///
/// It is a [`Stream`] of events; [`next`](Self::next) works without an import. An `Err` item is
/// always the last. Disconnects that the session recovers from are not items: the
/// [lifecycle](Self::lifecycle) reports them. After the end, [`end_reason`](Self::end_reason)
/// returns its reason.
///
/// To decode events into values, add `sse-typed` and `use sse_typed::EventStreamExt`, which adds
/// `session.json::<T>()` and others.
///
/// Dropping the session closes its connection, cancels any wait, and makes no further request.
///
/// ```
/// use futures_util::{StreamExt, TryStreamExt};
/// use sse_session::{BodyEnd, EndReason, SseClient};
/// # use bytes::Bytes;
/// # use http_body_util::Full;
/// # use sse_session::{SendContext, SseConfig, Transport};
/// # struct Canned;
/// # impl Transport for Canned {
/// #     type Body = Full<Bytes>;
/// #     type Error = http::Error;
/// #     async fn send(
/// #         &self,
/// #         _: http::Request<Bytes>,
/// #         _: SendContext,
/// #     ) -> Result<http::Response<Full<Bytes>>, http::Error> {
/// #         let body = Full::new("data: 1\n\ndata: 2\n\ndata: 3\n\n".into());
/// #         let response = http::Response::builder().version(http::Version::HTTP_2);
/// #         response.header("content-type", "text/event-stream").body(body)
/// #     }
/// # }
///
/// # #[cfg(not(feature = "tokio"))] fn main() {} // no default clock
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = SseClient::new(Canned, SseConfig::new());
/// let mut session = client.sse_session("http://example.org/").await?;
/// let two: Vec<_> = session.by_ref().take(2).try_collect().await?;
/// while let Some(event) = session.next().await {
///     println!("{}", event?.data());
/// }
/// assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
///
/// let evidence = session.end_evidence().unwrap();
/// assert_eq!((evidence.body_end(), evidence.messages()), (BodyEnd::EndStream, 3));
/// # Ok(())
/// # }
/// ```
///
/// # Memory
///
/// A session holds one chunk of the body, the fields of one incomplete event within the
/// [limits](crate::SseConfig::limits), the last event ID, and what its
/// [buffer policy](crate::SseConfig::buffer_policy) keeps. While it is not polled, it reads nothing
/// and queues nothing. An event shares the memory of the chunk that it was received in: to keep a
/// small one for long, [detach](ServerSentEvent::detach) it.
///
/// # Truncated and regular ends
///
/// A reset connection, or a body that is shorter than its `Content-Length` or its chunked coding
/// says, is an error ([`is_transport`](SseError::is_transport)), unless the session reconnects.
/// HTTP does not show the difference from a regular end if the body ends with its connection (as in
/// HTTP/1.0), or if an HTTP/2 server ends the stream, or resets it with NO_ERROR. Then only a
/// [terminal event](crate::SseConfig::expect_terminal) proves that the answer is whole. An event
/// that is incomplete at the end is discarded, as the standard says.
/// [`end_evidence`](Self::end_evidence) says how the last connection ended.
pub struct ClientSseSession {
    pub(crate) call: Call,
    pub(crate) driver: Box<Driver>,
}

impl ClientSseSession {
    /// Returns the next event, or `None` after the end.
    ///
    /// # Errors
    ///
    /// Fails if the session failed; see [`SseError`]. The error is returned once, and is the last
    /// item.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future loses nothing: bytes that were read stay in the session.
    pub async fn next(&mut self) -> Option<Result<ServerSentEvent, SseError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    /// Returns the heads of the request and the response of the current connection or, between two
    /// connections and after the end, of the last one.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Returns the number of connections that the session has had, the current one included. A
    /// response with status 204 is not counted.
    ///
    /// If it has grown since the last event, the session has reconnected in between. The next event
    /// then follows that one only if the server resumes by ID; otherwise the server may have begun
    /// from the beginning, which [`restarts`](Self::restarts) counts. The
    /// [lifecycle](Self::lifecycle) shows both between the events, by
    /// [`is_restart`](crate::SessionEvent::Disconnected). For a finite text, use an
    /// [`Answer`](crate::Answer), which shows where the text starts again.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.driver.machine.connections()
    }

    /// Returns the last event ID, which the next request will send; empty if no ID was received. It
    /// is the ID of the last block that was read. It is never ahead of the events that were
    /// yielded, or [acknowledged](Self::acknowledge) if the session waits for that.
    ///
    /// Store it to resume in another session, with
    /// [`SseConfig::last_event_id`](crate::SseConfig::last_event_id).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.driver.machine.last_event_id()
    }

    /// Sets the last event ID, which the next request will send; the empty string forgets it. An ID
    /// that the server sends later replaces it.
    ///
    /// It is for servers that have forgotten their events and say so in an event. If they say so in
    /// the head of a response, use
    /// [`SseConfig::replace_last_event_id`](crate::SseConfig::replace_last_event_id). Events that
    /// were yielded before can be [acknowledged](Self::acknowledge), but no longer determine the
    /// ID.
    ///
    /// ```
    /// use sse_session::{ClientSseSession, SseError};
    ///
    /// async fn read(mut session: ClientSseSession) -> Result<(), SseError> {
    ///     while let Some(event) = session.next().await {
    ///         if event?.event_type() == "restarted" {
    ///             session.set_last_event_id("");
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn set_last_event_id(&mut self, id: impl Into<String>) {
        self.driver.machine.set_last_event_id(id.into());
    }

    /// Returns the token of the event that was yielded last, by which it is
    /// [acknowledged](Self::acknowledge).
    ///
    /// It needs [`SseConfig::acknowledge_events`](crate::SseConfig::acknowledge_events); without
    /// that option it is always the same.
    #[must_use]
    pub fn ack_token(&self) -> AckToken {
        self.driver.machine.yielded()
    }

    /// Acknowledges the event with this [token](Self::ack_token), and all before it: they are not
    /// received again after a disconnect.
    ///
    /// Tokens identify events, as IDs may repeat. A token that is older than one that was
    /// acknowledged changes nothing. Does nothing without
    /// [`SseConfig::acknowledge_events`](crate::SseConfig::acknowledge_events).
    ///
    /// ```no_run
    /// # async fn store(_: sse_session::ServerSentEvent) -> Result<(), std::io::Error> { Ok(()) }
    /// use sse_session::{SseClient, SseConfig};
    ///
    /// # async fn example(
    /// #     transport: impl sse_session::Transport,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let config = SseConfig::new().max_reconnection_attempts(9).acknowledge_events(true);
    /// let client = SseClient::new(transport, config);
    /// let mut session = client.sse_session("https://example.org/orders").await?;
    /// while let Some(event) = session.next().await {
    ///     let token = session.ack_token();
    ///     store(event?).await?;
    ///     session.acknowledge(token);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn acknowledge(&mut self, token: AckToken) {
        if let Some(acks) = self.driver.machine.acks() {
            acks.acknowledge(token);
        }
    }

    /// Returns how often the session has restarted: connections, after events were received, whose
    /// request did not say where to resume. [`max_restarts`](crate::ReconnectPolicy::max_restarts)
    /// limits them.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.driver.machine.restarts()
    }

    /// Returns how long the session would wait now before it reconnects after a failure, without
    /// jitter: what the [policy](crate::ReconnectPolicy) says, given what the server has set.
    #[must_use]
    pub fn reconnection_time(&self) -> Duration {
        self.driver.machine.reconnection_time()
    }

    /// Returns the state of the session.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.driver.machine.state()
    }

    /// Returns why the session has ended; `None` if it has not.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        self.driver.machine.end_reason()
    }

    /// Returns how the last connection ended, and how much was received over it; `None` before the
    /// first one has ended.
    #[must_use]
    pub fn end_evidence(&self) -> Option<EndEvidence> {
        self.driver.machine.end_evidence()
    }

    /// Returns which events were dropped because they exceeded a limit, if the
    /// [limits](crate::SseConfig::limits) say to skip those.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.driver.machine.skipped()
    }

    /// Returns how long ago the session last read a byte on the current connection, of whatever
    /// kind; `None` if it has read none, or between two connections. A session that is not
    /// polled reads nothing.
    #[must_use]
    pub fn last_activity(&self) -> Option<Duration> {
        self.driver.last_activity()
    }

    /// Creates a handle that controls the session from other tasks.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        self.driver.handles.make()
    }

    /// Returns what the [buffer policy](crate::SseConfig::buffer_policy) has kept; `None` if it
    /// keeps nothing.
    #[must_use]
    pub fn history(&self) -> Option<String> {
        self.driver.machine.history()
    }

    /// Closes the session: it yields no more events, abandons its connection, and makes no further
    /// request. Does nothing to a session that has ended.
    pub fn close(&mut self) {
        self.driver.close();
    }

    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<ServerSentEvent, SseError>>> {
        loop {
            match ready!(self.driver.poll_step(cx)) {
                Step::Event(event) => return Poll::Ready(Some(Ok(event))),
                Step::Transition(transition) => match *transition {
                    Transition::Open(call) | Transition::NoContent(call) => self.call = call,
                    Transition::Failed(error) => return Poll::Ready(Some(Err(error))),
                    Transition::Closed => return Poll::Ready(None),
                    Transition::Disconnected(Disconnected { cause, .. }) => {
                        // A second beginning would look like the rest of the first one.
                        if let Some(error) = self.driver.refuse_restart(cause) {
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                    Transition::Gap(_) | Transition::Skipped(_) | Transition::Connecting => {}
                },
            }
        }
    }
}

impl Stream for ClientSseSession {
    type Item = Result<ServerSentEvent, SseError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl FusedStream for ClientSseSession {
    fn is_terminated(&self) -> bool {
        self.end_reason().is_some()
    }
}

impl fmt::Debug for ClientSseSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSseSession")
            .field("call", &self.call)
            .field("state", &self.state())
            .field("connections", &self.connections())
            .field("last_event_id", &self.last_event_id())
            .finish_non_exhaustive()
    }
}
