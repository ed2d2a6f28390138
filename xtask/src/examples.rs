//! Runs every example and compares what it says with what is written down in [`runs`].
//!
//! An example without a row in [`RUNS`] fails the check, and so does a row without an example.

mod runs;

use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use self::runs::RUNS;
use crate::{
    files,
    run::{Cmd, Failure, Finished},
    tasks::{Done, Outcome},
};

/// An example takes a few seconds at most; one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Run {
    example: &'static str,
    args: &'static [&'static str],
    /// What a server answers, once, whose URL is the last argument.
    server: Option<&'static str>,
    stdin: &'static str,
    exit: Exit,
    stdout: Text,
    stderr: Text,
}

#[derive(Debug)]
enum Exit {
    Success,
    /// The program said that it failed; a panic is not that.
    Failure,
}

/// What is expected of an output.
#[derive(Debug)]
enum Text {
    Anything,
    Is(&'static str),
    /// All of these, in this order, whatever stands between.
    Mentions(&'static [&'static str]),
}

/// An example as cargo knows it.
#[derive(Debug, PartialEq)]
struct Example<'a> {
    name: &'a str,
    path: String,
}

pub(crate) fn examples() -> Outcome {
    every_example_is_run()?;
    Cmd::cargo("build --examples").run()?;
    for run in RUNS {
        let line = format!("run --quiet --example {} --", run.example);
        let mut cmd = run.args.iter().fold(Cmd::cargo(&line), |cmd, arg| cmd.arg(arg));
        if let Some(answer) = run.server {
            cmd = cmd.arg(&serve_once(answer)?);
        }
        run.compare(&cmd.converse(run.stdin, LIMIT)?)?;
    }
    Ok(Done::Passed)
}

/// Starts a server on loopback that answers its first request and is gone; gives its URL.
fn serve_once(answer: &'static str) -> Result<String, Failure> {
    let no_server = |error| Failure(format!("no server on loopback: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(no_server)?;
    let address = listener.local_addr().map_err(no_server)?;
    thread::spawn(move || -> io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut head = BufReader::new(stream.try_clone()?).lines();
        while head.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        stream.write_all(answer.as_bytes())
    });
    Ok(format!("http://{address}/"))
}

impl Run {
    fn compare(&self, finished: &Finished) -> Result<(), Failure> {
        let Finished { status, stdout, stderr } = finished;
        // A panic ends a program with 101.
        let as_expected = match self.exit {
            Exit::Success => status.success(),
            Exit::Failure => !matches!(status.code(), None | Some(0 | 101)),
        };
        let difference = if as_expected {
            let out = self.stdout.difference(stdout).map(|it| format!("stdout {it}"));
            out.or_else(|| self.stderr.difference(stderr).map(|it| format!("stderr {it}")))
        } else {
            Some(format!("ended with {status}, which is no {:?}", self.exit))
        };
        match difference {
            None => Ok(()),
            Some(difference) => Err(Failure(format!(
                "example `{}` {:?}: {difference}\n--- stdout\n{stdout}--- stderr\n{stderr}---",
                self.example, self.args
            ))),
        }
    }
}

impl Text {
    fn difference(&self, actual: &str) -> Option<String> {
        match self {
            Self::Anything => None,
            Self::Is(expected) => {
                (actual != *expected).then(|| format!("is not as expected:\n{expected}"))
            }
            Self::Mentions(words) => {
                let mut rest = actual;
                for word in *words {
                    match rest.split_once(word) {
                        Some((_, after)) => rest = after,
                        None => return Some(format!("does not mention `{word}` where it should")),
                    }
                }
                None
            }
        }
    }
}

fn every_example_is_run() -> Result<(), Failure> {
    let cmd = Cmd::cargo("metadata --no-deps --format-version 1");
    let metadata = cmd.stdout()?.unwrap_or_default();
    let mut programs = Vec::new();
    for file in files::all()? {
        let is_source = file.starts_with("examples/") && file.ends_with(".rs");
        if is_source && files::read(&file)?.lines().any(|line| line.contains("fn main(")) {
            programs.push(file);
        }
    }
    let rows: Vec<_> = RUNS.iter().map(|run| run.example).collect();
    let complaints = uncovered(&in_metadata(&metadata), &programs, &rows);
    if complaints.is_empty() { Ok(()) } else { Err(Failure(complaints.join("\n  "))) }
}

/// What is missing between cargo's examples, the programs in `examples/`, and our rows.
fn uncovered(examples: &[Example<'_>], programs: &[String], rows: &[&str]) -> Vec<String> {
    let has_row = |example: &&Example<'_>| rows.contains(&example.name);
    let is_example = |name: &str| examples.iter().any(|example| example.name == name);
    let is_target = |file: &str| examples.iter().any(|it| it.path.ends_with(&format!("/{file}")));

    let without_row = examples.iter().filter(|example| !has_row(example));
    let without_example = rows.iter().filter(|row| !is_example(row));
    let without_target = programs.iter().filter(|file| !is_target(file));
    let mut complaints: Vec<_> = without_row
        .map(|it| format!("example `{}` has no row in xtask/src/examples/runs.rs", it.name))
        .chain(without_example.map(|it| format!("there is no example `{it}`")))
        .chain(without_target.map(|it| format!("{it} is no [[example]] of examples/Cargo.toml")))
        .collect();
    complaints.dedup();
    complaints
}

/// The examples in the output of `cargo metadata`, each of which is an object that starts with its
/// kind and goes on with its name and path.
fn in_metadata(metadata: &str) -> Vec<Example<'_>> {
    let targets = metadata.split(r#""kind":["example"]"#).skip(1);
    let examples = targets.filter_map(|target| {
        let name = string(target, r#""name":""#)?;
        let path = string(target, r#""src_path":""#)?.replace(r"\\", "/");
        Some(Example { name, path })
    });
    examples.collect()
}

/// The string that follows a key.
fn string<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    json.split_once(key)?.1.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::{Example, Text, in_metadata, uncovered};

    #[test]
    fn cargo_tells_which_examples_there_are() {
        let metadata = r#"{"targets":[
            {"kind":["lib"],"name":"sse_examples","src_path":"/ws/examples/lib.rs"},
            {"kind":["example"],"crate_types":["bin"],"name":"parse","src_path":"/ws/examples/parse.rs"},
            {"kind":["example"],"crate_types":["bin"],"name":"tail","src_path":"C:\\ws\\examples\\tail.rs"}]}"#;
        let examples = in_metadata(metadata);
        let found: Vec<_> = examples.iter().map(|it| (it.name, it.path.as_str())).collect();
        assert_eq!(found, [("parse", "/ws/examples/parse.rs"), ("tail", "C:/ws/examples/tail.rs")],);
    }

    #[test]
    fn no_example_is_forgotten() {
        let example = |name| Example { name, path: format!("/ws/examples/{name}.rs") };
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

    #[test]
    fn outputs_are_compared() {
        let cases = [
            (Text::Anything, "", None),
            (Text::Is("a\n"), "a\n", None),
            (Text::Is("a\n"), "a", Some("is not as expected:\na\n")),
            (Text::Mentions(&["a", "b"]), "1 a 2 b", None),
            (Text::Mentions(&["a", "b"]), "1 b 2 a", Some("does not mention `b` where it should")),
        ];
        for (text, actual, expected) in cases {
            assert_eq!(text.difference(actual).as_deref(), expected, "{text:?} {actual:?}");
        }
    }
}
