//! Every check of the workspace, as `cargo xtask <task>`, so that people, `.ci/run` and the hosted
//! CI run the same commands.
//!
//! Reads the command line and finds the task; what the tasks do is in [`tasks`] and below it. The
//! package has no dependencies, because every check waits for it to be built.

mod tasks;
mod examples;
mod interop;
mod tidy;
mod toolchains;
mod targets;
mod nginx;
mod fuzz;
mod bench;
mod browser;
mod workspace;
mod files;
mod run;

use std::{env, process::ExitCode, time::Duration};

use tasks::{Done, Orders, Task};

fn main() -> ExitCode {
    match parse(env::args().skip(1)) {
        Ok(Request::Help) => {
            print!("{}", tasks::help());
            ExitCode::SUCCESS
        }
        Ok(Request::Run(task, orders, skips)) => match (tasks::perform(task, &orders), skips) {
            (Err(_), _) | (Ok(Done::Skipped(_)), Skips::Fail) => ExitCode::FAILURE,
            (Ok(_), _) => ExitCode::SUCCESS,
        },
        Err(complaint) => {
            eprint!("error: {complaint}\n\n{}", tasks::help());
            ExitCode::from(2)
        }
    }
}

#[derive(Debug)]
enum Request {
    Help,
    Run(&'static Task, Orders, Skips),
}

/// What it means when a task cannot run on this machine.
#[derive(Debug, PartialEq)]
enum Skips {
    Pass,
    Fail,
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Request, String> {
    let mut task: Option<&Task> = None;
    let mut orders = Orders::default();
    let mut skips = Skips::Pass;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--" if task.is_some_and(Task::is_told) => orders.words.extend(args.by_ref()),
            "-h" | "--help" | "help" => return Ok(Request::Help),
            "--no-skip" => skips = Skips::Fail,
            option if option.starts_with('-') => return Err(format!("unknown option `{option}`")),
            seconds if orders.time.is_none() && task.is_some_and(Task::is_timed) => {
                match seconds.parse() {
                    Ok(seconds) => orders.time = Some(Duration::from_secs(seconds)),
                    Err(_) => return Err(format!("`{seconds}` is no number of seconds")),
                }
            }
            name if task.is_some() => return Err(format!("one task at a time: `{name}`")),
            name => task = Some(tasks::find(name).ok_or(format!("unknown task `{name}`"))?),
        }
    }
    Ok(task.map_or(Request::Help, |task| Request::Run(task, orders, skips)))
}

#[cfg(test)]
mod tests {
    use super::{Orders, Request, parse};

    #[test]
    fn the_command_line_names_one_task() {
        let cases = [
            ("", "help"),
            ("--help", "help"),
            ("tidy --help", "help"),
            ("--no-skip", "help"),
            ("tidy", "tidy Pass"),
            ("--no-skip msrv", "msrv Fail"),
            ("msrv --no-skip", "msrv Fail"),
            ("fuzz", "fuzz Pass"),
            ("fuzz 5 --no-skip", "fuzz 5s Fail"),
            ("fuzz long", "error: `long` is no number of seconds"),
            ("fuzz 5 6", "error: one task at a time: `6`"),
            ("tidy 5", "error: one task at a time: `5`"),
            ("tydi", "error: unknown task `tydi`"),
            ("tidy fmt", "error: one task at a time: `fmt`"),
            ("tidy --all", "error: unknown option `--all`"),
            ("bench", "bench Pass"),
            ("bench --no-skip -- parse --help", "bench [\"parse\", \"--help\"] Fail"),
            ("bench parse", "error: one task at a time: `parse`"),
            ("tidy -- all", "error: unknown option `--`"),
        ];
        for (line, expected) in cases {
            assert_eq!(parsed(line), expected, "{line:?}");
        }
    }

    fn parsed(line: &str) -> String {
        match parse(line.split_whitespace().map(str::to_owned)) {
            Ok(Request::Help) => "help".to_owned(),
            Ok(Request::Run(task, Orders { time, words }, skips)) => {
                let time = time.map(|time| format!(" {time:?}")).unwrap_or_default();
                let words = if words.is_empty() { String::new() } else { format!(" {words:?}") };
                format!("{}{time}{words} {skips:?}", task.name)
            }
            Err(complaint) => format!("error: {complaint}"),
        }
    }
}
