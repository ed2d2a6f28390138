//! Runs the example `gateway-cluster` over Redis, with 50 browsers, and takes its parts away while
//! it runs.
//!
//! Prints a line for each scenario; the last line sums them up. Exits with 77 without Redis.

mod upstream;
mod proxy;
mod redis;
mod browsers;
mod gateways;
mod parent;
mod setup;
mod deaths;
mod processes;
mod engine_faults;
mod access;
mod history_faults;
mod cost;
mod engines;

use std::{process::ExitCode, time::Duration};

use tokio::time::timeout;

use self::setup::Report;
use crate::{
    error::{Result, ScenarioError},
    process::stop_signal,
};

/// Name of a scenario, and the function that runs it.
type Scenario = (&'static str, fn() -> Boxed);
type Boxed = std::pin::Pin<Box<dyn Future<Output = Result<Report>>>>;

const SCENARIOS: &[Scenario] = &[
    ("processes killed, Redis cut off", || Box::pin(deaths::processes_killed())),
    ("two leaders", || Box::pin(deaths::two_leaders())),
    ("upstream without IDs, leader killed", || Box::pin(deaths::upstream_without_ids())),
    ("--processes: a gateway killed", || Box::pin(processes::child_killed())),
    ("--processes: ended, and killed", || Box::pin(processes::parent_ended())),
    ("Redis full", || Box::pin(engine_faults::full())),
    ("Redis slow", || Box::pin(engine_faults::slow())),
    ("Redis is a replica for a while", || Box::pin(engine_faults::replica())),
    ("Redis refuses authentication", || Box::pin(engine_faults::authentication())),
    ("Redis user with few rights", || Box::pin(access::rights())),
    ("Redis over TLS", || Box::pin(access::tls())),
    ("Redis evicts", || Box::pin(history_faults::evicting())),
    ("Redis restarted empty", || Box::pin(history_faults::restarted_empty())),
    ("Redis restored, older", || Box::pin(history_faults::restored())),
    ("ID that has left the history", || Box::pin(history_faults::old_id())),
];

/// Runs all scenarios, or those whose names contain a word, or measures with `cost`, `memory` (a
/// part of it) or `engines`.
pub(crate) async fn run(words: &[String]) -> ExitCode {
    let version = match redis::version().await {
        Ok(version) => version,
        Err(ScenarioError::Missing(what) | ScenarioError::Failed(what)) => {
            println!("cluster: skipped: {what}");
            return ExitCode::from(SKIPPED);
        }
    };
    println!("Redis {version}");
    let all = async {
        match words {
            [word] if word == "cost" => report("cost", &cost::measure().await),
            [word] if word == "memory" => report("memory", &cost::memory().await),
            [word] if word == "engines" => report("engines", &engines::measure().await),
            _ => scenarios(words).await,
        }
    };
    tokio::select! {
        passed = all => if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE },
        // Ends the processes.
        () = stop_signal() => ExitCode::FAILURE,
    }
}

fn report(name: &str, outcome: &Result<()>) -> bool {
    if let Err(ScenarioError::Failed(why) | ScenarioError::Missing(why)) = outcome {
        println!("{name}  FAILED: {why}");
    }
    outcome.is_ok()
}

async fn scenarios(words: &[String]) -> bool {
    let (mut sum, mut failed) = (Report::default(), 0);
    let wanted = |name: &str| words.is_empty() || words.iter().any(|it| name.contains(it.as_str()));
    let chosen: Vec<_> = SCENARIOS.iter().filter(|(name, _)| wanted(name)).collect();
    for (name, scenario) in &chosen {
        let outcome = match timeout(LIMIT, scenario()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ScenarioError::failed(format!("not finished within {LIMIT:?}"))),
        };
        match outcome {
            Ok(report) => {
                println!("{name:36}  {report}");
                sum.add(&report);
            }
            Err(ScenarioError::Failed(why) | ScenarioError::Missing(why)) => {
                failed += 1;
                println!("{name:36}  FAILED: {why}");
            }
        }
    }
    let record = sum.record;
    println!(
        "{} of {} scenarios passed: {} events delivered to {} browsers, without notice {} lost and {} \
         doubled or out of order",
        chosen.len() - failed,
        chosen.len(),
        record.events,
        record.browsers,
        record.lost,
        record.twice,
    );
    failed == 0 && !chosen.is_empty()
}

const SKIPPED: u8 = 77;
const LIMIT: Duration = Duration::from_secs(120);
