//! The steps of a session in, its events out: what the caller holds.
//!
//! Two views of one session: the events alone, and its whole life. Decides nothing.

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
    call::Call,
    driver::{Change, Driver, Step},
    error::SseError,
    failure::Failure,
    handle::{Handles, SessionHandle},
    lifecycle::Lifecycle,
    request::SseRequest,
};

/// A session: the events of one connection after the other, which share a last event ID.
///
/// It is a [`Stream`] of events, so that everything for streams can be used on it; [`next`](Self::next)
/// needs no import. An `Err` item is the last one. After the end, [`end_reason`](Self::end_reason)
/// tells why it came. What the session survives, by reconnecting, is not an item.
///
/// For values in place of text, add `sse-typed` and `use sse_typed::EventStreamExt`: then
/// `session.json::<T>()` and others are there.
///
/// Dropping the session closes its connection, cancels any wait, and makes no further request.
///
/// ```
/// use futures_util::{StreamExt, TryStreamExt};
/// use sse_reqwest::{EndReason, SseClient};
/// # use sse_test::{Reply, ScriptedServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = ScriptedServer::start([Reply::messages(["1", "2", "3"])]).await;
/// # let http = reqwest::Client::builder().no_proxy().build()?;
/// # let url = server.url("/");
/// let mut session = SseClient::from(http).sse_session(url).await?;
/// let two: Vec<_> = session.by_ref().take(2).try_collect().await?;
/// while let Some(event) = session.next().await {
///     println!("{}", event?.data());
/// }
/// assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
/// # Ok(())
/// # }
/// ```
///
/// # What is held in memory
///
/// Of the body no more than the chunk that is being read and the fields of one incomplete event,
/// within the [limits](crate::SseConfig::limits); the last event ID; with a
/// [buffer policy](crate::SseConfig::buffer_policy) what that says. Nothing is read, and nothing queued,
/// while the session is not polled. An event shares the memory of the chunk it came in: to keep
/// a small one for long, [detach](ServerSentEvent::detach) it.
///
/// # What a disconnect looks like
///
/// A reset, and a body that is shorter than its `Content-Length` or its chunked coding said, is an
/// error ([`is_transport`](SseError::is_transport)), or is what the session reconnects after. It
/// cannot be told from a clean end where the protocol does not show it: in a body that ends with
/// its connection (HTTP/1.0 style, without a length), or on HTTP/2 if the server ends the stream
/// regularly, or resets it without an error (NO_ERROR). Then only the [last
/// event](crate::SseConfig::expect_terminal) tells. An event that was incomplete at the end is discarded, as the standard demands.
pub struct ClientSseSession {
    pub(crate) call: Call,
    pub(crate) driver: Box<Driver>,
}

