//! reqwest over sockets.

use std::{
    error::Error,
    io,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
#[cfg(feature = "http2")]
use reqwest::ClientBuilder;
use reqwest::{Client, Request, Response, Version};
use sse_session::{Capabilities, ConnectionInfo, TransportErrorKind};

/// Features of reqwest that sessions take into account.
pub(crate) const CAPABILITIES: Capabilities = Capabilities::new().follows_redirects(true);

pub(crate) fn http_version(response: &Response) -> Version {
    response.version()
}

/// Returns the address of the peer. reqwest does not tell that of this side.
pub(crate) fn connection_info(response: &Response) -> Option<ConnectionInfo> {
    response.remote_addr().map(|address| ConnectionInfo::new().with_remote_addr(address))
}

/// Returns the request as it is: a header bypasses caches.
pub(crate) fn bypass_caches(_client: &Client, request: Request) -> reqwest::Result<Request> {
    Ok(request)
}

/// Lifts the total timeout of the client, which would truncate every event stream. reqwest cannot
/// send a request without one, so it keeps a timer that never fires, and needs a runtime with
/// timers for it.
pub(crate) fn without_total_timeout(request: &mut Request) {
    *request.timeout_mut() = Some(Duration::MAX);
}

/// Returns `true` if a request has what its method, URL and headers do not say.
pub(crate) fn has_own_parts(request: &Request) -> bool {
    request.body().is_some()
        || request.timeout().is_some()
        || request.version() != Version::default()
}

pub(crate) fn is_connect(error: &reqwest::Error) -> bool {
    error.is_connect()
}

/// Returns `true` if reqwest has failed to decode a body. It calls every error of a body a decode
/// error, those of hyper included.
pub(crate) fn is_undecodable(error: &reqwest::Error) -> bool {
    error.is_decode() && of_hyper(error).is_none()
}

/// Returns the kind of hyper's error if hyper could not parse a response, or the chunks of its
/// body.
pub(crate) fn kind_of_hyper(error: &reqwest::Error) -> Option<TransportErrorKind> {
    let error = of_hyper(error)?;
    // hyper's method for that exists only with its server.
    if error.is_parse() && error.to_string() == "message head is too large" {
        return Some(TransportErrorKind::HeadLimit);
    }
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    // No socket reports this kind, and neither does TLS.
    let is_bad_chunk = io.is_some_and(|io| io.kind() == io::ErrorKind::InvalidInput);
    (error.is_parse() || is_bad_chunk).then_some(TransportErrorKind::Malformed)
}

/// Returns `true` if the connection was closed before the head of a response was complete, or
/// before it took the request.
pub(crate) fn is_closed(error: &reqwest::Error) -> bool {
    of_hyper(error).is_some_and(|error| error.is_incomplete_message() || error.is_canceled())
}

/// Returns the error of hyper among the sources of an error.
fn of_hyper(error: &reqwest::Error) -> Option<&hyper::Error> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

/// Chunks of a response's body, as they arrive.
pub(crate) struct Chunks {
    response: Response,
}

impl Chunks {
    pub(crate) fn of(mut response: Response) -> Self {
        // The extensions have been read, and would live as long as the response.
        *response.extensions_mut() = Default::default();
        Self { response }
    }

    /// Polls the next chunk. The future keeps no state between two polls: the response holds it,
    /// and a body or a stream made of the response would add an indirection.
    #[inline(always)]
    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<reqwest::Result<Bytes>>> {
        pin!(self.response.chunk()).poll(cx).map(Result::transpose)
    }
}

/// Returns the builder with these flow-control windows.
#[cfg(feature = "http2")]
pub(crate) fn with_http2_windows(
    builder: ClientBuilder,
    stream_window: u32,
    connection_window: u32,
) -> ClientBuilder {
    builder
        // It would replace both windows.
        .http2_adaptive_window(false)
        .http2_initial_stream_window_size(stream_window)
        .http2_initial_connection_window_size(connection_window)
}
