//! Runs the example `gateway-cluster` over Redis: 50 browsers, while processes are killed and
//! connections cut.
//!
//! `tools/interop` has the scenarios, because `xtask` has no dependencies.

use std::env::{self, consts::EXE_SUFFIX};

use crate::{
    cargo,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
};

/// Runs the named scenarios, or all, or measures: `cost`, `memory`, `engines`.
pub(crate) fn cluster(words: &[&str]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Ok(Done::skipped("no Linux", "its processes are killed and measured as on Linux"));
    }
    let has = |program: &str| Cmd::new(program, "--version").succeeds();
    if !has("redis-server") {
        return Ok(Done::skipped("no redis-server", "Debian: apt-get install redis-server"));
    }
    // Figures are those of optimized programs.
    let measures = words.iter().any(|word| ["cost", "memory", "engines"].contains(word));
    let dir = if measures {
        Cmd::cargo("build --release --bin sse-interop --bin gateway-cluster").run()?;
        "release"
    } else {
        cargo::programs()?;
        "debug"
    };
    let own =
        env::current_exe().map_err(|error| Failure(format!("path of xtask unknown: {error}")))?;
    let target = own.ancestors().nth(2).ok_or_else(|| Failure("no target directory".into()))?;
    let program = target.join(dir).join(format!("sse-interop{EXE_SUFFIX}"));
    let run = Cmd::new(&program.to_string_lossy(), "cluster");
    let status = words.iter().fold(run, |run, word| run.arg(word)).status()?;
    if status.success() {
        Ok(Done::Passed)
    } else {
        Err(Failure(format!("{status}; the scenarios that failed are listed above")))
    }
}
