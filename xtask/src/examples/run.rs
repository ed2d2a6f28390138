//! Runs one example, and compares its output with its row and with the README.

use std::{
    env::{self, consts::EXE_SUFFIX},
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    iter,
    net::{TcpListener, TcpStream},
    process, thread,
    time::Duration,
};

use super::{Kind, README, readme::Shown};
use crate::{
    files,
    outcome::Failure,
    run::{Cmd, Finished},
};

/// An example takes a few seconds at most; one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Run {
    pub(super) example: &'static str,
    pub(super) args: &'static [&'static str],
    /// `true` if the argument after `args` is the path of a file that does not exist yet.
    pub(super) file: bool,
    /// Response of a server, sent once, whose URL is the last argument; it sends 204 from then on.
    pub(super) server: Option<&'static str>,
    pub(super) stdin: Stdin,
    pub(super) exit: Exit,
    pub(super) stdout: Text,
    pub(super) stderr: Text,
}

#[derive(Debug)]
pub(super) enum Stdin {
    Is(&'static str),
    /// The content of this file, whose path is relative to the root.
    File(&'static str),
}

#[derive(Debug)]
pub(super) enum Exit {
    Success,
    /// The program reported a failure; a panic does not count.
    Failure,
    /// The program exited with this code.
    Code(i32),
}

/// Expectation of an output.
#[derive(Debug)]
pub(super) enum Text {
    Anything,
    Is(&'static str),
    /// All of these, in this order, with anything in between.
    Mentions(&'static [&'static str]),
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
    /// Runs the program, and compares its output with this row, whose number is given, and with
    /// the README.
    pub(super) fn check(
        &self,
        row: usize,
        kind: Kind,
        readme: &[Shown<'_>],
    ) -> Result<(), Failure> {
        let mut cmd = self.built(kind);
        let file = env::temp_dir().join(format!("xtask-example-{row}-{}", process::id()));
        if self.file {
            cmd = cmd.arg(&file.display().to_string());
        }
        if let Some(answer) = self.server {
            cmd = cmd.arg(&serve_once(answer)?);
        }
        let stdin = match self.stdin {
            Stdin::Is(text) => text.to_owned(),
            Stdin::File(path) => files::read(path)?,
        };
        let finished = cmd.converse(stdin, LIMIT)?;
        // The file does not exist if the row does not create it.
        let _ = fs::remove_file(&file);
        self.compare(&finished)?;
        self.compare_with_readme(&finished, readme)
    }

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
    pub(super) fn shown(&self, kind: Kind) -> String {
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

#[cfg(test)]
mod tests {
    use super::Text;

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
