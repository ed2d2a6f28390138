//! Heads of requests and responses, and their times, as the caller sees them.

mod listed_headers;
mod packed_headers;

use std::{fmt, net::SocketAddr, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version, response::Parts};

use self::{listed_headers::ListedHeaders, packed_headers::PackedHeaders};
use crate::{
    connection_info::ConnectionInfo,
    final_uri::FinalUri,
    timings::{Stopwatch, Timings},
    uri::without_secrets,
};

/// Heads of the request and of the response of one connection, and its [timings](Self::timings).
/// Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Call {
    heads: Arc<Heads>,
}

#[derive(Debug)]
struct Heads {
    request: Option<RequestHead>,
    response: ResponseHead,
    stopwatch: Stopwatch,
}

impl Call {
    pub(crate) fn new(
        request: Option<RequestHead>,
        response: ResponseHead,
        stopwatch: Stopwatch,
    ) -> Self {
        Self { heads: Arc::new(Heads { request, response, stopwatch }) }
    }

    /// Returns the request as the session sent it; `None` if the session began with a response.
    /// Default headers and those of the protocol, which the HTTP client adds, are not included.
    #[must_use]
    pub fn request(&self) -> Option<&RequestHead> {
        self.heads.request.as_ref()
    }

    /// Returns the head of the response.
    #[must_use]
    pub fn response(&self) -> &ResponseHead {
        &self.heads.response
    }

    /// Returns the times of the connection so far. Later times appear as they are measured, also in
    /// a clone that an observer has kept.
    #[must_use]
    pub fn timings(&self) -> Timings {
        self.heads.stopwatch.timings()
    }

    pub(crate) fn stopwatch(&self) -> &Stopwatch {
        &self.heads.stopwatch
    }
}

/// Method, URI and headers of a request. Cloning is cheap.
///
/// `Debug` shows neither the values of the headers nor the query of the URI: they may be secret.
#[derive(Clone)]
pub struct RequestHead {
    parts: Arc<RequestParts>,
}

struct RequestParts {
    method: Method,
    uri: Uri,
    headers: ListedHeaders,
}

impl RequestHead {
    pub(crate) fn new(method: Method, uri: Uri, headers: &HeaderMap) -> Self {
        let headers = ListedHeaders::new(headers);
        Self { parts: Arc::new(RequestParts { method, uri, headers }) }
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// Returns the URI that was requested, before any redirect.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Returns the headers. The first call makes their map, which is kept as long as the head.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.parts.headers.get()
    }

    /// Returns the headers, and keeps none of the memory that they take.
    pub(crate) fn to_headers(&self) -> HeaderMap {
        self.parts.headers.to_map()
    }

    /// Returns the first value of a header.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.parts.headers.first(name)
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method())
            .field("uri", &without_secrets(self.uri()))
            .field("headers", &self.parts.headers)
            .finish()
    }
}

/// Status, headers, URI and version of a response, and the addresses of its connection.
///
/// `Debug` shows neither the values of the headers nor the query of the URI: they may be secret.
#[derive(Clone)]
pub struct ResponseHead {
    status: StatusCode,
    uri: RespondingUri,
    headers: PackedHeaders,
    version: Version,
    /// Boxed, as few transports report it, and a session keeps it.
    connection: Option<Box<ConnectionInfo>>,
}

/// URI of a response.
#[derive(Clone)]
enum RespondingUri {
    /// URI of its request.
    Requested(RequestHead),
    Other(Box<Uri>),
}

impl ResponseHead {
    /// Takes the head of a response to a request for `uri`, which is shared with the request's head
    /// if that is known.
    pub(crate) fn new(parts: &Parts, uri: &Uri, request: Option<&RequestHead>) -> Self {
        let uri = parts.extensions.get::<FinalUri>().map_or(uri, FinalUri::uri);
        let uri = match request.filter(|request| request.uri() == uri) {
            Some(request) => RespondingUri::Requested(request.clone()),
            None => RespondingUri::Other(Box::new(uri.clone())),
        };
        let headers = PackedHeaders::new(&parts.headers);
        let connection = ConnectionInfo::of(&parts.extensions).map(Box::new);
        Self { status: parts.status, uri, headers, version: parts.version, connection }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the URI that responded, after all redirects.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        match &self.uri {
            RespondingUri::Requested(request) => request.uri(),
            RespondingUri::Other(uri) => uri,
        }
    }

    /// Returns the headers. The first call makes their map, which is kept as long as the head.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.headers.get()
    }

    /// Returns the first value of a header, and keeps none of the memory that a map takes.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&[u8]> {
        self.headers.first(name)
    }

    /// Returns the address of this side of the connection, or `None` if the transport does not
    /// [report](ConnectionInfo) it.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.connection.as_ref()?.local_addr()
    }

    /// Returns the address of the peer, or `None` if the transport does not
    /// [report](ConnectionInfo) it. It is that of the proxy if the connection has one.
    #[must_use]
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.connection.as_ref()?.remote_addr()
    }

    /// Returns the HTTP version, or `None` if the transport does not know it.
    #[cfg(feature = "tracing")]
    pub(crate) fn shown_version(&self) -> Option<Version> {
        (!cfg!(all(target_arch = "wasm32", target_os = "unknown"))).then_some(self.version)
    }

    /// Returns the HTTP version. It does not exist in browsers, which do not say.
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("status", &self.status)
            .field("uri", &without_secrets(self.uri()))
            .field("headers", &self.headers)
            .field("version", &self.version)
            .field("remote_addr", &self.remote_addr())
            .finish()
    }
}
