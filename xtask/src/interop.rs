//! Runs sessions against servers of other projects: nginx, nchan, and some from registries.
//!
//! Starts `tools/interop`, a separate package because it depends on the crates that it tests
//! and `xtask` has no dependencies.

use std::env::{self, consts::EXE_SUFFIX};

use crate::{
    cargo,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
};

/// Runs the scenarios of the named servers, or of all.
pub(crate) fn interop(servers: &[&str]) -> Outcome {
    // One of the examples is a client here.
    cargo::programs()?;
    let own =
        env::current_exe().map_err(|error| Failure(format!("path of xtask unknown: {error}")))?;
    let program = own.with_file_name(format!("sse-interop{EXE_SUFFIX}"));
    let run = Cmd::new(&program.to_string_lossy(), "");
    let status = servers.iter().fold(run, |run, server| run.arg(server)).status()?;
    match status.code() {
        Some(0) => Ok(Done::Passed),
        Some(SKIPPED) => Ok(Done::skipped("not all servers installed", "listed above")),
        _ => Err(Failure(format!("{status}; the scenarios that failed are listed above"))),
    }
}

/// Exit code of the program if nothing failed but some scenarios were skipped.
const SKIPPED: i32 = 77;
