//! Parts of a [`Reply`](crate::Reply).
//!
//! Data only: the reply is built from them, and the HTTP versions read them.

use std::time::Duration;

use crate::gate::Gate;

#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) pause: HeadPause,
}

/// Place at which the head waits for the test, or the time until which it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadPause {
    Nowhere,
    Before,
    /// After the first half of its bytes.
    Within,
    /// Before it, until this time after the request.
    Until(Duration),
}

impl HeadPause {
    /// Returns what the head waits for, if anything.
    pub(crate) fn wait(self) -> Option<Wait> {
        match self {
            Self::Nowhere => None,
            Self::Before | Self::Within => Some(Wait::GoOn),
            Self::Until(elapsed) => Some(Wait::Until(elapsed)),
        }
    }
}

/// Way in which the client can find the end of the body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Framing {
    Chunked,
    /// A `Content-Length` of the bytes that are sent, plus this number.
    Length {
        missing: usize,
    },
    /// The body ends with the connection.
    UntilClose,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Waits for this, or until the client closes.
    Wait(Wait),
    /// Sends HTTP/2's GOAWAY without an error: no further request is accepted on this connection.
    #[cfg(feature = "http2")]
    GoAway,
}

#[derive(Debug, Clone)]
pub(crate) enum Wait {
    GoOn,
    Gate(Gate),
    /// The server has received this many requests.
    Requests(usize),
    /// This time has passed since the request.
    Until(Duration),
}

#[derive(Debug, Clone)]
pub(crate) enum End {
    /// The body is complete.
    Complete,
    /// The connection is closed, whether or not the body is complete.
    Cut,
    /// The server's side is closed, and the server still reads.
    HalfClose,
    /// The connection is reset.
    Reset,
    /// The stream is reset: HTTP/2's RST_STREAM.
    #[cfg(feature = "http2")]
    ResetStream(Http2Error),
    /// The connection is closed with an error: HTTP/2's GOAWAY.
    #[cfg(feature = "http2")]
    GoAway(Http2Error),
    /// Nothing, until the client closes.
    Hang,
    /// This piece, repeated until the client closes.
    Repeat(Vec<u8>),
}

/// Treatment of the connection when the body is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Afterwards {
    Close,
    KeepAlive,
}

/// Error code that ends an HTTP/2 stream or connection (feature `http2`).
///
/// The named ones are the codes of [RFC 9113, section 7] with which servers end event streams.
///
/// [RFC 9113, section 7]: https://www.rfc-editor.org/rfc/rfc9113#section-7
#[cfg(feature = "http2")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Http2Error {
    /// `NO_ERROR`.
    NoError,
    /// `PROTOCOL_ERROR`.
    ProtocolError,
    /// `INTERNAL_ERROR`.
    InternalError,
    /// `REFUSED_STREAM`: nothing was done, the request may be repeated.
    RefusedStream,
    /// `CANCEL`.
    Cancel,
    /// `ENHANCE_YOUR_CALM`: the client asks too much.
    EnhanceYourCalm,
    /// Any other code, which may be one that no standard defines.
    Other(u32),
}
