//! The table of tasks, and running them.
//!
//! A new check is one more row in [`TASKS`].

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use crate::{
    api, bench, browser, cargo, cluster, deny, examples, fuzz, interop, ktor, nginx,
    outcome::{self, Done, Outcome, Summary},
    package, platforms, run, simulate, targets, tidy, toolchains,
};

/// Every task. `ci` runs those that are its own from top to bottom, the quick ones first.
const TASKS: &[Task] = &[
    Task { name: "ci", kind: Kind::All, help: "runs the tasks marked *, up to the first failure" },
    check("fmt", Job::Plain(cargo::fmt), "checks that rustfmt would change nothing"),
    check("tidy", Job::Plain(tidy::tidy), "checks sources, changelogs and links by house rules"),
    check(
        "clippy",
        Job::Plain(cargo::clippy),
        "fails on warnings: all features, default, none, each alone",
    ),
    check("test", Job::Plain(cargo::test), "runs tests and doctests: all features, none"),
    check("nginx", Job::Plain(nginx::nginx), "runs sessions through nginx (needs nginx)"),
    check("doc", Job::Plain(cargo::doc), "builds the documentation, fails on warnings"),
    check(
        "api",
        Job::WithWords(api::api),
        "compares public APIs with docs/api/; -- --write writes these",
    ),
    check(
        "package",
        Job::Plain(package::package),
        "packs each published crate and checks what it contains",
    ),
    check("examples", Job::Plain(examples::examples), "runs each example and compares its output"),
    check(
        "browser",
        Job::WithWords(browser::browser),
        "compares sessions with those of a browser (needs Chromium)",
    ),
    check("peers", Job::Plain(bench::peers), "builds the benchmarks with the other parsers"),
    check("wasm", Job::Plain(targets::wasm), "builds for browsers (needs a target), then nostd"),
    on_request(
        "publish",
        Job::Plain(package::publish),
        "builds each package with the others: publishing, as a dry run",
    ),
    on_request(
        "deny",
        Job::Plain(deny::deny),
        "checks dependencies by deny.toml (needs cargo-deny)",
    ),
    on_request("docsrs", Job::Plain(toolchains::docsrs), "builds docs as docs.rs (needs nightly)"),
    on_request("msrv", Job::Plain(toolchains::msrv), "builds with the oldest supported Rust"),
    on_request(
        "minver",
        Job::Plain(toolchains::minver),
        "builds with the oldest dependencies (needs nightly)",
    ),
    on_request(
        "nostd",
        Job::Plain(targets::nostd),
        "builds sse-core without an operating system (needs a target)",
    ),
    on_request(
        "platforms",
        Job::WithWords(platforms::platforms),
        "tests sse-core on emulated processors: all, or those after --",
    ),
    on_request(
        "interop",
        Job::WithWords(interop::interop),
        "runs sessions with other servers: all, those after --, --short",
    ),
    on_request(
        "ktor",
        Job::WithWords(ktor::ktor),
        "runs rows beside Ktor (needs Java): all, or those after --",
    ),
    on_request(
        "cluster",
        Job::WithWords(cluster::cluster),
        "kills gateways over Redis: all scenarios, or those after --",
    ),
    on_request(
        "fuzz",
        Job::Timed(fuzz::fuzz),
        "fuzzes each target for 60 s, or `fuzz SECONDS` (needs nightly)",
    ),
    on_request(
        "simulate",
        Job::Timed(simulate::simulate),
        "runs lives of sessions in memory for 60 s, or `simulate SECONDS`",
    ),
    on_request(
        "differential",
        Job::WithWords(bench::differential),
        "compares parsers on random streams, writes to docs/",
    ),
    on_request(
        "bench",
        Job::WithWords(bench::bench),
        "measures everything into docs/, or runs what follows --",
    ),
];

/// Time that a [`Job::Timed`] takes by default.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// Row of the table of tasks.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    kind: Kind,
    help: &'static str,
}

#[derive(Debug)]
enum Kind {
    /// All checks in turn.
    All,
    /// Part of `ci`: a machine with only a stable Rust and a C compiler can run or skip it.
    Check(Job),
    /// Runs only by its name.
    OnRequest(Job),
}

/// Work of a task, by what the command line may add.
#[derive(Debug)]
enum Job {
    Plain(fn() -> Outcome),
    /// Runs for a given time.
    Timed(fn(Duration) -> Outcome),
    /// Interprets the words after `--`.
    WithWords(fn(&[&str]) -> Outcome),
}

/// Part of the command line that goes with the name of a task.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) time: Option<Duration>,
    pub(crate) words: Vec<String>,
    /// `true` if a skip is a failure.
    pub(crate) no_skip: bool,
}

