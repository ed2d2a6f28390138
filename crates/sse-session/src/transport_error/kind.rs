//! Kinds of the errors that transports report.
//!
//! Classifies the errors of `std::io`, and those of connectors, proxies and TLS that wrap them.

use std::{error::Error, io};

use crate::causes::causes;

/// Kind of an error that a [`Transport`](crate::Transport) reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was established.
    Connect,
    /// No connection was established within a timeout of the transport.
    ConnectTimeout,
    /// A timeout of the transport expired.
    Timeout,
    /// This side rejected the peer's TLS: its certificate is not trusted, or the peer does not
    /// speak TLS, or no version of TLS that this side accepts. Another attempt would fail in the
    /// same way. Any other failure of TLS, and that of a transport that does not distinguish them,
    /// is [`Connect`](Self::Connect).
    Tls,
    /// A proxy makes no tunnel without credentials. Another attempt would fail in the same way.
    ProxyUnauthorized,
    /// A redirect was not followed: there were too many, or it led to where no request can go.
    Redirect,
    /// The connection was closed before the head of a response was complete. A request that fails
    /// with [`Truncated`](Self::Truncated) counts as this.
    Closed,
    /// The connection ended before the body was complete.
    Truncated,
    /// The connection, or its stream, was reset.
    Reset,
    /// The peer has violated HTTP: the head of the response, or the framing of its body, is
    /// invalid.
    Malformed,
    /// The body could not be decoded.
    Decode,
    /// The head of the response exceeds a limit of this side's HTTP client, such as hyper's limit
    /// of 100 headers. Another attempt would fail in the same way.
    HeadLimit,
    /// This side's HTTP/2 client closed the connection, because more small frames waited to be read
    /// than it allows. Larger flow-control windows raise that limit.
    FrameLimit,
    /// The request is invalid and was never sent, or no request can be sent from where the
    /// transport is polled. Another attempt would fail in the same way.
    InvalidRequest,
    /// Any other error.
    Other,
}

impl TransportErrorKind {
    /// Returns the kind that the first `std::io::Error` among an error and its sources indicates,
    /// or [`Other`](Self::Other).
    #[must_use]
    pub fn of_sources(error: &(dyn Error + 'static)) -> Self {
        if causes(error).any(is_without_tls) {
            return Self::InvalidRequest;
        }
        causes(error)
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .find_map(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Some(Self::Truncated),
                io::ErrorKind::BrokenPipe if is_end_of_h2(error) => Some(Self::Truncated),
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => Some(Self::Reset),
                io::ErrorKind::TimedOut => Some(Self::Timeout),
                io::ErrorKind::ConnectionRefused
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable => Some(Self::Connect),
                _ => None,
            })
            .unwrap_or(Self::Other)
    }

    /// Returns the kind of the error of a connector, which made no connection:
    /// [`Connect`](Self::Connect), unless the error and its sources indicate
    /// [`ConnectTimeout`](Self::ConnectTimeout), [`Tls`](Self::Tls),
    /// [`ProxyUnauthorized`](Self::ProxyUnauthorized) or [`InvalidRequest`](Self::InvalidRequest).
    ///
    /// It knows rustls, whose errors are `std::io` errors of the kind `InvalidData`, and the
    /// tunnels of hyper-util, which reqwest uses too.
    #[must_use]
    pub fn of_connector(error: &(dyn Error + 'static)) -> Self {
        if is_untrusted(error) {
            return Self::Tls;
        }
        if causes(error).any(is_proxy_unauthorized) {
            return Self::ProxyUnauthorized;
        }
        match Self::of_sources(error) {
            Self::InvalidRequest => Self::InvalidRequest,
            Self::Timeout => Self::ConnectTimeout,
            _ => Self::Connect,
        }
    }
}

/// Returns `true` if h2 reports that the peer closed the connection while a stream was open. Before
/// the head of a response, hyper passes that on without the error of h2 around it.
fn is_end_of_h2(error: &io::Error) -> bool {
    let text = error.get_ref().map(ToString::to_string);
    text.is_some_and(|text| text.ends_with(" closed because of a broken pipe"))
}

/// Returns `true` if hyper-util's connector over TCP has refused an `https` URI, which reqwest
/// without a TLS feature does too. It says so only in words. Another attempt would fail like this
/// one.
fn is_without_tls(error: &(dyn Error + 'static)) -> bool {
    error.to_string() == "invalid URL, scheme is not http"
}

/// Returns `true` if a proxy of hyper-util's, or of reqwest's, responded 407 to CONNECT. The type
/// of the error is private.
fn is_proxy_unauthorized(error: &(dyn Error + 'static)) -> bool {
    error.to_string() == "tunnel error: proxy authorization required"
}

/// Returns `true` if rustls has rejected what the peer sent. An alert is the peer's own decision,
/// which may change: a server that is being deployed may know the name of its host a moment later.
pub(crate) fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    let mut is_invalid = false;
    for cause in causes(error) {
        let io = cause.downcast_ref::<io::Error>();
        is_invalid |= io.is_some_and(|io| io.kind() == io::ErrorKind::InvalidData);
        if is_invalid && cause.to_string().contains("fatal alert") {
            return false;
        }
    }
    is_invalid
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::TransportErrorKind as Kind;

    #[test]
    fn kind_of_a_connector_error_is_tls_if_this_side_rejected_the_peer() {
        let of_tls = |text: &str| Error::new(ErrorKind::InvalidData, text);
        let cases = [
            (of_tls("invalid peer certificate: UnknownIssuer"), Kind::Tls),
            (of_tls("received corrupt message of type InvalidContentType"), Kind::Tls),
            (of_tls("received fatal alert: InternalError"), Kind::Connect),
            (Error::new(ErrorKind::UnexpectedEof, "tls handshake eof"), Kind::Connect),
            (ErrorKind::TimedOut.into(), Kind::ConnectTimeout),
            (Error::other("no such host"), Kind::Connect),
            (Error::other("tunnel error: proxy authorization required"), Kind::ProxyUnauthorized),
            (Error::other("tunnel error: unsuccessful"), Kind::Connect),
            (Error::other("invalid URL, scheme is not http"), Kind::InvalidRequest),
        ];
        for (error, expected) in cases {
            assert_eq!(Kind::of_connector(&error), expected, "{error}");
            // As hyper-rustls wraps it.
            let text = error.to_string();
            assert_eq!(Kind::of_connector(&Error::other(error)), expected, "{text}");
        }
    }
}
