//! The command line in, what to compare out.

use std::{ffi::OsString, path::PathBuf};

pub(crate) const HELP: &str = "\
Compares what Chromium makes of event streams with what our sessions make of them.

Usage: sse-chromium [OPTIONS]

Options:
    --chromium PROGRAM  The browser (default: chromium)
    --gateway PROGRAM   The example `gateway` (default: the one built beside this program)
    --session DIR       Where `session.js` is, made by wasm-bindgen of the crate `sse-in-browser`:
                        then that session is compared too
    --streams N         How many random streams to compare (default: 500)
    --seed N            The seed of the first; each next one has the next (default: 0)
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) chromium: PathBuf,
    pub(crate) gateway: PathBuf,
    pub(crate) session: Option<PathBuf>,
    pub(crate) streams: usize,
    pub(crate) seed: u64,
}

/// Reads the command line.
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

/// Where cargo puts the examples.
fn built_gateway() -> PathBuf {
    let name = format!("gateway{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().unwrap_or_default().with_file_name("examples").join(name)
}
