//! Measures the contestants, which take turns; each turn is a process of its own.
//!
//! A client that does not find what was sent is not timed.

use super::{
    answer::Writes,
    client::BoxError,
    coding::Coding,
    contestants::{Contestant, RAW},
    job::{Drained, Finding, Job},
    process::{Server, perform},
    runtime::Runtime,
    turn::{Stream, hold_in_turn, wait_in_turn},
};
use crate::contest::OURS;

/// Amount of what is measured, and the runtime to measure in.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub runtime: Runtime,
    /// Turns of each contestant.
    pub rounds: usize,
    /// Least number of events in a turn.
    pub events: u64,
    /// Number of single events that a turn waits for.
    pub waits: u64,
    /// `events` for the comparison of runtimes.
    pub runtime_events: u64,
    /// `waits` for the comparison of runtimes.
    pub runtime_waits: u64,
    /// `events` for the comparison with other languages.
    pub language_events: u64,
    /// `events` for the comparison of content codings.
    pub coding_events: u64,
    /// Numbers of sessions that are held at once.
    pub sessions: [usize; 2],
    /// Number of connections that the soak loses, each after 1,000 events.
    pub losses: u64,
}

impl Plan {
    pub const FULL: Self = Self {
        runtime: Runtime::CurrentSpawn,
        rounds: 15,
        events: 200_000,
        waits: 500,
        runtime_events: 100_000,
        runtime_waits: 1_000,
        language_events: 200_000,
        coding_events: 100_000,
        sessions: [1_000, 10_000],
        losses: 10_000,
    };
    pub const QUICK: Self = Self {
        rounds: 3,
        events: 50_000,
        waits: 100,
        runtime_events: 20_000,
        runtime_waits: 200,
        language_events: 20_000,
        coding_events: 20_000,
        sessions: [100, 1_000],
        losses: 100,
        ..Self::FULL
    };
}

/// One workload, written in one way.
pub struct Cell {
    pub workload: &'static str,
    pub shape: String,
    pub writes: Writes,
    pub outcomes: Vec<(&'static str, Outcome)>,
}

pub enum Outcome {
    Timed(Figures),
    /// It found something else than what was sent, or failed.
    Deviates(String),
}

#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub ns_per_event: f64,
    /// Its time over that of the limit, of turns that followed each other.
    pub to_raw: f64,
    pub allocs_per_event: f64,
    pub bytes_allocated_per_event: f64,
}

impl Cell {
    pub fn get(&self, name: &str) -> Option<&Figures> {
        self.outcomes.iter().find_map(|(each, outcome)| match outcome {
            Outcome::Timed(figures) if *each == name => Some(figures),
            _ => None,
        })
    }
}

