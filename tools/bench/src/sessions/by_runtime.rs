//! Measures the CPU time per event of each client in several runtimes.
//!
//! Client and runtime change from one turn to the next, so that a busy moment of the machine does
//! not fall on one of them alone.

use super::{
    answer::Writes,
    client::BoxError,
    coding::Coding,
    contestants::Contestant,
    measure::{Plan, median},
    process::Server,
    runtime::Runtime,
    turn::{self, wait_in_turn},
};

/// A kind of stream that the runtimes are compared on.
pub enum Stream {
    /// Small events, as fast as the client takes them.
    Dense { workload: &'static str, writes: Writes, stream: turn::Stream },
    /// One event per millisecond.
    Paced { events: u64 },
}

impl Stream {
    pub fn all(plan: Plan) -> Result<Vec<Self>, BoxError> {
        let mut all = Vec::new();
        for workload in ["ticks", "deltas"] {
            for writes in [Writes::Single, Writes::Coalesced, Writes::Packed] {
                let events = plan.runtime_events;
                let stream = turn::Stream::of(workload, writes, Coding::Identity, events)?;
                all.push(Self::Dense { workload, writes, stream });
            }
        }
        all.push(Self::Paced { events: plan.runtime_waits });
        Ok(all)
    }

    /// Name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dense { workload, .. } => workload,
            Self::Paced { .. } => "paced",
        }
    }

    fn description(&self) -> String {
        match self {
            Self::Dense { workload, stream, .. } => {
                format!("{workload}: {}", stream.workload.shape)
            }
            Self::Paced { .. } => "paced: one event per millisecond".to_owned(),
        }
    }

    /// Returns the content of an HTTP chunk.
    fn chunk(&self) -> &'static str {
        match self {
            Self::Dense { writes: Writes::Packed, .. } => "16 KiB",
            Self::Dense { .. } | Self::Paced { .. } => "event",
        }
    }

    fn writes(&self) -> Writes {
        match self {
            Self::Dense { writes, .. } => *writes,
            Self::Paced { .. } => Writes::Single,
        }
    }

    /// Returns the CPU time per event of one turn, in nanoseconds.
    fn take_turn(
        &self,
        contestant: &Contestant,
        runtime: Runtime,
        server: &Server,
    ) -> Result<f64, String> {
        match self {
            Self::Dense { stream, .. } => {
                Ok(stream.drain_in_turn(contestant, runtime, server)?.ns_per_event)
            }
            Self::Paced { events } => {
                Ok(wait_in_turn(contestant, *events, runtime, server)?.ns_per_event)
            }
        }
    }
}

/// The figures of one stream.
pub struct Table {
    pub stream: &'static str,
    pub description: String,
    pub chunk: &'static str,
    pub writes: Writes,
    pub cells: Vec<Cell>,
}

/// A client in a runtime.
pub struct Cell {
    pub client: &'static str,
    pub runtime: Runtime,
    /// Median over the turns of the CPU time per event, in nanoseconds; or the reason why it is
    /// missing.
    pub outcome: Result<f64, String>,
}

/// Lets every client read the stream in every runtime.
pub fn measure(
    server: &Server,
    contestants: &[&'static Contestant],
    runtimes: &[Runtime],
    stream: &Stream,
    plan: Plan,
) -> Table {
    let each = contestants.iter().flat_map(|contestant| {
        runtimes.iter().map(|runtime| (*contestant, *runtime, Ok(Vec::new())))
    });
    let mut each: Vec<(_, _, Result<Vec<f64>, String>)> = each.collect();
    for _ in 0..plan.rounds {
        for (contestant, runtime, turns) in &mut each {
            let Ok(times) = turns else { continue };
            match stream.take_turn(contestant, *runtime, server) {
                Ok(time) => times.push(time),
                Err(deviation) => *turns = Err(deviation),
            }
        }
    }
    let cells = each.into_iter().map(|(contestant, runtime, turns)| Cell {
        client: contestant.name,
        runtime,
        outcome: turns.map(median),
    });
    Table {
        stream: stream.name(),
        description: stream.description(),
        chunk: stream.chunk(),
        writes: stream.writes(),
        cells: cells.collect(),
    }
}
