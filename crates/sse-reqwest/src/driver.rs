//! Connections in, the steps of a session out.
//!
//! Ties the leaves together: the template makes a request, the connection brings events, the
//! filter hides some of them. Pull only: nothing runs, and nothing is read, unless the session is
//! polled. The way to a connection is in [`opening`], what becomes of a block is decided in
//! [`block`], what follows a loss in [`loss`].

mod opening;
mod block;
mod loss;

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use sse_core::{Parser, ServerSentEvent, Skipped};

use self::opening::Opening;
use crate::{
    ack::Ledger,
    call::Call,
    config::{Acknowledgement, SseConfig},
    connection::Connection,
    error::SseError,
    factory::Renewals,
    failure::Failure,
    handle::{Handles, Wish},
    history::History,
    observer::Audience,
    reconnect::Reconnect,
    session::{EndReason, SessionState},
    source::Source,
    template::Template,
};

/// All of a session but the call that its owner may look at.
///
/// There may be many: what they have in common is in the configuration, which those of a client share,
/// and what few of them have is boxed.
pub(crate) struct Driver {
    state: State,
    config: Arc<SseConfig>,
    template: Template,
    /// Why the next request has to be made.
    cause: Option<SseError>,
    renewals: Renewals,
    reconnect: Reconnect,
    pub(crate) parser: Parser,
    /// If events are acknowledged by the caller, which few are.
    pub(crate) ledger: Option<Box<Ledger>>,
    view: View,
    pub(crate) history: Option<Box<History>>,
    audience: Audience,
    pub(crate) handles: Handles,
    pub(crate) connections: u64,
    /// How many events with data came over all connections.
    messages: u64,
    /// How many of the events that were dropped have been told of.
    skipped_told: u64,
    end_told: EndTold,
}

/// Whether each block has to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// The parser gives out messages alone, all of them are shown, and nobody else wants to see them.
    AllMessages,
    Examined,
}

/// Whether the view of the session's life has told of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EndTold {
    Yes,
    No,
}

enum State {
    /// There is no connection yet, or none any more.
    Opening(Opening),
    Open(Box<Connection>),
    Closed(EndReason),
}

/// What a session has done when it was polled.
pub(crate) enum Step {
    /// It makes a request.
    Connecting,
    /// It has a connection.
    Open(Call),
    /// It has ended, as the server has nothing to send.
    NoContent(Call),
    /// It has an event to give out.
    Event(ServerSentEvent),
    /// It has read a block that is not to be seen.
    Hidden,
    /// It has dropped events that exceed a limit.
    Skipped(Skipped),
    /// It has lost its connection, or could make none, and tries again after the delay.
    Lost(Lost),
    /// It has failed.
    Failed(SseError),
    /// It is closed, now or since long.
    Closed,
}

/// A loss that the session survives.
pub(crate) struct Lost {
    pub(crate) cause: SseError,
    pub(crate) delay: Duration,
    pub(crate) unsendable_id: Option<String>,
}

impl Driver {
    /// A session that starts from the last event ID `seed`.
    pub(crate) fn new(
        source: Source,
        resume_with: Option<Source>,
        seed: String,
        config: Arc<SseConfig>,
    ) -> Self {
        let mut parser = Parser::new().with_limits(config.limits).with_last_event_id(seed);
        let ledger = match config.acknowledgement {
            Acknowledgement::Implied => None,
            Acknowledgement::ByCaller => Some(Box::new(Ledger::new(parser.last_event_id()))),
        };
        let counts_comments = config.deadlines.idle.counts_comments();
        if config.filter.comments.is_shown() || counts_comments {
            parser = parser.with_comments();
        }
        // A block with an ID and nothing else has its place among those to be acknowledged.
        let with_dataless = config.filter.shows_dataless() || counts_comments || ledger.is_some();
        if with_dataless {
            parser = parser.with_dataless_blocks();
        }
        let history = History::asked_for(config.buffer_policy).map(Box::new);
        let is_examined = with_dataless
            || !config.filter.shows_all_messages()
            || config.stop.is_set()
            || config.audience.observes_events()
            || history.is_some();
        Self {
            state: State::Opening(Opening::Starting),
            template: Template::new(source, resume_with, config.clone()),
            cause: None,
            renewals: Renewals::default(),
            reconnect: Reconnect::default(),
            parser,
            ledger,
            view: if is_examined { View::Examined } else { View::AllMessages },
            history,
            audience: config.audience.clone().of_session(),
            config,
            handles: Handles::default(),
            connections: 0,
            messages: 0,
            skipped_told: 0,
            end_told: EndTold::No,
        }
    }

