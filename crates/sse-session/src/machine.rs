//! Machine: all rules of a session, without I/O, clock, runtime or HTTP client.
//!
//! Inputs are facts, each with the time at which it was observed. Outputs are what a driver has to do.
//! The [driver](crate::driver) of this crate feeds a machine from an async transport; a simulation
//! feeds it from memory.
//!
//! ```text
//!                    action: Send / Make            response: 200                 end, failed, time
//!   ┌──────────┐  ┌───────────────────────▶ Connecting ─────────────▶ Open ─────────────────────────┐
//!   │ Starting │──┤  made  ┌─────────┐          │   │                  │ event: terminal            │
//!   └──────────┘  └───────▶│ Making  │──────────┘   │ another status   ▼                            ▼
//!     ▲      ▲             └─────────┘              ▼               Closed ◀──────────────── disconnected
//!     │ time │ refreshed                         Rejecting ── end, time ────────────────────────────▲ │
//!     │      └────────── Refreshing ◀───── 401 ─────┴─────────────────────────────────────────────────┤
//!     └───────────────── Waiting ◀──────────────────────── policy: another attempt ───────────────────┘
//! ```
//!
//! | arrow | function |
//! |---|---|
//! | from Starting | [`Machine::action`] |
//! | from Making | [`Machine::made`] |
//! | from Connecting | [`Machine::response`], [`Machine::failed`], [`Machine::time`] |
//! | from Open and Rejecting | [`Machine::chunk`], [`Machine::end`], [`Machine::failed`], [`Machine::time`] |
//! | from Waiting | [`Machine::time`] |
//! | from Refreshing | [`Machine::refreshed`] |
//! | to Closed | [`Machine::close`], and every failure that no attempt follows |
//! | to Starting from anywhere | [`Machine::reconnect_now`] |
//!
//! Every failure passes through `disconnected`, the only place where policies are asked, and every
//! change of state through `enter`.

mod refreshed;
mod template;
mod connection;
mod transition;
mod block;
mod response;
mod disconnect;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use sse_core::{LimitExceeded, Parser, ServerSentEvent, Skipped};

use self::{
    connection::Connection,
    response::Rejecting,
    template::{Next, Rules, Template},
};
pub(crate) use self::{
    template::Outgoing,
    transition::{Disconnected, Transition},
};
use crate::{
    ack::AckTracker,
    body_end::EndEvidence,
    config::SseConfig,
    context::RequestContext,
    deadlines::Deadline,
    error::SseError,
    factory::{Factory, Made, Refreshes},
    failure::{Failure, NotRepeatable},
    history::History,
    reconnect::Reconnect,
    session::{EndReason, SessionState},
    source::Source,
    threads::BoxError,
    transport::{Capabilities, TransportError},
};

/// Session without I/O.
pub(crate) struct Machine {
    state: State,
    config: Arc<SseConfig>,
    capabilities: Capabilities,
    template: Template,
    /// Cause of the next request.
    cause: Option<SseError>,
    refreshes: Refreshes,
    reconnect: Reconnect,
    parser: Parser,
    /// Present if the caller acknowledges events, which is rare.
    acks: Option<Box<AckTracker>>,
    examines_blocks: bool,
    history: Option<Box<History>>,
    connections: u64,
    /// Number of events with data over all past connections.
    messages: u64,
    skipped_reported: u64,
    /// Evidence of the end of the last connection.
    evidence: Option<Box<EndEvidence>>,
    transition: Option<Box<Transition>>,
}

enum State {
    /// A request is to be made.
    Starting,
    /// A factory makes the request.
    Making,
    /// The request is ready to be sent.
    Ready(Box<Outgoing>),
    /// The request was sent, or the response is available.
    Connecting(Box<Connecting>),
    /// The response was rejected, and the start of its body is read.
    Rejecting(Box<Rejecting>),
    /// The caller obtains new credentials after this rejection, which the driver has taken if it is
    /// `None`.
    Refreshing {
        rejection: Option<SseError>,
    },
    /// No request is made before this time.
    Waiting(Duration),
    Open(Box<Connection>),
    Closed(EndReason),
}

/// Request whose response has not been received.
#[derive(Default)]
struct Connecting {
    head_deadline: Option<Duration>,
    /// The request, if the session may have to follow a redirect of it.
    outgoing: Option<Outgoing>,
}

impl Connecting {
    /// Starts the deadline for the head, unless it is running. The request may have been made while
    /// nobody waited for its response.
    fn waiting(&mut self, limit: Option<Duration>, now: Duration) {
        if self.head_deadline.is_none() {
            self.head_deadline = limit.map(|limit| now.saturating_add(limit));
            if let Some(outgoing) = &mut self.outgoing {
                outgoing.head_deadline = self.head_deadline;
            }
        }
    }
}

