//! Connections in, the steps of a session out.
//!
//! Ties the leaves together: the template makes a request, the connection brings events, the
//! filter hides some of them, and what to do about a loss is decided in one place, `lost`. Pull
//! only: nothing runs, and nothing is read, unless the session is polled.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

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
    resume::{LastEventId, Progress, Resume, is_read_only},
    session::{EndReason, SessionState},
    template::{Template, last_event_id_of},
    threads::BoxFuture,
};

/// All of a session but the call that its owner may look at.
pub(crate) struct Driver {
    state: State,
    client: Client,
    template: Template,
    resume: Resume,
    reconnect: Reconnect,
    pub(crate) parser: Parser,
    filter: Filter,
    pub(crate) history: History,
    clock: Arc<dyn Clock>,
    pub(crate) connections: u64,
    end_told: EndTold,
}

/// Whether the view of the session's life has told of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EndTold {
    Yes,
    No,
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

/// What a session has done when it was polled.
pub(crate) enum Step {
    /// It makes another request, now that the wait is over.
    Connecting,
    /// It has a connection.
    Open(Call),
    /// It has ended, as the server has nothing to send.
    NoContent(Call),
    /// It has an event to give out.
    Event(ServerSentEvent),
    /// It has read a block that is not to be seen.
    Hidden,
    /// It has lost its connection, or could make none, and tries again after the delay.
    Lost { cause: SseError, delay: Duration },
    /// It has failed.
    Failed(SseError),
    /// It is closed, now or since long.
    Closed,
}

impl Driver {
    pub(crate) fn new(client: Client, request: Request, config: SseConfig) -> Self {
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
            resume: config.resume,
            template,
            reconnect: Reconnect::new(config.reconnection_time, config.max_reconnection_attempts),
            parser,
            filter: config.filter,
            history: History::new(config.buffer_policy),
            clock: config.clock,
            connections: 0,
            end_told: EndTold::No,
        }
    }

    pub(crate) fn state(&self) -> SessionState {
        match self.state {
            State::Connecting { wait: Some(_), .. } => SessionState::Waiting,
            State::Connecting { wait: None, .. } => SessionState::Connecting,
            State::Open(_) => SessionState::Open,
            State::Closed(_) => SessionState::Closed,
        }
    }

    pub(crate) fn end_reason(&self) -> Option<EndReason> {
        match self.state {
            State::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// Why the session has ended, once, unless it has failed: that was told by its error.
    pub(crate) fn tell_end(&mut self) -> Option<EndReason> {
        let reason = self.end_reason().filter(|_| self.has_end_to_tell());
        self.end_told = EndTold::Yes;
        reason
    }

    pub(crate) fn has_end_to_tell(&self) -> bool {
        self.end_told == EndTold::No && self.end_reason() != Some(EndReason::Failed)
    }

    /// How long the session will wait before it reconnects.
    pub(crate) fn reconnection_time(&self) -> Duration {
        self.reconnect.delay(self.parser.reconnection_time())
    }

    /// Does one step, the only way for a session to get on.
    pub(crate) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let step = match &mut self.state {
            State::Connecting { wait, handshake } => {
                if let Some(sleep) = wait {
                    ready!(sleep.as_mut().poll(cx));
                    *wait = None;
                    return Poll::Ready(Step::Connecting);
                }
                match ready!(handshake.as_mut().poll(cx)) {
                    Ok(handshake) => self.connected(handshake),
                    Err(failure) => self.lost(failure),
                }
            }
            State::Open(connection) => {
                match ready!(connection.poll_event(
                    cx,
                    &mut self.parser,
                    &mut self.history,
                    &*self.clock,
                )) {
                    Ok(event) if self.filter.shows(&event) => {
                        self.history.record_event(&event);
                        Step::Event(event)
                    }
                    Ok(_) => Step::Hidden,
                    Err(failure) => self.lost(failure),
                }
            }
            State::Closed(_) => Step::Closed,
        };
        Poll::Ready(step)
    }

    fn connected(&mut self, handshake: Handshake) -> Step {
        self.connections += 1;
        match handshake {
            Handshake::Open(connection, call) => {
                self.state = State::Open(connection);
                Step::Open(call)
            }
            Handshake::NoContent(call) => {
                self.end(EndReason::NoContent);
                Step::NoContent(call)
            }
        }
    }

    /// What happens when there is no connection, or none any more: the one place where that is
    /// decided.
    fn lost(&mut self, failure: Failure) -> Step {
        let facts = self.facts(&failure);
        // "Any pending data must be discarded": no need to hold it through the wait.
        self.parser.restart();
        self.history.end_connection();
        match self.reconnect.after(facts) {
            Decision::ReconnectAfter(delay) => {
                let cause = SseError::new(failure, self.context());
                let Some(request) = self.template.request(self.parser.last_event_id()) else {
                    return self.fail(Failure::BodyNotRepeatable(cause));
                };
                self.reconnect.count_attempt();
                let (client, clock) = (self.client.clone(), self.clock.clone());
                self.state = State::Connecting {
                    wait: Some(self.clock.sleep(delay)),
                    handshake: Box::pin(connection::connect(client, request, clock)),
                };
                Step::Lost { cause, delay }
            }
            Decision::Finish if matches!(failure, Failure::Ended) => {
                self.end(EndReason::StreamEnded);
                Step::Closed
            }
            Decision::Finish => self.fail(failure),
            Decision::GiveUp { attempts } => {
                let cause = SseError::new(failure, self.context());
                self.fail(Failure::Exhausted { attempts, cause })
            }
        }
    }

    fn facts(&self, failure: &Failure) -> Facts {
        let (lived, messages) = match &self.state {
            State::Open(connection) => (connection.lived(&*self.clock), connection.messages),
            _ => (Duration::ZERO, 0),
        };
        let progress =
            Progress { messages, last_event_id: LastEventId::of(self.parser.last_event_id()) };
        // A server that ends its answer to a request that changes something has finished it.
        let is_finished = matches!(failure, Failure::Ended) && !is_read_only(&self.template.method);
        let may_go_on = self.connections > 0
            && failure.is_retryable()
            && self.resume.allows(&self.template.method, progress)
            && !is_finished;
        Facts {
            loss: if may_go_on { LossKind::Passing } else { LossKind::Final },
            lived,
            messages,
            retry: self.parser.reconnection_time(),
        }
    }

    fn fail(&mut self, failure: Failure) -> Step {
        self.end(EndReason::Failed);
        let context = ErrorContext { history: self.history.text(), ..self.context() };
        Step::Failed(SseError::new(failure, context))
    }

    /// Ends the session, unless it has ended: whatever it holds of the network is dropped.
    pub(crate) fn end(&mut self, reason: EndReason) {
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
