//! Gives a contestant one turn, in a process of its own, and checks that it found what was sent.

use super::{
    answer::Writes,
    client::BoxError,
    coding::Coding,
    contestants::{Contestant, Kind},
    job::{Drained, Finding, Job, Waited},
    process::{Server, perform},
    runtime::Runtime,
};
use crate::workloads::{self, STREAM_BYTES, Workload};

/// A stream of a workload that a client reads to its end.
pub struct Stream {
    pub workload: Workload,
    /// Number of times that the workload is repeated.
    periods: u64,
    job: Job,
}

impl Stream {
    /// Repeats the workload until it has at least that many events.
    pub fn of(name: &str, writes: Writes, coding: Coding, events: u64) -> Result<Self, BoxError> {
        let workload = workloads::workload(name, STREAM_BYTES).ok_or("no such workload")?;
        let periods = events.div_ceil(workload.events);
        let events = periods * workload.events;
        let job = Job::Drain { workload: name.to_owned(), writes, coding, events };
        Ok(Self { workload, periods, job })
    }

    /// Lets a contestant read the stream in a process of its own.
    ///
    /// # Errors
    ///
    /// If the contestant fails, or finds anything but what was sent.
    pub fn drain_in_turn(
        &self,
        contestant: &Contestant,
        runtime: Runtime,
        server: &Server,
    ) -> Result<Drained, String> {
        match perform(&self.job, contestant.name, runtime, server) {
            Ok(Finding::Drained(found)) if self.is_all(&found, contestant.kind) => Ok(found),
            Ok(found) => Err(format!("{found:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn is_all(&self, found: &Drained, kind: Kind) -> bool {
        let Self { workload, periods, .. } = self;
        match kind {
            Kind::Raw => found.data_bytes == workload.bytes.len() as u64 * periods,
            Kind::Parser | Kind::Client => {
                found.events == workload.events * periods
                    && found.data_bytes == workload.data_bytes * periods
            }
        }
    }
}

/// Lets a contestant wait for single events in a process of its own.
///
/// # Errors
///
/// If the contestant fails, or finds another number of events.
pub fn wait_in_turn(
    contestant: &Contestant,
    events: u64,
    runtime: Runtime,
    server: &Server,
) -> Result<Waited, String> {
    match perform(&Job::Wait { events }, contestant.name, runtime, server) {
        Ok(Finding::Waited(found)) if found.events == events => Ok(found),
        Ok(other) => Err(format!("{other:?}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Lets a contestant hold sessions in a process of its own. Returns the memory of each, in bytes.
///
/// # Errors
///
/// If the contestant fails.
pub fn hold_in_turn(
    contestant: &Contestant,
    job: &Job,
    runtime: Runtime,
    server: &Server,
) -> Result<f64, BoxError> {
    match perform(job, contestant.name, runtime, server)? {
        Finding::Held { resident } => Ok(resident),
        other => Err(format!("{}: {other:?}", contestant.name).into()),
    }
}
