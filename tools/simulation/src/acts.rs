//! Acts of the user between two items: to be busy, to acknowledge, to command, to close and to
//! leave.

use std::sync::atomic::Ordering::Relaxed;

use sse_session::ClientSseSession;

use crate::{
    invariant::Invariant,
    model::Ending,
    user::{Command, Held, User},
    world::World,
};

impl User {
    /// Performs what a user does between two items. If the user is `stuck`, certainly does
    /// something.
    pub(crate) fn act(&mut self, stuck: bool) {
        if self.is_ahead {
            return;
        }
        if self.chance.percent(self.profile.busy) {
            let busy = self.chance.millis_below(20_000);
            let mut world = self.world.lock();
            let until = world.now + busy;
            world.note(|| format!("busy until {until:?}"));
            world.advance(until);
        }
        self.acknowledge();
        if self.handle.is_none() && self.chance.percent(5) {
            self.handle = self.session().map(ClientSseSession::handle);
        }
        if let Held::Session(session) = &self.held {
            if self.command.is_none() {
                self.world.lock().inspect(session);
            }
        }
        let leaves = self.chance.percent(self.profile.leaves);
        let reconnects = self.chance.percent(self.profile.reconnects);
        if leaves || (stuck && self.chance.percent(40)) {
            match (self.chance.below(3), &mut self.held) {
                (0, Held::Session(session)) => {
                    self.world.lock().closed();
                    session.close();
                }
                (1, _) => self.leave(),
                _ => self.send(Command::Close, stuck),
            }
        } else if reconnects || (stuck && self.chance.percent(50)) {
            self.send(Command::ReconnectNow, stuck);
        }
    }

    fn send(&mut self, command: Command, is_polled: bool) {
        let Some(handle) = &self.handle else {
            return;
        };
        self.world.lock().note(|| format!("command {command:?}"));
        self.woken.0.store(false, Relaxed);
        match command {
            Command::Close => handle.close(),
            Command::ReconnectNow => handle.reconnect_now(),
        }
        // A handle that exists while the session is polled wakes its task.
        let is_woken = self.woken.0.load(Relaxed) || !is_polled || !self.is_handle_known;
        let is_new = self.command.is_none();
        self.command = self.command.max(Some(command));
        self.world.lock().check(Invariant::Wakes, is_woken || !is_new, "a command wakes nobody");
    }

    /// Lets the model know of the command that the session takes with its next poll.
    pub(crate) fn apply_command(&mut self) {
        match self.command.take() {
            Some(Command::Close) => self.world.lock().closed(),
            Some(Command::ReconnectNow) => self.world.lock().reconnect_now(),
            None => {}
        }
    }

    fn acknowledge(&mut self) {
        let Held::Session(session) = &mut self.held else {
            return;
        };
        let acknowledges = self.world.lock().options.acknowledges;
        if !acknowledges
            || self.tokens.is_empty()
            || !self.chance.percent(self.profile.acknowledges)
        {
            return;
        }
        let last = self.tokens.len() - 1;
        let index = if self.chance.percent(70) { last } else { self.chance.below(last + 1) };
        session.acknowledge(self.tokens[index].0);
        let position = self.tokens[..=index].iter().map(|(_, position)| *position).max();
        self.world.lock().acknowledged(position.unwrap_or_default());
    }

    /// Drops the session.
    pub(crate) fn leave(&mut self) {
        self.world.lock().closed();
        self.held = Held::Nothing;
        self.command = None;
    }
}

impl World {
    /// Takes note that the user closes the session, or drops it.
    fn closed(&mut self) {
        self.note(|| "closed by its user".to_owned());
        if !self.model.has_ended() {
            self.abandoned_by_user();
        }
        self.model.end(Ending::Closed);
    }

    fn reconnect_now(&mut self) {
        if !self.model.has_ended() {
            self.note(|| "reconnects for its user".to_owned());
            self.abandoned_by_user();
            self.is_request_reported = false;
            let now = self.now;
            self.model.reconnect_now(&self.options, now);
        }
    }

    /// Checks that nothing is left of a session that was dropped.
    pub(crate) fn check_nothing_left(&mut self) {
        let is_idle = self.timers.next().is_none();
        self.check(Invariant::NothingAfterEnd, is_idle, "a timer of a session that was dropped");
        let has_connection = self.exchanges.iter().any(|exchange| exchange.is_in_flight());
        let invariant = match self.has_panicked {
            true => Invariant::PanicsContained,
            false => Invariant::NothingAfterEnd,
        };
        self.check(invariant, !has_connection, "a connection of a session that was dropped");
    }
}
