//! Every check of the workspace, as `cargo xtask <task>`, so that people, `.ci/run` and the hosted
//! CI run the same commands.
//!
//! Parses the command line and finds the task; [`tasks`] runs it. The package has no dependencies,
//! because every check has to build it first.

mod tasks;
mod outcome;
mod cargo;
mod api;
mod package;
mod deny;
mod examples;
mod interop;
mod ktor;
mod cluster;
mod tidy;
mod toolchains;
mod targets;
mod nginx;
mod fuzz;
mod platforms;
mod simulate;
mod bench;
mod browser;
mod workspace;
mod files;
mod run;

use std::{env, process::ExitCode, time::Duration};

use tasks::{Args, Task};

fn main() -> ExitCode {
    if let Some(code) = api::as_rustdoc() {
        return code;
    }
    match parse(env::args().skip(1)) {
        Ok(Request::Help) => {
            print!("{}", tasks::help());
            ExitCode::SUCCESS
        }
        Ok(Request::Run(task, args)) if tasks::run(task, &args) => ExitCode::SUCCESS,
        Ok(Request::Run(..)) => ExitCode::FAILURE,
        Err(message) => {
            eprint!("error: {message}\n\n{}", tasks::help());
            ExitCode::from(2)
        }
    }
}

#[derive(Debug)]
enum Request {
    Help,
    Run(&'static Task, Args),
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Request, String> {
    let mut task: Option<&Task> = None;
    let mut args = Args::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" if task.is_some_and(Task::takes_words) => args.words.extend(words.by_ref()),
            "-h" | "--help" | "help" => return Ok(Request::Help),
            "--no-skip" => args.no_skip = true,
            option if option.starts_with('-') => return Err(format!("unknown option `{option}`")),
            seconds if args.time.is_none() && task.is_some_and(Task::is_timed) => {
                match seconds.parse() {
                    Ok(seconds) => args.time = Some(Duration::from_secs(seconds)),
                    Err(_) => return Err(format!("not a number of seconds: `{seconds}`")),
                }
            }
            name if task.is_some() => return Err(format!("more than one task: `{name}`")),
            name => task = Some(tasks::find(name).ok_or(format!("unknown task `{name}`"))?),
        }
    }
    Ok(task.map_or(Request::Help, |task| Request::Run(task, args)))
}

#[cfg(test)]
mod tests {
    use super::{Request, parse};
    use crate::tasks::Args;

    #[test]
    fn the_command_line_names_one_task() {
        let cases = [
            ("", "help"),
            ("--help", "help"),
            ("tidy --help", "help"),
            ("--no-skip", "help"),
            ("tidy", "tidy"),
            ("--no-skip msrv", "msrv --no-skip"),
            ("msrv --no-skip", "msrv --no-skip"),
            ("fuzz", "fuzz"),
            ("fuzz 5 --no-skip", "fuzz 5s --no-skip"),
            ("fuzz long", "error: not a number of seconds: `long`"),
            ("fuzz 5 6", "error: more than one task: `6`"),
            ("tidy 5", "error: more than one task: `5`"),
            ("tydi", "error: unknown task `tydi`"),
            ("tidy fmt", "error: more than one task: `fmt`"),
            ("tidy --all", "error: unknown option `--all`"),
            ("bench", "bench"),
            ("bench --no-skip -- parse --help", "bench [\"parse\", \"--help\"] --no-skip"),
            ("bench parse", "error: more than one task: `parse`"),
            ("tidy -- all", "error: unknown option `--`"),
        ];
        for (line, expected) in cases {
            assert_eq!(parsed(line), expected, "{line:?}");
        }
    }

    fn parsed(line: &str) -> String {
        match parse(line.split_whitespace().map(str::to_owned)) {
            Ok(Request::Help) => "help".to_owned(),
            Ok(Request::Run(task, Args { time, words, no_skip })) => {
                let time = time.map(|time| format!(" {time:?}")).unwrap_or_default();
                let words = if words.is_empty() { String::new() } else { format!(" {words:?}") };
                let no_skip = if no_skip { " --no-skip" } else { "" };
                format!("{}{time}{words}{no_skip}", task.name)
            }
            Err(message) => format!("error: {message}"),
        }
    }
}
