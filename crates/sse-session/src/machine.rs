//! Machine: all rules of a session, without I/O, clock, runtime or HTTP client.
//!
//! Inputs are facts, each with the time at which it was observed ([`input`], [`response`]). Outputs
//! are what a driver has to do ([`output`]) and what the caller sees ([`transition`]). The
//! [driver](crate::driver) of this crate feeds a machine from an async transport.
//!
//! ```text
//! Starting ─▶ Making ─▶ Ready ─▶ Connecting ─▶ Open ─▶ Closed
//!   ▲  └────────────────▲            │          │
//!   │                                ▼          │
//!   │                            Rejecting      │
//!   │                                │          │
//!   │                                ▼          ▼
//!   ├────── Waiting ◀───────────── disconnected
//!   └────── Refreshing ◀───────────┘   └─▶ Closed
//! ```
//!
//! | transition | function |
//! |---|---|
//! | Starting to Making, to Ready, to Connecting (a response is given) | `start`, by [`Machine::action`] |
//! | Making to Ready | [`Machine::made`] |
//! | Ready to Connecting | `send`, by [`Machine::action`] |
//! | Connecting to Open, to Rejecting, to Ready (a redirect), to Closed (204) | [`Machine::response`] |
//! | Open to Closed, at the terminal event | [`Machine::event`] |
//! | Connecting, Open, Rejecting and Making to `disconnected` | [`Machine::failed`], [`Machine::end`], [`Machine::chunk`], [`Machine::time`], [`Machine::limit_exceeded`], [`Machine::made`] |
//! | `disconnected` to Starting (once), to Waiting, to Refreshing, to Closed | `disconnected` in [`disconnect`] |
//! | Waiting to Starting | [`Machine::time`] |
//! | Refreshing to Starting | [`Machine::refreshed`] |
//! | any to Waiting, with no wait | [`Machine::reconnect_now`] |
//! | any to Closed | [`Machine::close`]; by the reader of an answer, `answer_complete` and `answer_failed` in [`answers`] |
//! | Starting to Waiting, if the session is a further attempt of an answer | `take_over` in [`answers`] |
//!
//! Every failure passes through `disconnected`, the only place where policies are asked. Every
//! state is entered by `enter`.

mod refreshed;
mod outgoing;
mod template;
mod connection;
mod rejecting;
mod output;
mod view;
mod input;
mod block;
mod ends;
mod start;
mod response;
mod disconnect;
mod answers;

use std::{sync::Arc, time::Duration};

use sse_core::{LimitExceeded, Parser, ServerSentEvent};

pub(crate) use self::{
    answers::CarriedOver,
    outgoing::Outgoing,
    output::{Action, Phase, Wakeup},
};
use self::{
    connection::Connection,
    rejecting::Rejecting,
    template::{Next, Rules, Template},
};
use crate::{
    ack::AckTracker, body_end::EndEvidence, call::Call, config::SseConfig, error::SseError,
    factory::Refreshes, failure::Failure, gap::Gap, history::History, keep_alives::LearnedLimit,
    reconnect::Reconnect, source::Source, state::EndReason, timings::Stopwatch,
    transition::Transition, transport::Capabilities,
};

/// Session without I/O.
pub(crate) struct Machine {
    state: State,
    config: Arc<SseConfig>,
    capabilities: Capabilities,
    template: Template,
    /// Cause of the next request.
    cause: Option<SseError>,
    /// Heads of the last connection, if a factory makes the next request.
    last_call: Option<Call>,
    refreshes: Refreshes,
    reconnect: Reconnect,
    parser: Parser,
    /// Present if the caller acknowledges events, which is rare.
    acks: Option<Box<AckTracker>>,
    /// `true` if a block has to be examined once it is parsed.
    examines_blocks: bool,
    /// `true` if an examined block needs more than being shown or hidden, and acknowledged.
    inspects_blocks: bool,
    /// Limit of silence learned from the keep-alives of earlier connections, if the session learns
    /// one.
    learned: Option<Box<LearnedLimit>>,
    history: Option<Box<History>>,
    connections: u64,
    /// Number of connections whose request did not say where to resume, after events were received.
    restarts: u32,
    /// `true` if the last request was a restart; the head of its response does not change that.
    is_restart: bool,
    /// ID to resume from when the current connection opened.
    id_at_open: String,
    /// Number of events with data over all past connections.
    messages: u64,
    /// `true` if the last event stream that brought a byte was complete, as far as HTTP shows it.
    is_stream_complete: bool,
    /// `true` if the first request was repeated without asking the policy.
    repeated_first: bool,
    skipped_reported: u64,
    /// Evidence of the end of the last connection.
    evidence: Option<Box<EndEvidence>>,
    /// Times of the last request and its connection; `None` before it is sent.
    stopwatch: Option<Stopwatch>,
    /// Gap that the head of the current response shows, until it is reported.
    gap: Option<Box<Gap>>,
    /// If `true`, an event with data was yielded of those that are examined.
    has_yielded: bool,
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
    /// Starts the deadline for the head, unless it runs: a request may be made before anyone waits.
    fn waiting(&mut self, limit: Option<Duration>, now: Duration) {
        if self.head_deadline.is_none() {
            self.head_deadline = limit.map(|limit| now.saturating_add(limit));
            if let Some(outgoing) = &mut self.outgoing {
                outgoing.head_deadline = self.head_deadline;
            }
        }
    }
}

