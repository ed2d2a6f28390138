//! Compares sessions with the client of Ktor, a Kotlin framework, and with the table in
//! docs/KTOR.md.
//!
//! Starts `tools/ktor`, a separate package for the reason of [`interop`](crate::interop).

use std::env::{self, consts::EXE_SUFFIX};

use crate::{
    outcome::{Done, Failure, Outcome},
    run::Cmd,
};

/// Runs the rows whose names contain one of the words, or all.
pub(crate) fn ktor(words: &[&str]) -> Outcome {
    Cmd::cargo("build --package sse-ktor").run()?;
    let own =
        env::current_exe().map_err(|error| Failure(format!("path of xtask unknown: {error}")))?;
    let program = own.with_file_name(format!("sse-ktor{EXE_SUFFIX}"));
    let run = Cmd::new(&program.to_string_lossy(), "");
    let status = words.iter().fold(run, |run, word| run.arg(word)).status()?;
    match status.code() {
        Some(0) => Ok(Done::Passed),
        Some(SKIPPED) => Ok(Done::skipped(
            "no Java or no Maven",
            "Debian's are openjdk-17-jre-headless and maven",
        )),
        _ => Err(Failure(format!("{status}; the rows that differ are listed above"))),
    }
}

/// Exit code of the program if Java or Maven is missing.
const SKIPPED: i32 = 77;
