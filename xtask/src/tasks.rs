//! The table of tasks, and those tasks that are nothing but cargo commands.
//!
//! A new check is one more row in [`TASKS`].

use std::{fmt::Write as _, time::Instant};

use crate::{
    examples,
    run::{Cmd, Failure},
    tidy, toolchains,
    workspace::{self, Features},
};

/// Every task. `ci` runs its own from top to bottom, the quick ones first.
const TASKS: &[Task] = &[
    task("ci", Place::Apart, ci, "everything marked *, up to the first failure"),
    task("fmt", Place::InCi, fmt, "the code is formatted as rustfmt has it"),
    task("tidy", Place::InCi, tidy::tidy, "the house rules for sources, changelogs and links"),
    task("clippy", Place::InCi, clippy, "no warnings, with all features and with none"),
    task("test", Place::InCi, test, "tests and doctests: all features, default, none"),
    task("doc", Place::InCi, doc, "the documentation builds without warnings"),
    task("examples", Place::InCi, examples::examples, "each example, run, does what it says"),
    task("msrv", Place::Apart, toolchains::msrv, "the crates build with the oldest Rust promised"),
    task(
        "minver",
        Place::Apart,
        toolchains::minver,
        "... and with the oldest dependencies (nightly)",
    ),
];

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    place: Place,
    run: fn() -> Outcome,
    help: &'static str,
}

/// Whether `ci` runs a task: only what a machine with nothing but a stable Rust can run.
#[derive(Debug, PartialEq)]
enum Place {
    InCi,
    Apart,
}

pub(crate) type Outcome = Result<Done, Failure>;

/// How a task ended that did not fail.
#[derive(Debug)]
pub(crate) enum Done {
    Passed,
    /// This machine lacks something; what, and how to get it.
    Skipped(String),
}

pub(crate) fn find(name: &str) -> Option<&'static Task> {
    TASKS.iter().find(|task| task.name == name)
}

pub(crate) fn help() -> String {
    let mut help = "usage: cargo xtask <task> [--no-skip]\n\n".to_owned();
    for Task { name, place, help: line, .. } in TASKS {
        let mark = if *place == Place::InCi { '*' } else { ' ' };
        // Writing to a string cannot fail.
        let _ = writeln!(help, "{mark} {name:8}  {line}");
    }
    help + "\n--no-skip  a task that this machine cannot run is a failure\n"
}

/// Runs a task and says how it ended, and after how long.
pub(crate) fn perform(task: &Task) -> Outcome {
    let name = task.name;
    eprintln!("[{name}] {}", task.help);
    let start = Instant::now();
    let outcome = (task.run)();
    let time = start.elapsed();
    match &outcome {
        Ok(Done::Passed) => eprintln!("[{name}] passed in {time:.1?}"),
        Ok(Done::Skipped(why)) => eprintln!("[{name}] SKIPPED: {why}"),
        Err(Failure(why)) => {
            eprintln!("[{name}] FAILED after {time:.1?}: {why}");
            eprintln!("[{name}] to run it again: cargo xtask {name}");
        }
    }
    outcome
}

fn ci() -> Outcome {
    let mut tasks = TASKS.iter().filter(|task| task.place == Place::InCi);
    while let Some(task) = tasks.next() {
        if perform(task).is_err() {
            let rest: Vec<_> = tasks.map(|task| task.name).collect();
            return Err(Failure(format!("stopped at `{}`; not run: {rest:?}", task.name)));
        }
    }
    Ok(Done::Passed)
}

fn fmt() -> Outcome {
    Cmd::cargo("fmt --all --check").run()?;
    Ok(Done::Passed)
}

fn clippy() -> Outcome {
    Cmd::cargo("clippy --workspace --all-targets --all-features -- -D warnings").run()?;
    without_features(|package| {
        format!("clippy --package {package} --all-targets --no-default-features -- -D warnings")
    })
}

fn test() -> Outcome {
    Cmd::cargo("test --workspace --all-features").run()?;
    Cmd::cargo("test").run()?;
    without_features(|package| format!("test --package {package} --no-default-features"))
}

fn doc() -> Outcome {
    Cmd::cargo("doc --workspace --no-deps --all-features")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(Done::Passed)
}

/// Runs a command for each crate that has features to leave out. One at a time: in one build
/// together, a crate gets what another one asks of it.
fn without_features(line: impl Fn(&str) -> String) -> Outcome {
    for package in workspace::published()? {
        if package.features == Features::Some {
            Cmd::cargo(&line(&package.name)).run()?;
        }
    }
    Ok(Done::Passed)
}

const fn task(name: &'static str, place: Place, run: fn() -> Outcome, help: &'static str) -> Task {
    Task { name, place, run, help }
}

#[cfg(test)]
mod tests {
    use super::{TASKS, help};

    #[test]
    fn each_task_has_a_name_of_its_own_and_a_line_of_help() {
        for (index, task) in TASKS.iter().enumerate() {
            assert!(TASKS[..index].iter().all(|other| other.name != task.name), "{}", task.name);
            assert!(help().contains(task.help), "{}", task.name);
        }
        assert!(help().lines().all(|line| line.len() <= 80), "{}", help());
    }
}
