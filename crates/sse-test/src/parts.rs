//! What a reply is made of.
//!
//! Data only: the parts of a [`Reply`](crate::Reply), which builds them and which the versions of
//! HTTP read.

use std::time::Duration;

use crate::gate::Gate;

#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) pause: HeadPause,
}

/// Where the head waits for the test to say go on, or until when.
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

/// How the client can tell where the body ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Framing {
    Chunked,
    /// The length that is sent, and so much more.
    Length {
        missing: usize,
    },
    /// It cannot but by the end of the connection.
    UntilClose,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Until this happens, or the client gives up.
    Wait(Wait),
    /// No further request is wanted on this connection: HTTP/2's GOAWAY, without an error.
    #[cfg(feature = "http2")]
    GoAway,
}

#[derive(Debug, Clone)]
pub(crate) enum Wait {
    GoOn,
    Gate(Gate),
    /// So many requests have come to the server.
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
    /// Nothing more can come from the server, which still listens.
    HalfClose,
    /// The connection is reset.
    Reset,
    /// The stream is reset: HTTP/2's RST_STREAM.
    #[cfg(feature = "http2")]
    ResetStream(Http2Error),
    /// The connection is closed with an error: HTTP/2's GOAWAY.
    #[cfg(feature = "http2")]
    GoAway(Http2Error),
    /// Nothing, until the client gives up.
    Hang,
    /// This piece again and again, until the client gives up.
    Repeat(Vec<u8>),
}

/// What becomes of the connection when the body is complete.
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
