//! Commands: each is printed as it is run, so that it can be copied and run by hand.

use std::{
    env, fmt,
    io::{ErrorKind, Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use crate::{files, outcome::Failure};

/// Command that runs at the root of the workspace.
#[derive(Debug)]
pub(crate) struct Cmd {
    shown: String,
    command: Command,
}

/// Shows the command as it would be typed.
impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Output and exit status of a program.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Cmd {
    /// Creates the command of a program, with the words of `line` as its arguments.
    pub(crate) fn new(program: &str, line: &str) -> Self {
        Self::from_parts(program, Command::new(program), line)
    }

    /// Creates a command of the running cargo, with the words of `line` as its arguments.
    pub(crate) fn cargo(line: &str) -> Self {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::from_parts("cargo", Command::new(cargo), line)
    }

    fn from_parts(shown: &str, mut command: Command, line: &str) -> Self {
        command.current_dir(files::root());
        line.split_whitespace().fold(Self { shown: shown.to_owned(), command }, Self::arg)
    }

    /// Adds one argument, which may contain spaces.
    pub(crate) fn arg(mut self, arg: &str) -> Self {
        self.shown += &format!(" {}", quoted(arg));
        self.command.arg(arg);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, key: &str, value: &str) -> Self {
        self.shown = format!("{key}={} {}", quoted(value), self.shown);
        self.command.env(key, value);
        self
    }

    /// Runs the command to its end, with the output of this program as its output.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        self.announce();
        match self.command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.failure(status)),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// Runs the command to its end and returns its exit status, for a program whose exit codes mean
    /// more than success and failure.
    pub(crate) fn status(mut self) -> Result<ExitStatus, Failure> {
        self.announce();
        self.command.status().map_err(|error| self.failure(error))
    }

    /// Returns `true` if the program exists and succeeds. Its output is discarded.
    pub(crate) fn succeeds(mut self) -> bool {
        let command = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Returns the text that the program writes to stdout, or `None` if the program is missing.
    pub(crate) fn stdout(mut self) -> Result<Option<String>, Failure> {
        match self.command.stderr(Stdio::inherit()).output() {
            Ok(output) if output.status.success() => Ok(Some(text(&output.stdout))),
            Ok(output) => Err(self.failure(output.status)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// Runs the command with `stdin` as its input, captures its output, and stops it after `limit`.
    pub(crate) fn converse(mut self, stdin: String, limit: Duration) -> Result<Finished, Failure> {
        self.announce();
        let command = self.command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            command.stderr(Stdio::piped()).spawn().map_err(|error| self.failure(error))?;
        if let Some(mut pipe) = child.stdin.take() {
            // An error only means that the program did not read all of its input.
            thread::spawn(move || pipe.write_all(stdin.as_bytes()));
        }
        let streams = (read(child.stdout.take()), read(child.stderr.take()));
        finish(&mut child, streams, limit).map_err(|why| self.failure(why))
    }

    fn announce(&self) {
        eprintln!("$ {}", self.shown);
    }

    fn failure(&self, why: impl fmt::Display) -> Failure {
        Failure(format!("{why}\n  {}", self.shown))
    }
}

fn finish(
    child: &mut Child,
    (stdout, stderr): (Receiver<String>, Receiver<String>),
    limit: Duration,
) -> Result<Finished, String> {
    let deadline = Instant::now() + limit;
    let rest = || deadline.saturating_duration_since(Instant::now());
    let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(rest()), stderr.recv_timeout(rest()))
    else {
        return Err(match child.kill() {
            Ok(()) => format!("stopped, since it ran for longer than {limit:?}"),
            Err(error) => format!("ran for longer than {limit:?} and cannot be stopped: {error}"),
        });
    };
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok(Finished { status, stdout, stderr })
}

/// Reads a pipe on a thread of its own, so that the program never blocks on the other pipe.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // The bytes before a read error are compared all the same.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        sender.send(text(&bytes))
    });
    receiver
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns a word of a command line, in quotes if a shell would split or expand it.
pub(crate) fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains(|c: char| c.is_whitespace() || "\"'$;&|<>*".contains(c)) {
        format!("{word:?}")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Cmd;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let cmd = Cmd::cargo("doc  --no-deps").env("RUSTDOCFLAGS", "-D warnings").arg("a b");
        assert_eq!(cmd.shown, r#"RUSTDOCFLAGS="-D warnings" cargo doc --no-deps "a b""#);
    }

    #[test]
    fn a_failure_names_the_command() {
        let failure = Cmd::new("no-such-program", "--now").run().unwrap_err();
        assert!(failure.0.ends_with("\n  no-such-program --now"), "{failure:?}");
    }

    #[test]
    fn a_program_that_is_missing_can_be_asked_for() {
        assert!(Cmd::new("no-such-program", "").stdout().unwrap().is_none());
        assert!(!Cmd::new("no-such-program", "").succeeds());
        assert!(!Cmd::cargo("no-such-subcommand").succeeds());
        assert!(Cmd::cargo("--version").succeeds());
    }

    #[test]
    fn a_program_that_does_not_read_its_input_still_ends() {
        let finished =
            Cmd::cargo("--version").converse("unread".to_owned(), Duration::from_secs(60)).unwrap();
        assert!(finished.stdout.starts_with("cargo "), "{finished:?}");
        assert!(finished.status.success());
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_does_not_end_is_stopped() {
        let endless = Cmd::new("tail", "-f /dev/null");
        let failure = endless.converse(String::new(), Duration::from_millis(10)).unwrap_err();
        assert!(failure.0.starts_with("stopped, since it ran for longer than 10ms"), "{failure:?}");
    }
}
