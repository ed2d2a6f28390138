//! A block in, what a session makes of it out.
//!
//! The parser has taken its ID and its reconnection time before, whatever becomes of it here.

use sse_core::{EventRef, LimitExceeded, ServerSentEvent, Taken};

use super::{Driver, State};
use crate::{
    filter::Filter,
    session::EndReason,
    stop::{Stop},
};

/// What is known of a block before an event is made of it.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    is_message: bool,
    is_shown: bool,
}

impl Fate {
    fn of(event: &EventRef<'_>, filter: &Filter) -> Self {
        Self { is_message: event.has_data(), is_shown: filter.shows(event) }
    }

    /// Whether an event has to be made of it: to be shown, or to be looked at.
    fn is_needed(self, stop: &Stop) -> bool {
        self.is_shown || (self.is_message && stop.is_set())
    }
}

impl Driver {
    /// Takes the next block out of what has come, and examines it. `None` if there is no whole one, or
    /// it is not to be seen.
    #[inline(never)] // as for what is done on the way to a connection
    pub(super) fn examine(&mut self) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let State::Open(connection) = &mut self.state else {
            return Ok(None);
        };
        let unread = self.history.is_some().then(|| connection.unread().clone());
        let mut fate = Fate::default();
        let taken = connection.next_if(&mut self.parser, |event| {
            fate = Fate::of(event, &self.config.filter);
            fate.is_needed(&self.config.stop)
        });
        if let (Some(history), Some(unread)) = (&mut self.history, unread) {
            history.record_bytes(&unread[..unread.len() - connection.unread().len()]);
        }
        Ok(taken?.and_then(|taken| self.received(taken, fate)))
    }

    /// What is seen of a block that was read.
    fn received(&mut self, taken: Taken, fate: Fate) -> Option<ServerSentEvent> {
        let seen = match taken {
            Taken::Event(event) => self.give_out(event, fate),
            Taken::Hidden => None,
        };
        if let Some(event) = &seen {
            if let Some(history) = &mut self.history {
                history.record_event(event);
            }
            if let Some(ledger) = &mut self.ledger {
                ledger.give_out();
            }
            self.audience.event(event);
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.commit(self.parser.last_event_id());
        }
        self.tell_end_to_audience();
        seen
    }

    /// Gives the event out, if it is to be seen; it may be the last one.
    fn give_out(&mut self, event: ServerSentEvent, fate: Fate) -> Option<ServerSentEvent> {
        let terminal = if fate.is_message { self.config.stop.at(&event) } else { None };
        if terminal.is_some() {
            self.end(EndReason::Stopped);
        }
        let is_given_out = match terminal {
            Some(terminal) => terminal == Terminal::Delivered,
            None => fate.is_shown,
        };
        is_given_out.then_some(event)
    }
}