impl Machine {
    /// Creates a session, or fails if an option can have no effect in it, or if the last event ID
    /// to start from cannot be sent.
    pub(crate) fn new(
        source: Source,
        resume_request: Option<Source>,
        is_configured: bool,
        capabilities: Capabilities,
        config: Arc<SseConfig>,
    ) -> Result<Self, Failure> {
        let view = &config.view;
        let seed = config.request.last_event_id.clone();
        let seed = seed.unwrap_or_else(|| source.last_event_id());
        let id_header = rules(&config, capabilities).id_header();
        let seed = id_header.seed(seed).map_err(Failure::InvalidLastEventId)?;
        let template = Template::new(source, resume_request, &config, is_configured)?;
        let parser = Parser::new().with_limits(config.connection.limits).with_last_event_id(seed);
        let acks =
            view.acknowledge_events.then(|| Box::new(AckTracker::new(parser.last_event_id())));
        let learns = config.connection.deadlines.idle.learns();
        let with_comments = view.filter.show_comments || learns;
        // The ID of a block without data is acknowledged too, so the block needs its place.
        let with_dataless = view.filter.shows_any_dataless()
            || (learns && config.connection.keep_alive_events().is_some())
            || acks.is_some();
        let history = History::asked_for(view.buffer_policy).map(Box::new);
        let inspects = learns || view.stop.is_set() || history.is_some();
        Ok(Self {
            state: State::Starting,
            template,
            capabilities,
            cause: None,
            last_call: None,
            refreshes: Refreshes::default(),
            reconnect: Reconnect::default(),
            parser: parser.with_comments(with_comments).with_dataless_blocks(with_dataless),
            examines_blocks: with_dataless || inspects || !view.filter.shows_all_messages(),
            inspects_blocks: inspects,
            learned: None,
            acks,
            history,
            connections: 0,
            restarts: 0,
            is_restart: false,
            id_at_open: String::new(),
            messages: 0,
            is_stream_complete: false,
            repeated_first: false,
            skipped_reported: 0,
            evidence: None,
            stopwatch: None,
            gap: None,
            has_yielded: false,
            transition: None,
            config,
        })
    }

    /// Takes the next event out of the bytes received; `None` if no event is complete and shown.
    /// `now` is called only if a terminal event ends the session.
    #[inline(always)] // on the fast path: see `Driver::poll_step`
    pub(crate) fn event(
        &mut self,
        now: impl Fn() -> Duration,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if self.examines_blocks {
            return self.examine(&now);
        }
        match &mut self.state {
            State::Open(connection) => connection.next_message(&mut self.parser),
            _ => Ok(None),
        }
    }

    /// Returns the connection of an open session.
    #[inline(always)]
    pub(crate) fn connection(&self) -> Option<&Connection> {
        match &self.state {
            State::Open(connection) => Some(connection),
            _ => None,
        }
    }

    /// Returns `true` if the body of an open session has a content coding.
    #[inline(always)]
    pub(crate) fn is_coded(&self) -> bool {
        self.connection().is_some_and(Connection::is_coded)
    }

    /// Returns `true` if the session is open.
    pub(crate) fn is_open(&self) -> bool {
        self.connection().is_some()
    }

    /// Returns what the driver has to do now.
    pub(crate) fn action(&mut self, now: Duration) -> Action {
        loop {
            match &mut self.state {
                State::Starting => {
                    if let Some(action) = self.start(now) {
                        return action;
                    }
                }
                State::Ready(_) => return self.send(now),
                State::Open(connection) => {
                    connection.reading(now);
                    return Action::Read;
                }
                State::Rejecting(_) => return Action::Read,
                State::Connecting(_) => {
                    let limit = self.head_timeout();
                    if let State::Connecting(connecting) = &mut self.state {
                        connecting.waiting(limit, now);
                    }
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

    /// Returns `true` if silence is limited now, or may be once a limit has been learned.
    #[inline(always)]
    pub(crate) fn watches_silence(&self) -> bool {
        match &self.state {
            State::Open(connection) => {
                connection.learns() || connection.has_deadline(&self.config.connection.deadlines)
            }
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

    fn close_with(&mut self, reason: EndReason) {
        if !matches!(self.state, State::Closed(_)) {
            self.enter(State::Closed(reason));
        }
    }

    /// Replaces the last event ID on behalf of the caller. Acknowledgments of earlier events no
    /// longer change it.
    pub(crate) fn set_last_event_id(&mut self, id: String) {
        if let Some(acks) = &mut self.acks {
            acks.replace(&id);
        }
        self.parser = std::mem::take(&mut self.parser).with_last_event_id(id);
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
