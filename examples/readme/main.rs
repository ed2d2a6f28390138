//! The code in README.md: its first lines compile, and its three programs are examples that work.
//!
//! Runs each example as a process of its own, against a server of sse-test. `cargo xtask examples`
//! builds the examples and runs these tests; see [`binary`] to run them by hand.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod first_lines;
mod answer;
mod feed;
mod parser;

use std::{path::PathBuf, process::Output, time::Duration};

use tokio::{process::Command, time::timeout};

const README: &str = include_str!("../../README.md");

/// Each program, with its source.
const PROGRAMS: [(&str, &str); 3] = [
    ("answer", include_str!("../answer/main.rs")),
    ("feed", include_str!("../feed/main.rs")),
    ("parser-reqwest", include_str!("../parser-reqwest/main.rs")),
];

/// The README promises programs that fit on a screen.
const MAX_LINES: usize = 26;

#[test]
fn readme_shows_each_program_as_it_is() {
    for (name, source) in PROGRAMS {
        // The README says in its own words what the first line says.
        let (_, program) = source.split_once("\n\n").unwrap();
        assert!(program.lines().count() <= MAX_LINES, "{name} is too long for the README");
        let block = format!("```rust,no_run\n{program}```\n");
        assert!(README.contains(&block), "README.md does not show examples/{name}/main.rs");
    }
}

#[test]
fn readme_begins_with_lines_that_compile() {
    let (_, rest) = include_str!("first_lines.rs").split_once("Error>> {\n").unwrap();
    let (body, _) = rest.split_once("    Ok(())\n").unwrap();
    let lines: String = body.lines().map(|line| line[4..].to_owned() + "\n").collect();
    assert!(README.contains(&format!("```rust,ignore\n{lines}```\n")), "{lines}");
}

/// Runs an example to its end.
async fn run(name: &str, args: &[&str]) -> Output {
    let mut command = Command::new(binary(name));
    command.args(args).env("API_KEY", "secret").env("NO_PROXY", "127.0.0.1").kill_on_drop(true);
    timeout(LIMIT, command.output()).await.unwrap().unwrap()
}

/// A program ends after a few seconds at most. One that runs for this long hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Returns the path of an example's program.
///
/// `cargo xtask examples` builds it before it runs these tests. With `cargo test --test readme`
/// alone, build the programs first, by `cargo build --package sse-examples --examples`.
fn binary(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let profile = this.parent().and_then(|deps| deps.parent()).unwrap();
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let source = format!("{}/{name}/main.rs", env!("CARGO_MANIFEST_DIR"));
    let modified = |path: &PathBuf| path.metadata().and_then(|it| it.modified()).ok();
    assert!(
        modified(&program) >= modified(&source.into()),
        "{} is missing or old: run `cargo build --package sse-examples --examples`",
        program.display(),
    );
    program
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}
