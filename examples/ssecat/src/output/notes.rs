//! Prints the steps of the connection to standard error, for a person.
//!
//! The options choose how much is printed. A failure to write is ignored.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use reqwest::header::HeaderMap;
use sse_reqwest::{Call, RequestHead, reqwest};

use super::{end::Ended, style::Palette};
use crate::{
    args::OutputArgs,
    failure::{self, Ending, Failure},
    steps::StepKind,
};

pub(crate) struct Notes {
    verbosity: Verbosity,
    palette: Palette,
    connections: u64,
}

/// Amount of output.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Verbosity {
    Silent,
    Errors,
    /// Also disconnects that the session recovers from.
    Normal,
    /// Also requests, responses, and every end.
    Verbose,
}

impl Verbosity {
    pub(crate) fn of(args: &OutputArgs) -> Self {
        match (args.silent, args.show_error, args.verbose) {
            (true, false, _) => Self::Silent,
            (true, true, _) => Self::Errors,
            (false, _, false) => Self::Normal,
            (false, _, true) => Self::Verbose,
        }
    }
}

impl Notes {
    pub(crate) fn new(verbosity: Verbosity, palette: Palette) -> Self {
        Self { verbosity, palette, connections: 0 }
    }

    /// Prints a step, and what has ended.
    pub(crate) fn step(&mut self, step: &StepKind, ended: &Ended) {
        self.end(ended);
        match step {
            StepKind::Connecting { .. } => {}
            StepKind::Open(call) => {
                self.connections += 1;
                self.heads(call);
                if self.connections > 1 && self.verbosity == Verbosity::Normal {
                    self.note("reconnected");
                }
            }
            StepKind::Disconnected { cause, delay } if self.verbosity >= Verbosity::Normal => {
                let mut text = cause.to_string();
                if let Some(innermost) = failure::causes(cause).last() {
                    let _ = write!(text, ": {innermost}");
                }
                self.note(&text);
                // It is zero in a replay.
                if !delay.is_zero() {
                    self.note(&format!("next attempt in {:.1} s", delay.as_secs_f64()));
                }
            }
            StepKind::Disconnected { .. } => {}
            StepKind::Gap(gap) => self.warning(&gap.to_string()),
        }
    }

    /// Prints how a connection ended, and its times.
    pub(crate) fn end(&self, ended: &Ended) {
        if self.verbosity == Verbosity::Verbose {
            ended.lines().iter().for_each(|line| self.note(line));
        }
    }

    /// Prints what the user may not expect.
    pub(crate) fn warning(&self, text: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.note(text);
        }
    }

    pub(crate) fn ending(&self, ending: Ending) {
        // A 204 ends a session that would otherwise have gone on: says that the server wanted it.
        let required = match ending {
            Ending::NoContent => Verbosity::Normal,
            _ => Verbosity::Verbose,
        };
        if self.verbosity >= required {
            self.note(ending.text());
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if self.verbosity < Verbosity::Errors {
            return;
        }
        let mut text = String::new();
        self.palette.put(&mut text, self.palette.error, "ssecat:");
        let _ = writeln!(text, " ({}) {}", failure.code(), self.palette.safe(&failure.text()));
        for cause in failure.causes() {
            let _ = writeln!(text, "  caused by: {}", self.palette.safe(&cause));
        }
        if let Some(body) = failure.session().and_then(|error| error.body_excerpt()) {
            let _ = writeln!(text, "  response body: {body}");
        }
        write(&text);
    }

    /// Prints the heads of the request and the response, as curl does.
    fn heads(&self, call: &Call) {
        if self.verbosity != Verbosity::Verbose {
            return;
        }
        let mut text = String::new();
        if let Some(address) = call.response().remote_addr() {
            self.line(&mut text, '*', &format!("connected to {address}"));
        }
        if let Some(request) = call.request() {
            self.request(&mut text, request);
        }
        let response = call.response();
        self.line(&mut text, '<', &format!("{:?} {}", response.version(), response.status()));
        self.headers(&mut text, '<', response.headers());
        write(&text);
    }

    fn request(&self, text: &mut String, request: &RequestHead) {
        let uri = request.uri();
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        self.line(text, '>', &format!("{} {target}", request.method()));
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = uri.host().unwrap_or_default();
        self.line(text, '>', &format!("host: {host}{port}"));
        self.headers(text, '>', request.headers());
    }

    fn headers(&self, text: &mut String, mark: char, headers: &HeaderMap) {
        for (name, value) in headers {
            let value = match value.is_sensitive() {
                true => "(hidden)".into(),
                false => String::from_utf8_lossy(value.as_bytes()),
            };
            self.line(text, mark, &format!("{name}: {value}"));
        }
        self.line(text, mark, "");
    }

    fn note(&self, text: &str) {
        let mut line = String::new();
        self.line(&mut line, '*', text);
        write(&line);
    }

    fn line(&self, out: &mut String, mark: char, text: &str) {
        self.palette.put(out, self.palette.dim, format!("{mark} {text}").trim_end());
        out.push('\n');
    }
}

fn write(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
