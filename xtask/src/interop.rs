//! Sessions against servers that nobody here wrote: nginx, nchan, and others from registries.
//!
//! Says which program does that. It is a package of its own, `crates/sse-interop`, because it needs
//! the crates that it tries, and this one has no dependencies.

use std::env::{self, consts::EXE_SUFFIX};

use crate::{
    run::{Cmd, Failure},
    tasks::{Done, Outcome},
};

/// Runs the trials of the servers that are named, or of all of them.
pub(crate) fn interop(servers: &[&str]) -> Outcome {
    // As the examples are built, so that nothing is built twice: one of them is a client here.
    Cmd::cargo("build --examples --bin sse-interop").run()?;
    let own = env::current_exe().map_err(|error| Failure(format!("where is xtask? {error}")))?;
    let program = own.with_file_name(format!("sse-interop{EXE_SUFFIX}"));
    let run = Cmd::new(&program.to_string_lossy(), "");
    let status = servers.iter().fold(run, |run, server| run.arg(server)).status()?;
    match status.code() {
        Some(0) => Ok(Done::Passed),
        Some(SKIPPED) => Ok(Done::Skipped("not every server can be had here, see above".into())),
        _ => Err(Failure(format!("{status}: what was lost stands above"))),
    }
}

/// What the program exits with if all went well but for what it could not try.
const SKIPPED: i32 = 77;
