//! How it ended, and the exit code for that.
//!
//! The codes are those of curl, where it has one. Prints nothing.

use std::{error::Error, io, time::Duration};

use sse_reqwest::{SseError, SseErrorKind};

/// An end as it should be, or as the user wanted it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ending {
    StreamEnded,
    NoContent,
    Stopped,
    MaxEvents,
    RecordingOver,
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
            Self::RecordingOver => "recording-over",
            Self::Interrupted => "interrupted",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::StreamEnded => "the server ended the event stream",
            Self::NoContent => "the server has nothing (more) to send (204 No Content)",
            Self::Stopped => "the event to stop on has come",
            Self::MaxEvents => "as many events as asked for were shown",
            Self::RecordingOver => "the recording is over",
            Self::Interrupted => "stopped by Ctrl-C",
        }
    }
}

#[derive(Debug)]
pub(crate) enum Failure {
    Url {
        url: String,
        why: String,
    },
    Header(String),
    Request(reqwest::Error),
    Reading {
        what: String,
        error: io::Error,
    },
    Output(io::Error),
    /// It cannot be written.
    Recording(io::Error),
    TimeIsUp(Duration),
    Session(SseError),
}

impl Failure {
    /// A function that makes a failure of an error while something is read.
    pub(crate) fn reading(what: &str) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_owned();
        move |error| Self::Reading { what, error }
    }

    /// Whether whoever reads our output has seen enough.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Url { .. } | Self::Header(_) | Self::Request(_) => 3,
            Self::Output(_) | Self::Recording(_) => 23,
            Self::Reading { .. } => 26,
            Self::TimeIsUp(_) => 28,
            Self::Session(error) => session_code(error),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Url { url, why } => format!("`{url}` cannot be asked for: {why}"),
            Self::Header(why) => why.clone(),
            Self::Request(error) => error.to_string(),
            Self::Reading { what, error } => format!("cannot read {what}: {error}"),
            Self::Output(error) => format!("cannot write the output: {error}"),
            Self::Recording(error) => format!("cannot write the recording: {error}"),
            Self::TimeIsUp(time) => {
                format!("the time of {} is up", humantime::format_duration(*time))
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

/// What an error has for causes, without those that say the same as the one before.
pub(crate) fn causes(error: &dyn Error) -> Vec<String> {
    let causes = std::iter::successors(error.source(), |&it| it.source());
    let mut texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.dedup();
    texts
}

fn session_code(error: &SseError) -> u8 {
    match () {
        () if error.is_invalid_request() => 3,
        () if error.is_timeout() => 28,
        () if error.is_connect() => 7,
        () if error.kind() == SseErrorKind::Redirect => 47,
        () if error.is_status() => 22,
        () if error.kind() == SseErrorKind::ContentType
            || error.kind() == SseErrorKind::ContentEncoding =>
        {
            8
        }
        () if error.kind() == SseErrorKind::LimitExceeded => 63,
        () if error.is_incomplete() || error.is_truncated() => 18,
        () if error.is_transport() => 56,
        () => 1,
    }
}
