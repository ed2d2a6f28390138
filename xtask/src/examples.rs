//! Runs every example and compares its output with the expected one in [`runs`], and in the README
//! of the examples.
//!
//! An example without a row in [`RUNS`] fails the check, and so does a row without an example, an
//! example that the README does not show, and a command in the README that no row runs.

mod readme;
mod run;
mod runs;

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use self::{readme::Shown, runs::RUNS};
use crate::{
    cargo, files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
};

const README: &str = "examples/README.md";

/// Number of examples that run at the same time.
const AT_ONCE: usize = 4;

/// A program in `examples/` as cargo knows it.
#[derive(Debug, PartialEq)]
struct Example<'a> {
    name: &'a str,
    kind: Kind,
    path: String,
}

/// Kind of a cargo target.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Example,
    /// A program that can be installed, in a package of its own.
    Bin,
}

pub(crate) fn examples() -> Outcome {
    let readme = files::read(README)?;
    let shown = readme::commands(&readme);
    let metadata = Cmd::cargo("metadata --no-deps --format-version 1").stdout()?;
    let metadata = metadata.unwrap_or_default();
    let examples = every_example_is_run(&metadata, &shown)?;
    cargo::programs()?;
    let next = AtomicUsize::new(0);
    let run_some = || -> Result<(), Failure> {
        while let Some((row, run)) = RUNS.iter().enumerate().nth(next.fetch_add(1, Relaxed)) {
            let kind = examples.iter().find(|it| it.name == run.example).map(|it| it.kind);
            run.check(row, kind.unwrap_or(Kind::Example), &shown)?;
        }
        Ok(())
    };
    // Several at once: they mostly wait.
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(run_some)).collect();
        let died = |_| Failure("a check of an example panicked".to_owned());
        let ended: Vec<_> = workers.into_iter().map(|it| it.join().map_err(died)).collect();
        ended.into_iter().try_for_each(|ended| ended?)
    })?;
    // The programs of README.md, against servers of sse-test.
    cargo::test_target("readme").run()?;
    Ok(Done::Passed)
}

/// Returns the examples, if each is run, and shown in the README, and nothing else is.
fn every_example_is_run<'a>(
    metadata: &'a str,
    shown: &[Shown<'_>],
) -> Result<Vec<Example<'a>>, Failure> {
    let mut programs = Vec::new();
    for file in files::all()? {
        let is_source = file.starts_with("examples/") && file.ends_with(".rs");
        if is_source && files::read(&file)?.lines().any(|line| line.contains("fn main(")) {
            programs.push(file);
        }
    }
    let mut examples = in_metadata(metadata);
    // The other bins are not examples.
    examples.retain(|it| it.kind == Kind::Example || programs.iter().any(|file| it.is(file)));
    let rows: Vec<_> = RUNS.iter().map(|run| run.example).collect();
    let mut violations = uncovered(&examples, &programs, &rows);
    violations.extend(not_shown(&examples, shown));
    if violations.is_empty() { Ok(examples) } else { Err(Failure(violations.join("\n  "))) }
}

/// Returns the differences between the examples, the rows of [`RUNS`], and the README.
fn not_shown(examples: &[Example<'_>], shown: &[Shown<'_>]) -> Vec<String> {
    let is_run = |it: &&Shown<'_>, example: &Example<'_>| {
        let mut rows = RUNS.iter().filter(|run| run.example == example.name);
        rows.any(|run| it.is(&run.shown(example.kind)))
    };
    let without_block = examples.iter().filter(|it| !shown.iter().any(|s| is_run(&s, it)));
    let without_row = shown.iter().filter(|s| !examples.iter().any(|it| is_run(s, it)));
    let violations = without_block
        .map(|it| format!("{README} does not show what `{}` writes when it is run", it.name));
    let violations = violations.chain(
        without_row.map(|it| format!("{README}:{}: no row runs `{}`", it.line, it.command())),
    );
    violations.collect()
}

/// Returns the differences between cargo's examples, the programs in `examples/`, and the rows of
/// [`RUNS`].
fn uncovered(examples: &[Example<'_>], programs: &[String], rows: &[&str]) -> Vec<String> {
    let has_row = |example: &&Example<'_>| rows.contains(&example.name);
    let is_example = |name: &str| examples.iter().any(|example| example.name == name);
    let is_target = |file: &str| examples.iter().any(|it| it.is(file));

    let without_row = examples.iter().filter(|example| !has_row(example));
    let without_example = rows.iter().filter(|row| !is_example(row));
    let without_target = programs.iter().filter(|file| !is_target(file));
    let mut violations: Vec<_> = without_row
        .map(|it| format!("example `{}` has no row in xtask/src/examples/runs.rs", it.name))
        .chain(without_example.map(|it| format!("there is no example `{it}`")))
        .chain(without_target.map(|it| format!("{it} is no [[example]] of examples/Cargo.toml")))
        .collect();
    violations.dedup();
    violations
}

impl Example<'_> {
    /// Returns `true` if the program starts in this file, which is relative to the root.
    fn is(&self, file: &str) -> bool {
        self.path.ends_with(&format!("/{file}"))
    }
}

/// Finds the examples and bins in the output of `cargo metadata`. Each is an object that starts
/// with its kind and continues with its name and path.
fn in_metadata(metadata: &str) -> Vec<Example<'_>> {
    let targets = metadata.split(r#""kind":[""#).skip(1);
    let examples = targets.filter_map(|target| {
        let kind = match target.split('"').next()? {
            "example" => Kind::Example,
            "bin" => Kind::Bin,
            _ => return None,
        };
        let name = string(target, r#""name":""#)?;
        let path = string(target, r#""src_path":""#)?.replace(r"\\", "/");
        Some(Example { name, kind, path })
    });
    examples.collect()
}

/// Returns the string that follows a key.
fn string<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    json.split_once(key)?.1.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::{Example, Kind, in_metadata, uncovered};

    #[test]
    fn cargo_tells_which_examples_there_are() {
        let metadata = r#"{"targets":[
            {"kind":["lib"],"name":"sse_examples","src_path":"/ws/examples/lib.rs"},
            {"kind":["example"],"crate_types":["bin"],"name":"parse","src_path":"/ws/examples/parse.rs"},
            {"kind":["example"],"crate_types":["bin"],"name":"tail","src_path":"C:\\ws\\examples\\tail.rs"},
            {"kind":["bin"],"crate_types":["bin"],"name":"cat","src_path":"/ws/examples/cat/main.rs"}]}"#;
        let examples = in_metadata(metadata);
        let found: Vec<_> =
            examples.iter().map(|it| (it.name, it.kind, it.path.as_str())).collect();
        assert_eq!(
            found,
            [
                ("parse", Kind::Example, "/ws/examples/parse.rs"),
                ("tail", Kind::Example, "C:/ws/examples/tail.rs"),
                ("cat", Kind::Bin, "/ws/examples/cat/main.rs"),
            ],
        );
    }

    #[test]
    fn no_example_is_forgotten() {
        let path = |name| format!("/ws/examples/{name}.rs");
        let example = |name| Example { name, kind: Kind::Example, path: path(name) };
        let found = uncovered(
            &[example("parse"), example("tail")],
            &["examples/parse.rs".to_owned(), "examples/lost.rs".to_owned()],
            &["parse", "gone", "gone"],
        );
        assert_eq!(
            found,
            [
                "example `tail` has no row in xtask/src/examples/runs.rs",
                "there is no example `gone`",
                "examples/lost.rs is no [[example]] of examples/Cargo.toml",
            ],
        );
    }
}
