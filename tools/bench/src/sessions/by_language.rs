//! Measures the CPU time per event of clients in Rust, in three runtimes, and of clients of other
//! languages.
//!
//! All take turns, so that a busy moment of the machine does not fall on one of them alone.

use super::{
    answer::Writes,
    client::BoxError,
    coding::Coding,
    contestants::{Contestant, OURS_DIRECT, RAW},
    installed::Installed,
    measure::{Plan, median},
    process::Server,
    runtime::Runtime,
    turn::Stream,
};
use crate::contest::OURS;

/// Streams whose events are small: these are where a client costs most.
pub const WORKLOADS: [&str; 3] = ["ticks", "deltas", "openai"];

/// The runtimes of the clients in Rust.
pub const RUNTIMES: [Runtime; 3] = [Runtime::Main, Runtime::Spawn, Runtime::CurrentSpawn];

/// The figures of one stream.
pub struct Table {
    pub workload: &'static str,
    pub shape: String,
    pub writes: Writes,
    pub cells: Vec<Cell>,
}

/// A client in Rust in a runtime, or a client of another language.
pub struct Cell {
    pub client: &'static str,
    /// `None` for a client of another language.
    pub runtime: Option<Runtime>,
    /// CPU time per event in each turn, in nanoseconds, or why the client was not timed.
    pub turns: Result<Vec<f64>, String>,
}

impl Cell {
    /// Returns the median over the turns, if the client was timed.
    pub fn nanos(&self) -> Option<f64> {
        Some(median(self.turns.as_ref().ok()?.clone()))
    }
}

/// CPU time of a session over sse-direct in one runtime, over that of other clients. Each ratio is
/// the median over turns of the same round, or `None` if the other client was not timed.
pub struct Ratios {
    pub runtime: Runtime,
    /// To the session over reqwest in the main future of a multi-thread runtime.
    pub to_main: Option<f64>,
    /// To the fastest client of another language, with its name.
    pub to_other: Option<(f64, &'static str)>,
    /// To the raw drain on a current-thread runtime.
    pub to_raw: Option<f64>,
}

impl Table {
    pub fn ratios(&self) -> Vec<Ratios> {
        let others = self.cells.iter().filter(|cell| cell.runtime.is_none());
        let fastest = others
            .filter_map(|cell| Some((cell, cell.nanos()?)))
            .min_by(|(_, one), (_, other)| one.total_cmp(other))
            .map(|(cell, _)| cell);
        let direct = self.cells.iter().filter(|cell| cell.client == OURS_DIRECT);
        let ratios = direct.filter_map(|cell| {
            let runtime = cell.runtime?;
            let of_rust = |name, runtime| ratio(cell, self.find(name, runtime)?);
            Some(Ratios {
                runtime,
                to_main: of_rust(OURS, Runtime::Main),
                to_other: fastest.and_then(|other| Some((ratio(cell, other)?, other.client))),
                to_raw: of_rust(RAW, Runtime::CurrentSpawn),
            })
        });
        ratios.collect()
    }

    fn find(&self, client: &str, runtime: Runtime) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.client == client && cell.runtime == Some(runtime))
    }
}

/// Returns the median of the ratios of turns in the same round.
fn ratio(cell: &Cell, to: &Cell) -> Option<f64> {
    let (Ok(own), Ok(other)) = (&cell.turns, &to.turns) else { return None };
    Some(median(own.iter().zip(other).map(|(own, other)| own / other).collect()))
}

/// The clients of a comparison.
pub struct Clients<'a> {
    pub contestants: &'a [&'static Contestant],
    pub runtimes: &'a [Runtime],
    pub others: &'a [Installed],
}

/// Lets every client read the workload.
pub fn measure(
    server: &Server,
    clients: &Clients<'_>,
    (workload, writes): (&'static str, Writes),
    plan: Plan,
) -> Result<Table, BoxError> {
    let stream = Stream::of(workload, writes, Coding::Identity, plan.language_events)?;
    let mut entries = clients.entries();
    for _ in 0..plan.rounds {
        for (reader, turns) in &mut entries {
            let Ok(times) = turns else { continue };
            let found = match reader {
                Reader::Rust(contestant, runtime) => {
                    stream.drain_in_turn(contestant, *runtime, server)
                }
                Reader::Other(client) => stream.drain_by_peer(client, server),
            };
            match found {
                Ok(found) => times.push(found.ns_per_event),
                Err(deviation) => *turns = Err(deviation),
            }
        }
    }
    let cells = entries.into_iter().map(|(reader, turns)| match reader {
        Reader::Rust(contestant, runtime) => {
            Cell { client: contestant.name, runtime: Some(runtime), turns }
        }
        Reader::Other(client) => Cell { client: client.peer.name, runtime: None, turns },
    });
    Ok(Table { workload, writes, cells: cells.collect(), shape: stream.workload.shape })
}

enum Reader<'a> {
    Rust(&'static Contestant, Runtime),
    Other(&'a Installed),
}

impl<'a> Clients<'a> {
    fn entries(&self) -> Vec<(Reader<'a>, Result<Vec<f64>, String>)> {
        let rust = self.contestants.iter().flat_map(|contestant| {
            self.runtimes.iter().map(|runtime| Reader::Rust(contestant, *runtime))
        });
        let others = self.others.iter().map(Reader::Other);
        rust.chain(others).map(|reader| (reader, Ok(Vec::new()))).collect()
    }
}
