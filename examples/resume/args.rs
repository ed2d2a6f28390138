//! The command line in, what to do out.

use std::{ffi::OsString, path::PathBuf};

use crate::follow::Mishap;

pub(crate) const HELP: &str = "\
Counts the events of a server by their type, and goes on where it was stopped.

Usage: cargo run --example resume [-- OPTIONS]

Without a URL, a demonstration: a demo server is followed by processes that crash and are killed.

Options:
    --url URL          Follows this event stream
    --ledger FILE      Keeps the counts and the last event ID here (default: ledger.json)
    --crash-after N    Crashes when N events are counted and the last of them is not saved
    --hang-after N     Hangs when N events are saved, to be killed
    -h, --help         Print this help
";

/// What the command line asks for.
pub(crate) enum Args {
    Help,
    Demonstrate,
    Follow { url: String, ledger: PathBuf, mishap: Mishap },
}

/// Reads the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let (mut url, mut ledger, mut mishap) = (None, PathBuf::from("ledger.json"), Mishap::None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("url") => url = Some(parser.value()?.string()?),
            Long("ledger") => ledger = parser.value()?.into(),
            Long("crash-after") => mishap = Mishap::Crash { after: parser.value()?.parse()? },
            Long("hang-after") => mishap = Mishap::Hang { after: parser.value()?.parse()? },
            other => return Err(other.unexpected()),
        }
    }
    Ok(match url {
        None => Args::Demonstrate,
        Some(url) => Args::Follow { url, ledger, mishap },
    })
}