const fn check(name: &'static str, job: Job, help: &'static str) -> Task {
    Task { name, kind: Kind::Check(job), help }
}

const fn on_request(name: &'static str, job: Job, help: &'static str) -> Task {
    Task { name, kind: Kind::OnRequest(job), help }
}

/// Returns the task of this name.
pub(crate) fn find(name: &str) -> Option<&'static Task> {
    TASKS.iter().find(|task| task.name == name)
}

/// Returns the usage and the table of tasks.
pub(crate) fn help() -> String {
    let mut help = "usage: cargo xtask <task> [--no-skip] [-- words for the task]\n\n".to_owned();
    for Task { name, kind, help: line } in TASKS {
        let mark = if matches!(kind, Kind::Check(_)) { '*' } else { ' ' };
        // Writing to a string cannot fail.
        let _ = writeln!(help, "{mark} {name:12}  {line}");
    }
    help + "\n--no-skip  fails if this machine lacks what a task needs, instead of skipping it\n"
}

impl Task {
    /// `true` if the command line may set the time it takes.
    pub(crate) fn is_timed(&self) -> bool {
        matches!(self.kind, Kind::Check(Job::Timed(_)) | Kind::OnRequest(Job::Timed(_)))
    }

    /// `true` if the command line may add words after `--`.
    pub(crate) fn takes_words(&self) -> bool {
        matches!(self.kind, Kind::Check(Job::WithWords(_)) | Kind::OnRequest(Job::WithWords(_)))
    }

    /// Returns the command that runs this task, as it would be typed.
    fn command(&self, Args { time, words, no_skip }: &Args) -> String {
        let mut command = format!("cargo xtask {}", self.name);
        if let Some(time) = time {
            command += &format!(" {}", time.as_secs());
        }
        if *no_skip {
            command += " --no-skip";
        }
        if !words.is_empty() {
            command += " --";
            words.iter().for_each(|word| command += &format!(" {}", run::quoted(word)));
        }
        command
    }
}

/// Runs a task and reports its outcome. Returns `true` unless it failed.
pub(crate) fn run(task: &Task, args: &Args) -> bool {
    match &task.kind {
        Kind::All => ci(args.no_skip),
        Kind::Check(job) | Kind::OnRequest(job) => run_one(task, job, args).is_ok(),
    }
}

/// Runs every check up to the first failure. The last line that it prints sums them up.
fn ci(no_skip: bool) -> bool {
    let mut summary = Summary::default();
    let args = Args { no_skip, ..Args::default() };
    for task in TASKS {
        let Kind::Check(job) = &task.kind else { continue };
        if summary.has_failed() {
            summary.add_not_run(task.name);
        } else {
            summary.add(task.name, run_one(task, job, &args), task.command(&args));
        }
    }
    summary.remedies().for_each(|line| eprintln!("{line}"));
    println!("{summary}");
    !summary.has_failed()
}

fn run_one(task: &Task, job: &Job, args: &Args) -> Outcome {
    let name = task.name;
    eprintln!("[{name}] {}", task.help);
    let start = Instant::now();
    let outcome = match job {
        Job::Plain(run) => run(),
        Job::Timed(run) => run(args.time.unwrap_or(DEFAULT_TIME)),
        Job::WithWords(run) => run(&args.words.iter().map(String::as_str).collect::<Vec<_>>()),
    };
    let outcome = if args.no_skip { outcome.and_then(Done::or_fail) } else { outcome };
    let report = outcome::report(name, &outcome, start.elapsed(), &task.command(args));
    eprintln!("{report}");
    outcome
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Args, TASKS, find, help};

    #[test]
    fn each_task_has_a_name_of_its_own_and_a_line_of_help() {
        for (index, task) in TASKS.iter().enumerate() {
            assert!(TASKS[..index].iter().all(|other| other.name != task.name), "{}", task.name);
            assert!(help().contains(task.help), "{}", task.name);
        }
        assert!(help().lines().all(|line| line.len() <= 80), "{}", help());
    }

    #[test]
    fn a_task_is_run_again_with_the_same_command() {
        let args = |time: Option<u64>, words: &[&str], no_skip| Args {
            time: time.map(Duration::from_secs),
            words: words.iter().map(|&word| word.to_owned()).collect(),
            no_skip,
        };
        let cases = [
            ("tidy", args(None, &[], false), "cargo xtask tidy"),
            ("msrv", args(None, &[], true), "cargo xtask msrv --no-skip"),
            ("fuzz", args(Some(5), &[], true), "cargo xtask fuzz 5 --no-skip"),
            ("bench", args(None, &["parse", "a b"], false), "cargo xtask bench -- parse \"a b\""),
        ];
        for (name, args, expected) in cases {
            assert_eq!(find(name).unwrap().command(&args), expected);
        }
    }
}
