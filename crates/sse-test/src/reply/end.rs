//! Ends of a reply, most of them failures.

#[cfg(feature = "http2")]
use crate::parts::Http2Error;
use crate::{parts::End, reply::Reply};

/// Ends of a reply. The one that is set last takes effect.
impl Reply {
    /// Ends by closing the connection, though the body may be incomplete.
    #[must_use]
    pub fn cut(self) -> Self {
        Self { end: End::Cut, ..self }
    }

    /// Ends by closing the server's side of the connection, though the body may be incomplete. The
    /// other side stays open until the client closes it. On HTTP/2, the same as [`cut`](Self::cut).
    #[must_use]
    pub fn half_close(self) -> Self {
        Self { end: End::HalfClose, ..self }
    }

    /// Ends by a reset of the connection. Bytes sent right before it may be lost: pause before
    /// the reset if they must arrive.
    #[must_use]
    pub fn reset(self) -> Self {
        Self { end: End::Reset, ..self }
    }

    /// Ends by resetting the HTTP/2 stream with an RST_STREAM (feature `http2`). The connection
    /// stays open. On HTTP/1.1, the same as [`reset`](Self::reset).
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn reset_stream(self, error: Http2Error) -> Self {
        Self { end: End::ResetStream(error), ..self }
    }

    /// Ends by closing the HTTP/2 connection with a GOAWAY of this error, which ends all its
    /// streams (feature `http2`). On HTTP/1.1, the same as [`cut`](Self::cut).
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn go_away_with(self, error: Http2Error) -> Self {
        Self { end: End::GoAway(error), ..self }
    }

    /// Does not end until the client closes.
    #[must_use]
    pub fn hang(self) -> Self {
        Self { end: End::Hang, ..self }
    }

    /// Sends this piece again and again, as fast as the client takes it, until the client closes.
    /// An empty piece is sent once.
    #[must_use]
    pub fn repeat(self, piece: impl AsRef<[u8]>) -> Self {
        let piece = piece.as_ref().to_vec();
        Self { end: if piece.is_empty() { End::Hang } else { End::Repeat(piece) }, ..self }
    }
}
