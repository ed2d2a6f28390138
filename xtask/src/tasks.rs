//! The table of tasks, and those tasks that are nothing but cargo commands.
//!
//! A new check is one more row in [`TASKS`].

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use crate::{
    bench, browser, examples, fuzz, interop, nginx,
    run::{Cmd, Failure},
    targets, tidy, toolchains,
    workspace::{self, Crate},
};

/// Every task. `ci` runs its own from top to bottom, the quick ones first.
const TASKS: &[Task] = &[
    task("ci", Place::Apart, ci, "everything marked *, up to the first failure"),
    task("fmt", Place::InCi, fmt, "the code is formatted as rustfmt has it"),
    task("tidy", Place::InCi, tidy::tidy, "the house rules for sources, changelogs and links"),
    task("clippy", Place::InCi, clippy, "no warnings: all features, none, each alone"),
    task("test", Place::InCi, test, "tests and doctests: all features, default, none"),
    task("nginx", Place::InCi, nginx::nginx, "sessions through nginx, where it is installed"),
    task("doc", Place::InCi, doc, "the documentation builds without warnings"),
    task("package", Place::InCi, package, "each published crate can be packed as it is"),
    task("examples", Place::InCi, examples::examples, "each example, run, does what it says"),
    Task {
        name: "browser",
        place: Place::InCi,
        job: Job::Told(browser::browser),
        help: "Chromium reads streams, and the gateway's, as ours does",
    },
    task("peers", Place::InCi, bench::peers, "the benches build, and the parsers beside ours"),
    task("wasm", Place::InCi, targets::wasm, "the crates build for browsers; and nostd"),
    task("msrv", Place::Apart, toolchains::msrv, "the crates build with the oldest Rust promised"),
    task(
        "minver",
        Place::Apart,
        toolchains::minver,
        "... and with the oldest dependencies (nightly)",
    ),
    task("nostd", Place::Apart, targets::nostd, "sse-core builds for a machine without a system"),
    Task {
        name: "interop",
        place: Place::Apart,
        job: Job::Told(interop::interop),
        help: "sessions with nginx and others, all or the ones named after --",
    },
    Task {
        name: "fuzz",
        place: Place::Apart,
        job: Job::Timed(fuzz::fuzz),
        help: "random inputs, 60 s a target or as `fuzz SECONDS` says (nightly)",
    },
    Task {
        name: "differential",
        place: Place::Apart,
        job: Job::Told(bench::differential),
        help: "which parsers read odd streams differently; writes to docs/",
    },
    Task {
        name: "bench",
        place: Place::Apart,
        job: Job::Told(bench::bench),
        help: "measures all, to docs/; or runs what is named after --",
    },
];

/// How long a task goes on that can go on for ever, unless it is told.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    place: Place,
    job: Job,
    help: &'static str,
}

#[derive(Debug)]
enum Job {
    Plain(fn() -> Outcome),
    /// Can go on for ever, and is told for how long.
    Timed(fn(Duration) -> Outcome),
    /// Is told what to do, in words of its own.
    Told(fn(&[&str]) -> Outcome),
}

/// What the command line says beside the name of a task.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) time: Option<Duration>,
    pub(crate) words: Vec<String>,
}

/// Whether `ci` runs a task: only what a machine with nothing but a stable Rust can run, or skip.
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
    let mut help = "usage: cargo xtask <task> [--no-skip] [-- words for the task]\n\n".to_owned();
    for Task { name, place, help: line, .. } in TASKS {
        let mark = if *place == Place::InCi { '*' } else { ' ' };
        // Writing to a string cannot fail.
        let _ = writeln!(help, "{mark} {name:12}  {line}");
    }
    help + "\n--no-skip  a task that this machine cannot run is a failure\n"
}

impl Task {
    /// Whether the command line may say how long it goes on.
    pub(crate) fn is_timed(&self) -> bool {
        matches!(self.job, Job::Timed(_))
    }

    /// Whether the command line may say more.
    pub(crate) fn is_told(&self) -> bool {
        matches!(self.job, Job::Told(_))
    }
}

/// Runs a task and says how it ended, and after how long.
pub(crate) fn perform(task: &Task, orders: &Orders) -> Outcome {
    let name = task.name;
    eprintln!("[{name}] {}", task.help);
    let start = Instant::now();
    let outcome = match task.job {
        Job::Plain(run) => run(),
        Job::Timed(run) => run(orders.time.unwrap_or(DEFAULT_TIME)),
        Job::Told(run) => run(&orders.words.iter().map(String::as_str).collect::<Vec<_>>()),
    };
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
        if perform(task, &Orders::default()).is_err() {
            let rest: Vec<_> = tasks.map(|task| task.name).collect();
            return Err(Failure(format!("stopped at `{}`; not run: {rest:?}", task.name)));
        }
    }
    Ok(Done::Passed)
}

fn fmt() -> Outcome {
    Cmd::cargo("fmt --all --check").run()?;
    for apart in ["crates/sse-bench", "fuzz"] {
        Cmd::cargo(&format!("fmt --manifest-path {apart}/Cargo.toml --check")).run()?;
    }
    Ok(Done::Passed)
}

fn clippy() -> Outcome {
    Cmd::cargo("clippy --workspace --all-targets --all-features -- -D warnings").run()?;
    for Crate { name, features, .. } in with_features()? {
        let none = format!("clippy --package {name} --all-targets --no-default-features");
        Cmd::cargo(&format!("{none} -- -D warnings")).run()?;
        for feature in features {
            Cmd::cargo(&format!("{none} --features {feature} -- -D warnings")).run()?;
        }
    }
    Ok(Done::Passed)
}

fn test() -> Outcome {
    Cmd::cargo("test --workspace --all-features").run()?;
    Cmd::cargo("test").run()?;
    for package in with_features()? {
        Cmd::cargo(&format!("test --package {} --no-default-features", package.name)).run()?;
    }
    Ok(Done::Passed)
}

fn doc() -> Outcome {
    Cmd::cargo("doc --workspace --no-deps --all-features")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(Done::Passed)
}

/// The packed crates are not built: the registry has another crate of the name `sse-core`, and cargo
/// would build the others with that one.
fn package() -> Outcome {
    let pack = Cmd::cargo("package --no-verify --allow-dirty --offline");
    let crates = workspace::published()?;
    crates.iter().fold(pack, |cmd, it| cmd.arg("--package").arg(&it.name)).run()?;
    Ok(Done::Passed)
}

/// The crates that have features to leave out. They are looked at one by one: in one build together,
/// a crate gets what another one asks of it.
fn with_features() -> Result<impl Iterator<Item = Crate>, Failure> {
    Ok(workspace::published()?.into_iter().filter(|package| !package.features.is_empty()))
}

const fn task(name: &'static str, place: Place, run: fn() -> Outcome, help: &'static str) -> Task {
    Task { name, place, job: Job::Plain(run), help }
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
