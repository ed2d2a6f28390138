//! Parses an event stream from standard input, and prints each event as a JSON object on a line of
//! its own.
//!
//! Uses sse-core alone: the bytes may come from anywhere.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    num::NonZeroUsize,
    process::ExitCode,
};

use serde::Serialize;
use sse_core::{LimitExceeded, Parser, ServerSentEvent};

const HELP: &str = "\
Parses an event stream from standard input, and prints each event as a JSON object on a line.

Usage: cargo run --example parse [-- OPTIONS] < STREAM

Options:
    --blocks      Prints every block with all of its fields, instead of the events
    --chunk N     Parses the input in chunks of N bytes (default: as it is read)
    -h, --help    Prints this help

A summary is printed to standard error.
";

fn main() -> ExitCode {
    let args = match parse_args(std::env::args_os().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(&args, &mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(summary) => {
            eprintln!("{summary}");
            ExitCode::SUCCESS
        }
        // The reader of a pipe, such as `head`, has read enough.
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Error::Io(error)) => fail(&error),
        Err(Error::Limit(error)) => fail(&error),
        Err(Error::Json(error)) => fail(&error),
    }
}

struct Args {
    shown: Shown,
    chunk: NonZeroUsize,
}

enum Shown {
    Events,
    Blocks,
}

enum Error {
    Io(io::Error),
    Limit(LimitExceeded),
    Json(serde_json::Error),
}

/// Parses the command line. Returns `None` if it asks for help.
fn parse_args(args: impl IntoIterator<Item = OsString>) -> Result<Option<Args>, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let mut parsed = Args { shown: Shown::Events, chunk: NonZeroUsize::MAX };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(None),
            Long("blocks") => parsed.shown = Shown::Blocks,
            Long("chunk") => parsed.chunk = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(parsed))
}

fn run(args: &Args, input: &mut impl Read, output: &mut impl Write) -> Result<String, Error> {
    let mut parser = match args.shown {
        Shown::Events => Parser::new(),
        Shown::Blocks => Parser::new().with_comments(true).with_dataless_blocks(true),
    };
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0_u64;
    loop {
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::Io(error)),
        };
        for mut chunk in buffer[..read].chunks(args.chunk.get()) {
            while let Some(event) = parser.next_ref(&mut chunk).map_err(Error::Limit)? {
                count += 1;
                let line = to_json(&args.shown, &event.to_event(), parser.last_event_id());
                writeln!(output, "{}", line.map_err(Error::Json)?).map_err(Error::Io)?;
            }
        }
    }
    output.flush().map_err(Error::Io)?;
    Ok(summary(args, count, &parser))
}

fn to_json(
    shown: &Shown,
    event: &ServerSentEvent,
    last_event_id: &str,
) -> serde_json::Result<String> {
    match shown {
        Shown::Events => serde_json::to_string(&EventObject {
            r#type: event.event_type(),
            data: event.data(),
            last_event_id,
        }),
        Shown::Blocks => serde_json::to_string(&BlockObject {
            event: event.event(),
            data: event.has_data().then(|| event.data()),
            id: event.id(),
            retry: event.retry().map(|time| time.as_millis() as u64),
            comments: event.comments(),
            last_event_id,
        }),
    }
}

#[derive(Serialize)]
struct EventObject<'a> {
    r#type: &'a str,
    data: &'a str,
    last_event_id: &'a str,
}

/// Block with all of its fields; those that it does not have are null.
#[derive(Serialize)]
struct BlockObject<'a> {
    event: Option<&'a str>,
    data: Option<&'a str>,
    id: Option<&'a str>,
    /// In milliseconds.
    retry: Option<u64>,
    comments: Option<&'a str>,
    last_event_id: &'a str,
}

fn summary(args: &Args, count: u64, parser: &Parser) -> String {
    let what = match args.shown {
        Shown::Events => "events",
        Shown::Blocks => "blocks",
    };
    let time = match parser.reconnection_time() {
        Some(time) => format!("{} ms", time.as_millis()),
        None => "not set".to_owned(),
    };
    format!(
        "{what}: {count}; bytes: {}; reconnection time: {time}; incomplete at the end: {} bytes",
        parser.position(),
        parser.pending_bytes(),
    )
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}
