//! Ends of bodies: how a response's body ended, and how much of it was received.

use std::{fmt, sync::Arc, time::Duration};

use http::{
    HeaderMap, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

use sse_core::Parser;

use crate::{body_excerpt::excerpt, transport::TransportErrorKind};

/// End of a response's body, as far as HTTP shows it.
///
/// HTTP can show that a *body* is whole. Only a [terminal event](crate::SseConfig::expect_terminal)
/// proves that the *answer* in it is whole, as a server or a proxy may end the body of a failed
/// answer regularly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyEnd {
    /// The last chunk of a chunked body was received.
    LastChunk,
    /// All bytes that `Content-Length` promises were received.
    LengthReached,
    /// HTTP/2 or HTTP/3 ended the stream (END_STREAM). A stream that the server resets with
    /// NO_ERROR looks the same with some transports.
    EndStream,
    /// The connection was closed, and HTTP does not show the end of the body in another way. The
    /// body may be whole or truncated.
    CloseDelimited,
    /// The connection ended before the body was complete: a part of the content length, or the last
    /// chunk, is missing.
    Truncated,
    /// The connection, or its stream, was reset.
    Reset,
    /// The body was malformed, or could not be decoded.
    Malformed,
    /// The session closed the connection: a deadline expired, a limit was exceeded, the terminal
    /// event was received, or the caller asked for it.
    Abandoned,
    /// The transport does not know.
    Unknown,
}

impl BodyEnd {
    /// Returns what a regular end of a body proves, according to the head of its response.
    #[must_use]
    pub fn regular(version: Version, headers: &HeaderMap) -> Self {
        if version >= Version::HTTP_2 {
            Self::EndStream
        } else if headers.contains_key(TRANSFER_ENCODING) {
            if is_chunked(headers) { Self::LastChunk } else { Self::CloseDelimited }
        } else if headers.contains_key(CONTENT_LENGTH) {
            Self::LengthReached
        } else {
            Self::CloseDelimited
        }
    }

    /// Returns `true` if HTTP shows that the body is whole: its last chunk or its promised length was
    /// received, or HTTP/2 or HTTP/3 ended the stream. [`EndStream`](Self::EndStream) is the weakest of
    /// these, as a reset with NO_ERROR may look the same; a body that is shorter than its
    /// `Content-Length` is truncated even so.
    #[must_use]
    pub fn is_framed(self) -> bool {
        matches!(self, Self::LastChunk | Self::LengthReached | Self::EndStream)
    }

    /// Returns how a body ended whose transport has reported an error.
    pub(crate) fn of_error(kind: TransportErrorKind) -> Self {
        match kind {
            TransportErrorKind::Truncated | TransportErrorKind::FrameLimit => Self::Truncated,
            TransportErrorKind::Reset => Self::Reset,
            TransportErrorKind::Malformed | TransportErrorKind::Decode => Self::Malformed,
            _ => Self::Unknown,
        }
    }
}

/// Returns `true` if the last transfer coding is `chunked`. No other one frames a body (RFC 9112,
/// section 6.3).
fn is_chunked(headers: &HeaderMap) -> bool {
    let values = headers.get_all(TRANSFER_ENCODING).iter();
    let codings = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    let mut codings = codings.map(<[u8]>::trim_ascii).filter(|coding| !coding.is_empty());
    codings.next_back().is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"))
}

/// Evidence of how a connection ended: the end of its body, and what was received before.
///
/// Cloning is cheap. `Debug` shows nothing of the body.
#[derive(Clone, PartialEq, Eq)]
pub struct EndEvidence {
    facts: EndFacts,
    pending_bytes: u64,
    unknown_lines: u64,
    unknown_line_excerpt: Option<Arc<str>>,
}

/// End of a connection in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndFacts {
    pub(crate) body_end: BodyEnd,
    /// Number of bytes of the body, after decoding.
    pub(crate) bytes: u64,
    /// Number of events with data.
    pub(crate) messages: u64,
    pub(crate) since_last_byte: Option<Duration>,
}

impl EndEvidence {
    /// Returns how the body ended.
    #[must_use]
    pub fn body_end(&self) -> BodyEnd {
        self.facts.body_end
    }

