//! Common interface of the two wire formats: makes a request, and reads the pieces of its answer.

use std::{error::Error, fmt, str::FromStr};

use futures_util::stream::BoxStream;
use reqwest::{
    RequestBuilder,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, InvalidHeaderValue},
};
use serde::Deserialize;
use sse_reqwest::{ClientSseSession, ServerSentEvent, SseError};
use sse_typed::JsonSessionError;

use crate::{anthropic, openai};

/// Wire format of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Api {
    OpenAi,
    Anthropic,
}

/// Pieces of an answer, as they are received.
pub(crate) type Answer = BoxStream<'static, Result<Piece, AnswerError>>;

pub(crate) type AnswerError = JsonSessionError<SseError, Reported>;

/// Part of an answer that one event adds.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Reason why the text ends, if the event says so.
    pub(crate) finish: Option<Finish>,
}

/// Reason why a model has ended its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Finish {
    /// The answer is complete.
    Complete,
    /// The answer reached the limit of its length.
    LengthLimit,
}

/// Error that the service reports inside of its answer, after a status of 200.
#[derive(Debug, Deserialize)]
pub(crate) struct Reported {
    message: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// JSON object around the error, the same in both formats.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) error: Reported,
}

impl Api {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::OpenAi => openai::PATH,
            Self::Anthropic => anthropic::PATH,
        }
    }

    pub(crate) fn usual_key_env(self) -> &'static str {
        match self {
            Self::OpenAi => "OPENAI_API_KEY",
            Self::Anthropic => "ANTHROPIC_API_KEY",
        }
    }

    /// Adds the headers, the key, and the JSON body to a request.
    pub(crate) fn fill(
        self,
        request: RequestBuilder,
        key: Option<&str>,
        model: &str,
        prompt: &str,
    ) -> Result<RequestBuilder, InvalidHeaderValue> {
        let (header, body) = match self {
            Self::OpenAi => (key.map(openai::key_header), openai::body(model, prompt)),
            Self::Anthropic => (key.map(anthropic::key_header), anthropic::body(model, prompt)),
        };
        let request = match self {
            Self::OpenAi => request,
            Self::Anthropic => request.header("anthropic-version", anthropic::VERSION),
        };
        let request = match header {
            Some((name, value)) => request.header(name, secret(&value)?),
            None => request,
        };
        Ok(request.header(CONTENT_TYPE, "application/json").body(body))
    }

    /// Returns `true` if the event is the terminal event of an answer. An answer without it is
    /// incomplete.
    pub(crate) fn is_last(self, event: &ServerSentEvent) -> bool {
        match self {
            Self::OpenAi => openai::is_last(event),
            Self::Anthropic => anthropic::is_last(event),
        }
    }

    pub(crate) fn read(self, session: ClientSseSession) -> Answer {
        match self {
            Self::OpenAi => openai::read(session),
            Self::Anthropic => anthropic::read(session),
        }
    }
}

impl FromStr for Api {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "openai" => Ok(Self::OpenAi),
            "anthropic" => Ok(Self::Anthropic),
            _ => Err("neither `openai` nor `anthropic`".to_owned()),
        }
    }
}

/// Makes a header value that logs do not show.
fn secret(value: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) type KeyHeader = (HeaderName, String);

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Some(kind) => write!(f, "{} ({kind})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Error for Reported {}
