//! Tasks that need other parsers: benchmarks, differential tests, and the check that both build.
//!
//! Chooses the commands of `tools/bench` and the documents that they write to.

use crate::{
    cargo, files,
    outcome::{Done, Outcome},
    run::Cmd,
    toolchains,
};

/// Measures everything and writes the tables and plots into docs/, or passes the words on to
/// `sse-bench`.
pub(crate) fn bench(words: &[&str]) -> Outcome {
    if !words.is_empty() {
        return run(words);
    }
    run(&["parse", "--doc", PERFORMANCE, "--plot", "docs/performance-parse.svg"])?;
    run(&["sessions", "--doc", PERFORMANCE, "--plot", "docs/performance-sessions.svg"])?;
    run(&["sessions", "--form", "runtime", "--doc", PERFORMANCE])?;
    run(&["sessions", "--form", "languages", "--doc", PERFORMANCE])?;
    run(&["sessions", "--form", "codings", "--doc", PERFORMANCE])?;
    run(&["sessions", "--form", "tls", "--doc", PERFORMANCE])?;
    run(&["typed", "--doc", PERFORMANCE])?;
    run(&["writing", "--doc", PERFORMANCE])?;
    run(&["fanout", "--doc", PERFORMANCE])?;
    // The slowest ones. Without valgrind, only the first is run and counts nothing, and neither
    // does `typed`.
    let rest = run(&["instructions", "--doc", PERFORMANCE])?;
    let counted = if Cmd::new("valgrind", "--version").succeeds() {
        run(&["instructions", "--form", "codings", "--doc", PERFORMANCE])?;
        run(&["instructions", "--form", "transports", "--doc", PERFORMANCE])?;
        Done::Passed
    } else {
        Done::skipped("no valgrind", "Debian's is valgrind")
    };
    Ok(Done::from_parts([rest, counted]))
}

/// Lets every parser read the same random streams and writes the differences into docs/.
pub(crate) fn differential(words: &[&str]) -> Outcome {
    let words = if words.is_empty() { &["--doc", "docs/CONFORMANCE.md"] } else { words };
    run(&[&["differential"], words].concat())
}

/// Checks that the benchmarks build. They are outside the workspace, so no other task does.
pub(crate) fn peers() -> Outcome {
    if let Some(too_old) = toolchains::too_old(MANIFEST)? {
        return Ok(too_old);
    }
    if let Some(missing) = cargo::missing_clippy() {
        return Ok(missing);
    }
    // In the directory of the workspace, where some of the dependencies are built already.
    let clippy = format!("clippy --locked --all-targets --all-features --manifest-path {MANIFEST}");
    let clippy = Cmd::cargo(&clippy).arg("--target-dir").arg(&files::built(""));
    clippy.arg("--").arg("-Dwarnings").run()?;
    Ok(Done::Passed)
}

const MANIFEST: &str = "tools/bench/Cargo.toml";
const PERFORMANCE: &str = "docs/PERFORMANCE.md";

fn run(words: &[&str]) -> Outcome {
    let features = features(words);
    let run =
        Cmd::cargo(&format!("run --release --locked --manifest-path {MANIFEST}{features} --"));
    words.iter().fold(run, |run, word| run.arg(word)).run()?;
    Ok(Done::Passed)
}

/// Returns the option for the Cargo features that the task needs. Decoders of content codings, and
/// TLS, would change the figures of the other tasks.
fn features(words: &[&str]) -> &'static str {
    let has_form = |form| words.windows(2).any(|pair| pair == ["--form", form]);
    if has_form("codings") {
        " --features codings"
    } else if has_form("tls") {
        " --features tls"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::features;

    #[test]
    fn features_are_on_for_the_form_that_needs_them_only() {
        assert_eq!(features(&["sessions", "--form", "tls"]), " --features tls");
        assert_eq!(features(&["sessions", "--form", "codings", "--quick"]), " --features codings");
        assert_eq!(features(&["sessions", "--form", "runtime"]), "");
        assert_eq!(features(&["parse"]), "");
    }
}
