//! Ends of bodies: how a response's body ended, and what [that shows](evidence) of the event
//! stream.

mod evidence;

use http::{
    HeaderMap, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

pub use self::evidence::{Completeness, EndEvidence};
pub(crate) use self::evidence::{EndFacts, discarded_bytes};
use crate::transport_error::TransportErrorKind;

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

    /// Returns `true` if HTTP shows that the body is whole: its last chunk or its promised length
    /// was received, or HTTP/2 or HTTP/3 ended the stream. [`EndStream`](Self::EndStream) is the
    /// weakest of these, as a reset with NO_ERROR may look the same; a body that is shorter than
    /// its `Content-Length` is truncated even so.
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
}
