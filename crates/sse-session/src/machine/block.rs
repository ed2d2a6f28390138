//! Blocks: decides what happens to one, unless the caller simply sees every message.
//!
//! The parser has already taken the block's ID and reconnection time, whatever is decided here.

use std::time::Duration;

use sse_core::{LimitExceeded, ServerSentEvent, Taken};

use super::{Machine, State};
use crate::{state::EndReason, stop::StopAt};

impl Machine {
    /// Takes the next block out of the bytes received, and examines it. Returns `None` if no block
    /// is complete, or if the caller does not see it.
    // One instance, as `now` is not a type parameter: the parser is inlined here, where it is used
    // once.
    #[inline(never)] // kept out of the fast path
    pub(super) fn examine(
        &mut self,
        now: &dyn Fn() -> Duration,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let State::Open(connection) = &mut self.state else {
            return Ok(None);
        };
        let inspects = self.inspects_blocks;
        let is_recorded = inspects && self.history.is_some() && !connection.is_finished();
        let unread = is_recorded.then(|| connection.unread().clone());
        let (filter, stop) = (&self.config.view.filter, &self.config.view.stop);
        let learns = connection.learns();
        let keep_alives = if learns { self.config.connection.keep_alive_events() } else { None };
        let (mut is_shown, mut may_be_terminal) = (false, false);
        let taken = connection.next_if(&mut self.parser, |event| {
            is_shown = filter.shows(event);
            if is_shown || !inspects {
                return is_shown;
            }
            // A message may be the terminal event even if it is hidden.
            may_be_terminal = stop.is_set() && event.has_data();
            may_be_terminal || keep_alives.is_some()
        });
        if !inspects {
            // Only what is shown was taken.
            return Ok(match taken? {
                Some(Taken::Event(event)) => {
                    self.yielding(&event);
                    Some(event)
                }
                Some(Taken::Hidden) => {
                    self.commit();
                    None
                }
                None => None,
            });
        }
        if learns {
            connection.count_comments(&self.parser);
        }
        if let (Some(history), Some(unread)) = (&mut self.history, unread) {
            history.record_bytes(&unread[..unread.len() - connection.unread().len()]);
        }
        let mut taken = taken?;
        if let (Some(is_keep_alive), Some(Taken::Event(event))) = (keep_alives, &taken) {
            if is_keep_alive(event) {
                connection.keep_alive();
            }
            // It was built for the predicate alone.
            if !is_shown && !may_be_terminal {
                taken = Some(Taken::Hidden);
            }
        }
        Ok(taken.and_then(|taken| self.received(taken, is_shown, now)))
    }

    /// Returns what the caller sees of a block, and takes note of the block.
    fn received(
        &mut self,
        taken: Taken,
        is_shown: bool,
        now: &dyn Fn() -> Duration,
    ) -> Option<ServerSentEvent> {
        let seen = match taken {
            Taken::Event(event) => self.dispatch(event, is_shown, now),
            Taken::Hidden => None,
        };
        match &seen {
            Some(event) => {
                if let Some(history) = &mut self.history {
                    history.record_event(event);
                }
                self.yielding(event);
            }
            None => self.commit(),
        }
        seen
    }

    /// Takes note of an event that the caller sees.
    fn yielding(&mut self, event: &ServerSentEvent) {
        if !self.has_yielded {
            self.has_yielded = event.has_data();
        }
        if let Some(acks) = &mut self.acks {
            acks.count_event();
            acks.commit(self.parser.last_event_id());
        }
    }

    /// Takes note of the last event ID after a block that the caller does not see.
    fn commit(&mut self) {
        if let Some(acks) = &mut self.acks {
            acks.commit(self.parser.last_event_id());
        }
    }

    /// Returns the event if the caller sees it. Ends the session at a terminal event.
    fn dispatch(
        &mut self,
        event: ServerSentEvent,
        is_shown: bool,
        now: &dyn Fn() -> Duration,
    ) -> Option<ServerSentEvent> {
        let stop = self.config.view.stop.at(&event);
        if stop.is_some() {
            self.abandon_connection(now());
            self.close_with(EndReason::Stopped);
        }
        let is_seen = match stop {
            Some(stop) => stop == StopAt::After,
            None => is_shown,
        };
        is_seen.then_some(event)
    }
}
