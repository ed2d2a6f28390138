//! The jobs of a client's process, and the figures that it reports about itself.
//!
//! One process does one job with one client, so that no client pays for another's leftovers.
//! Job and findings go from process to process as JSON.

use std::{hint::black_box, time::Duration};

use cpu_time::ProcessTime;
use memory_stats::memory_stats;
use serde::{Deserialize, Serialize};
use sse_reqwest::{ReconnectPolicy, SseClient, SseConfig};
use tokio::time;

use super::{
    answer::{Answer, Writes},
    client::{BoxError, Client, Until, read, visit},
    coding::Coding,
    runtime::Runtime,
    server::nanos_now,
};
use crate::alloc;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Job {
    /// Reads a stream from its first event to its last.
    Drain { workload: String, writes: Writes, coding: Coding, events: u64 },
    /// Takes events that come one at a time.
    Wait { events: u64 },
    /// Opens sessions and keeps them, of each of which it takes some of the events that are there.
    Hold {
        sessions: usize,
        workload: String,
        coding: Coding,
        offered: u64,
        taken: u64,
        /// Number of bytes allocated before each session, which shift where its memory begins.
        pad: usize,
    },
    /// Takes events over connections that are lost again and again. Ours only.
    Soak { connections: u64, events: u64 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Finding {
    Drained(Drained),
    Waited(Waited),
    Held {
        /// The memory of the process for each of its sessions, in bytes, without the padding.
        resident: f64,
        /// The bytes that the process has allocated for each of them, without the padding.
        allocated: f64,
    },
    Soaked {
        connections: u64,
        events: u64,
        /// The memory of the process at regular intervals, in bytes.
        resident: Vec<usize>,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Drained {
    pub events: u64,
    pub data_bytes: u64,
    /// The processor's time, in the system too.
    pub ns_per_event: f64,
    /// Zero for clients of other languages, which do not count allocations.
    #[serde(default)]
    pub allocs_per_event: f64,
    #[serde(default)]
    pub bytes_allocated_per_event: f64,
    /// Memory of the process after the last event, in bytes; zero if unknown.
    #[serde(default)]
    pub resident: u64,
}

/// Findings about events that come one at a time. Times are in nanoseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Waited {
    pub events: u64,
    /// CPU time of the process, user and system.
    pub ns_per_event: f64,
    /// Quantiles of the time from one process to the other.
    pub median: u64,
    pub p99: u64,
    /// Memory of the process after the last event, in bytes.
    pub resident: u64,
}

impl Job {
    /// Does the job with one client, in a runtime of its own.
    pub fn run<C: Client>(self, runtime: Runtime, origin: String) -> Result<Finding, BoxError> {
        runtime.run(async move { self.perform::<C>(&origin).await })?
    }

    async fn perform<C: Client>(self, origin: &str) -> Result<Finding, BoxError> {
        let client = C::new()?;
        match self {
            Self::Drain { workload, writes, coding, events } => {
                let url = |events| {
                    let workload = workload.clone();
                    format!("{origin}{}", Answer::Stream { workload, writes, coding, events })
                };
                let few = warm_up(events);
                drain(&client, (&url(few), few), (&url(events), events)).await
            }
            Self::Wait { events } => wait(&client, origin, events).await,
            Self::Hold { sessions, workload, coding, offered, taken, pad } => {
                let silence = Answer::Silence { workload, coding, events: offered };
                hold(&client, &format!("{origin}{silence}"), (sessions, pad), taken).await
            }
            Self::Soak { connections, events } => soak(origin, connections, events).await,
        }
    }
}

/// Returns how many events the first visit of a drain reads.
fn warm_up(events: u64) -> u64 {
    events / 8 + 2
}

/// Returns the number of events that a drain reads, the warm-up included.
pub fn drained_events(events: u64) -> u64 {
    events + warm_up(events)
}

/// The first visit counts allocations and warms up, the second one is timed: to count takes time.
/// Each has a URL and the number of events that are there.
async fn drain<C: Client>(
    client: &C,
    (few_url, few): (&str, u64),
    (url, events): (&str, u64),
) -> Result<Finding, BoxError> {
    let mut is_first = true;
    let visited = visit(client, few_url, C::until(few), |_| {
        if is_first {
            is_first = false;
            alloc::start();
        }
    });
    visited.await?;
    let allocations = alloc::stop();

    let mut start = None;
    let visited = visit(client, url, C::until(events), |_| {
        start.get_or_insert_with(ProcessTime::now);
    });
    let tally = visited.await?;
    let time = start.ok_or("there was nothing")?.elapsed();
    Ok(Finding::Drained(Drained {
        events: tally.events,
        data_bytes: tally.data_bytes,
        ns_per_event: time.as_secs_f64() * 1e9 / (events - 1) as f64,
        allocs_per_event: allocations.calls as f64 / (few - 1) as f64,
        bytes_allocated_per_event: allocations.bytes as f64 / (few - 1) as f64,
        resident: resident()? as u64,
    }))
}

async fn wait<C: Client>(client: &C, origin: &str, events: u64) -> Result<Finding, BoxError> {
    let mut delays = Vec::with_capacity(events as usize);
    let mut start = None;
    // The first events find the caches cold.
    let cold = events as usize / 10;
    let url = format!("{origin}{}", Answer::Stamps { events });
    let visited = visit(client, &url, Until::Events(events), |data| {
        delays.push(delay_of(data));
        if delays.len() == cold + 1 {
            start = Some(ProcessTime::now());
        }
    });
    let tally = visited.await?;
    let time = start.ok_or("there were too few events")?.elapsed();
    let delays = &mut delays[cold..];
    delays.sort_unstable();
    let quantile = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize];
    let (median, p99) = (quantile(0.5), quantile(0.99));
    let ns_per_event = time.as_secs_f64() * 1e9 / (delays.len() - 1) as f64;
    let resident = resident()? as u64;
    Ok(Finding::Waited(Waited { events: tally.events, ns_per_event, median, p99, resident }))
}

/// Returns the age of an event whose data, or whole text, holds one number: when it was sent.
fn delay_of(data: &[u8]) -> u64 {
    let now = nanos_now();
    let digits = data.iter().filter(|byte| byte.is_ascii_digit());
    let sent = digits.fold(0, |number: u64, digit| number * 10 + u64::from(digit - b'0'));
    now.saturating_sub(sent)
}

async fn hold<C: Client>(
    client: &C,
    url: &str,
    (sessions, pad): (usize, usize),
    taken: u64,
) -> Result<Finding, BoxError> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let mut held = Vec::with_capacity(sessions + 1);
    let mut before = 0;
    for number in 0..=sessions {
        if pad > 0 {
            // Written to, so that it is resident, and never freed.
            black_box(vec![1_u8; pad].leak());
        }
        let mut stream = Box::pin(client.open(url).await?);
        read::<C>(stream.as_mut(), Until::Events(1), |_| {}).await?;
        held.push(stream);
        if number == 0 {
            // Everything that is allocated once has been allocated now.
            before = resident()?;
            alloc::start();
        }
    }
    for _ in 1..taken {
        for stream in &mut held {
            read::<C>(stream.as_mut(), Until::Events(1), |_| {}).await?;
        }
    }
    // Whatever reads the sockets without being asked to does so now.
    time::sleep(SETTLING).await;
    let allocated = alloc::stop().held;
    let grown = resident()?.saturating_sub(before);
    let per_session = |bytes: f64| bytes / sessions as f64 - pad as f64;
    Ok(Finding::Held {
        resident: per_session(grown as f64),
        allocated: per_session(allocated as f64),
    })
}

const SETTLING: Duration = Duration::from_millis(300);

async fn soak(origin: &str, connections: u64, events: u64) -> Result<Finding, BoxError> {
    let config = SseConfig::new().reconnect(ReconnectPolicy::fixed(Duration::ZERO));
    let client = SseClient::new(reqwest::Client::builder().no_proxy().build()?, config);
    let url = format!("{origin}{}", Answer::Disconnect { workload: "ticks".to_owned(), events });
    let mut session = client.sse_session(&*url).await?;
    let mut samples = Vec::new();
    for number in 1..=connections * events {
        session.next().await.ok_or("the session has ended")??;
        if number % (connections * events / SOAK_SAMPLES) == 0 {
            samples.push(resident()?);
        }
    }
    Ok(Finding::Soaked {
        connections: session.connections(),
        events: connections * events,
        resident: samples,
    })
}

/// Number of times that a soak looks at its memory.
const SOAK_SAMPLES: u64 = 20;

fn resident() -> Result<usize, BoxError> {
    let stats = memory_stats().ok_or("the system does not tell how much memory is used")?;
    Ok(stats.physical_mem)
}
