//! Reads the command line.

use std::{ffi::OsString, time::Duration};

use serde_json::Value;

pub(crate) const HELP: &str = "\
Talks to a server of the Model Context Protocol (streamable HTTP): prints what it is, lists its tools,
and calls some of them.

Usage: cargo run --example mcp [-- OPTIONS [URL]]

Without a URL, a demo server in the same process answers, in every way that the protocol allows.
With a URL, such as http://127.0.0.1:3001/mcp, that server answers.

Options:
    --call TOOL JSON          Calls this tool with these arguments, instead of the known tools
    --reconnect               Reconnects at the first progress of each answer, to show its resumption
    --idle-timeout SECONDS    Longest silence of a stream (default: 60)
    -h, --help                Prints this help
";

/// Command line of the program.
pub(crate) enum Args {
    Help,
    Talk(Conversation),
}

/// Server to talk to, and what to ask.
pub(crate) struct Conversation {
    /// URL of the server, `None` for the demo server.
    pub(crate) url: Option<String>,
    /// Tool to call, and its arguments.
    pub(crate) call: Option<(String, Value)>,
    pub(crate) options: Options,
}

/// Options of a client.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) idle_timeout: Duration,
    pub(crate) on_progress: OnProgress,
}

/// Reaction to the first progress notification of an answer.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum OnProgress {
    Read,
    Reconnect,
}

/// Parses the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let (mut url, mut call) = (None, None);
    let mut options =
        Options { idle_timeout: Duration::from_secs(60), on_progress: OnProgress::Read };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("call") => {
                let tool = parser.value()?.string()?;
                let arguments = parser.value()?.parse()?;
                call = Some((tool, arguments));
            }
            Long("reconnect") => options.on_progress = OnProgress::Reconnect,
            Long("idle-timeout") => {
                let seconds = parser.value()?.parse()?;
                options.idle_timeout =
                    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
            }
            Value(value) if url.is_none() => url = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Args::Talk(Conversation { url, call, options }))
}
