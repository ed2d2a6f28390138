//! World: everything that the parts of one life share, with the time and the violations found.

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    time::Duration,
};

use sse_session::Deadline;

use crate::{
    chance::Chance,
    exchange::{Exchange, ExchangeState},
    feed::Feed,
    invariant::{Invariant, Violation},
    model::{Expect, Model},
    options::{Idle, Options},
    server::ServerProfile,
    timers::Timers,
};

/// World behind a lock, as transports and clocks are shared between threads.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    clock: Arc<Mutex<Duration>>,
}

impl Shared {
    pub(crate) fn new(world: World) -> Arc<Self> {
        Arc::new(Self { clock: world.clock.clone(), world: Mutex::new(world) })
    }

    /// Returns the time. Whoever is woken may ask for it while the world is locked.
    pub(crate) fn now(&self) -> Duration {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends an endless poll by a panic.
    pub(crate) fn stop_runaway(&self) {
        let mut world = match self.world.try_lock() {
            Ok(world) => world,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // A wake, and not a poll.
            Err(TryLockError::WouldBlock) => return,
        };
        world.calls_in_poll += 1;
        if world.calls_in_poll > MAX_CALLS_IN_POLL && !world.has_panicked {
            world.violated(Invariant::Progress, "one poll goes on without end");
            world.has_panicked = true;
            drop(world);
            resume_unwind(Box::new("endless poll"));
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// State of a life.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Duration,
    /// The current time, shared with the session's clock.
    clock: Arc<Mutex<Duration>>,
    pub(crate) timers: Timers,
    pub(crate) options: Options,
    pub(crate) feed: Feed,
    pub(crate) profile: ServerProfile,
    /// Chance of the server.
    pub(crate) chance: Chance,
    /// Chance of the session.
    jitter: Chance,
    pub(crate) model: Model,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) requests: usize,
    /// Exchange that the user has abandoned, by a command or by dropping the session.
    abandoned_by_user: Option<usize>,
    /// The session has received its terminal event, and is about to yield it.
    pub(crate) is_stopping: bool,
    /// Position in the feed of the last event on this connection.
    pub(crate) position: usize,
    /// Position after the events that were acknowledged, and the hidden ones that follow.
    pub(crate) acked_upto: usize,
    /// Position after the last event that was acknowledged.
    pub(crate) acked_least: usize,
    /// Value of `acked_least` when the lifecycle reported that a request is made.
    pub(crate) prepared: Option<usize>,
    /// Value of `prepared` for the first request of a chain of redirects.
    pub(crate) chain_least: usize,
    /// The lifecycle has shown that a request is made.
    pub(crate) is_request_reported: bool,
    /// Position from which the last request had its server resume.
    pub(crate) request_floor: usize,
    /// Position after the last event that was yielded.
    pub(crate) yielded_upto: usize,
    pub(crate) yields: usize,
    /// An event with data was yielded.
    pub(crate) has_yielded_data: bool,
    /// The lifecycle has shown that the last connection ended.
    pub(crate) is_disconnect_seen: bool,
    pub(crate) has_panicked: bool,
    /// Number of calls of the clock and the transport in the current poll.
    pub(crate) calls_in_poll: usize,
    pub(crate) violations: Vec<Violation>,
    pub(crate) trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, is_traced: bool) -> Self {
        let options = Options::new(&mut Chance::new(seed, 1));
        let mut chance = Chance::new(seed, 2);
        let feed = Feed::new(&mut chance, options.small_limits.is_some(), !options.acknowledges);
        let profile = ServerProfile::new(&mut chance);
        let model = Model::new(options.seed_id.as_deref());
        let mut world = Self {
            now: Duration::ZERO,
            clock: Arc::default(),
            timers: Timers::default(),
            feed,
            profile,
            chance,
            jitter: Chance::new(seed, 3),
            model,
            exchanges: Vec::new(),
            requests: 0,
            abandoned_by_user: None,
            is_stopping: false,
            position: 0,
            acked_upto: 0,
            acked_least: 0,
            prepared: None,
            chain_least: 0,
            is_request_reported: false,
            request_floor: 0,
            yielded_upto: 0,
            yields: 0,
            has_yielded_data: false,
            is_disconnect_seen: false,
            has_panicked: false,
            calls_in_poll: 0,
            violations: Vec::new(),
            trace: is_traced.then(Vec::new),
            options,
        };
        let start = world.feed.after(&world.model.id);
        (world.acked_upto, world.acked_least) = (world.next_visible(start), start);
        world.yielded_upto = start;
        let setting =
            |world: &Self| format!("{:#?}\n{:?}\n{:?}", world.options, world.profile, world.feed);
        if is_traced {
            let line = setting(&world);
            world.note(|| line);
        }
        world
    }

    /// Adds a line to the trace of the life.
    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>10.3} s  {}", self.now.as_secs_f64(), line()));
        }
    }

    pub(crate) fn violated(&mut self, invariant: Invariant, observed: impl Into<String>) {
        let violation = Violation { invariant, observed: observed.into() };
        self.note(|| format!("VIOLATION {violation}"));
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(violation);
        }
    }

    pub(crate) fn check(&mut self, invariant: Invariant, holds: bool, observed: &str) {
        if !holds {
            self.violated(invariant, observed);
        }
    }

    /// Returns the next random number of the session.
    pub(crate) fn random(&mut self) -> f64 {
        self.jitter.unit()
    }

    /// Moves the time, and fires timers.
    pub(crate) fn advance(&mut self, to: Duration) {
        self.now = self.now.max(to);
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = self.now;
        for exchange in &mut self.exchanges {
            if exchange.wakes_at.take_if(|at| *at <= self.now).is_some() {
                exchange.keep_alives.wake(self.now);
            }
        }
        self.timers.fire(self.now);
    }

    /// Takes note that the user abandons what is in flight.
    pub(crate) fn abandoned_by_user(&mut self) {
        self.abandoned_by_user = self.exchanges.len().checked_sub(1);
    }

    pub(crate) fn is_abandoned_by_user(&self, index: usize) -> bool {
        self.abandoned_by_user == Some(index)
    }

    /// Returns the exchange in flight.
    pub(crate) fn current(&self) -> Option<&Exchange> {
        self.exchanges.last().filter(|exchange| exchange.is_in_flight())
    }

    /// Returns the time by which the session must have acted, if its user waits for it.
    pub(crate) fn due(&self) -> Option<(Duration, Invariant)> {
        match &self.model.expect {
            Expect::Reconnect { at, wait, .. } => Some((*at + wait.longest, Invariant::NotTooLate)),
            Expect::Making | Expect::Refreshing => None,
            Expect::Exchange => {
                let (at, _) = self.deadline(self.current()?)?;
                Some((at, Invariant::DeadlinesFire))
            }
            _ => Some((Duration::ZERO, Invariant::Progress)),
        }
    }

    /// Returns the deadline of an exchange.
    pub(crate) fn deadline(&self, exchange: &Exchange) -> Option<(Duration, Deadline)> {
        let options = &self.options;
        match exchange.state {
            ExchangeState::Sending => {
                Some((self.model.chain_start + options.head_timeout?, Deadline::Head))
            }
            ExchangeState::Rejecting => {
                Some((exchange.responded_at + REJECTION_TIME, Deadline::Head))
            }
            ExchangeState::Open => {
                let first = options.first_byte_timeout.filter(|_| exchange.last_byte.is_none());
                let (limit, deadline) = match first {
                    Some(limit) => (limit, Deadline::FirstByte),
                    None => (idle_limit(options.idle, exchange)?, Deadline::Idle),
                };
                Some((exchange.waiting_since? + limit, deadline))
            }
            ExchangeState::Ended | ExchangeState::Over => None,
        }
    }
}

fn idle_limit(idle: Idle, exchange: &Exchange) -> Option<Duration> {
    match idle {
        Idle::Off => None,
        Idle::After(limit) => Some(limit),
        Idle::Auto => exchange.keep_alives.limit(),
    }
}

/// Time within which the body of a rejected response is read.
const REJECTION_TIME: Duration = Duration::from_secs(5);

const MAX_VIOLATIONS: usize = 20;

/// Far more than a poll needs: a session lets other tasks run after 64 chunks.
const MAX_CALLS_IN_POLL: usize = 20_000;
