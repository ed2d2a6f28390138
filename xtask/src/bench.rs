//! Tasks that need other parsers: benchmarks, differential tests, and the check that both build.
//!
//! Chooses the commands of `tools/bench` and the documents that they write to.

use crate::{
    cargo,
    outcome::{Done, Outcome},
    run::Cmd,
    workspace,
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
    // The slowest one. Without valgrind it counts nothing, and neither does `typed`.
    let rest = run(&["instructions", "--doc", PERFORMANCE])?;
    let counted = if Cmd::new("valgrind", "--version").succeeds() {
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
    let oldest = workspace::own_rust_version(MANIFEST)?;
    let rustc = Cmd::new("rustc", "--version").stdout()?.unwrap_or_default();
    if !is_at_least(&rustc, &oldest) {
        return Ok(Done::skipped(format!("needs Rust {oldest}"), "`rustup update stable`"));
    }
    if let Some(missing) = cargo::missing_clippy() {
        return Ok(missing);
    }
    for features in ["", " --all-features"] {
        let clippy = format!("clippy --locked --all-targets{features} --manifest-path {MANIFEST}");
        Cmd::cargo(&format!("{clippy} -- -D warnings")).run()?;
    }
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

/// `true` if the output of `rustc --version`, such as `rustc 1.85.0 (…)`, names this version or a
/// later one.
fn is_at_least(rustc: &str, version: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        version.split(['.', '-']).map_while(|number| number.parse().ok()).collect()
    };
    rustc.split(' ').nth(1).is_some_and(|own| numbers(own) >= numbers(version))
}

#[cfg(test)]
mod tests {
    use super::{MANIFEST, features, is_at_least};
    use crate::workspace;

    #[test]
    fn features_are_on_for_the_form_that_needs_them_only() {
        assert_eq!(features(&["sessions", "--form", "tls"]), " --features tls");
        assert_eq!(features(&["sessions", "--form", "codings", "--quick"]), " --features codings");
        assert_eq!(features(&["sessions", "--form", "runtime"]), "");
        assert_eq!(features(&["parse"]), "");
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let cases = [
            ("rustc 1.95.0 (59807616e 2026-04-14)", true),
            ("rustc 1.88.0", true),
            ("rustc 1.100.0-nightly (59807616e 2026-04-14)", true),
            ("rustc 1.87.1 (17067e9ac 2025-05-09)", false),
            ("rustc 1.9.0", false),
            ("", false),
        ];
        for (rustc, expected) in cases {
            assert_eq!(is_at_least(rustc, "1.88"), expected, "{rustc:?}");
        }
        assert!(is_at_least("rustc 2.0.0", &workspace::own_rust_version(MANIFEST).unwrap()));
    }
}
