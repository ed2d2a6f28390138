//! Transport: the interface to an HTTP client.
//!
//! A session needs one function of an HTTP client: sending a request and returning the head and the
//! body of its response. Everything else is decided by the [machine](crate::machine).

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body::Body;

use crate::{
    body_end::BodyEnd,
    context::SendContext,
    threads::{BoxError, MaybeSend, MaybeSendSync},
    transport_error::TransportErrorKind,
};

/// HTTP client of sessions.
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use sse_session::{SendContext, SseClient, SseConfig, Transport};
///
/// /// Answers every request with the same event stream.
/// struct Canned(&'static str);
///
/// impl Transport for Canned {
///     type Body = Full<Bytes>;
///     type Error = http::Error;
///
///     async fn send(
///         &self,
///         _request: http::Request<Bytes>,
///         _context: SendContext,
///     ) -> Result<http::Response<Full<Bytes>>, http::Error> {
///         let body = Full::new(Bytes::from_static(self.0.as_bytes()));
///         http::Response::builder().header("content-type", "text/event-stream").body(body)
///     }
/// }
///
/// # #[cfg(not(feature = "tokio"))] fn main() {} // no default clock
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sse_session::SseError> {
/// let client = SseClient::new(Canned("data: hello\n\n"), SseConfig::new());
/// let mut session = client.sse_session("http://example.org/").await?;
/// assert_eq!(session.next().await.unwrap()?.data(), "hello");
/// # Ok(())
/// # }
/// ```
///
/// # What a transport must do
///
/// - Return the head of a response as soon as it is received, before its body is.
/// - Yield each piece of the body when it arrives; report an error where the body is incomplete.
/// - Cancel the request when the future, or the body, is dropped.
/// - Leave the body as it is, with its `Content-Encoding`: the session decodes it. A transport that
///   decodes removes that header, or says so in its [capabilities](Self::capabilities).
/// - Follow no redirects, or say so in its [capabilities](Self::capabilities).
///
/// If it knows the addresses of a connection, it inserts a
/// [`ConnectionInfo`](crate::ConnectionInfo) into the extensions of the response.
///
/// It may respond late, never, or with an error at any time: the session has deadlines of its own.
/// A panic of `send` is an error of its request; a panic of a body reaches the caller. A transport
/// needs neither a task nor a pool, and may read its socket while the body is polled.
pub trait Transport: MaybeSendSync + 'static {
    /// Body of a response.
    type Body: Body<Data = Bytes, Error: Into<BoxError>> + MaybeSend + 'static;

    /// Error of a request.
    type Error: Into<BoxError>;

    /// Sends a request, and returns its response once the head is received.
    ///
    /// The request has the headers of an event stream, `Last-Event-ID` included. `context` says
    /// what led to it.
    fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> impl Future<Output = Result<Response<Self::Body>, Self::Error>> + MaybeSend;

    /// Returns the kind of an error of a request or of a body.
    ///
    /// It is not called for a [`TransportError`](crate::TransportError), which has a kind. Defaults
    /// to [`TransportErrorKind::of`].
    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        TransportErrorKind::of(error)
    }

    /// Returns what a regular end of a body proves, given the head of its response.
    ///
    /// Defaults to [`BodyEnd::regular`], for transports that return the headers as they were
    /// received.
    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd {
        BodyEnd::regular(version, headers)
    }

    /// Returns the capabilities of the transport.
    ///
    /// Defaults to none: the session does everything itself.
    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
    }
}

/// Features of a transport that a session takes into account.
#[derive(Debug, Clone, Copy, Default)]
pub struct Capabilities {
    pub(crate) follows_redirects: bool,
    pub(crate) decodes_content: bool,
    pub(crate) bypasses_caches: bool,
    pub(crate) ascii_headers_only: bool,
    pub(crate) connects_each_time: bool,
}

impl Capabilities {
    /// Creates the capabilities of a transport that does nothing by itself.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            follows_redirects: false,
            decodes_content: false,
            bypasses_caches: false,
            ascii_headers_only: false,
            connects_each_time: false,
        }
    }

    /// Sets whether the transport follows redirects. It then reports the URI that responded with a
    /// [`FinalUri`](crate::FinalUri).
    ///
    /// Defaults to `false`: the session follows them.
    #[must_use]
    pub const fn follows_redirects(mut self, follows: bool) -> Self {
        self.follows_redirects = follows;
        self
    }

    /// Sets whether bodies are decoded whatever their `Content-Encoding` says, as in browsers,
    /// which leave that header in place. The session then sends no `Accept-Encoding`.
    ///
    /// Defaults to `false`: the session decodes each coding whose feature is on.
    #[must_use]
    pub const fn decodes_content(mut self, decodes: bool) -> Self {
        self.decodes_content = decodes;
        self
    }

    /// Sets whether requests bypass caches without a `Cache-Control` header.
    ///
    /// Defaults to `false`: the session sends `Cache-Control: no-cache`, unless the caller sets it.
    #[must_use]
    pub const fn bypasses_caches(mut self, bypasses: bool) -> Self {
        self.bypasses_caches = bypasses;
        self
    }

    /// Sets whether header values can contain ASCII only.
    ///
    /// Defaults to `false`: a last event ID is sent as UTF-8.
    #[must_use]
    pub const fn ascii_headers_only(mut self, only: bool) -> Self {
        self.ascii_headers_only = only;
        self
    }

    /// Sets whether each request is sent over a new connection, and none over that of an earlier
    /// request. A connection that ends before the head of a response then is a failure of the
    /// server: it was not an idle connection that the server closed just as the request was sent.
    ///
    /// Defaults to `false`: the session [repeats](crate::Resume#the-first-request-of-a-session) its
    /// first request once.
    #[must_use]
    pub const fn connects_each_time(mut self, each: bool) -> Self {
        self.connects_each_time = each;
        self
    }
}
