//! Reads the command line.

use std::{ffi::OsString, path::PathBuf};

pub(crate) const HELP: &str = "\
Compares how Chromium and sse-reqwest read event streams.

Usage: sse-chromium [OPTIONS]

Options:
    --chromium PROGRAM  Browser to run (default: chromium)
    --gateway PROGRAM   Example `gateway` (default: the one built next to this program)
    --session DIR       Directory of `session.js`, which wasm-bindgen generates from the crate
                        `sse-in-browser`: compares that session too
    --streams N         Number of random streams to compare (default: 500)
    --seed N            Seed of the first stream, incremented for each next one (default: 0)
";

/// Command line of the program.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) chromium: PathBuf,
    pub(crate) gateway: PathBuf,
    pub(crate) session: Option<PathBuf>,
    pub(crate) streams: usize,
    pub(crate) seed: u64,
}

/// Parses the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let mut parsed = Args {
        chromium: "chromium".into(),
        gateway: built_gateway(),
        session: None,
        streams: 500,
        seed: 0,
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Long("chromium") => parsed.chromium = parser.value()?.into(),
            Long("gateway") => parsed.gateway = parser.value()?.into(),
            Long("session") => parsed.session = Some(parser.value()?.into()),
            Long("streams") => parsed.streams = parser.value()?.parse()?,
            Long("seed") => parsed.seed = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(parsed)
}

/// Returns the path of the example `gateway` in cargo's target directory.
fn built_gateway() -> PathBuf {
    let name = format!("gateway{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().unwrap_or_default().with_file_name("examples").join(name)
}
