//! Connections in, the steps of a session out.
//!
//! Ties the leaves together: the template makes a request, the connection brings events, the
//! filter hides some of them. Pull only: nothing runs, and nothing is read, unless the session is
//! polled. The way to a connection is in [`opening`], what becomes of a block is decided in
//! [`block`], what follows a disconnect in [`disconnect`].

mod step;
mod opening;
mod block;
mod disconnect;

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use sse_core::Parser;

use self::opening::Opening;
pub(crate) use self::step::{Change, Disconnected, Step};
use crate::{
    ack::Ledger,
    config::SseConfig,
    connection::Connection,
    error::SseError,
    factory::Refreshes,
    failure::Failure,
    handle::{Handles, Wish},
    history::History,
    observer::Audience,
    reconnect::Reconnect,
    sender::Sender,
    session::{EndReason, SessionState},
    source::Source,
    template::Template,
};

/// All of a session but the call that its owner may look at.
///
/// There may be many: what they have in common is in the configuration, which those of a client
/// share, and what few of them have is boxed.
pub(crate) struct Driver {
    state: State,
    config: Arc<SseConfig>,
    template: Template,
    /// Why the next request has to be made.
    cause: Option<SseError>,
    refreshes: Refreshes,
    reconnect: Reconnect,
    pub(crate) parser: Parser,
    /// If events are acknowledged by the caller, which few are.
    pub(crate) ledger: Option<Box<Ledger>>,
    view: View,
    pub(crate) history: Option<Box<History>>,
    audience: Audience,
    pub(crate) handles: Handles,
    pub(crate) connections: u64,
    /// How many events with data came over all connections that are no more.
    messages: u64,
    /// How many of the events that were dropped have been told of.
    skipped_told: u64,
    end_told: EndTold,
}

/// Whether each block has to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// The parser gives out messages alone, all of them are shown, and nobody else wants to see
    /// them.
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

impl Driver {
    /// A session that starts from the last event ID `seed`.
    pub(crate) fn new(
        source: Source,
        resume_request: Option<Source>,
        sender: Sender,
        seed: String,
        config: Arc<SseConfig>,
    ) -> Self {
        let mut parser = Parser::new().with_limits(config.limits).with_last_event_id(seed);
        let ledger =
            config.acknowledge_events.then(|| Box::new(Ledger::new(parser.last_event_id())));
        let counts_comments = config.deadlines.idle.counts_comments();
        parser = parser.with_comments(config.filter.show_comments || counts_comments);
        // A block with an ID and nothing else has its place among those to be acknowledged.
        let with_dataless =
            config.filter.shows_any_dataless() || counts_comments || ledger.is_some();
        parser = parser.with_dataless_blocks(with_dataless);
        let history = History::asked_for(config.buffer_policy).map(Box::new);
        let is_examined = with_dataless
            || !config.filter.shows_all_messages()
            || config.stop.is_set()
            || config.audience.observes_events()
            || history.is_some();
        Self {
            state: State::Opening(Opening::Starting),
            template: Template::new(source, resume_request, sender, config.clone()),
            cause: None,
            refreshes: Refreshes::default(),
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
        self.reconnect.delay(self.config.reconnection.policy(), self.parser.reconnection_time())
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
    // function takes longer than all else. So what is rare has functions of its own, and an event
    // is not looked at where nothing has to.
    #[inline(always)]
    pub(crate) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            if let Some(wish) = self.handles.take(cx.waker()) {
                if let Some(change) = self.grant(wish) {
                    return Poll::Ready(Step::Change(change));
                }
            }
            if self.parser.skipped().count() != self.skipped_told {
                if let Some(change) = self.tell_skipped() {
                    return Poll::Ready(Step::Change(change));
                }
            }
            let State::Open(connection) = &mut self.state else {
                match ready!(self.poll_elsewhere(cx)) {
                    Some(change) => return Poll::Ready(Step::Change(change)),
                    None => continue,
                }
            };
            if connection.unread().is_empty() {
                match ready!(connection.poll_chunk(cx)) {
                    Ok(bytes) => self.audience.bytes(bytes),
                    Err(failure) => {
                        return Poll::Ready(Step::Change(self.tell_disconnected(failure)));
                    }
                }
            }
            let found = match self.view {
                View::AllMessages => connection.next_message(&mut self.parser),
                View::Examined => self.examine(),
            };
            match found {
                Ok(Some(event)) => {
                    if self.view == View::AllMessages {
                        self.audience.trace_event(&event);
                    }
                    return Poll::Ready(Step::Event(event));
                }
                Ok(None) => {}
                Err(excess) => {
                    return Poll::Ready(Step::Change(
                        self.tell_disconnected(Failure::Limit(excess)),
                    ));
                }
            }
        }
    }

