//! Runs every example and compares its output with the expected one in [`runs`], and in the README
//! of the examples.
//!
//! An example without a row in [`RUNS`] fails the check, and so does a row without an example, an
//! example that the README does not show, and a command in the README that no row runs.

mod readme;
mod runs;

use std::{
    env::{self, consts::EXE_SUFFIX},
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    iter,
    net::{TcpListener, TcpStream},
    process, thread,
    time::Duration,
};

use self::{readme::Shown, runs::RUNS};
use crate::{
    cargo, files,
    outcome::{Done, Failure, Outcome},
    run::{Cmd, Finished},
};

const README: &str = "examples/README.md";

/// An example takes a few seconds at most; one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Run {
    example: &'static str,
    args: &'static [&'static str],
    /// `true` if the argument after `args` is the path of a file that does not exist yet.
    file: bool,
    /// Response of a server, sent once, whose URL is the last argument; it sends 204 from then on.
    server: Option<&'static str>,
    stdin: Stdin,
    exit: Exit,
    stdout: Text,
    stderr: Text,
}

#[derive(Debug)]
enum Stdin {
    Is(&'static str),
    /// The content of this file, whose path is relative to the root.
    File(&'static str),
}

#[derive(Debug)]
enum Exit {
    Success,
    /// The program reported a failure; a panic does not count.
    Failure,
    /// The program exited with this code.
    Code(i32),
}

/// Expectation of an output.
#[derive(Debug)]
enum Text {
    Anything,
    Is(&'static str),
    /// All of these, in this order, with anything in between.
    Mentions(&'static [&'static str]),
}

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
    for run in RUNS {
        let kind = examples.iter().find(|it| it.name == run.example).map(|it| it.kind);
        let mut cmd = run.built(kind.unwrap_or(Kind::Example));
        let file = env::temp_dir().join(format!("xtask-{}-{}", run.example, process::id()));
        if run.file {
            cmd = cmd.arg(&file.display().to_string());
        }
        if let Some(answer) = run.server {
            cmd = cmd.arg(&serve_once(answer)?);
        }
        let stdin = match run.stdin {
            Stdin::Is(text) => text.to_owned(),
            Stdin::File(path) => files::read(path)?,
        };
        let finished = cmd.converse(stdin, LIMIT)?;
        // The file does not exist if the row does not create it.
        let _ = fs::remove_file(&file);
        run.compare(&finished)?;
        run.compare_with_readme(&finished, &shown)?;
    }
    // The programs of README.md, against servers of sse-test.
    cargo::test_target("readme").run()?;
    Ok(Done::Passed)
}

/// Starts a server on loopback that responds to its first request with this text, and with 204 to
/// those that follow. Returns its URL.
fn serve_once(answer: &'static str) -> Result<String, Failure> {
    let no_server = |error| Failure(format!("no server on loopback: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(no_server)?;
    let address = listener.local_addr().map_err(no_server)?;
    thread::spawn(move || -> io::Result<()> {
        for answer in iter::once(answer).chain(iter::repeat(NO_CONTENT)) {
            let (mut stream, _) = listener.accept()?;
            skip_request(&stream)?;
            stream.write_all(answer.as_bytes())?;
        }
        Ok(())
    });
    Ok(format!("http://{address}/"))
}

/// Reads a request to its end: a socket that is closed earlier is reset, and the response lost.
fn skip_request(stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > "\r\n".len() {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    Ok(())
}

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";

impl Run {
    /// Returns the command of the built program, without the server's URL.
    ///
    /// `cargo run` would build it alone, and some dependencies with other features.
    fn built(&self, kind: Kind) -> Cmd {
        let dir = match kind {
            Kind::Example => "debug/examples",
            Kind::Bin => "debug",
        };
        let program = files::built(&format!("{dir}/{}{EXE_SUFFIX}", self.example));
        self.args.iter().fold(Cmd::new(&program, ""), |cmd, arg| cmd.arg(arg))
    }

    /// Returns the command as the README shows it.
    fn shown(&self, kind: Kind) -> String {
        let kind = match kind {
            Kind::Example => "example",
            Kind::Bin => "bin",
        };
        let dashes = if self.args.is_empty() && self.server.is_none() { "" } else { "--" };
        let cmd = Cmd::cargo(&format!("run --{kind} {} {dashes}", self.example));
        let mut cmd = self.args.iter().fold(cmd, |cmd, arg| cmd.arg(arg));
        if self.file {
            cmd = cmd.arg("FILE");
        }
        if self.server.is_some() {
            cmd = cmd.arg("URL");
        }
        match self.stdin {
            Stdin::Is(_) => cmd.to_string(),
            Stdin::File(path) => format!("{cmd} < {path}"),
        }
    }

    fn compare_with_readme(
        &self,
        Finished { stdout, stderr, .. }: &Finished,
        readme: &[Shown<'_>],
    ) -> Result<(), Failure> {
        let is_own = |it: &&Shown<'_>| {
            [Kind::Example, Kind::Bin].iter().any(|&kind| it.is(&self.shown(kind)))
        };
        let written = format!("{stdout}{stderr}");
        match readme.iter().filter(is_own).find(|it| !it.is_true(&written)) {
            None => Ok(()),
            Some(it) => Err(Failure(format!(
                "{README}:{}: `{}` writes something else:\n{written}---",
                it.line,
                it.command(),
            ))),
        }
    }

    fn compare(&self, finished: &Finished) -> Result<(), Failure> {
        let Finished { status, stdout, stderr } = finished;
        // A panic ends a program with 101.
        let as_expected = match self.exit {
            Exit::Success => status.success(),
            Exit::Failure => !matches!(status.code(), None | Some(0 | 101)),
            Exit::Code(code) => status.code() == Some(code),
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
    use super::{Example, Kind, Text, in_metadata, uncovered};

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
