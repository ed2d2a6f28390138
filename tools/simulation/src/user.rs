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

use crate::{chance::Chance, invariant::Invariant, world::Shared};

/// User of one session, and the executor that polls it.
pub(crate) struct User {
    pub(crate) world: Arc<Shared>,
    pub(crate) chance: Chance,
    pub(crate) held: Held,
    pub(crate) handle: Option<SessionHandle>,
    /// `true` if the session was polled since the handle was created: it is then woken.
    pub(crate) is_handle_known: bool,
    /// `true` if the session may have parsed more than the model knows.
    pub(crate) is_ahead: bool,
    /// Command that takes effect with the next poll.
    pub(crate) command: Option<Command>,
    pub(crate) woken: Arc<Woken>,
    waker: Waker,
    pub(crate) tokens: Vec<(AckToken, usize)>,
    pub(crate) profile: UserProfile,
}

/// Profile of a user: its habits, each with its probability in percent.
pub(crate) struct UserProfile {
    pub(crate) busy: usize,
    pub(crate) acknowledges: usize,
    impatient: usize,
    pub(crate) leaves: usize,
    pub(crate) reconnects: usize,
}

pub(crate) enum Held {
    Opening(OpenSession),
    Session(Box<ClientSseSession>),
    Stream(Box<SessionStream>),
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Command {
    ReconnectNow,
    Close,
}

/// Outcome of a poll.
enum Item {
    Opened(Box<ClientSseSession>),
    Event(ServerSentEvent),
    Other(SessionEvent),
    Failed(SseError),
    End,
    Panicked,
}

#[derive(Default)]
pub(crate) struct Woken(pub(crate) AtomicBool);

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
        let profile = UserProfile {
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
            profile,
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
        let alarm = self.chance.percent(self.profile.impatient).then(|| now + patience);
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
        self.world.lock().calls_in_poll = 0;
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
            Item::Other(SessionEvent::Disconnected { cause, delay, is_restart, .. }) => {
                let mut world = self.world.lock();
                world.check_disconnect(&cause, delay);
                let expected = world.model.will_restart(&world.options);
                let is_marked = is_restart == expected || world.options.acknowledges;
                world.check(
                    Invariant::EvidenceAsHappened,
                    is_marked,
                    "marked as a restart, or not",
                );
                world.is_disconnect_seen = true;
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

    pub(crate) fn session(&self) -> Option<&ClientSseSession> {
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
}

const MAX_STEPS: usize = 5_000;

const MAX_POLLS: usize = 100_000;