    pub(crate) fn state(&self) -> SessionState {
        match self.state {
            State::Opening(Opening::Waiting(_)) => SessionState::Waiting,
            State::Opening(_) => SessionState::Connecting,
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

    /// How long the session will wait before it reconnects, chance aside.
    pub(crate) fn reconnection_time(&self) -> Duration {
        self.reconnect.delay(&self.config.reconnect, self.parser.reconnection_time())
    }

    /// The ID that the next request sends.
    pub(crate) fn last_event_id(&self) -> &str {
        self.ledger.as_ref().map_or_else(|| self.parser.last_event_id(), |ledger| ledger.id())
    }

    pub(crate) fn last_activity(&self) -> Option<Duration> {
        match &self.state {
            State::Open(connection) => connection.last_activity(),
            _ => None,
        }
    }

    /// Does one step, the only way for a session to get on.
    // Every event passes here and through what is inlined here, and to move one from function to
    // function takes longer than all else. So what is rare has functions of its own, and an event is
    // not looked at where nothing has to.
    #[inline(always)]
    pub(crate) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        if let Some(step) = self.handles.take(cx.waker()).and_then(|wish| self.grant(wish)) {
            return Poll::Ready(self.told(step));
        }
        if let Some(step) = self.tell_skipped() {
            return Poll::Ready(self.told(step));
        }
        loop {
            let State::Open(connection) = &mut self.state else {
                match ready!(self.poll_elsewhere(cx)) {
                    Some(step) => return Poll::Ready(self.told(step)),
                    None => continue,
                }
            };
            if connection.unread().is_empty() {
                match connection.poll_chunk(cx) {
                    Poll::Ready(Ok(bytes)) => self.audience.bytes(bytes),
                    Poll::Ready(Err(failure)) => return Poll::Ready(self.told_lost(failure)),
                    Poll::Pending => match self.tell_skipped() {
                        Some(step) => return Poll::Ready(self.told(step)),
                        None => return Poll::Pending,
                    },
                }
                continue;
            }
            match self.view {
                View::AllMessages => match connection.next_message(&mut self.parser) {
                    Ok(Some(event)) => {
                        self.messages += 1;
                        self.audience.trace_event(&event);
                        return Poll::Ready(Step::Event(event));
                    }
                    Ok(None) => {}
                    Err(excess) => return Poll::Ready(self.told_lost(Failure::Limit(excess))),
                },
                View::Examined => {
                    if let Some(step) = self.examine() {
                        return Poll::Ready(self.told(step));
                    }
                }
            }
        }
    }

    /// Tells its audience of a step other than an event that nobody has to look at.
    #[inline(never)]
    fn told(&mut self, step: Step) -> Step {
        self.tell(&step);
        step
    }

    #[inline(never)]
    fn told_lost(&mut self, failure: Failure) -> Step {
        let step = self.lost(failure);
        self.told(step)
    }

    /// Gets on where there is no connection; no step, if that was only to wait for something else.
    #[inline(never)]
    fn poll_elsewhere(&mut self, cx: &mut Context<'_>) -> Poll<Option<Step>> {
        match &mut self.state {
            State::Opening(opening) => {
                let milestone = ready!(opening.poll(cx));
                Poll::Ready(self.go_on(milestone))
            }
            State::Open(_) => Poll::Ready(None),
            State::Closed(_) => Poll::Ready(Some(Step::Closed)),
        }
    }

    /// What was dropped since this was last asked, if anything was.
    #[inline(always)]
    fn tell_skipped(&mut self) -> Option<Step> {
        if self.parser.skipped().count() == self.skipped_told {
            return None;
        }
        self.tell_newly_skipped()
    }

    #[cold]
    fn tell_newly_skipped(&mut self) -> Option<Step> {
        let skipped = self.parser.skipped();
        self.skipped_told = skipped.count();
        // An error is the last that is told.
        (self.end_reason() != Some(EndReason::Failed)).then_some(Step::Skipped(skipped))
    }

    /// Does what a handle has asked for.
    #[cold]
    fn grant(&mut self, wish: Wish) -> Option<Step> {
        match (wish, &self.state) {
            (_, State::Closed(_)) => None,
            (Wish::Close, _) => {
                self.end(EndReason::Closed);
                None
            }
            (Wish::ReconnectNow, _) => self.reconnect_now(),
        }
    }

    /// Tells its audience of what the session has done.
    fn tell(&mut self, step: &Step) {
        match step {
            Step::Open(call) => self.audience.open(call),
            Step::Event(event) => self.audience.event(event),
            Step::Skipped(skipped) => self.audience.skipped(skipped),
            Step::NoContent(call) => self.audience.no_content(call),
            Step::Lost(lost) => self.audience.lost(lost),
            Step::Failed(error) => self.audience.failed(error),
            Step::Connecting | Step::Hidden | Step::Closed => {}
        }
        if let State::Closed(reason) = self.state {
            self.audience.closed(reason);
        }
    }

    /// Ends the session because the caller does not want it any more.
    pub(crate) fn close(&mut self) {
        self.end(EndReason::Closed);
        self.tell(&Step::Closed);
    }

    /// Ends the session, unless it has ended: whatever it holds of the network is dropped.
    fn end(&mut self, reason: EndReason) {
        if !matches!(self.state, State::Closed(_)) {
            self.state = State::Closed(reason);
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // What never was polled never began.
        if !matches!(self.state, State::Opening(Opening::Starting)) {
            self.close();
        }
    }
}
