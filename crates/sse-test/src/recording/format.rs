//! Lines of a recording, as data for serde.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{RecordedEnd, RecordedRequest, RecordedResponse, error_kind::RecordedErrorKind};

/// Version that is written.
pub(super) const VERSION: u32 = 2;

/// First line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Heading {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sse_recording: Option<u32>,
    /// Version of a recording by an older ssecat, which is 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ssecat_recording: Option<u32>,
    /// Time of the start, in the format of RFC 3339.
    pub(super) started: String,
    /// URL of a recording of version 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

/// Any other line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// Seconds since the start.
    at: f64,
    /// Number of the exchange. Defaults to the one that began last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exchange: Option<usize>,
    #[serde(flatten)]
    pub(super) entry: Entry,
}

/// Observation of a recorder.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// Head of a request. It begins an exchange.
    Request(RequestHead),
    /// Head of a response. The chunks of its body follow.
    Response(ResponseHead),
    Text(String),
    Base64(String),
    /// Regular end of the body.
    End {},
    /// Failure of the connection within the body.
    Disconnected(RecordedError),
    /// Failure of a request without a response.
    NoResponse(RecordedError),
    /// The client closed the connection.
    Abandoned {},
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RequestHead {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResponseHead {
    pub(crate) status: u16,
    pub(crate) version: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RecordedError {
    pub(crate) error: String,
    pub(crate) kind: RecordedErrorKind,
}

/// Latest time in a recording, about thirty years.
const MAX_SECONDS: f64 = 1e9;

impl Line {
    pub(super) fn new(at: Duration, exchange: Option<usize>, entry: Entry) -> Self {
        // To the microsecond.
        Self { at: at.as_micros() as f64 / 1e6, exchange, entry }
    }

    pub(super) fn at(&self) -> Result<Duration, String> {
        let is_valid = (0.0..=MAX_SECONDS).contains(&self.at);
        if !is_valid {
            return Err(format!("invalid time {}", self.at));
        }
        // As precise as it would be written: only then is it the same when it is read again.
        Ok(Duration::from_micros((self.at * 1e6).round() as u64))
    }
}

impl Entry {
    /// Makes the entry of a chunk: text if it is UTF-8.
    pub(crate) fn chunk(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(BASE64_STANDARD.encode(bytes)),
        }
    }
}

pub(super) fn decode(base64: &str) -> Result<Vec<u8>, String> {
    BASE64_STANDARD.decode(base64).map_err(|error| format!("invalid base64: {error}"))
}

impl From<RecordedErrorKind> for RecordedEnd {
    fn from(kind: RecordedErrorKind) -> Self {
        match kind {
            RecordedErrorKind::Closed | RecordedErrorKind::Truncated => Self::Truncated,
            RecordedErrorKind::Reset => Self::Reset,
            _ => Self::Failed,
        }
    }
}

/// Writes names in lower case, which a recording by hand may have in another.
fn lower_case(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// Returns a time as precise as it is written.
pub(crate) fn to_micros(time: Duration) -> Duration {
    Duration::from_micros(time.as_micros().try_into().unwrap_or(u64::MAX))
}

impl RequestHead {
    pub(super) fn received(self, at: Duration) -> RecordedRequest {
        let Self { method, url, headers } = self;
        RecordedRequest { at, method, url, headers: lower_case(headers) }
    }
}

impl ResponseHead {
    pub(super) fn received(self, at: Duration) -> RecordedResponse {
        let Self { status, version, url, headers } = self;
        RecordedResponse { at, status, version, url, headers: lower_case(headers) }
    }
}
