//! Measures the CPU time per event and the memory of sessions, in the shapes of a runtime, and of
//! Ktor's client.
//!
//! All take turns, so that a busy moment of the machine does not fall on one of them alone.

use super::{
    answer::Writes,
    client::BoxError,
    coding::Coding,
    contestants::{Contestant, OURS_DIRECT},
    installed::Installed,
    measure::median,
    process::Server,
    runtime::Runtime,
    turn::{self, wait_in_turn},
};
use crate::contest::OURS;

/// Runtimes of the sessions: a program on a current-thread runtime, and two on a multi-thread one.
pub const RUNTIMES: [Runtime; 3] = [Runtime::CurrentSpawn, Runtime::Spawn, Runtime::Main];

/// Turns of each client, of which the median counts.
pub const ROUNDS: usize = 3;

/// Least number of events that a session reads in a turn; Ktor reads more, as
/// [`Peer::length`](super::peer::Peer::length) says.
const EVENTS: u64 = 100_000;
/// Number of paced events. The JVM's clock for CPU time has a resolution of 10 ms.
const PACED: u64 = 2_000;

/// Stream that all clients read.
pub struct Stream {
    /// Workload, or none for paced events.
    pub workload: Option<&'static str>,
    pub writes: Writes,
    stream: turn::Stream,
}

impl Stream {
    /// Returns the dense streams, and the paced one at the end.
    pub fn all() -> Result<Vec<Self>, BoxError> {
        let mut all = Vec::new();
        for workload in ["ticks", "openai"] {
            for writes in [Writes::Packed, Writes::Coalesced, Writes::Single] {
                let stream = turn::Stream::of(workload, writes, Coding::Identity, EVENTS)?;
                all.push(Self { workload: Some(workload), writes, stream });
            }
        }
        let stream = turn::Stream::of("ticks", Writes::Coalesced, Coding::Identity, EVENTS)?;
        all.push(Self { workload: None, writes: Writes::Single, stream });
        Ok(all)
    }

    /// Name on the command line.
    pub fn name(&self) -> &'static str {
        self.workload.unwrap_or("paced")
    }

    pub fn description(&self) -> String {
        match self.workload {
            Some(workload) => format!("{workload}: {}", self.stream.workload.shape),
            None => "paced: one event per millisecond".to_owned(),
        }
    }

    fn take_turn(&self, reader: &Reader<'_>, server: &Server) -> Result<Figures, String> {
        let (ns_per_event, resident) = match (reader, self.workload) {
            (Reader::Ours(contestant, runtime), Some(_)) => {
                let found = self.stream.drain_in_turn(contestant, *runtime, server)?;
                (found.ns_per_event, found.resident)
            }
            (Reader::Ours(contestant, runtime), None) => {
                let found = wait_in_turn(contestant, PACED, *runtime, server)?;
                (found.ns_per_event, found.resident)
            }
            (Reader::Ktor(client), Some(_)) => {
                let found = self.stream.drain_by_peer(client, server)?;
                (found.ns_per_event, found.resident)
            }
            (Reader::Ktor(client), None) => {
                let found = self.stream.wait_by_peer(client, PACED, server)?;
                (found.ns_per_event, found.resident)
            }
        };
        Ok(Figures { ns_per_event, resident: resident as f64 })
    }
}

/// Figures of a turn, or the medians of all.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub ns_per_event: f64,
    /// Memory of the process at the end of the turn, in bytes.
    pub resident: f64,
}

/// A client that reads.
pub enum Reader<'a> {
    Ours(&'static Contestant, Runtime),
    Ktor(&'a Installed),
}

impl Reader<'_> {
    pub fn name(&self) -> String {
        match self {
            Self::Ours(contestant, runtime) => format!("{}, `{runtime}`", contestant.name),
            Self::Ktor(client) => client.peer.name.to_owned(),
        }
    }
}

/// Returns sessions in each runtime, and the clients of Ktor that are installed.
pub fn readers(ktor: &[Installed]) -> Vec<Reader<'_>> {
    let ours = [OURS, OURS_DIRECT].into_iter().filter_map(Contestant::find);
    let ours = ours.flat_map(|each| RUNTIMES.map(|runtime| Reader::Ours(each, runtime)));
    ours.chain(ktor.iter().map(Reader::Ktor)).collect()
}

/// The figures of one stream, in the order of the readers; or why there are none.
pub struct Table {
    pub stream: Stream,
    pub cells: Vec<Result<Figures, String>>,
}

/// Lets every client read the stream.
pub fn measure(server: &Server, readers: &[Reader<'_>], stream: Stream) -> Table {
    let mut turns: Vec<Result<Vec<Figures>, String>> =
        readers.iter().map(|_| Ok(Vec::new())).collect();
    for _ in 0..ROUNDS {
        for (reader, turns) in readers.iter().zip(&mut turns) {
            let Ok(figures) = turns else { continue };
            match stream.take_turn(reader, server) {
                Ok(found) => figures.push(found),
                Err(deviation) => *turns = Err(deviation),
            }
        }
    }
    let cells = turns.into_iter().map(|turns| turns.map(|turns| medians(&turns)));
    Table { stream, cells: cells.collect() }
}

fn medians(turns: &[Figures]) -> Figures {
    Figures {
        ns_per_event: median(turns.iter().map(|turn| turn.ns_per_event).collect()),
        resident: median(turns.iter().map(|turn| turn.resident).collect()),
    }
}
