//! Contestants and a server in, figures out: each has its turns, each turn is a process.
//!
//! A client that does not find what was sent is not timed.

use super::{
    answer::Writes,
    client::BoxError,
    contestants::{Contestant, Kind, RAW},
    job::{Drained, Finding, Job},
    process::{Server, perform},
};
use crate::{
    contest::OURS,
    workloads::{self, STREAM_BYTES, Workload},
};

/// How much time is spent.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How often each contestant has its turn.
    pub rounds: usize,
    /// How many events a turn has at least.
    pub events: u64,
    /// How many single events are waited for in a turn.
    pub waits: u64,
    /// How many sessions are held at once.
    pub sessions: [usize; 2],
    /// How often connections are lost in the soak, after 1,000 events each.
    pub losses: u64,
}

impl Plan {
    pub const FULL: Self =
        Self { rounds: 15, events: 200_000, waits: 500, sessions: [1_000, 10_000], losses: 10_000 };
    pub const QUICK: Self =
        Self { rounds: 3, events: 50_000, waits: 100, sessions: [100, 1_000], losses: 100 };
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
    let stream = workloads::workload(workload, STREAM_BYTES).ok_or("no such workload")?;
    let periods = plan.events.div_ceil(stream.events);
    let job = Job::Drain { workload: workload.to_owned(), writes, events: periods * stream.events };
    let mut entries: Vec<Entry> = contestants.iter().copied().map(Entry::new).collect();
    for _ in 0..plan.rounds {
        for entry in &mut entries {
            entry.take_turn(&job, server, &stream, periods);
        }
    }
    let raw = entries.iter().find(|entry| entry.contestant.name == RAW);
    let raw: Vec<_> = raw.map(|entry| entry.nanos().collect()).unwrap_or_default();
    let outcomes = entries.into_iter().map(|entry| entry.finish(&raw)).collect();
    Ok(Cell { workload, shape: stream.shape, writes, outcomes })
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

    fn take_turn(&mut self, job: &Job, server: &Server, stream: &Workload, periods: u64) {
        if self.deviation.is_some() {
            return;
        }
        match perform(job, self.contestant.name, server) {
            Ok(Finding::Drained(found)) if self.is_all(&found, stream, periods) => {
                self.turns.push(found);
            }
            Ok(found) => self.deviation = Some(format!("{found:?}")),
            Err(error) => self.deviation = Some(error.to_string()),
        }
    }

    fn is_all(&self, found: &Drained, stream: &Workload, periods: u64) -> bool {
        match self.contestant.kind {
            Kind::Raw => found.data_bytes == stream.bytes.len() as u64 * periods,
            Kind::Parser | Kind::Client => {
                found.events == stream.events * periods
                    && found.data_bytes == stream.data_bytes * periods
            }
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

/// How long a single event takes to each contestant, in microseconds.
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
    let job = Job::Wait { events: plan.waits };
    let mut turns = vec![Vec::new(); contestants.len()];
    for _ in 0..plan.rounds {
        for (contestant, turns) in contestants.iter().zip(&mut turns) {
            match perform(&job, contestant.name, server)? {
                Finding::Waited(found) if found.events == plan.waits => turns.push(found),
                other => return Err(format!("{}: {other:?}", contestant.name).into()),
            }
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

/// What a session takes of memory, in bytes, with each contestant: one of those of `columns`.
pub struct Memory {
    pub name: &'static str,
    pub per_session: Vec<f64>,
}

/// In what circumstances memory is looked at: of how many sessions, which offer how many events, how
/// many are taken of each.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    pub sessions: usize,
    pub offered: u64,
    pub taken: u64,
}

impl Plan {
    /// Idle sessions, few and many; many whose consumer is slow.
    pub fn circumstances(self) -> [Circumstances; 3] {
        let [few, many] = self.sessions;
        let idle = Circumstances { sessions: few, offered: 1, taken: 1 };
        [
            idle,
            Circumstances { sessions: many, ..idle },
            Circumstances { sessions: many, offered: 200, taken: 5 },
        ]
    }
}

pub fn hold(
    server: &Server,
    contestants: &[&'static Contestant],
    plan: Plan,
) -> Result<Vec<Memory>, BoxError> {
    let mut rows = Vec::new();
    for contestant in contestants {
        let mut per_session = Vec::new();
        for Circumstances { sessions, offered, taken } in plan.circumstances() {
            let workload = "openai".to_owned();
            let job = Job::Hold { sessions, workload, offered, taken };
            match perform(&job, contestant.name, server)? {
                Finding::Held { resident } => per_session.push(resident),
                other => return Err(format!("{}: {other:?}", contestant.name).into()),
            }
        }
        rows.push(Memory { name: contestant.name, per_session });
    }
    Ok(rows)
}

/// What became of the memory of a process over many lost connections.
pub struct Soak {
    pub connections: u64,
    pub events: u64,
    pub resident: Vec<usize>,
}

pub fn soak(server: &Server, plan: Plan) -> Result<Soak, BoxError> {
    let job = Job::Soak { connections: plan.losses + 1, events: 1_000 };
    match perform(&job, OURS, server)? {
        Finding::Soaked { connections, events, resident } => {
            Ok(Soak { connections, events, resident })
        }
        other => Err(format!("{other:?}").into()),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
