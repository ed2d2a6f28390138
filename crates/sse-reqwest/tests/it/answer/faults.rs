//! Faults: what a server does instead of sending a complete answer.

use std::time::Duration;

use sse_test::Reply;

use super::{SECOND, services::Service};

/// Fault of a response.
pub(super) struct Fault {
    pub(super) name: &'static str,
    reply: fn(&Service) -> Reply,
    pub(super) then: Then,
    /// Number of timers that each attempt starts before the clock moves.
    pub(super) timers: usize,
    /// `true` if the fault comes after a delta.
    pub(super) has_delta: bool,
    /// `true` if another attempt may succeed.
    pub(super) is_transient: bool,
}

/// Action of the test while the answer waits.
#[derive(Clone, Copy)]
pub(super) enum Then {
    Nothing,
    /// Moves the clock.
    Wait(Duration),
    /// Moves the clock, and lets the server continue.
    WaitAndGoOn(Duration),
}

impl Fault {
    pub(super) fn reply(&self, service: &Service) -> Reply {
        (self.reply)(service)
    }

    const fn new(name: &'static str, reply: fn(&Service) -> Reply) -> Self {
        let (then, timers) = (Then::Nothing, 0);
        Self { name, reply, then, timers, has_delta: false, is_transient: true }
    }

    const fn after_delta(self) -> Self {
        Self { has_delta: true, ..self }
    }

    const fn permanent(self) -> Self {
        Self { is_transient: false, ..self }
    }

    const fn then(self, then: Then, timers: usize) -> Self {
        Self { then, timers, ..self }
    }
}

fn begun(service: &Service) -> Reply {
    Reply::events(service.begin)
}

fn half(service: &Service) -> Reply {
    Reply::events(format!("{}{}", service.begin, service.hel))
}

/// Longer than each silence that an answer allows.
const STALL: Duration = Duration::from_secs(301);

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("429", |_| Reply::status(429).retry_after(SECOND)),
    Fault::new("503", |_| Reply::status(503)),
    Fault::new("401", |_| Reply::unauthorized()).permanent(),
    Fault::new("no response", |_| Reply::raw("")),
    Fault::new("an empty 200", |_| Reply::events("")),
    Fault::new("disconnect before the first delta", |it| begun(it).cut()),
    Fault::new("disconnect after a delta", |it| half(it).cut()).after_delta(),
    Fault::new("truncated within an event", |it| half(it).send("data: {\"cho").cut()).after_delta(),
    Fault::new("regular end before the first delta", begun),
    Fault::new("regular end after a delta", half).after_delta(),
    Fault::new("malformed chunk", |it| {
        half(it).send("data: {\"cho\n\n").send(format!("{}{}", it.lo, it.end))
    })
    .after_delta(),
    Fault::new("error in the stream before the first delta", |it| begun(it).send(it.busy)),
    Fault::new("error in the stream after a delta", |it| half(it).send(it.busy)).after_delta(),
    Fault::new("stall before the response", |_| Reply::nothing()).then(Then::Wait(STALL), 2),
    Fault::new("stall before the first delta", |it| begun(it).hang()).then(Then::Wait(STALL), 3),
    Fault::new("stall after a delta", |it| half(it).hang())
        .then(Then::Wait(STALL), 3)
        .after_delta(),
    Fault::new("slow first token (100 s)", |it| {
        let rest = format!("{}{}{}", it.hel, it.lo, it.end);
        Reply::events("").pause().send(format!("{}{rest}", it.begin))
    })
    .then(Then::WaitAndGoOn(Duration::from_secs(100)), 0),
];