    /// Returns the number of bytes of the body that were received, after decoding.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.facts.bytes
    }

    /// Returns the number of events with data that were received, hidden ones included.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.facts.messages
    }

    /// Returns the time from the last byte to the end; `None` if no byte was received.
    #[must_use]
    pub fn since_last_byte(&self) -> Option<Duration> {
        self.facts.since_last_byte
    }

    /// Returns the number of bytes that were received of an event that was never completed, and
    /// that were therefore discarded.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.pending_bytes
    }

    /// Returns the number of lines that are neither a comment nor a field of the standard. They were
    /// ignored, as the standard says, an incomplete last line included.
    ///
    /// Some servers and proxies write an error into the event stream without `data:` before it.
    /// [`unknown_line_excerpt`](Self::unknown_line_excerpt) shows the first of these lines.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use sse_session::{BlockingClient, SseConfig};
    /// # let send = |_: http::Request<Bytes>| {
    /// #     let body = "{\"error\": \"overloaded\"}\n".as_bytes();
    /// #     http::Response::builder().header("content-type", "text/event-stream").body(body)
    /// # };
    /// # let client = BlockingClient::new(send, SseConfig::new());
    /// // The server responds with `{"error": "overloaded"}` and nothing else.
    /// let mut session = client.sse_session("http://example.org/")?;
    /// assert!(session.next().is_none());
    ///
    /// let evidence = session.end_evidence().expect("the session has ended");
    /// assert_eq!(evidence.unknown_lines(), 1);
    /// assert_eq!(evidence.unknown_line_excerpt(), Some("{\"error\": \"overloaded\"}"));
    /// # Ok::<(), sse_session::SseError>(())
    /// ```
    #[must_use]
    pub fn unknown_lines(&self) -> u64 {
        self.unknown_lines
    }

    /// Returns the start of the first of the [unknown lines](Self::unknown_lines), fit for a
    /// terminal or a log: at most 200 characters and 256 bytes, escaped as
    /// [`SseError::body_excerpt`](crate::SseError::body_excerpt) is. Returns `None` if there is no
    /// such line, or if it is blank.
    ///
    /// The text is the server's: it may repeat what the request contained, secrets among it.
    #[must_use]
    pub fn unknown_line_excerpt(&self) -> Option<&str> {
        self.unknown_line_excerpt.as_deref()
    }

    /// Returns the evidence that these facts and a parser have.
    pub(crate) fn new(facts: EndFacts, parser: &Parser) -> Self {
        let unknown = parser.unknown_lines();
        let excerpt = excerpt(Some(b"text/event-stream"), whole_characters(unknown.first()));
        Self {
            facts,
            pending_bytes: parser.pending_bytes(),
            unknown_lines: unknown.count(),
            unknown_line_excerpt: excerpt.map(Into::into),
        }
    }

    pub(crate) fn facts(&self) -> EndFacts {
        self.facts
    }
}

impl fmt::Debug for EndEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndEvidence")
            .field("body_end", &self.facts.body_end)
            .field("bytes", &self.facts.bytes)
            .field("messages", &self.facts.messages)
            .field("since_last_byte", &self.facts.since_last_byte)
            .field("pending_bytes", &self.pending_bytes)
            .field("unknown_lines", &self.unknown_lines)
            .finish_non_exhaustive()
    }
}

/// Returns bytes without the start of a character at their end: the text may have been split there.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Version};

    use super::{BodyEnd, whole_characters};

    #[test]
    fn body_end_of_a_regular_end_is_what_the_head_promises() {
        let cases = [
            (Version::HTTP_11, "transfer-encoding", "chunked", BodyEnd::LastChunk),
            (Version::HTTP_11, "transfer-encoding", "gzip, Chunked", BodyEnd::LastChunk),
            (Version::HTTP_11, "transfer-encoding", "identity", BodyEnd::CloseDelimited),
            (Version::HTTP_11, "content-length", "5", BodyEnd::LengthReached),
            (Version::HTTP_11, "connection", "close", BodyEnd::CloseDelimited),
            (Version::HTTP_10, "x", "", BodyEnd::CloseDelimited),
            (Version::HTTP_2, "content-length", "5", BodyEnd::EndStream),
            (Version::HTTP_3, "x", "", BodyEnd::EndStream),
        ];
        for (version, name, value, expected) in cases {
            let header = (HeaderName::from_static(name), HeaderValue::from_static(value));
            assert_eq!(BodyEnd::regular(version, &HeaderMap::from_iter([header])), expected);
        }
    }

    #[test]
    fn is_framed_holds_where_http_shows_the_end_of_the_body() {
        for end in [BodyEnd::LastChunk, BodyEnd::LengthReached, BodyEnd::EndStream] {
            assert!(end.is_framed(), "{end:?}");
        }
        for end in [
            BodyEnd::CloseDelimited,
            BodyEnd::Truncated,
            BodyEnd::Reset,
            BodyEnd::Malformed,
            BodyEnd::Abandoned,
            BodyEnd::Unknown,
        ] {
            assert!(!end.is_framed(), "{end:?}");
        }
    }

    #[test]
    fn unknown_line_excerpt_does_not_end_within_a_character() {
        assert_eq!(whole_characters("Zoë".as_bytes()), "Zoë".as_bytes());
        assert_eq!(whole_characters(&"Zoë".as_bytes()[..3]), b"Zo");
        assert_eq!(whole_characters(b"\xffx"), b"\xffx");
    }
}
