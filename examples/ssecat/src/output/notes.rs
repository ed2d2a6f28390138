//! What becomes of the connection in, lines on standard error out, for a person.
//!
//! How much is said, the user chooses. That nobody can read them any more is no reason to end.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use reqwest::header::HeaderMap;
use sse_reqwest::{Call, RequestHead, reqwest};

use super::style::Palette;
use crate::{
    args::OutputArgs,
    failure::{self, Ending, Failure},
    steps::Happening,
};

pub(crate) struct Notes {
    loudness: Loudness,
    palette: Palette,
    connections: u64,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Loudness {
    Silent,
    Errors,
    /// Also what goes wrong and is mended.
    Usual,
    /// Also what goes well.
    Verbose,
}

impl Loudness {
    pub(crate) fn of(args: &OutputArgs) -> Self {
        match (args.silent, args.show_error, args.verbose) {
            (true, false, _) => Self::Silent,
            (true, true, _) => Self::Errors,
            (false, _, false) => Self::Usual,
            (false, _, true) => Self::Verbose,
        }
    }
}

impl Notes {
    pub(crate) fn new(loudness: Loudness, palette: Palette) -> Self {
        Self { loudness, palette, connections: 0 }
    }

    pub(crate) fn step(&mut self, step: &Happening) {
        match step {
            Happening::Connecting { .. } => {}
            Happening::Open(call) => {
                self.connections += 1;
                self.heads(call);
                if self.connections > 1 && self.loudness == Loudness::Usual {
                    self.note("connected again");
                }
            }
            Happening::Lost { cause, wait } if self.loudness >= Loudness::Usual => {
                let mut text = cause.to_string();
                if let Some(innermost) = failure::causes(cause).last() {
                    let _ = write!(text, ": {innermost}");
                }
                self.note(&text);
                // A recording has had its waits.
                if !wait.is_zero() {
                    self.note(&format!("next attempt in {:.1} s", wait.as_secs_f64()));
                }
            }
            Happening::Lost { .. } => {}
        }
    }

    pub(crate) fn ending(&self, ending: Ending) {
        // Whoever follows a stream is told that the server, and not ssecat, has ended it.
        let loud_enough = match ending {
            Ending::NoContent => Loudness::Usual,
            _ => Loudness::Verbose,
        };
        if self.loudness >= loud_enough {
            self.note(ending.text());
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if self.loudness < Loudness::Errors {
            return;
        }
        let mut text = String::new();
        self.palette.put(&mut text, self.palette.error, "ssecat:");
        let _ = writeln!(text, " ({}) {}", failure.code(), self.palette.safe(&failure.text()));
        for cause in failure.causes() {
            let _ = writeln!(text, "  because: {}", self.palette.safe(&cause));
        }
        if let Some(body) = failure.session().and_then(|error| error.body_text()) {
            let start: String = body.trim().chars().take(MAX_BODY_CHARS).collect();
            for line in start.lines() {
                let _ = writeln!(text, "  the server said: {}", self.palette.safe(line));
            }
        }
        write(&text);
    }

    /// Both heads, as curl shows them.
    fn heads(&self, call: &Call) {
        if self.loudness != Loudness::Verbose {
            return;
        }
        let mut text = String::new();
        if let Some(request) = call.request() {
            self.request(&mut text, request);
        }
        let response = call.response();
        self.line(&mut text, '<', &format!("{:?} {}", response.version(), response.status()));
        self.headers(&mut text, '<', response.headers());
        write(&text);
    }

    fn request(&self, text: &mut String, request: &RequestHead) {
        let url = request.url();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let target = format!("{}{query}", url.path());
        self.line(text, '>', &format!("{} {target}", request.method()));
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = url.host_str().unwrap_or_default();
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
        self.palette.put(out, self.palette.aside, format!("{mark} {text}").trim_end());
        out.push('\n');
    }
}

const MAX_BODY_CHARS: usize = 500;

fn write(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
