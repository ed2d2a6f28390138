//! Endings and failures, with their exit codes and texts.
//!
//! The codes are those of curl where curl has one. Prints nothing.

use std::{error::Error, io, path::Path, time::Duration};

use sse_reqwest::{SseError, SseErrorKind};
use sse_test::RecordingError;

use crate::terminal::Reported;

/// Successful end, or one that the user asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ending {
    StreamEnded,
    NoContent,
    Stopped,
    MaxEvents,
    RecordingEnded,
    Interrupted,
}

impl Ending {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            _ => 0,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::StreamEnded => "stream-ended",
            Self::NoContent => "no-content",
            Self::Stopped => "stopped",
            Self::MaxEvents => "max-events",
            Self::RecordingEnded => "recording-ended",
            Self::Interrupted => "interrupted",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::StreamEnded => "server ended the event stream",
            Self::NoContent => "server has no more events (204 No Content)",
            Self::Stopped => "terminal event received",
            Self::MaxEvents => "--max-events reached",
            Self::RecordingEnded => "end of the recording",
            Self::Interrupted => "interrupted by Ctrl-C",
        }
    }
}

/// Reason why ssecat fails.
#[derive(Debug)]
pub(crate) enum Failure {
    Url {
        url: String,
        why: String,
    },
    Header(String),
    Request(reqwest::Error),
    /// TLS cannot be set up.
    Tls(String),
    Reading {
        what: String,
        error: io::Error,
    },
    Output(io::Error),
    /// The recording cannot be written.
    Recording(RecordingError),
    /// There is a file already where the recording would be.
    Exists(String),
    MaxTime(Duration),
    /// The server has reported an error in the event stream.
    Reported(Reported),
    Session(SseError),
}

impl Failure {
    /// Returns a function that converts an error while reading `what` to a failure.
    pub(crate) fn reading(what: &str) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_owned();
        move |error| Self::Reading { what, error }
    }

    /// Returns the failure to create the file of a recording.
    pub(crate) fn recording(path: &Path, error: RecordingError) -> Self {
        let source = error.source().and_then(|it| it.downcast_ref()).map(io::Error::kind);
        match source {
            Some(io::ErrorKind::AlreadyExists) => Self::Exists(path.display().to_string()),
            _ => Self::Recording(error),
        }
    }

    /// Returns `true` if the reader of the output has closed the pipe.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Url { .. } | Self::Header(_) | Self::Request(_) => 3,
            Self::Tls(_) => 7,
            Self::Output(_) | Self::Recording(_) | Self::Exists(_) => 23,
            Self::Reading { .. } => 26,
            Self::MaxTime(_) => 28,
            Self::Reported(_) => 120,
            Self::Session(error) => session_code(error),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Url { url, why } => format!("invalid URL `{url}`: {why}"),
            Self::Header(why) => why.clone(),
            Self::Request(error) => error.to_string(),
            Self::Tls(why) => format!("TLS cannot be set up: {why}"),
            Self::Reading { what, error } => format!("cannot read {what}: {error}"),
            Self::Output(error) => format!("cannot write the output: {error}"),
            Self::Recording(error) => format!("cannot write the recording: {error}"),
            Self::Exists(path) => format!("{path} exists; --force replaces it"),
            Self::MaxTime(time) => {
                format!("--max-time of {} expired", humantime::format_duration(*time))
            }
            Self::Reported(Reported { why, data }) => {
                format!("server reported an error: {why}: {data}")
            }
            Self::Session(error) => error.to_string(),
        }
    }

    pub(crate) fn causes(&self) -> Vec<String> {
        match self {
            Self::Request(error) => causes(error),
            Self::Session(error) => causes(error),
            _ => Vec::new(),
        }
    }

    pub(crate) fn session(&self) -> Option<&SseError> {
        match self {
            Self::Session(error) => Some(error),
            _ => None,
        }
    }
}

/// Returns the texts of an error's causes, without those that repeat the one before.
pub(crate) fn causes(error: &dyn Error) -> Vec<String> {
    let causes = std::iter::successors(error.source(), |&it| it.source());
    let mut texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.dedup();
    texts
}

fn session_code(error: &SseError) -> u8 {
    match error.kind() {
        SseErrorKind::InvalidRequest => 3,
        _ if error.is_timeout() => 28,
        _ if error.is_connect() => 7,
        SseErrorKind::Redirect => 47,
        SseErrorKind::Status => 22,
        SseErrorKind::ContentType | SseErrorKind::ContentEncoding => 8,
        SseErrorKind::LimitExceeded => 63,
        _ if error.is_incomplete() || error.is_truncated() || error.is_unfinished() => 18,
        _ if error.is_transport() => 56,
        _ => 1,
    }
}
