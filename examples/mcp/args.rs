//! The command line in, what to do out.

use std::{ffi::OsString, time::Duration};

use serde_json::Value;

pub(crate) const HELP: &str = "\
Speaks with a server of the Model Context Protocol (streamable HTTP): what it is, what tools it has,
and what some of them answer.

Usage: cargo run --example mcp [-- OPTIONS [URL]]

Without a URL, a server in the same process answers, whose answers show all that can happen.
With one, such as http://127.0.0.1:3001/mcp, that server does.

Options:
    --call TOOL JSON         Call this tool with these arguments, rather than those that are known
    --cut                    Give up the connection of each answer at its first event of progress,
                             to see it resumed
    --idle-timeout SECONDS   How long a stream may be silent (default: 60)
    -h, --help               Print this help
";

/// What the command line asks for.
pub(crate) enum Args {
    Help,
    Speak(Conversation),
}

/// With whom to speak, and how.
pub(crate) struct Conversation {
    /// That of the server in this process, if there is none.
    pub(crate) url: Option<String>,
    /// The tool to call, and its arguments.
    pub(crate) call: Option<(String, Value)>,
    pub(crate) habits: Habits,
}

/// How a client treats the streams of its answers.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    pub(crate) idle_timeout: Duration,
    pub(crate) progress: OnProgress,
}

/// What to do at the first event of progress.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum OnProgress {
    Read,
    /// Gives up the connection, as if it was lost.
    Cut,
}

/// Reads the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let (mut url, mut call) = (None, None);
    let mut habits = Habits { idle_timeout: Duration::from_secs(60), progress: OnProgress::Read };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("call") => {
                let tool = parser.value()?.string()?;
                let arguments = parser.value()?.parse()?;
                call = Some((tool, arguments));
            }
            Long("cut") => habits.progress = OnProgress::Cut,
            Long("idle-timeout") => {
                let seconds = parser.value()?.parse()?;
                habits.idle_timeout =
                    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
            }
            Value(value) if url.is_none() => url = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Args::Speak(Conversation { url, call, habits }))
}
