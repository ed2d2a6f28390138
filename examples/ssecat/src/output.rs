//! Prints events and the steps of the connection.
//!
//! Events go to standard output, everything else to standard error. With --json, everything goes to
//! standard output, and errors to both.

mod style;
mod pretty;
mod text;
mod times;
mod end;
mod json;
mod notes;
mod spinner;

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    time::SystemTime,
};

use sse_reqwest::{Call, ClientSseSession, EndEvidence, ServerSentEvent, Timings};

use self::{
    end::Ended,
    json::JsonLines,
    notes::{Notes, Verbosity},
    spinner::Spinner,
    style::Palette,
    text::TextFormat,
};
use crate::{
    args::OutputArgs,
    failure::{Ending, Failure},
    steps::{Step, StepKind, TimeSource},
};

pub(crate) struct Output {
    format: Format,
    shown: Shown,
    notes: Notes,
    spinner: Spinner,
    out: Box<dyn Write>,
    /// Text that has not been written yet.
    unwritten: String,
    time: TimeSource,
    /// Connection whose end has not been printed.
    open: Option<Call>,
    /// End of the last connection of a session that has not failed.
    last_end: Option<EndEvidence>,
    /// Times of the last response of such a session.
    last_times: Option<Timings>,
}

/// Parts for which an event without data is printed.
struct Shown {
    comments: bool,
    retry: bool,
    dataless: bool,
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
        let verbosity = Verbosity::of(args);
        let is_watched = io::stdout().is_terminal() && verbosity >= Verbosity::Normal;
        let &OutputArgs { comments, retry, dataless, .. } = args;
        Self {
            format,
            shown: Shown { comments, retry, dataless },
            notes: Notes::new(verbosity, Palette::of_stderr(args.color)),
            spinner: Spinner::new(is_watched),
            out,
            unwritten: String::new(),
            time: TimeSource::System,
            open: None,
            last_end: None,
            last_times: None,
        }
    }

    /// Prints times of this source instead of the system's.
    pub(crate) fn take_time_from(&mut self, time: TimeSource) {
        self.time = time;
    }

    /// Returns `true` if this event is printed. The session yields more where conditions look at
    /// it.
    pub(crate) fn shows(&self, event: &ServerSentEvent) -> bool {
        let Shown { comments, retry, dataless } = self.shown;
        event.has_data()
            || (comments && event.comments().is_some())
            || (retry && event.retry().is_some())
            || (dataless && (event.id().is_some() || event.event().is_some()))
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
        if self.unwritten.len() >= MAX_UNWRITTEN { self.flush() } else { Ok(()) }
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<(), Failure> {
        self.spinner.step(&step.kind);
        let ended = match &step.kind {
            StepKind::Disconnected { cause, .. } => {
                self.ended(cause.end_evidence(), cause.timings())
            }
            _ => Ended::default(),
        };
        if let StepKind::Open(call) = &step.kind {
            self.open = Some(call.clone());
        }
        match &self.format {
            Format::Json => {
                JsonLines(&mut self.unwritten, step.time).step(&step.kind, &ended);
            }
            Format::Text(_) => {
                // Keeps the order if both outputs are the same terminal.
                self.flush()?;
                self.spinner.pause(|| self.notes.step(&step.kind, &ended));
            }
        }
        Ok(())
    }

    /// Takes note of how the last connection of a session ended that has not failed.
    pub(crate) fn session_ended(&mut self, session: &ClientSseSession) {
        self.last_end = session.end_evidence();
        self.last_times = Some(session.call().timings());
    }

    /// Returns what has ended, once. Failed attempts to connect have the evidence of the connection
    /// before. The times of a recording are not known: it does not say when requests were sent.
    fn ended(&mut self, evidence: Option<EndEvidence>, timings: Option<Timings>) -> Ended {
        let open = self.open.take();
        let timings = timings.or_else(|| open.as_ref().map(Call::timings));
        let is_measured = matches!(self.time, TimeSource::System);
        Ended {
            evidence: evidence.filter(|_| open.is_some()),
            timings: timings.filter(|_| is_measured),
        }
    }

    /// Prints a note to standard error, unless that is silent or the output is JSON.
    pub(crate) fn note(&mut self, text: &str) {
        if let Format::Text(_) = self.format {
            self.spinner.pause(|| self.notes.warning(text));
        }
    }

    /// Writes all text that has not been written yet.
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

    /// Prints how ssecat ended, and returns its exit code.
    pub(crate) fn end(mut self, result: Result<Ending, Failure>) -> u8 {
        self.spinner.stop();
        let (evidence, timings) = match result.as_ref().err().and_then(Failure::session) {
            Some(error) => (error.end_evidence(), error.timings()),
            None => (self.last_end.take(), self.last_times.take()),
        };
        let ended = self.ended(evidence, timings);
        if let Format::Json = self.format {
            JsonLines(&mut self.unwritten, self.time.now()).end(&result, &ended);
        }
        // Flushes events from before a failure, and the line of the failure in JSON.
        let result = match (self.flush(), result) {
            (Err(failure), Ok(_)) => Err(failure),
            (_, result) => result,
        };
        match result {
            Err(failure) if failure.is_closed_pipe() => 0,
            Err(failure) => {
                if let Format::Text(_) = self.format {
                    self.notes.end(&ended);
                }
                self.notes.failure(&failure);
                failure.code()
            }
            Ok(ending) => {
                // In JSON, it was the last line.
                if let Format::Text(_) = self.format {
                    self.notes.end(&ended);
                    self.notes.ending(ending);
                }
                ending.code()
            }
        }
    }
}

/// Number of bytes after which a burst of events is written.
const MAX_UNWRITTEN: usize = 64 * 1024;

/// Formats a time as RFC 3339, in UTC.
fn timestamp(time: SystemTime) -> String {
    let mut text = String::new();
    // Fails after the year 9999, which a recording may claim to be from.
    let _ = write!(text, "{}", humantime::format_rfc3339_millis(time));
    text
}