/// What a driver has to do.
pub(crate) enum Action {
    /// Send this request, and report its [response](Machine::response) or its
    /// [failure](Machine::failed).
    Send(Box<Outgoing>),
    /// Report the response that the session begins with.
    TakeResponse,
    /// Call the factory, and report what it has [made](Machine::made).
    Make(Factory, RequestContext),
    /// Call the caller's function with this rejected response, and report the credentials that it has
    /// [refreshed](Machine::refreshed).
    Refresh(SseError),
    /// Read the body, and report [chunks](Machine::chunk), its [end](Machine::end) or a
    /// [failure](Machine::failed).
    Read,
    /// Wait for the outcome of the last action, or for the [wakeup](Machine::wakeup).
    Wait,
    /// Nothing: the session has ended.
    End,
}

/// Operation that a session needs its driver to go on with. Any other is to be canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    None,
    Making,
    Refreshing,
    Connecting,
    Reading,
    Waiting,
}

/// Time at which a driver calls [`Machine::time`], unless something else happens before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wakeup {
    pub(crate) at: Duration,
    /// If `false`, it is the wait between two attempts.
    pub(crate) is_deadline: bool,
}

impl Machine {
    /// Creates a session, or fails if the last event ID to start from cannot be sent.
    pub(crate) fn new(
        source: Source,
        resume_request: Option<Source>,
        capabilities: Capabilities,
        config: Arc<SseConfig>,
    ) -> Result<Self, Failure> {
        let view = &config.view;
        let seed = config.request.last_event_id.clone();
        let seed = seed.unwrap_or_else(|| source.last_event_id());
        let id_header = rules(&config, capabilities).id_header();
        id_header.check(&seed).map_err(Failure::InvalidLastEventId)?;
        let parser = Parser::new().with_limits(config.connection.limits).with_last_event_id(seed);
        let acks =
            view.acknowledge_events.then(|| Box::new(AckTracker::new(parser.last_event_id())));
        let counts_comments = config.connection.deadlines.idle.counts_comments();
        let with_comments = view.filter.show_comments || counts_comments;
        // A block with an ID and nothing else has its place among those to be acknowledged.
        let with_dataless = view.filter.shows_any_dataless() || counts_comments || acks.is_some();
        let history = History::asked_for(view.buffer_policy).map(Box::new);
        Ok(Self {
            state: State::Starting,
            template: Template::new(source, resume_request),
            capabilities,
            cause: None,
            refreshes: Refreshes::default(),
            reconnect: Reconnect::default(),
            parser: parser.with_comments(with_comments).with_dataless_blocks(with_dataless),
            examines_blocks: with_dataless
                || !view.filter.shows_all_messages()
                || view.stop.is_set()
                || history.is_some(),
            acks,
            history,
            connections: 0,
            messages: 0,
            skipped_reported: 0,
            evidence: None,
            transition: None,
            config,
        })
    }

    // Outputs.

    /// Takes the next event out of the bytes received; `None` if none is complete, or none is shown.
    /// `now` is called only if a terminal event ends the session.
    #[inline(always)] // on the fast path: see `Driver::poll_step`
    pub(crate) fn event(
        &mut self,
        now: impl FnOnce() -> Duration,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if self.examines_blocks {
            return self.examine(now);
        }
        match &mut self.state {
            State::Open(connection) => connection.next_message(&mut self.parser),
            _ => Ok(None),
        }
    }

    /// Returns `true` if the session is open, and all bytes received are parsed.
    #[inline(always)]
    pub(crate) fn wants_bytes(&self) -> bool {
        matches!(&self.state, State::Open(connection) if connection.unread().is_empty())
    }

    /// Returns `true` if the session is open.
    #[inline(always)]
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Returns what the driver has to do now.
    pub(crate) fn action(&mut self, now: Duration) -> Action {
        loop {
            match &mut self.state {
                State::Starting => {
                    if let Some(action) = self.start() {
                        return action;
                    }
                }
                State::Ready(_) => return self.send(),
                State::Open(connection) => {
                    connection.reading(now);
                    return Action::Read;
                }
                State::Rejecting(_) => return Action::Read,
                State::Connecting(connecting) => {
                    connecting.waiting(self.config.connection.deadlines.head, now);
                    return Action::Wait;
                }
                State::Making | State::Waiting(_) => return Action::Wait,
                State::Refreshing { rejection } => {
                    return rejection.take().map_or(Action::Wait, Action::Refresh);
                }
                State::Closed(_) => return Action::End,
            }
        }
    }

    /// Returns the last transition that was not taken yet.
    pub(crate) fn transition(&mut self) -> Option<Box<Transition>> {
        self.transition.take()
    }

