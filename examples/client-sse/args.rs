//! The command line in, what to do out.

use std::ffi::OsString;

pub(crate) const HELP: &str = "\
Prints the events of a server as they come, and what becomes of the connection.

Usage: cargo run --example client-sse [-- OPTIONS [URL]]

Without a URL, a demo server is started in the same process, and followed to its end.
With one, that URL is followed until Ctrl-C.

Options:
    --attempts N          How many attempts to reconnect may fail in a row (default: 10)
    --last-event-id ID    Start after the event with this ID
    -h, --help            Print this help
";

/// What the command line asks for.
pub(crate) enum Args {
    Help,
    Follow { url: Option<String>, attempts: u32, last_event_id: Option<String> },
}

/// Reads the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let (mut url, mut attempts, mut last_event_id) = (None, 10, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("attempts") => attempts = parser.value()?.parse()?,
            Long("last-event-id") => last_event_id = Some(parser.value()?.string()?),
            Value(value) if url.is_none() => url = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Args::Follow { url, attempts, last_event_id })
}
