//! Gives a contestant one turn, in a process of its own, and checks that it found what was sent.

use super::{
    answer::{Answer, Writes},
    client::BoxError,
    coding::Coding,
    contestants::{Contestant, Kind},
    installed::Installed,
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
    writes: Writes,
    coding: Coding,
}

impl Stream {
    /// Repeats the workload until it has at least that many events.
    pub fn of(name: &str, writes: Writes, coding: Coding, events: u64) -> Result<Self, BoxError> {
        let workload = workloads::workload(name, STREAM_BYTES).ok_or("no such workload")?;
        let periods = events.div_ceil(workload.events);
        Ok(Self { workload, periods, writes, coding })
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
        let Self { workload, periods, writes, coding } = self;
        let events = periods * workload.events;
        let workload = workload.name.clone();
        let job = Job::Drain { workload, writes: *writes, coding: *coding, events };
        match perform(&job, contestant.name, runtime, server) {
            Ok(Finding::Drained(found)) if self.is_all(&found, contestant.kind, 1) => Ok(found),
            Ok(found) => Err(format!("{found:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Lets a client of another language read the stream in a process of its own, as often in
    /// succession as the client needs for an exact measurement.
    ///
    /// # Errors
    ///
    /// If the client fails, or finds anything but what was sent.
    pub fn drain_by_peer(&self, client: &Installed, server: &Server) -> Result<Drained, String> {
        let part = |events| (self.url(events, server), events);
        let times = client.peer.length;
        let events = self.workload.events * self.periods * times;
        let found = client.drain(&[part(client.peer.warm_up), part(events)])?;
        if self.is_all(&found, Kind::Client, times) { Ok(found) } else { Err(format!("{found:?}")) }
    }

    /// Lets a client of another language warm up with the stream, and then wait for that many
    /// single events.
    ///
    /// # Errors
    ///
    /// If the client fails, or finds another number of events.
    pub fn wait_by_peer(
        &self,
        client: &Installed,
        events: u64,
        server: &Server,
    ) -> Result<Drained, String> {
        let warm_up = (self.url(client.peer.warm_up, server), client.peer.warm_up);
        let found = client.drain(&[
            warm_up,
            (format!("{}{}", server.origin, Answer::Stamps { events }), events),
        ])?;
        if found.events == events { Ok(found) } else { Err(format!("{found:?}")) }
    }

    fn url(&self, events: u64, server: &Server) -> String {
        let workload = self.workload.name.clone();
        let (writes, coding) = (self.writes, self.coding);
        format!("{}{}", server.origin, Answer::Stream { workload, writes, coding, events })
    }

    /// Returns `true` if all of the stream was found, that many times.
    fn is_all(&self, found: &Drained, kind: Kind, times: u64) -> bool {
        let Self { workload, .. } = self;
        let periods = self.periods * times;
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

/// Lets a contestant hold sessions in a process of its own. Returns the resident memory of each,
/// and what each has allocated, in bytes.
///
/// # Errors
///
/// If the contestant fails.
pub fn hold_in_turn(
    contestant: &Contestant,
    job: &Job,
    runtime: Runtime,
    server: &Server,
) -> Result<(f64, f64), BoxError> {
    match perform(job, contestant.name, runtime, server)? {
        Finding::Held { resident, allocated } => Ok((resident, allocated)),
        other => Err(format!("{}: {other:?}", contestant.name).into()),
    }
}
