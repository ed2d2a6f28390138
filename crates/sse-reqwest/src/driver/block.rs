//! A block in, what a session makes of it out.
//!
//! The parser has taken its ID and its reconnection time before, whatever becomes of it here.

use sse_core::{EventRef, ServerSentEvent, Taken};

use super::{Driver, State, Step};
use crate::{
    failure::Failure,
    filter::Filter,
    session::EndReason,
    stop::{Stop, Terminal},
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
    /// Takes the next block out of what has come, and examines it; no step, if there is no whole one.
    #[inline(never)] // as for what is done on the way to a connection
    pub(super) fn examine(&mut self) -> Option<Step> {
        let State::Open(connection) = &mut self.state else {
            return None;
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
        match taken {
            Ok(Some(taken)) => Some(self.received(taken, fate)),
            Ok(None) => None,
            Err(excess) => Some(self.lost(Failure::Limit(excess))),
        }
    }

    /// What becomes of a block that was read.
    fn received(&mut self, taken: Taken, fate: Fate) -> Step {
        self.messages += u64::from(fate.is_message);
        let step = match taken {
            Taken::Event(event) => self.give_out(event, fate),
            Taken::Hidden => Step::Hidden,
        };
        if let (Some(history), Step::Event(event)) = (&mut self.history, &step) {
            history.record_event(event);
        }
        if let Some(ledger) = &mut self.ledger {
            if matches!(step, Step::Event(_)) {
                ledger.give_out();
            }
            ledger.commit(self.parser.last_event_id());
        }
        step
    }

    /// Gives the event out, if it is to be seen; it may be the last one.
    fn give_out(&mut self, event: ServerSentEvent, fate: Fate) -> Step {
        let terminal = if fate.is_message { self.config.stop.at(&event) } else { None };
        if terminal.is_some() {
            self.end(EndReason::Stopped);
        }
        let is_given_out = match terminal {
            Some(terminal) => terminal == Terminal::Delivered,
            None => fate.is_shown,
        };
        if is_given_out { Step::Event(event) } else { Step::Hidden }
    }
}