    /// Returns when the driver calls [`time`](Self::time) at the latest.
    pub(crate) fn wakeup(&self) -> Option<Wakeup> {
        let deadlines = &self.config.connection.deadlines;
        let (at, is_deadline) = match &self.state {
            State::Waiting(until) => (*until, false),
            State::Connecting(connecting) => (connecting.head_deadline?, true),
            State::Rejecting(rejecting) => (rejecting.deadline, true),
            State::Open(connection) => (connection.deadline(deadlines)?.0, true),
            _ => return None,
        };
        Some(Wakeup { at, is_deadline })
    }

    /// Returns `true` if silence is limited now.
    #[inline(always)]
    pub(crate) fn limits_silence(&self) -> bool {
        match &self.state {
            State::Open(connection) => connection.has_deadline(&self.config.connection.deadlines),
            _ => true,
        }
    }

    /// Returns which operation of the driver the session needs.
    pub(crate) fn phase(&self) -> Phase {
        match self.state {
            State::Starting | State::Ready(_) | State::Closed(_) => Phase::None,
            State::Making => Phase::Making,
            State::Connecting(_) => Phase::Connecting,
            State::Rejecting(_) | State::Open(_) => Phase::Reading,
            State::Refreshing { .. } => Phase::Refreshing,
            State::Waiting(_) => Phase::Waiting,
        }
    }

    // Inputs.

    /// Takes a chunk of the body.
    #[inline(always)] // on the fast path: see `Driver::poll_step`
    pub(crate) fn chunk(&mut self, chunk: Bytes, now: Duration) {
        match &mut self.state {
            State::Open(connection) => connection.chunk(chunk, now),
            _ => self.rejected_chunk(&chunk, now),
        }
    }

    /// Takes note that no byte of the body is available.
    pub(crate) fn waiting(&mut self, now: Duration) {
        if let State::Open(connection) = &mut self.state {
            connection.waiting(now);
        }
    }

    /// Takes note that the body ended regularly.
    pub(crate) fn end(&mut self, now: Duration) {
        match &self.state {
            State::Open(_) => self.disconnected(Failure::StreamEnded, now),
            State::Rejecting(_) => self.rejection_complete(now),
            _ => {}
        }
    }

    /// Takes note that the request, or the body, failed.
    pub(crate) fn failed(&mut self, error: TransportError, now: Duration) {
        match &self.state {
            State::Open(_) => self.disconnected(Failure::disconnected(error), now),
            State::Connecting(_) => self.disconnected(Failure::no_response(error), now),
            // As good as an end: the response was rejected anyway.
            State::Rejecting(_) => self.rejection_complete(now),
            _ => {}
        }
    }

    /// Takes note that an event exceeded a limit.
    #[cold]
    pub(crate) fn limit_exceeded(&mut self, error: LimitExceeded, now: Duration) {
        self.disconnected(Failure::Limit(error), now);
    }

