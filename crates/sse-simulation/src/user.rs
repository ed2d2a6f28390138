//! Model user: reads the session at a pace of its own, and commands it, closes it or drops it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_core::Stream;
use sse_session::{
    AckToken, ClientSseSession, OpenSession, ServerSentEvent, SessionEvent, SessionHandle,
    SessionStream, SseError,
};

use crate::{
    chance::Chance,
    invariant::Invariant,
    model::Ending,
    world::{Shared, World},
};

/// User of one session, and the executor that polls it.
pub(crate) struct User {
    world: Arc<Shared>,
    chance: Chance,
    held: Held,
    handle: Option<SessionHandle>,
    /// `true` if the session was polled since the handle was created: it is then woken.
    is_handle_known: bool,
    /// `true` if the session may have parsed more than the model knows.
    is_ahead: bool,
    /// Command that takes effect with the next poll.
    command: Option<Command>,
    woken: Arc<Woken>,
    waker: Waker,
    tokens: Vec<(AckToken, usize)>,
    habits: UserHabits,
}

/// What a user tends to do, in cases of 100.
struct UserHabits {
    busy: usize,
    acknowledges: usize,
    impatient: usize,
    leaves: usize,
    reconnects: usize,
}

enum Held {
    Opening(OpenSession),
    Session(Box<ClientSseSession>),
    Stream(Box<SessionStream>),
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Command {
    ReconnectNow,
    Close,
}

/// What a poll has brought.
enum Item {
    Opened(Box<ClientSseSession>),
    Event(ServerSentEvent),
    Other(SessionEvent),
    Failed(SseError),
    End,
    Panicked,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

impl User {
    pub(crate) fn new(world: Arc<Shared>, mut chance: Chance, session: OpenSession) -> Self {
        let handle = chance.percent(50).then(|| session.handle());
        let held = match chance.percent(25) {
            true => Held::Stream(Box::new(session.into_stream())),
            false => Held::Opening(session),
        };
        let woken = Arc::<Woken>::default();
        let waker = woken.clone().into();
        let habits = UserHabits {
            busy: chance.pick(&[0, 0, 10, 50]),
            acknowledges: chance.pick(&[0, 20, 90]),
            impatient: chance.pick(&[0, 5, 30]),
            leaves: chance.pick(&[0, 0, 1, 5]),
            reconnects: chance.pick(&[0, 0, 2, 10]),
        };
        let (command, tokens) = (None, Vec::new());
        Self {
            world,
            chance,
            held,
            handle,
            is_handle_known: false,
            is_ahead: false,
            command,
            woken,
            waker,
            tokens,
            habits,
        }
    }

    /// Lives until the session ends, or until the user has enough.
    pub(crate) fn live(&mut self) {
        for _ in 0..MAX_STEPS {
            self.act(false);
            if matches!(self.held, Held::Nothing) {
                return;
            }
            let Some(item) = self.wait() else {
                // Either the user was impatient, or nothing will happen any more.
                self.act(true);
                continue;
            };
            if !self.receive(item) {
                return self.leave();
            }
        }
        self.world.lock().violated(Invariant::Progress, "a life without an end");
        self.leave();
    }

    /// Waits for the next item. Returns `None` if the user does not want to wait any longer.
    fn wait(&mut self) -> Option<Item> {
        let now = self.world.lock().now;
        let patience = self.chance.millis_below(30_000);
        let alarm = self.chance.percent(self.habits.impatient).then(|| now + patience);
        for _ in 0..MAX_POLLS {
            self.woken.0.store(false, Relaxed);
            self.apply_command();
            if let Poll::Ready(item) = self.poll() {
                return Some(item);
            }
            if self.woken.0.load(Relaxed) {
                continue;
            }
            let mut world = self.world.lock();
            let next = world.timers.next();
            let target = next.into_iter().chain(alarm).min();
            if let Some((due, invariant)) = world.due() {
                if target.is_none_or(|target| target > due) {
                    let expect = world.model.expect.clone();
                    let observed = format!("nothing happens by {due:?}, {expect:?}");
                    world.violated(invariant, observed);
                    return None;
                }
            }
            world.advance(target?);
            drop(world);
            if !self.woken.0.load(Relaxed) {
                if next == target {
                    self.world.lock().violated(Invariant::Wakes, "a timer wakes nobody");
                }
                return None;
            }
        }
        self.world.lock().violated(Invariant::Progress, "polled without an end");
        None
    }

    fn poll(&mut self) -> Poll<Item> {
        self.is_handle_known = self.handle.is_some();
        self.is_ahead = false;
        if !self.world.lock().habits.is_weird() {
            return self.poll_held();
        }
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll_held()));
        polled.unwrap_or(Poll::Ready(Item::Panicked))
    }

