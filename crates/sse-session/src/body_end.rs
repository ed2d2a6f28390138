//! Ends of bodies: how a response's body ended, and how much of it was received.

use std::time::Duration;

use http::{
    HeaderMap, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

use crate::transport::TransportErrorKind;

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

    /// Returns `true` if the end shows that the body is complete.
    pub(crate) fn is_proof(self) -> bool {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndEvidence {
    pub(crate) body_end: BodyEnd,
    pub(crate) bytes: u64,
    pub(crate) messages: u64,
    pub(crate) since_last_byte: Option<Duration>,
}

impl EndEvidence {
    /// Returns how the body ended.
    #[must_use]
    pub fn body_end(&self) -> BodyEnd {
        self.body_end
    }

    /// Returns the number of bytes of the body that were received, after decoding.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the number of events with data that were received, hidden ones included.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Returns the time from the last byte to the end; `None` if no byte was received.
    #[must_use]
    pub fn since_last_byte(&self) -> Option<Duration> {
        self.since_last_byte
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Version};

    use super::BodyEnd;

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
}
