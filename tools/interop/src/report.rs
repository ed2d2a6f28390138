//! Prints the result of each scenario, and determines the exit code.

use std::{fmt::Display, process::ExitCode, time::Duration};

use tokio::time::timeout;

use crate::{
    process::Process,
    trouble::{Result, Trouble},
};

#[derive(Debug, Default)]
pub(crate) struct Report {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Report {
    /// Runs a scenario and prints its result. If it failed, prints the logs of the servers too.
    pub(crate) async fn scenario(
        &mut self,
        server: &str,
        name: &str,
        logs: &[&Process],
        scenario: impl Future<Output = Result<impl Display>>,
    ) {
        let outcome = match timeout(LIMIT, scenario).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Trouble::failed(format!("not finished within {LIMIT:?}"))),
        };
        match outcome {
            Ok(result) => {
                self.passed += 1;
                println!("{server:44}  {name:46}  {result}");
            }
            Err(Trouble::Lacking(what)) => {
                self.skipped += 1;
                println!("{server:44}  {name:46}  skipped: {what}");
            }
            Err(Trouble::Failed(why)) => {
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
            Err(Trouble::Lacking(what)) => {
                self.skipped += 1;
                println!("{name:44}  skipped: {what}");
            }
            Err(Trouble::Failed(why)) => {
                self.failed += 1;
                println!("{name:44}  FAILED: {why}");
            }
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        let Self { passed, failed, skipped } = self;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        match (failed, skipped) {
            (0, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::from(SKIPPED),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Conventional exit code of a test program that skipped something.
const SKIPPED: u8 = 77;

/// Longest time of a scenario. They take seconds unless they hang.
const LIMIT: Duration = Duration::from_secs(90);

const LOG_LINES: usize = 40;
