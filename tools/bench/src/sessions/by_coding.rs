//! Measures the cost of content codings that the session decodes, or reqwest before a client reads.

use super::{
    answer::Writes,
    client::BoxError,
    coding::Coding,
    contestants::{Contestant, OURS_DECODED_BEFORE, OURS_DIRECT},
    job::{Drained, Job},
    measure::{Plan, median},
    process::Server,
    turn::{Stream, hold_in_turn},
};
use crate::contest::OURS;

/// All that was measured; what was not asked for is empty.
#[derive(Default)]
pub struct Results {
    pub tables: Vec<Table>,
    pub memory: Vec<Memory>,
}

/// A workload in a coding, written in one way.
pub struct Table {
    pub workload: &'static str,
    pub shape: String,
    pub coding: Coding,
    pub writes: Writes,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub client: &'static str,
    /// Figures, or why there are none.
    pub outcome: Result<Figures, String>,
}

/// Figures of all turns of a client.
#[derive(Debug, Clone)]
pub struct Figures {
    pub ns_per_event: Spread,
    /// CPU time over that of [`OURS_DECODED_BEFORE`] in the same round.
    pub ratio: Spread,
    pub allocs_per_event: f64,
    pub bytes_allocated_per_event: f64,
}

/// Median and quartiles.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub lower: f64,
    pub upper: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let quantile = |quarters: usize| {
            let at = values.len().saturating_sub(1) * quarters / 4;
            values.get(at).copied().unwrap_or(f64::NAN)
        };
        Self { lower: quantile(1), upper: quantile(3), median: median(values.clone()) }
    }
}

/// Streams whose events are small: these are where a decoder costs most.
pub const WORKLOADS: [&str; 2] = ["ticks", "deltas"];

/// Lets every client read the workload in the coding.
pub fn drain(
    server: &Server,
    contestants: &[&'static Contestant],
    (workload, coding, writes): (&'static str, Coding, Writes),
    plan: Plan,
) -> Result<Table, BoxError> {
    let stream = Stream::of(workload, writes, coding, plan.coding_events)?;
    let mut turns: Vec<(&'static str, Result<Vec<Drained>, String>)> =
        contestants.iter().map(|contestant| (contestant.name, Ok(Vec::new()))).collect();
    for _ in 0..plan.rounds {
        for (contestant, (_, turns)) in contestants.iter().zip(&mut turns) {
            let Ok(drained) = turns else { continue };
            match stream.drain_in_turn(contestant, plan.runtime, server) {
                Ok(found) => drained.push(found),
                Err(deviation) => *turns = Err(deviation),
            }
        }
    }
    let nanos = |drained: &[Drained]| drained.iter().map(|it| it.ns_per_event).collect::<Vec<_>>();
    let baseline = turns.iter().find(|(name, _)| *name == OURS_DECODED_BEFORE);
    let baseline = match baseline {
        Some((_, Ok(drained))) => nanos(drained),
        _ => Vec::new(),
    };
    let rows = turns.into_iter().map(|(client, turns)| {
        let outcome = turns.map(|drained| {
            let own = nanos(&drained);
            let ratios = own.iter().zip(&baseline).map(|(own, baseline)| own / baseline);
            Figures {
                ratio: Spread::of(ratios.collect()),
                ns_per_event: Spread::of(own),
                allocs_per_event: median(drained.iter().map(|it| it.allocs_per_event).collect()),
                bytes_allocated_per_event: median(
                    drained.iter().map(|it| it.bytes_allocated_per_event).collect(),
                ),
            }
        });
        Row { client, outcome }
    });
    Ok(Table { workload, shape: stream.workload.shape, coding, writes, rows: rows.collect() })
}

/// Memory of a session in each of the circumstances, in bytes; not a number if the client loses
/// events in them.
pub struct Memory {
    pub client: &'static str,
    pub per_session: Vec<f64>,
}

/// Idle sessions: their coding, their number, and the number of events that each has taken.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    pub coding: Coding,
    pub sessions: usize,
    pub events: u64,
}

impl Plan {
    /// Sessions with hardly any history, few and many, and some whose decoder has filled its
    /// window. The coded bytes of these fit in hyper's first read buffer, but for those with a gzip
    /// member for each event.
    pub fn held(self) -> [Held; 7] {
        let [few, many] = self.sessions;
        let new = |coding| Held { coding, sessions: few, events: 1 };
        let gzip = new(Coding::Gzip);
        [
            new(Coding::Identity),
            gzip,
            Held { sessions: many, ..gzip },
            Held { events: 120, ..gzip },
            Held { coding: Coding::GzipMembers, events: 120, ..gzip },
            new(Coding::Br),
            new(Coding::Zstd),
        ]
    }
}

/// Lets every client hold sessions.
pub fn hold(
    server: &Server,
    contestants: &[&'static Contestant],
    plan: Plan,
) -> Result<Vec<Memory>, BoxError> {
    let mut rows = Vec::new();
    for contestant in contestants {
        let mut per_session = Vec::new();
        for Held { coding, sessions, events } in plan.held() {
            if coding == Coding::GzipMembers && ![OURS, OURS_DIRECT].contains(&contestant.name) {
                per_session.push(f64::NAN);
                continue;
            }
            let workload = "openai".to_owned();
            let (offered, taken, pad) = (events, events, 0);
            let job = Job::Hold { sessions, workload, coding, offered, taken, pad };
            let (resident, _) = hold_in_turn(contestant, &job, plan.runtime, server)?;
            per_session.push(resident);
        }
        rows.push(Memory { client: contestant.name, per_session });
    }
    Ok(rows)
}
