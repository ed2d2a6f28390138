//! Events, and what becomes of the connection, in; text on the two outputs out.
//!
//! Events go to standard output, all else to standard error; in JSON everything goes to standard
//! output, and errors to both.

mod style;
mod pretty;
mod text;
mod json;
mod notes;
mod spinner;

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    time::SystemTime,
};

use sse_reqwest::ServerSentEvent;

use self::{
    json::JsonLines,
    notes::{Loudness, Notes},
    spinner::Spinner,
    style::Palette,
    text::TextFormat,
};
use crate::{
    args::OutputArgs,
    failure::{Ending, Failure},
    steps::{Step, TimeSource},
};

pub(crate) struct Output {
    format: Format,
    notes: Notes,
    spinner: Spinner,
    out: Box<dyn Write>,
    /// What is not written yet.
    unwritten: String,
    time: TimeSource,
}

enum Format {
    Text(TextFormat),
    Json,
}

impl Output {
    pub(crate) fn new(args: &OutputArgs) -> Self {
        let (out, palette) = style::stdout(args.color);
        let format =
            if args.json { Format::Json } else { Format::Text(TextFormat::new(args, palette)) };
        let loudness = Loudness::of(args);
        let is_watched = io::stdout().is_terminal() && loudness >= Loudness::Usual;
        Self {
            format,
            notes: Notes::new(loudness, Palette::of_stderr(args.color)),
            spinner: Spinner::new(is_watched),
            out,
            unwritten: String::new(),
            time: TimeSource::System,
        }
    }

    /// Shows other times than the system's.
    pub(crate) fn take_time_from(&mut self, time: TimeSource) {
        self.time = time;
    }

    pub(crate) fn event(
        &mut self,
        event: &ServerSentEvent,
        last_event_id: &str,
    ) -> Result<(), Failure> {
        let time = self.time.now();
        match &self.format {
            Format::Text(format) => format.event(&mut self.unwritten, event, time),
            Format::Json => JsonLines(&mut self.unwritten, time).event(event, last_event_id),
        }
        if self.unwritten.len() >= MOST_UNWRITTEN { self.flush() } else { Ok(()) }
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<(), Failure> {
        self.spinner.step(&step.what);
        match &self.format {
            Format::Json => JsonLines(&mut self.unwritten, step.time).step(&step.what),
            Format::Text(_) => {
                // In the order in which it happened, where both outputs are one terminal.
                self.flush()?;
                self.spinner.pause(|| self.notes.step(&step.what));
            }
        }
        Ok(())
    }

    /// Writes what is not written yet.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        let written = self.spinner.pause(|| {
            self.out.write_all(self.unwritten.as_bytes())?;
            self.out.flush()
        });
        self.unwritten.clear();
        written.map_err(Failure::Output)
    }

    /// Shows how it ended, and gives the exit code for that.
    pub(crate) fn end(mut self, ended: Result<Ending, Failure>) -> u8 {
        self.spinner.stop();
        if let Format::Json = self.format {
            JsonLines(&mut self.unwritten, self.time.now()).end(&ended);
        }
        // What was shown before a failure, and the failure itself in JSON.
        let ended = match (self.flush(), ended) {
            (Err(failure), Ok(_)) => Err(failure),
            (_, ended) => ended,
        };
        match ended {
            Err(failure) if failure.is_closed_pipe() => 0,
            Err(failure) => {
                self.notes.failure(&failure);
                failure.code()
            }
            Ok(ending) => {
                // In JSON it is the last line.
                if let Format::Text(_) = self.format {
                    self.notes.ending(ending);
                }
                ending.code()
            }
        }
    }
}

/// In a burst of events, so many bytes are written at a time.
const MOST_UNWRITTEN: usize = 64 * 1024;

/// RFC 3339, in UTC.
fn timestamp(time: SystemTime) -> String {
    let mut text = String::new();
    // There is none for the year 10000, where a recording may say it is from.
    let _ = write!(text, "{}", humantime::format_rfc3339_millis(time));
    text
}