    /// Gets on where there is no connection; no change, if that was only to wait for something
    /// else.
    #[inline(never)]
    fn poll_elsewhere(&mut self, cx: &mut Context<'_>) -> Poll<Option<Box<Change>>> {
        let change = match &mut self.state {
            State::Opening(opening) => {
                let milestone = ready!(opening.poll(cx));
                self.go_on(milestone)
            }
            State::Open(_) => None,
            State::Closed(_) => Some(Change::Closed),
        };
        Poll::Ready(change.map(|change| self.told(change)))
    }

    /// Tells what was dropped since this was last asked.
    #[cold]
    fn tell_skipped(&mut self) -> Option<Box<Change>> {
        let skipped = self.parser.skipped();
        self.skipped_told = skipped.count();
        // An error is the last that is told.
        let is_over = self.end_reason() == Some(EndReason::Failed);
        (!is_over).then(|| self.told(Change::Skipped(skipped)))
    }

    /// Does what a handle has asked for.
    #[cold]
    fn grant(&mut self, wish: Wish) -> Option<Box<Change>> {
        match (wish, &self.state) {
            (_, State::Closed(_)) => None,
            (Wish::Close, _) => {
                self.end(EndReason::Closed);
                None
            }
            (Wish::ReconnectNow, _) => self.reconnect_now().map(|change| self.told(change)),
        }
    }

    #[cold]
    fn tell_disconnected(&mut self, failure: Failure) -> Box<Change> {
        let change = self.disconnected(failure);
        self.told(change)
    }

    fn told(&mut self, change: Change) -> Box<Change> {
        self.tell(&change);
        Box::new(change)
    }

    /// Tells its audience of what has happened to the session.
    fn tell(&mut self, change: &Change) {
        match change {
            Change::Open(call) => self.audience.open(call),
            Change::Skipped(skipped) => self.audience.skipped(skipped),
            Change::NoContent(call) => self.audience.no_content(call),
            Change::Disconnected(it) => self.audience.disconnected(it),
            Change::Failed(error) => self.audience.failed(error),
            Change::Connecting | Change::Closed => {}
        }
        self.tell_end_to_audience();
    }

    fn tell_end_to_audience(&mut self) {
        if let State::Closed(reason) = self.state {
            self.audience.closed(reason);
        }
    }

    /// Ends the session because the caller does not want it any more.
    pub(crate) fn close(&mut self) {
        self.end(EndReason::Closed);
        self.tell(&Change::Closed);
    }

    /// Ends the session, unless it has ended: whatever it holds of the network is dropped.
    fn end(&mut self, reason: EndReason) {
        if !matches!(self.state, State::Closed(_)) {
            self.enter(State::Closed(reason));
        }
    }

    fn enter(&mut self, state: State) {
        if let State::Open(connection) = &self.state {
            self.messages += connection.messages;
        }
        self.state = state;
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

#[cfg(all(test, target_pointer_width = "64", not(feature = "tracing")))]
mod tests {
    use sse_core::Parser;

    use super::{Connection, Driver};

    #[test]
    fn what_a_session_holds_for_itself_is_small() {
        let beyond_the_parser = size_of::<Driver>() - size_of::<Parser>();
        assert!(beyond_the_parser <= 256, "{beyond_the_parser}");
        assert!(size_of::<Connection>() <= 304, "{}", size_of::<Connection>());
    }
}
