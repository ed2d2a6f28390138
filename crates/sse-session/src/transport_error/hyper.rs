//! Kinds of the errors of hyper, hyper-util and h2 that no `std::io::Error` among their sources
//! shows.

use std::error::Error;
#[cfg(feature = "h2")]
use std::io::ErrorKind::BrokenPipe;

#[cfg(feature = "h2")]
use h2::Reason;

use super::kind::TransportErrorKind;
use crate::causes::causes;

/// Returns the kind of an error of hyper's or of its companions, if there is one among the sources
/// that says more than an error of `std::io` does.
pub(super) fn kind(error: &(dyn Error + 'static)) -> Option<TransportErrorKind> {
    causes(error).find_map(|cause| {
        let kind = None;
        #[cfg(feature = "hyper")]
        let kind = kind.or_else(|| of_client(cause)).or_else(|| of_hyper(cause));
        #[cfg(feature = "h2")]
        let kind = kind.or_else(|| of_h2(cause));
        kind
    })
}

/// Returns the kind of an error of hyper-util's client.
#[cfg(feature = "hyper")]
fn of_client(error: &(dyn Error + 'static)) -> Option<TransportErrorKind> {
    let client: &hyper_util::client::legacy::Error = error.downcast_ref()?;
    // An error of a name server or of TLS has a source that is not an `std::io` error, or that does
    // not say that the connection failed.
    client.is_connect().then(|| TransportErrorKind::of_connector(error))
}

#[cfg(feature = "hyper")]
fn of_hyper(error: &(dyn Error + 'static)) -> Option<TransportErrorKind> {
    let error: &hyper::Error = error.downcast_ref()?;
    if error.is_timeout() {
        Some(TransportErrorKind::Timeout)
    } else if error.is_incomplete_message() {
        Some(TransportErrorKind::Truncated)
    } else if is_head_too_large(error) {
        Some(TransportErrorKind::HeadLimit)
    } else if error.is_canceled() {
        // The connection was closed before it took the request.
        Some(TransportErrorKind::Closed)
    } else {
        (error.is_parse() || is_bad_chunk(error)).then_some(TransportErrorKind::Malformed)
    }
}

/// Returns `true` if hyper found more headers, or a longer head, than it takes. Its method for that
/// exists with its server only.
#[cfg(feature = "hyper")]
fn is_head_too_large(error: &hyper::Error) -> bool {
    error.is_parse() && error.to_string() == "message head is too large"
}

/// Returns `true` if hyper could not parse the chunks of a body.
#[cfg(feature = "hyper")]
fn is_bad_chunk(error: &hyper::Error) -> bool {
    let io = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    // No socket reports this kind, and neither does TLS.
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidInput)
}

#[cfg(feature = "h2")]
fn of_h2(error: &(dyn Error + 'static)) -> Option<TransportErrorKind> {
    let error: &h2::Error = error.downcast_ref()?;
    match error.get_io() {
        // So h2 reports that the peer closed the connection while a stream was open.
        Some(io) if io.kind() == BrokenPipe => Some(TransportErrorKind::Truncated),
        Some(io) => Some(TransportErrorKind::of_sources(io)),
        None if error.is_library() => of_h2_itself(error),
        // It depends on chance whether this or the end of the connection is noticed first.
        None if error.is_go_away() && error.is_remote() => Some(TransportErrorKind::Truncated),
        None => (error.is_reset() && error.is_remote()).then_some(TransportErrorKind::Reset),
    }
}

/// Returns the kind of an error with which h2 itself has ended a stream or a connection.
#[cfg(feature = "h2")]
fn of_h2_itself(error: &h2::Error) -> Option<TransportErrorKind> {
    match error.reason()? {
        // The text is that of the GOAWAY frame, which tells this limit of h2's from others.
        Reason::ENHANCE_YOUR_CALM if error.to_string().contains("too_many_data_frames") => {
            Some(TransportErrorKind::FrameLimit)
        }
        Reason::PROTOCOL_ERROR
        | Reason::FLOW_CONTROL_ERROR
        | Reason::FRAME_SIZE_ERROR
        | Reason::COMPRESSION_ERROR
        | Reason::STREAM_CLOSED => Some(TransportErrorKind::Malformed),
        _ => None,
    }
}
