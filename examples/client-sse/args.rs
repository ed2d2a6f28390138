//! Reads the command line.

use std::ffi::OsString;

pub(crate) const HELP: &str = "\
Follows an event stream and prints everything that happens: requests, responses, events, disconnects,
and the end.

Usage: cargo run --example client-sse [-- OPTIONS [URL]]

Without a URL, a demo server in the same process is followed to its end.
With a URL, that event stream is followed until it ends, or until Ctrl-C.

Options:
    --attempts N          Attempts to reconnect that may fail in a row (default: 10)
    --last-event-id ID    Starts after the event with this ID
    -h, --help            Prints this help
";

/// Command line of the program.
pub(crate) enum Args {
    Help,
    Follow(Options),
}

/// Options of a session.
pub(crate) struct Options {
    /// URL of the event stream, `None` for the demo server.
    pub(crate) url: Option<String>,
    pub(crate) attempts: u32,
    /// Last event ID to start from, empty for none.
    pub(crate) last_event_id: String,
}

/// Parses the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let mut options = Options { url: None, attempts: 10, last_event_id: String::new() };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("attempts") => options.attempts = parser.value()?.parse()?,
            Long("last-event-id") => options.last_event_id = parser.value()?.string()?,
            Value(value) if options.url.is_none() => options.url = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Args::Follow(options))
}
