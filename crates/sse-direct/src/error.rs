//! Errors of HTTP/1.1: what a server must not send.

use std::{error::Error, fmt};

use sse_session::{TransportError, TransportErrorKind};

/// Violation of HTTP/1.1 by a server, or a limit of this crate that a head exceeds.
///
/// It is the source of an [`SseError`](sse_session::SseError) of the kind
/// [`NoResponse`](sse_session::SseErrorKind::NoResponse) or
/// [`Disconnected`](sse_session::SseErrorKind::Disconnected).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpError {
    /// The head of the response is not that of HTTP/1.0 or HTTP/1.1: this part of it is invalid.
    InvalidHead(HeadPart),
    /// The head of the response is longer than 256 KiB, with the interim responses before it.
    HeadTooLong,
    /// The head of the response has more than 1,024 fields.
    TooManyFields,
    /// `Content-Length` is not a number, or has two values.
    InvalidContentLength,
    /// A response of HTTP/1.0 has a `Transfer-Encoding`, which only HTTP/1.1 has.
    TransferCodingOfHttp10,
    /// The body has a transfer coding other than `chunked`, which was not requested.
    UnsupportedTransferCoding,
    /// The server switched to another protocol, which was not requested.
    SwitchingProtocols,
    /// The size of a chunk is not a hexadecimal number, or is not followed by CRLF.
    InvalidChunkSize,
    /// The size of a chunk exceeds 64 bits, or has more than 16 Ki digits.
    ChunkTooLong,
    /// The extension of a chunk is longer than 16 KiB.
    ChunkExtensionTooLong,
    /// A chunk is not followed by CRLF.
    InvalidChunkEnd,
    /// A line of the trailer section has a CR without LF.
    InvalidTrailers,
    /// The trailer section is longer than 16 KiB.
    TrailersTooLong,
    /// The connection was closed before the head of the response was complete.
    ClosedBeforeHead,
    /// The connection was closed within the body.
    ClosedWithinBody,
}

/// Part of a response's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeadPart {
    /// The version of HTTP, with which a head begins.
    Version,
    /// The status, and the reason after it.
    Status,
    /// The name of a field, up to its colon.
    FieldName,
    /// The value of a field.
    FieldValue,
    /// The end of a line.
    LineEnd,
}

impl fmt::Display for HeadPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "version",
            Self::Status => "status",
            Self::FieldName => "field name",
            Self::FieldValue => "field value",
            Self::LineEnd => "line end",
        })
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidHead(part) => return write!(f, "invalid response head: {part}"),
            Self::HeadTooLong => "response head is longer than 256 KiB",
            Self::TooManyFields => "response head has more than 1024 fields",
            Self::InvalidContentLength => "invalid Content-Length",
            Self::TransferCodingOfHttp10 => "Transfer-Encoding in a response of HTTP/1.0",
            Self::UnsupportedTransferCoding => "unsupported transfer coding",
            Self::SwitchingProtocols => "server switched protocols without a request to do so",
            Self::InvalidChunkSize => "invalid chunk size",
            Self::ChunkTooLong => "chunk size exceeds 64 bits",
            Self::ChunkExtensionTooLong => "chunk extension is longer than 16 KiB",
            Self::InvalidChunkEnd => "chunk is not followed by CRLF",
            Self::InvalidTrailers => "trailer section has a CR without LF",
            Self::TrailersTooLong => "trailer section is longer than 16 KiB",
            Self::ClosedBeforeHead => "connection closed before the response head was complete",
            Self::ClosedWithinBody => "connection closed before the body was complete",
        })
    }
}

impl Error for HttpError {}

impl HttpError {
    /// Returns the error of a body.
    pub(crate) fn within_body(self) -> TransportError {
        let kind = match self {
            Self::ClosedWithinBody => TransportErrorKind::Truncated,
            _ => TransportErrorKind::Malformed,
        };
        TransportError::new(kind, self)
    }

    /// Returns the error of a request without a valid response.
    pub(crate) fn before_body(self) -> TransportError {
        let kind = match self {
            Self::ClosedBeforeHead => TransportErrorKind::Truncated,
            Self::HeadTooLong | Self::TooManyFields => TransportErrorKind::HeadLimit,
            _ => TransportErrorKind::Malformed,
        };
        TransportError::new(kind, self)
    }
}
