//! Exchanges of a recording: a request, its response, the chunks of the body, and how it ended.
//!
//! All times are since the start of the recording.

use std::time::Duration;

#[cfg(feature = "session")]
use sse_session::TransportErrorKind;

use super::error_kind::RecordedErrorKind;

/// Request and what followed it (feature `recording`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exchange {
    pub(super) request: Option<RecordedRequest>,
    pub(super) response: Option<RecordedResponse>,
    pub(super) chunks: Vec<RecordedChunk>,
    pub(super) end: Option<EndedAt>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct EndedAt {
    pub(super) at: Duration,
    pub(super) end: RecordedEnd,
    pub(super) kind: Option<RecordedErrorKind>,
    pub(super) error: Option<String>,
}

/// Head of a recorded request (feature `recording`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    pub(super) at: Duration,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
}

/// Head of a recorded response (feature `recording`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedResponse {
    pub(super) at: Duration,
    pub(super) status: u16,
    pub(super) version: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
}

/// Chunk of a recorded body, as the HTTP client received it (feature `recording`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedChunk {
    pub(super) at: Duration,
    pub(super) bytes: Vec<u8>,
}

/// End of a recorded exchange (feature `recording`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordedEnd {
    /// The body ended regularly.
    Complete,
    /// The connection ended before the body, or the head of the response, was complete.
    Truncated,
    /// The connection, or its stream, was reset.
    Reset,
    /// The exchange failed in another way.
    Failed,
    /// The client closed the connection.
    Abandoned,
    /// The recording ends before the exchange does.
    Unrecorded,
}

impl Exchange {
    /// Returns the request, or `None` in a recording of version 1, which has none.
    #[must_use]
    pub fn request(&self) -> Option<&RecordedRequest> {
        self.request.as_ref()
    }

    /// Returns the head of the response, or `None` if there was no response.
    #[must_use]
    pub fn response(&self) -> Option<&RecordedResponse> {
        self.response.as_ref()
    }

    /// Returns the chunks of the body, none of which is empty.
    #[must_use]
    pub fn chunks(&self) -> &[RecordedChunk] {
        &self.chunks
    }

    /// Returns the whole body.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        self.chunks.iter().flat_map(|chunk| &chunk.bytes).copied().collect()
    }

    /// Returns how the exchange ended.
    #[must_use]
    pub fn end(&self) -> RecordedEnd {
        self.end.as_ref().map_or(RecordedEnd::Unrecorded, |it| it.end)
    }

    /// Returns the time of the end, or `None` if it was not recorded.
    #[must_use]
    pub fn ended_at(&self) -> Option<Duration> {
        self.end.as_ref().map(|it| it.at)
    }

    /// Returns the text of the error that the exchange ended with.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.end.as_ref()?.error.as_deref()
    }

    /// Returns the kind of the error that the exchange ended with, as the transport reported it
    /// (feature `session`).
    #[cfg(feature = "session")]
    #[must_use]
    pub fn error_kind(&self) -> Option<TransportErrorKind> {
        self.end.as_ref()?.kind.map(TransportErrorKind::from)
    }

    /// Returns the time of the request, as far as it is known: in a recording of version 1, the
    /// first request was sent at the start, and any other as late as possible.
    pub(crate) fn begun_at(&self, is_first: bool) -> Duration {
        let first_seen = match (&self.request, &self.response) {
            (Some(request), _) => return request.at,
            _ if is_first => return Duration::ZERO,
            (None, Some(response)) => Some(response.at),
            (None, None) => self.ended_at(),
        };
        first_seen.unwrap_or_default()
    }

    /// Returns the time of what was recorded last.
    pub(super) fn last_time(&self) -> Duration {
        let request = self.request.as_ref().map(|it| it.at);
        let response = self.response.as_ref().map(|it| it.at);
        let chunk = self.chunks.last().map(|it| it.at);
        self.ended_at().or(chunk).or(response).or(request).unwrap_or_default()
    }
}

impl RecordedRequest {
    /// Returns the time at which the request was sent.
    #[must_use]
    pub fn at(&self) -> Duration {
        self.at
    }

    /// Returns the method, such as `GET`.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the URL, without its secrets.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the headers in their order, with names in lower case. Bytes of a value that are not
    /// UTF-8 were recorded as U+FFFD.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Returns the first value of a header, whose name is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl RecordedResponse {
    /// Returns the time at which the head was received.
    #[must_use]
    pub fn at(&self) -> Duration {
        self.at
    }

    /// Returns the status, such as 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the version of HTTP, such as `HTTP/1.1`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the URL that responded, without its secrets. It is another one than that of the
    /// request if the HTTP client followed a redirect.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the headers in their order, with names in lower case. Bytes of a value that are not
    /// UTF-8 were recorded as U+FFFD.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Returns the first value of a header, whose name is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl RecordedChunk {
    /// Returns the time at which the chunk was received.
    #[must_use]
    pub fn at(&self) -> Duration {
        self.at
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
