//! Connections in, one stream of events out.
//!
//! Ties the leaves together: the template makes a request, the connection brings events, the
//! filter hides some of them, and what to do about a loss is decided in one place, `lost`. Pull
//! only: nothing runs, and nothing is read, unless the session is polled.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::{FusedStream, Stream};
use reqwest::{Client, Request};
use sse_core::{Parser, ServerSentEvent};

use crate::{
    call::Call,
    clock::Clock,
    config::SseConfig,
    connection::{self, Connection, Handshake},
    error::{ErrorContext, Failure, SseError},
    filter::Filter,
    history::History,
    reconnect::{Decision, Facts, LossKind, Reconnect},
    request::SseRequest,
    resume::{LastEventId, Progress, Resume, is_read_only},
    template::{Template, last_event_id_of},
    threads::BoxFuture,
};

/// A session: the events of one connection after the other, which share a last event ID.
///
/// It is a [`Stream`] of events, so that everything for streams can be used on it; [`next`](Self::next)
/// needs no import. An `Err` item is the last one. After the end, [`end_reason`](Self::end_reason)
/// tells why it came. What the session survives, by reconnecting, is not an item.
///
/// Dropping the session closes its connection, cancels any wait, and makes no further request.
///
/// # What a loss looks like
///
/// A reset, and a body that is shorter than its `Content-Length` or its chunked coding said, is an
/// error ([`is_transport`](SseError::is_transport)), or is what the session reconnects after. It
/// cannot be told from a clean end where the protocol does not show it: in a body that ends with
/// its connection (HTTP/1.0 style, without a length), or on HTTP/2 if the server ends the stream
/// regularly. An event that was incomplete at the end is discarded, as the standard demands.
pub struct ClientSseSession {
    call: Box<Call>,
    session: Box<Session>,
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

    /// How many connections the session has had, the current one among them.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.session.connections
    }

    /// The last event ID, which the next request will send: that of the last block that was read,
    /// never ahead of the events that have been given out. Empty, if there is none.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.session.parser.last_event_id()
    }

    /// How long the session will wait before it reconnects: the configured time until the server
    /// has set another.
    #[must_use]
    pub fn reconnection_time(&self) -> Duration {
        self.session.reconnect.delay(self.session.parser.reconnection_time())
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> SessionState {
        match self.session.state {
            State::Connecting { wait: Some(_), .. } => SessionState::Waiting,
            State::Connecting { wait: None, .. } => SessionState::Connecting,
            State::Open(_) => SessionState::Open,
            State::Closed(_) => SessionState::Closed,
        }
    }

    /// Why the session has ended; `None` if it has not.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        match self.session.state {
            State::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// What the [buffer policy](SseConfig::buffer_policy) has kept of what was received; `None` if
    /// it keeps nothing.
    #[must_use]
    pub fn history(&self) -> Option<String> {
        self.session.history.text()
    }

    /// Closes the session: no event comes any more, its connection is given up, and no further
    /// request is made. Does nothing to a session that has ended.
    pub fn close(&mut self) {
        self.session.end(EndReason::Closed);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ServerSentEvent, SseError>>> {
        let polled = self.session.poll_next(cx);
        if let Some(call) = self.session.new_call.take() {
            self.call = call;
        }
        polled
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
    /// The caller closed it.
    Closed,
    /// It failed, and has given out the error.
    Failed,
}

/// A future that is ready once a session is open.
///
/// Dropping it cancels the request.
#[must_use = "no request is made unless the future is polled"]
pub struct OpenSession {
    /// `None` once the future was ready.
    opening: Option<Result<Box<Session>, SseError>>,
}

impl OpenSession {
    pub(crate) fn new(request: SseRequest) -> Self {
        let SseRequest { client, request, config } = request;
        let opening = match request {
            Ok(request) => Ok(Box::new(Session::new(client, request, config))),
            Err(failure) => Err(SseError::from(failure)),
        };
        Self { opening: Some(opening) }
    }
}

impl Future for OpenSession {
    type Output = Result<ClientSseSession, SseError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(opening) = self.opening.take() else {
            return Poll::Pending;
        };
        let mut session = opening?;
        if session.poll_connected(cx)?.is_pending() {
            self.opening = Some(Ok(session));
            return Poll::Pending;
        }
        match session.new_call.take() {
            Some(call) => Poll::Ready(Ok(ClientSseSession { call, session })),
            // There is no connection without a call.
            None => Poll::Pending,
        }
    }
}

impl fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSession").finish_non_exhaustive()
    }
}

/// All of a session but the call that its owner may look at.
struct Session {
    state: State,
    client: Client,
    template: Template,
    resume: Resume,
    reconnect: Reconnect,
    parser: Parser,
    filter: Filter,
    history: History,
    clock: Arc<dyn Clock>,
    connections: u64,
    /// How many events with data came over the connections that are no more.
    past_messages: u64,
    /// That of a connection just made.
    new_call: Option<Box<Call>>,
}

enum State {
    /// No request is made before `wait` is over, if there is one.
    Connecting {
        wait: Option<BoxFuture<()>>,
        handshake: BoxFuture<Result<Handshake, Failure>>,
    },
    Open(Connection),
    Closed(EndReason),
}