impl ClientSseSession {
    /// Waits for the next event; `None` after the end.
    ///
    /// # Errors
    ///
    /// If the session has failed; see [`SseError`]. The error comes once and is the last item.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future loses nothing: what it has read so far stays in the session.
    pub async fn next(&mut self) -> Option<Result<ServerSentEvent, SseError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    /// The heads of the request and the response of the current connection, or of the last one
    /// while there is none.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// How many connections the session has had, the current one among them: as many as there were
    /// event streams. An answer of 204 is none.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.driver.connections
    }

    /// The last event ID, which the next request will send: that of the last block that was read,
    /// never ahead of the events that have been given out, or of those that were
    /// [acknowledged](Self::acknowledge), if that is up to you. Empty, if there is none.
    ///
    /// This is what to store for going on in another session, with
    /// [`SseConfig::last_event_id`](crate::SseConfig::last_event_id).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.driver.last_event_id()
    }

    /// Returns the token of the event that was yielded last, by which it is
    /// [acknowledged](Self::acknowledge).
    ///
    /// It needs [`SseConfig::acknowledge_events`](crate::SseConfig::acknowledge_events); without that
    /// option it is always the same.
    #[must_use]
    pub fn ack_token(&self) -> AckToken {
        self.driver.ledger.as_ref().map(|ledger| ledger.given_out()).unwrap_or_default()
    }

    /// Acknowledges the event with this [token](Self::ack_token), and all before it: they are not
    /// received again after a disconnect.
    ///
    /// Tokens identify events, as IDs may repeat. A token that is older than one that was acknowledged
    /// changes nothing. Does nothing without
    /// [`SseConfig::acknowledge_events`](crate::SseConfig::acknowledge_events).
    ///
    /// ```no_run
    /// # async fn store(event: sse_reqwest::ServerSentEvent) -> Result<(), std::io::Error> { Ok(()) }
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use sse_reqwest::{SseClient, SseConfig};
    ///
    /// let config = SseConfig::new().max_reconnection_attempts(9).acknowledge_events(true);
    /// let client = SseClient::new(reqwest::Client::new(), config);
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
        if let Some(ledger) = &mut self.driver.ledger {
            ledger.acknowledge(token);
        }
    }

    /// How long the session will wait before it reconnects, as things stand and without jitter:
    /// what the [policy](crate::ReconnectPolicy) says, given what the server has set.
    #[must_use]
    pub fn reconnection_time(&self) -> Duration {
        self.driver.reconnection_time()
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.driver.state()
    }

    /// Why the session has ended; `None` if it has not.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        self.driver.end_reason()
    }

    /// What was dropped because it exceeded a limit, if the [limits](crate::SseConfig::limits) say
    /// to skip that.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.driver.parser.skipped()
    }

    /// How long ago the current connection last brought a byte, be it of a comment; `None` if it
    /// has brought none, or there is no connection.
    ///
    /// It is known when the session has read the byte: one that is not polled reads nothing.
    #[must_use]
    pub fn last_activity(&self) -> Option<Duration> {
        self.driver.last_activity()
    }

    /// A handle that steers the session from other tasks.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        self.driver.handles.make()
    }

    /// What the [buffer policy](crate::SseConfig::buffer_policy) has kept of what was received; `None` if
    /// it keeps nothing.
    #[must_use]
    pub fn history(&self) -> Option<String> {
        self.driver.history.as_ref().map(|history| history.text())
    }

    /// Closes the session: no event comes any more, its connection is given up, and no further
    /// request is made. Does nothing to a session that has ended.
    pub fn close(&mut self) {
        self.driver.close();
    }

    /// A view of the session's whole life: connections made and lost, as well as events.
    ///
    /// ```no_run
    /// # async fn example(mut session: sse_reqwest::ClientSseSession) -> Result<(), sse_reqwest::SseError> {
    /// use sse_reqwest::SessionEvent;
    ///
    /// while let Some(step) = session.lifecycle().next().await {
    ///     match step? {
    ///         SessionEvent::Event(event) => println!("{}", event.data()),
    ///         SessionEvent::Disconnected { cause, .. } => eprintln!("{cause}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn lifecycle(&mut self) -> Lifecycle<'_> {
        Lifecycle { session: self }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ServerSentEvent, SseError>>> {
        loop {
            match ready!(self.driver.poll_step(cx)) {
                Step::Event(event) => return Poll::Ready(Some(Ok(event))),
                Step::Change(change) => match *change {
                    Change::Open(call) | Change::NoContent(call) => self.call = call,
                    Change::Failed(error) => return Poll::Ready(Some(Err(error))),
                    Change::Closed => return Poll::Ready(None),
                    Change::Skipped(_) | Change::Connecting | Change::Disconnected(_) => {}
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

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionState {
    /// A request has been made, and no answer has come.
    Connecting,
    /// There is a connection.
    Open,
    /// The connection was lost; the time before the next attempt is running.
    Waiting,
    /// The session has ended.
    Closed,
}

/// Why a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The server ended the event stream, and the session does not reconnect after that.
    StreamEnded,
    /// The server answered 204: there is nothing, and nothing to come.
    NoContent,
    /// It came to the event that it was to [stop on](crate::SseConfig::stop_after).
    Stopped,
    /// The caller closed it.
    Closed,
    /// It failed, and has given out the error.
    Failed,
}

/// A future that is ready once a session is open.
///
/// Dropping it cancels the request, or the wait before the next one. Polled again after it was
/// ready, it is pending for ever.
#[must_use = "no request is made unless the future is polled"]
pub struct OpenSession {
    /// `None` once the future was ready.
    opening: Option<Result<Box<Driver>, SseError>>,
}

impl OpenSession {
    /// A handle that steers the session from other tasks, before it is open and afterwards: with
    /// [`retry_first_connection`](crate::SseConfig::retry_first_connection) that may take long.
    ///
    /// If it closes the session before that is open, the future is ready with an
    /// [error](crate::SseErrorKind::Closed). Taken once the future was ready, it steers nothing.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        match &self.opening {
            Some(Ok(driver)) => driver.handles.make(),
            // There is no session, or somebody else has it.
            Some(Err(_)) | None => Handles::default().make(),
        }
    }

    pub(crate) fn new(request: SseRequest) -> Self {
        Self { opening: Some(Self::driver(request).map_err(SseError::outside_of_a_session)) }
    }

    fn driver(request: SseRequest) -> Result<Box<Driver>, Failure> {
        let SseRequest { source, resume_request, sender, config, .. } = request;
        let source = source?;
        let resume_request = resume_request.transpose()?;
        let seed = config.last_event_id.clone().unwrap_or_else(|| source.last_event_id());
        config.id_header.check(&seed).map_err(Failure::InvalidLastEventId)?;
        Ok(Box::new(Driver::new(source, resume_request, sender, seed, config)))
    }
}

impl Future for OpenSession {
    type Output = Result<ClientSseSession, SseError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(opening) = self.opening.take() else {
            return Poll::Pending;
        };
        let mut driver = opening?;
        while let Poll::Ready(step) = driver.poll_step(cx) {
            let Step::Change(change) = step else {
                continue;
            };
            match *change {
                Change::Open(call) | Change::NoContent(call) => {
                    return Poll::Ready(Ok(ClientSseSession { call, driver }));
                }
                Change::Failed(error) => return Poll::Ready(Err(error)),
                Change::Closed => {
                    let error = SseError::outside_of_a_session(Failure::ClosedBeforeOpen);
                    return Poll::Ready(Err(error));
                }
                Change::Connecting | Change::Disconnected(_) | Change::Skipped(_) => {}
            }
        }
        self.opening = Some(Ok(driver));
        Poll::Pending
    }
}

impl fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSession").finish_non_exhaustive()
    }
}