    /// Takes note of the time, if a [wakeup](Self::wakeup) is due.
    pub(crate) fn time(&mut self, now: Duration) {
        match &self.state {
            State::Waiting(until) if now >= *until => self.enter(State::Starting),
            State::Connecting(connecting)
                if connecting.head_deadline.is_some_and(|deadline| now >= deadline) =>
            {
                self.disconnected(Failure::Deadline(Deadline::Head), now);
            }
            State::Rejecting(rejecting) if now >= rejecting.deadline => {
                self.rejection_complete(now);
            }
            State::Open(connection) => {
                let deadline = connection.deadline(&self.config.connection.deadlines);
                if let Some((at, deadline)) = deadline {
                    if now >= at {
                        self.disconnected(Failure::Deadline(deadline), now);
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes the request that a factory has made.
    pub(crate) fn made(&mut self, made: Made, now: Duration) {
        if !matches!(self.state, State::Making) {
            return;
        }
        self.resume_parser();
        let last_event_id = self.last_event_id().to_owned();
        match self.template.made(rules(&self.config, self.capabilities), made, &last_event_id) {
            Ok(outgoing) => self.enter(State::Ready(outgoing)),
            Err(failure) => self.disconnected(failure, now),
        }
    }

    /// Takes new credentials, or the error of the caller's function that should obtain them.
    pub(crate) fn refreshed(&mut self, result: Result<HeaderMap, BoxError>, now: Duration) {
        if !matches!(self.state, State::Refreshing { .. }) {
            return;
        }
        match result {
            Ok(headers) => {
                self.template.use_credentials(headers);
                self.enter(State::Starting);
            }
            Err(error) => {
                self.refreshes.failed();
                self.disconnected(Failure::Refresh(error), now);
            }
        }
    }

    /// Closes the session on behalf of the caller.
    pub(crate) fn close(&mut self, now: Duration) {
        self.abandon_connection(now);
        self.close_with(EndReason::Closed);
    }

    /// Reports events that were dropped since the last report.
    #[cold]
    pub(crate) fn report_skipped(&mut self) {
        let skipped = self.parser.skipped();
        self.skipped_reported = skipped.count();
        // An error is the last item.
        if self.end_reason() != Some(EndReason::Failed) {
            self.notify(Transition::Skipped(skipped));
        }
    }

    #[inline(always)]
    pub(crate) fn has_skipped(&self) -> bool {
        self.parser.skipped().count() != self.skipped_reported
    }

    // Views of the state.

    pub(crate) fn state(&self) -> SessionState {
        match self.state {
            State::Waiting(_) => SessionState::Waiting,
            State::Open(_) => SessionState::Open,
            State::Closed(_) => SessionState::Closed,
            _ => SessionState::Connecting,
        }
    }

    /// Returns `true` if the session has not made its first request.
    pub(crate) fn is_unstarted(&self) -> bool {
        matches!(self.state, State::Starting) && self.cause.is_none() && self.connections == 0
    }

    pub(crate) fn end_reason(&self) -> Option<EndReason> {
        match self.state {
            State::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns the wait before the next attempt, without jitter.
    pub(crate) fn reconnection_time(&self) -> Duration {
        self.reconnect.delay(self.config.reconnection.policy(), self.parser.reconnection_time())
    }

    /// Returns the ID that the next request sends.
    pub(crate) fn last_event_id(&self) -> &str {
        self.acks.as_ref().map_or_else(|| self.parser.last_event_id(), |acks| acks.id())
    }

    /// Returns the time of the last byte of the current connection.
    pub(crate) fn last_byte(&self) -> Option<Duration> {
        match &self.state {
            State::Open(connection) => connection.last_byte(),
            _ => None,
        }
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections
    }

    pub(crate) fn skipped(&self) -> Skipped {
        self.parser.skipped()
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.reconnect.attempts()
    }

    pub(crate) fn cause(&self) -> Option<&SseError> {
        self.cause.as_ref()
    }

    pub(crate) fn end_evidence(&self) -> Option<EndEvidence> {
        self.evidence.as_deref().copied()
    }

    pub(crate) fn acks(&mut self) -> Option<&mut AckTracker> {
        self.acks.as_deref_mut()
    }

    pub(crate) fn yielded(&self) -> crate::AckToken {
        self.acks.as_ref().map(|acks| acks.yielded()).unwrap_or_default()
    }

    pub(crate) fn history(&self) -> Option<String> {
        self.history.as_ref().map(|history| history.text())
    }

    pub(crate) fn shown_uri(&self) -> Option<http::Uri> {
        self.template.shown_uri()
    }

    // Transitions.

    /// Makes the request of the next connection; `None` if there is none to make.
    fn start(&mut self) -> Option<Action> {
        self.resume_parser();
        let context = RequestContext {
            attempt: self.reconnect.attempts(),
            last_event_id: self.last_event_id().to_owned(),
            cause: self.cause.clone(),
        };
        match self.template.next(rules(&self.config, self.capabilities), &context) {
            Next::Request(outgoing) => {
                self.enter(State::Ready(outgoing));
                self.notify(Transition::Connecting);
                Some(self.send())
            }
            Next::Factory(factory) => {
                self.enter(State::Making);
                self.notify(Transition::Connecting);
                Some(Action::Make(factory, context))
            }
            Next::Response => {
                self.enter(State::Connecting(Box::default()));
                self.notify(Transition::Connecting);
                Some(Action::TakeResponse)
            }
            Next::Nothing(obstacle) => {
                self.fail_without_request(obstacle);
                None
            }
        }
    }

    /// Sends the request that is ready.
    fn send(&mut self) -> Action {
        let State::Ready(outgoing) = std::mem::replace(&mut self.state, State::Making) else {
            return Action::Wait;
        };
        let head_deadline = outgoing.head_deadline;
        let copy = if self.capabilities.follows_redirects { None } else { outgoing.try_clone() };
        self.enter(State::Connecting(Box::new(Connecting { head_deadline, outgoing: copy })));
        Action::Send(outgoing)
    }

    fn fail_without_request(&mut self, obstacle: NotRepeatable) {
        let cause = self
            .cause
            .take()
            .unwrap_or_else(|| SseError::outside_of_a_session(Failure::ReconnectRequested));
        self.fail(Failure::NotRepeatable(obstacle, cause));
    }

    fn close_with(&mut self, reason: EndReason) {
        if !matches!(self.state, State::Closed(_)) {
            self.enter(State::Closed(reason));
        }
    }

    /// Changes the state.
    fn enter(&mut self, state: State) {
        if let State::Open(connection) = &self.state {
            self.messages += connection.messages;
        }
        self.state = state;
    }

    fn notify(&mut self, transition: Transition) {
        self.transition = Some(Box::new(transition));
    }
}

fn rules(config: &SseConfig, capabilities: Capabilities) -> Rules<'_> {
    Rules { options: &config.request, capabilities }
}