    fn poll_held(&mut self) -> Poll<Item> {
        let mut cx = Context::from_waker(&self.waker);
        let item = |item: Option<Result<ServerSentEvent, SseError>>| match item {
            Some(Ok(event)) => Item::Event(event),
            Some(Err(error)) => Item::Failed(error),
            None => Item::End,
        };
        match &mut self.held {
            Held::Opening(opening) => Pin::new(opening).poll(&mut cx).map(|opened| match opened {
                Ok(session) => Item::Opened(Box::new(session)),
                Err(error) => Item::Failed(error),
            }),
            Held::Stream(stream) => Pin::new(&mut **stream).poll_next(&mut cx).map(item),
            Held::Session(session) => match self.chance.below(3) {
                0 => pin!(session.next()).poll(&mut cx).map(item),
                1 => Pin::new(&mut **session).poll_next(&mut cx).map(item),
                _ => pin!(session.lifecycle().next()).poll(&mut cx).map(|step| match step {
                    Some(Ok(SessionEvent::Event(event))) => Item::Event(event),
                    Some(Ok(SessionEvent::Closed(_))) | None => Item::End,
                    Some(Ok(other)) => Item::Other(other),
                    Some(Err(error)) => Item::Failed(error),
                }),
            },
            Held::Nothing => Poll::Ready(Item::End),
        }
    }

    /// Takes an item. Returns `false` after the last one.
    fn receive(&mut self, item: Item) -> bool {
        match item {
            Item::Opened(session) => {
                self.world.lock().note(|| "opened".to_owned());
                self.held = Held::Session(session);
                true
            }
            Item::Event(event) => {
                self.world.lock().yielded(&event);
                if let Held::Session(session) = &self.held {
                    let token = session.ack_token();
                    let mut world = self.world.lock();
                    self.tokens.push((token, world.position));
                    world.inspect(session);
                }
                true
            }
            Item::Other(SessionEvent::Disconnected { cause, delay, .. }) => {
                self.world.lock().check_disconnect(&cause, delay);
                true
            }
            Item::Other(SessionEvent::Connecting) => {
                let mut world = self.world.lock();
                world.prepared = Some(world.acked_least);
                let is_first = !std::mem::replace(&mut world.is_request_reported, true);
                world.check(Invariant::ObserversPaired, is_first, "a request reported twice");
                true
            }
            Item::Other(SessionEvent::Skipped(_)) => {
                // It may have parsed hidden blocks after those that were dropped.
                self.is_ahead = true;
                true
            }
            Item::Other(_) => true,
            Item::Failed(error) => {
                self.world.lock().failed(&error);
                self.check_over();
                false
            }
            Item::End => {
                let reason = self.session().and_then(ClientSseSession::end_reason);
                self.world.lock().ended(reason);
                self.check_over();
                false
            }
            Item::Panicked => {
                let mut world = self.world.lock();
                world.note(|| "panicked".to_owned());
                let is_simulated = world.has_panicked;
                world.check(Invariant::PanicsContained, is_simulated, "the session panicked");
                world.has_panicked = true;
                false
            }
        }
    }

    fn session(&self) -> Option<&ClientSseSession> {
        match &self.held {
            Held::Session(session) => Some(session),
            Held::Stream(stream) => stream.session(),
            Held::Opening(_) | Held::Nothing => None,
        }
    }

    /// Checks that nothing follows the last item.
    fn check_over(&mut self) {
        if let Some(session) = self.session() {
            let world = self.world.clone();
            world.lock().inspect(session);
        }
        if matches!(self.held, Held::Opening(_)) {
            return;
        }
        for _ in 0..2 {
            if !matches!(self.poll(), Poll::Ready(Item::End)) {
                self.world.lock().violated(Invariant::ErrorIsLast, "an item after the last");
            }
        }
    }

    /// Does what a user does between two items. If it is `stuck`, it does something for sure.
    fn act(&mut self, stuck: bool) {
        if self.chance.percent(self.habits.busy) {
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
            if self.command.is_none() && !self.is_ahead {
                self.world.lock().inspect(session);
            }
        }
        let leaves = self.chance.percent(self.habits.leaves);
        let reconnects = self.chance.percent(self.habits.reconnects);
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
    fn apply_command(&mut self) {
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
        if !acknowledges || self.tokens.is_empty() || !self.chance.percent(self.habits.acknowledges)
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
    fn leave(&mut self) {
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
            self.model.reconnect_now(now);
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

const MAX_STEPS: usize = 5_000;

const MAX_POLLS: usize = 100_000;
