//! Counts the events of a file, or of standard input, by event type.
//!
//! Uses sse-core alone, and copies no event: each is inspected in the reader's buffer.

use std::{
    collections::BTreeMap,
    error::Error,
    fs::File,
    io::{self, Read},
    process::ExitCode,
};

use sse_core::{EventReader, ReadError};

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    if let Some(cause) = error.source() {
        eprintln!("  caused by: {cause}");
    }
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    let source: Box<dyn Read> = match std::env::args_os().nth(1) {
        Some(path) => Box::new(File::open(path)?),
        None => Box::new(io::stdin().lock()),
    };
    for (event_type, Count { events, bytes }) in count(source)? {
        println!("{event_type}: {events} events, {bytes} bytes of data");
    }
    Ok(())
}

#[derive(Default)]
struct Count {
    events: u64,
    bytes: usize,
}

fn count(source: impl Read) -> Result<BTreeMap<String, Count>, ReadError> {
    let mut counts = BTreeMap::<String, Count>::new();
    let mut reader = EventReader::new(source);
    while reader.fill()? {
        while let Some(event) = reader.next_ref()? {
            let count = counts.entry(event.event_type().into_owned()).or_default();
            count.events += 1;
            count.bytes += event.data_bytes().len();
        }
    }
    let pending = reader.parser().pending_bytes();
    if pending > 0 {
        eprintln!("incomplete at the end: {pending} bytes");
    }
    Ok(counts)
}
