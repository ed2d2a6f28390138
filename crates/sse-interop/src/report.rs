//! What came of each scenario in, a line for it out, and an exit code at the end.

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
    /// Runs a scenario and says what came of it; and if it failed, what the servers have written.
    pub(crate) async fn scenario(
        &mut self,
        server: &str,
        name: &str,
        logs: &[&Process],
        scenario: impl Future<Output = Result<impl Display>>,
    ) {
        let outcome = match timeout(LIMIT, scenario).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Trouble::failed(format!("not at its end within {LIMIT:?}"))),
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

    /// What came of a server as a whole: whether it could be had, and started.
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

/// What test programs exit with, by custom, that could not do all of what they are for.
const SKIPPED: u8 = 77;

/// A scenario takes seconds; one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(90);

const LOG_LINES: usize = 40;
