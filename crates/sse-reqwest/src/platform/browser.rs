//! reqwest over a browser's `fetch`.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use http::Version;
#[cfg(feature = "http2")]
use reqwest::ClientBuilder;
use reqwest::{Client, Request, RequestBuilder, Response, header::CACHE_CONTROL};
use sse_session::{Capabilities, ConnectionInfo, TransportErrorKind};

/// Features of `fetch` that sessions take into account.
pub(crate) const CAPABILITIES: Capabilities = Capabilities::new()
    .follows_redirects(true)
    .decodes_content(true)
    .bypasses_caches(true)
    .ascii_headers_only(true);

/// Returns a version: browsers do not say which.
pub(crate) fn http_version(_response: &Response) -> Version {
    Version::default()
}

/// Returns `None`: browsers do not say to whom they are connected.
pub(crate) fn connection_info(_response: &Response) -> Option<ConnectionInfo> {
    None
}

/// Bypasses caches by the request's cache mode, since a `Cache-Control` header would trigger a CORS
/// preflight. A header that the caller has set is sent.
pub(crate) fn bypass_caches(client: &Client, request: Request) -> reqwest::Result<Request> {
    if request.headers().contains_key(CACHE_CONTROL) {
        return Ok(request);
    }
    RequestBuilder::from_parts(client.clone(), request).fetch_cache_no_store().build()
}

/// Lifts the timeout of the request, which would truncate every event stream. The client has none.
pub(crate) fn without_total_timeout(request: &mut Request) {
    *request.timeout_mut() = None;
}

/// Returns `true`: options of `fetch` cannot be read.
pub(crate) fn has_own_parts(_request: &Request) -> bool {
    true
}

/// Returns `false`: a browser decodes, and does not report why a body failed.
pub(crate) fn is_undecodable(_error: &reqwest::Error) -> bool {
    false
}

/// Returns `None`: a browser does not report why a body failed.
pub(crate) fn kind_of_hyper(_error: &reqwest::Error) -> Option<TransportErrorKind> {
    None
}

/// Returns `false`: a browser itself repeats a request whose connection was closed.
pub(crate) fn is_closed(_error: &reqwest::Error) -> bool {
    false
}

/// Returns `false`: browsers do not say why no response was received.
pub(crate) fn is_connect(_error: &reqwest::Error) -> bool {
    false
}

/// Runtime of a response: a browser needs none.
pub(crate) struct Runtime;

impl Runtime {
    pub(crate) fn current() -> Self {
        Self
    }

    pub(crate) fn is_missing(&self) -> bool {
        false
    }

    pub(crate) fn is_gone(&self) -> bool {
        false
    }
}

/// Chunks of a response's body, as they arrive.
pub(crate) struct Chunks {
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>>>>,
}

impl Chunks {
    pub(crate) fn of(response: Response) -> Self {
        Self { body: Box::pin(response.bytes_stream()) }
    }

    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<reqwest::Result<Bytes>>> {
        self.body.as_mut().poll_next(cx)
    }
}

/// Returns the builder: the windows are the browser's.
#[cfg(feature = "http2")]
pub(crate) fn with_http2_windows(
    builder: ClientBuilder,
    _stream_window: u32,
    _connection_window: u32,
) -> ClientBuilder {
    builder
}