impl Session {
    fn new(client: Client, request: Request, config: SseConfig) -> Self {
        let last_event_id = config.last_event_id.unwrap_or_else(|| last_event_id_of(&request));
        let mut parser = Parser::new().with_limits(config.limits).with_last_event_id(last_event_id);
        if config.filter.comments.is_shown() {
            parser = parser.with_comments();
        }
        if config.filter.shows_dataless() {
            parser = parser.with_dataless_blocks();
        }
        let (template, first) = Template::new(request, parser.last_event_id());
        let handshake = connection::connect(client.clone(), first, config.clock.clone());
        Self {
            state: State::Connecting { wait: None, handshake: Box::pin(handshake) },
            client,
            resume: config.resume.unwrap_or_else(|| Resume::default_for(&template.method)),
            template,
            reconnect: Reconnect::new(config.reconnection_time, config.max_reconnection_attempts),
            parser,
            filter: config.filter,
            history: History::new(config.buffer_policy),
            clock: config.clock,
            connections: 0,
            past_messages: 0,
            new_call: None,
        }
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<ServerSentEvent, SseError>>> {
        loop {
            ready!(self.poll_connected(cx)?);
            let State::Open(connection) = &mut self.state else {
                return Poll::Ready(None);
            };
            match ready!(connection.poll_event(cx, &mut self.parser, &mut self.history)) {
                Ok(event) if self.filter.shows(&event) => {
                    self.history.record_event(&event);
                    return Poll::Ready(Some(Ok(event)));
                }
                Ok(_hidden) => {}
                Err(failure) => self.lost(failure)?,
            }
        }
    }

    /// Drives the session until it is open or closed.
    fn poll_connected(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SseError>> {
        loop {
            match &mut self.state {
                State::Connecting { wait, handshake } => {
                    if let Some(sleep) = wait {
                        ready!(sleep.as_mut().poll(cx));
                        *wait = None;
                    }
                    match ready!(handshake.as_mut().poll(cx)) {
                        Ok(handshake) => self.connected(handshake),
                        Err(failure) => self.lost(failure)?,
                    }
                }
                State::Open(_) | State::Closed(_) => return Poll::Ready(Ok(())),
            }
        }
    }

    fn connected(&mut self, handshake: Handshake) {
        self.connections += 1;
        let call = match handshake {
            Handshake::Open(connection, call) => {
                self.parser.restart();
                self.state = State::Open(connection);
                call
            }
            Handshake::NoContent(call) => {
                self.end(EndReason::NoContent);
                call
            }
        };
        self.new_call = Some(Box::new(call));
    }

    /// What happens when there is no connection, or none any more: the one place where that is
    /// decided. An error ends the session.
    fn lost(&mut self, failure: Failure) -> Result<(), SseError> {
        let facts = self.facts(&failure);
        self.past_messages += facts.messages;
        match self.reconnect.after(facts) {
            Decision::ReconnectAfter(delay) => {
                let Some(request) = self.template.request(self.parser.last_event_id()) else {
                    let cause = SseError::new(failure, self.context());
                    return Err(self.fail(Failure::BodyNotRepeatable(cause)));
                };
                let (client, clock) = (self.client.clone(), self.clock.clone());
                self.state = State::Connecting {
                    wait: Some(self.clock.sleep(delay)),
                    handshake: Box::pin(connection::connect(client, request, clock)),
                };
                Ok(())
            }
            Decision::Finish if matches!(failure, Failure::Ended) => {
                self.end(EndReason::StreamEnded);
                Ok(())
            }
            Decision::Finish => Err(self.fail(failure)),
            Decision::GiveUp { attempts } => {
                let cause = SseError::new(failure, self.context());
                Err(self.fail(Failure::Exhausted { attempts, cause }))
            }
        }
    }

    fn facts(&self, failure: &Failure) -> Facts {
        let (lived, messages) = match &self.state {
            State::Open(connection) => {
                (self.clock.now().saturating_sub(connection.opened_at), connection.messages)
            }
            _ => (Duration::ZERO, 0),
        };
        let progress = Progress {
            messages: self.past_messages + messages,
            last_event_id: if self.parser.last_event_id().is_empty() {
                LastEventId::None
            } else {
                LastEventId::Seen
            },
        };
        // A server that ends its answer to a request that changes something has finished it.
        let is_finished = matches!(failure, Failure::Ended) && !is_read_only(&self.template.method);
        let may_go_on = self.connections > 0
            && failure.is_retryable()
            && self.resume.allows(progress)
            && !is_finished;
        Facts {
            loss: if may_go_on { LossKind::Passing } else { LossKind::Final },
            lived,
            messages,
            retry: self.parser.reconnection_time(),
        }
    }

    fn fail(&mut self, failure: Failure) -> SseError {
        self.end(EndReason::Failed);
        SseError::new(failure, ErrorContext { history: self.history.text(), ..self.context() })
    }

    /// Ends the session, unless it has ended: whatever it holds of the network is dropped.
    fn end(&mut self, reason: EndReason) {
        if !matches!(self.state, State::Closed(_)) {
            self.state = State::Closed(reason);
        }
    }

    fn context(&self) -> ErrorContext {
        ErrorContext {
            url: Some(self.template.url.clone()),
            attempt: self.reconnect.attempts(),
            last_event_id: self.parser.last_event_id().to_owned(),
            history: None,
        }
    }
}
