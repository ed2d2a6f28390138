//! Reads the command line.

use std::{ffi::OsString, path::PathBuf};

use crate::follow::Fault;

pub(crate) const HELP: &str = "\
Counts the events of a stream by type, and resumes where the last run stopped.

Usage: cargo run --example resume [-- OPTIONS]

Without a URL, three processes follow a demo server: one crashes, one is killed, one completes.

Options:
    --url URL          Follows this event stream
    --file FILE        Stores the counts and the last event ID here (default: counts.json)
    --crash-after N    Crashes after N events, before the last of them is saved
    --hang-after N     Hangs after N events have been saved, to be killed
    -h, --help         Prints this help
";

/// Command line of the program.
pub(crate) enum Args {
    Help,
    Demonstrate,
    Follow { url: String, file: PathBuf, fault: Fault },
}

/// Parses the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let (mut url, mut file, mut fault) = (None, PathBuf::from("counts.json"), Fault::None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("url") => url = Some(parser.value()?.string()?),
            Long("file") => file = parser.value()?.into(),
            Long("crash-after") => fault = Fault::Crash { after: parser.value()?.parse()? },
            Long("hang-after") => fault = Fault::Hang { after: parser.value()?.parse()? },
            other => return Err(other.unexpected()),
        }
    }
    Ok(match url {
        None => Args::Demonstrate,
        Some(url) => Args::Follow { url, file, fault },
    })
}
