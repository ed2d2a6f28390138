//! Compares Redis Streams with NATS JetStream, as the engine of a gateway would use them: events
//! that are appended once, to a history in memory of 10,000 events, and three readers that wait for
//! them.
//!
//! The commands are written by hand, so that no client decides the result. Redis runs the script of
//! the example `gateway-cluster`; JetStream recognizes duplicates by `Nats-Msg-Id`, and checks no
//! lease.

mod jetstream;
mod streams;

use std::time::Instant;

use super::cost::cpu_seconds;
use crate::error::{Result, ScenarioError};

/// Number of events that are appended, and in batches of which size.
const LOADS: [(u64, u64); 2] = [(5_000, 1), (100_000, 100)];
const READERS: usize = 3;
const RUNS: usize = 3;

/// Measurement of one run.
#[derive(Debug, Clone, Copy)]
struct Measured {
    /// Seconds until every reader had every event.
    seconds: f64,
    /// CPU seconds of the server.
    cpu: f64,
}

pub(super) async fn measure() -> Result<()> {
    println!("| engine | events at once | events per second | µs of the engine's CPU per event |");
    println!("|---|---|---|---|");
    for (events, batch) in LOADS {
        print("Redis Streams", events, batch, async || streams::run(events, batch).await).await?;
        let name = "NATS JetStream";
        match print(name, events, batch, async || jetstream::run(events, batch).await).await {
            Err(ScenarioError::Missing(what)) => println!("{name}: skipped: {what}"),
            outcome => outcome?,
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
async fn print(
    name: &str,
    events: u64,
    batch: u64,
    run: impl AsyncFn() -> Result<Measured>,
) -> Result<()> {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(run().await?);
    }
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let Measured { seconds, .. } = runs[RUNS / 2];
    runs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    let Measured { cpu, .. } = runs[RUNS / 2];
    println!(
        "| {name} | {batch} | {:.0} | {:.1} |",
        events as f64 / seconds,
        cpu * 1e6 / events as f64
    );
    Ok(())
}

/// Waits for a writer and readers that run at the same time, and measures the server meanwhile.
async fn measured(server: Option<u32>, work: impl Future<Output = Result<()>>) -> Result<Measured> {
    let server = server.ok_or_else(|| ScenarioError::failed("the engine has ended"))?;
    let (before, began) = (cpu_seconds(server)?, Instant::now());
    work.await?;
    Ok(Measured { seconds: began.elapsed().as_secs_f64(), cpu: cpu_seconds(server)? - before })
}

/// Data of an event.
fn data() -> String {
    "x".repeat(200)
}
