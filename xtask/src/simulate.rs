//! Runs whole lives of sessions in memory for a given time, from a random seed that it prints.

use std::time::Duration;

use crate::{
    outcome::{Done, Outcome},
    run::Cmd,
};

/// Runs lives for this time. The last line of the output counts lives and violations.
pub(crate) fn simulate(time: Duration) -> Outcome {
    let run = "run --release --package sse-simulation --";
    Cmd::cargo(&format!("{run} {}", time.as_secs())).run()?;
    Ok(Done::Passed)
}
