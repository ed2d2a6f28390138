//! Prints the result of each scenario, and determines the exit code.

use std::{fmt::Display, pin::Pin, process::ExitCode, time::Duration};

use tokio::time::timeout;

use crate::{
    error::{Result, ScenarioError},
    process::Process,
};

/// Scenarios of some servers.
pub(crate) type Boxed<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

#[derive(Debug, Default)]
pub(crate) struct Report {
    passed: u32,
    failed: u32,
    skipped: u32,
    is_short: bool,
}

impl Report {
    /// Returns a report of a run that may be short.
    pub(crate) fn new(is_short: bool) -> Self {
        Self { is_short, ..Self::default() }
    }

    /// Returns `true` if a server runs, given whether a short run includes it.
    pub(crate) fn includes(&self, is_in_short: bool) -> bool {
        is_in_short || !self.is_short
    }

    /// Runs a scenario and prints its result. If it failed, prints the logs of the servers too.
    pub(crate) async fn scenario(
        &mut self,
        server: &str,
        name: &str,
        logs: &[&Process],
        scenario: impl Future<Output = Result<impl Display>>,
    ) {
        self.result(server, name, logs, limited(scenario).await);
    }

    /// Like [`scenario`](Self::scenario), for one that has [ended](limited).
    pub(crate) fn result(
        &mut self,
        server: &str,
        name: &str,
        logs: &[&Process],
        outcome: Result<impl Display>,
    ) {
        match outcome {
            Ok(result) => {
                self.passed += 1;
                println!("{server:44}  {name:46}  {result}");
            }
            Err(ScenarioError::Missing(what)) => {
                self.skipped += 1;
                println!("{server:44}  {name:46}  skipped: {what}");
            }
            Err(ScenarioError::Failed(why)) => {
                self.failed += 1;
                println!("{server:44}  {name:46}  FAILED: {why}");
                for process in logs {
                    println!("--- the end of a server's log");
                    let log = process.log();
                    let lines: Vec<_> = log.lines().collect();
                    println!("{}", lines[lines.len().saturating_sub(LOG_LINES)..].join("\n"));
                }
                println!("---");
            }
        }
    }

    /// Prints a failure to install or start a server.
    pub(crate) fn ended(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => {}
            Err(ScenarioError::Missing(what)) => {
                self.skipped += 1;
                println!("{name:44}  skipped: {what}");
            }
            Err(ScenarioError::Failed(why)) => {
                self.failed += 1;
                println!("{name:44}  FAILED: {why}");
            }
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        let Self { passed, failed, skipped, .. } = self;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        match (failed, skipped) {
            (0, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::from(SKIPPED),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Runs a scenario, and fails if it takes too long.
pub(crate) async fn limited<T>(scenario: impl Future<Output = Result<T>>) -> Result<T> {
    limited_to(LIMIT, scenario).await
}

/// Like [`limited`], for a scenario that may take this long.
pub(crate) async fn limited_to<T>(
    limit: Duration,
    scenario: impl Future<Output = Result<T>>,
) -> Result<T> {
    match timeout(limit, scenario).await {
        Ok(outcome) => outcome,
        Err(_) => Err(ScenarioError::failed(format!("not finished within {limit:?}"))),
    }
}

/// Conventional exit code of a test program that skipped something.
const SKIPPED: u8 = 77;

/// Longest time of a scenario. They take seconds unless they hang.
const LIMIT: Duration = Duration::from_secs(90);

const LOG_LINES: usize = 40;