/// Has every contestant read the workload, in turns.
pub fn drain(
    server: &Server,
    contestants: &[&'static Contestant],
    workload: &'static str,
    writes: Writes,
    plan: Plan,
) -> Result<Cell, BoxError> {
    let stream = Stream::of(workload, writes, Coding::Identity, plan.events)?;
    let mut entries: Vec<Entry> = contestants.iter().copied().map(Entry::new).collect();
    for _ in 0..plan.rounds {
        for entry in &mut entries {
            entry.take_turn(server, &stream, plan.runtime);
        }
    }
    let raw = entries.iter().find(|entry| entry.contestant.name == RAW);
    let raw: Vec<_> = raw.map(|entry| entry.nanos().collect()).unwrap_or_default();
    let outcomes = entries.into_iter().map(|entry| entry.finish(&raw)).collect();
    Ok(Cell { workload, shape: stream.workload.shape, writes, outcomes })
}

struct Entry {
    contestant: &'static Contestant,
    turns: Vec<Drained>,
    deviation: Option<String>,
}

impl Entry {
    fn new(contestant: &'static Contestant) -> Self {
        Self { contestant, turns: Vec::new(), deviation: None }
    }

    fn take_turn(&mut self, server: &Server, stream: &Stream, runtime: Runtime) {
        if self.deviation.is_some() {
            return;
        }
        match stream.drain_in_turn(self.contestant, runtime, server) {
            Ok(found) => self.turns.push(found),
            Err(deviation) => self.deviation = Some(deviation),
        }
    }

    fn nanos(&self) -> impl Iterator<Item = f64> {
        self.turns.iter().map(|turn| turn.ns_per_event)
    }

    fn finish(self, raw: &[f64]) -> (&'static str, Outcome) {
        let outcome = match (&self.deviation, self.turns.first()) {
            (None, Some(first)) => Outcome::Timed(Figures {
                ns_per_event: median(self.nanos().collect()),
                to_raw: median(self.nanos().zip(raw).map(|(own, raw)| own / raw).collect()),
                allocs_per_event: first.allocs_per_event,
                bytes_allocated_per_event: first.bytes_allocated_per_event,
            }),
            _ => Outcome::Deviates(self.deviation.clone().unwrap_or_default()),
        };
        (self.contestant.name, outcome)
    }
}

/// Time that a single event takes to reach a contestant, in microseconds.
pub struct Delay {
    pub name: &'static str,
    pub median: f64,
    pub p99: f64,
}

pub fn wait(
    server: &Server,
    contestants: &[&'static Contestant],
    plan: Plan,
) -> Result<Vec<Delay>, BoxError> {
    let mut turns = vec![Vec::new(); contestants.len()];
    for _ in 0..plan.rounds {
        for (contestant, turns) in contestants.iter().zip(&mut turns) {
            let found = wait_in_turn(contestant, plan.waits, plan.runtime, server);
            turns.push(found.map_err(|deviation| format!("{}: {deviation}", contestant.name))?);
        }
    }
    let micros = |nanos: u64| nanos as f64 / 1e3;
    let delays = contestants.iter().zip(turns).map(|(contestant, turns)| Delay {
        name: contestant.name,
        median: median(turns.iter().map(|turn| micros(turn.median)).collect()),
        p99: median(turns.iter().map(|turn| micros(turn.p99)).collect()),
    });
    Ok(delays.collect())
}

/// Memory of a session in each of the circumstances, in bytes.
pub struct Memory {
    pub name: &'static str,
    /// Resident memory.
    pub per_session: Vec<f64>,
    /// Bytes that an idle session has allocated: the first of the circumstances.
    pub allocated: f64,
}

/// Number of sessions held, and of the events that each is offered and takes.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    pub sessions: usize,
    pub offered: u64,
    pub taken: u64,
    /// `true` if the figure is the mean over [`PADS`].
    pub is_mean: bool,
}

/// Paddings of a session, in bytes: a sweep over the offsets in a page.
///
/// Resident memory counts whole pages. The position of a session's buffers within a page decides
/// how many pages stay untouched, so with one padding a few hundred bytes can cost thousands.
pub const PADS: [usize; 16] = {
    let mut pads = [16; 16];
    let mut at = 1;
    while at < pads.len() {
        pads[at] = pads[at - 1] + 256;
        at += 1;
    }
    pads
};

impl Plan {
    /// Idle sessions, few and many; many whose consumer is slow.
    pub fn circumstances(self) -> [Circumstances; 3] {
        let [few, many] = self.sessions;
        let idle = Circumstances { sessions: few, offered: 1, taken: 1, is_mean: true };
        let many = Circumstances { sessions: many, is_mean: false, ..idle };
        [idle, many, Circumstances { offered: 200, taken: 5, ..many }]
    }
}

pub fn hold(
    server: &Server,
    contestants: &[&'static Contestant],
    plan: Plan,
) -> Result<Vec<Memory>, BoxError> {
    let mut rows = Vec::new();
    for contestant in contestants {
        let (mut per_session, mut heap) = (Vec::new(), Vec::new());
        for Circumstances { sessions, offered, taken, is_mean } in plan.circumstances() {
            let pads = if is_mean { &PADS[..] } else { &[0] };
            let mut sum = 0.0;
            for &pad in pads {
                let workload = "openai".to_owned();
                let coding = Coding::Identity;
                let job = Job::Hold { sessions, workload, coding, offered, taken, pad };
                let (resident, allocated) = hold_in_turn(contestant, &job, plan.runtime, server)?;
                sum += resident;
                heap.push(allocated);
            }
            per_session.push(sum / pads.len() as f64);
        }
        let allocated = heap.first().copied().unwrap_or(f64::NAN);
        rows.push(Memory { name: contestant.name, per_session, allocated });
    }
    Ok(rows)
}

/// Memory of a process over many lost connections.
pub struct Soak {
    pub connections: u64,
    pub events: u64,
    pub resident: Vec<usize>,
}

pub fn soak(server: &Server, plan: Plan) -> Result<Soak, BoxError> {
    let job = Job::Soak { connections: plan.losses + 1, events: 1_000 };
    match perform(&job, OURS, plan.runtime, server)? {
        Finding::Soaked { connections, events, resident } => {
            Ok(Soak { connections, events, resident })
        }
        other => Err(format!("{other:?}").into()),
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
