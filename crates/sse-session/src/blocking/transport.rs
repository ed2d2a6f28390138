//! Blocking transport: the interface to an HTTP client without `async`.

use std::{error::Error, io::Read};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};

use crate::{
    body_end::BodyEnd, context::SendContext, threads::BoxError, transport::Capabilities,
    transport_error::TransportErrorKind,
};

/// HTTP client of [blocking sessions](crate::BlockingSession).
///
/// Every function from a request to a response whose body is a [`Read`] is one:
///
/// ```
/// use bytes::Bytes;
/// use sse_session::{BlockingClient, SseConfig};
///
/// let send = |_request: http::Request<Bytes>| {
///     let body = "data: hello\n\n".as_bytes(); // usually one that reads a socket
///     http::Response::builder().header("content-type", "text/event-stream").body(body)
/// };
///
/// let client = BlockingClient::new(send, SseConfig::new());
/// let mut session = client.sse_session("http://example.org/")?;
/// assert_eq!(session.next().unwrap()?.data(), "hello");
/// # Ok::<(), sse_session::SseError>(())
/// ```
///
/// A type that implements this trait receives the cause of a request and the timeouts that apply to
/// it, and classifies its errors. With the feature `ureq`, `UreqTransport` is such a type.
///
/// # What a transport must do
///
/// - Return the head of a response as soon as it is received, before its body is.
/// - Return bytes of the body as soon as some are available, and 0 only at a regular end.
/// - Report an error where the body is incomplete.
/// - Abandon the connection when the body is dropped.
/// - Follow no redirects, or say so in its [capabilities](Self::capabilities).
///
/// A panic of `send` is an error of its request, and a panic of a body reaches the caller.
///
/// # Timeouts
///
/// A session cannot interrupt a thread that blocks. It acts when `send` or `read` returns, so its
/// limits depend on the transport:
///
/// | limit of the session | needs |
/// |---|---|
/// | [head timeout](crate::SseConfig::head_timeout) | `send` returns within [`SendContext::head_timeout`], with any error |
/// | [first byte](crate::SseConfig::first_byte_timeout), [idle timeout](crate::SseConfig::idle_timeout) | `read` returns after [`SendContext::read_timeout`] without a byte, with [`WouldBlock`](std::io::ErrorKind::WouldBlock) |
/// | 5 s for the body of a rejected response | the same |
/// | `close` and `reconnect_now` of a [handle](crate::SessionHandle) | the same, or someone shuts the socket down |
///
/// `WouldBlock` means that no byte came within the transport's own read timeout, and that another
/// read may go on. The session then looks at its deadlines and at the commands of its handles, and
/// reads again if neither ends the connection. [`Interrupted`](std::io::ErrorKind::Interrupted)
/// means the same. A read must wait before it returns either, or the thread spins. (A `TcpStream`
/// whose read timeout expires returns `WouldBlock` on Unix, and `TimedOut` on Windows, where its
/// transport has to change that.) Any other error ends the connection. If a limit of the session
/// has expired by then, the error of the session is that [deadline](crate::SseError::deadline).
///
/// Waits between two attempts need nothing of a transport: a handle ends them at once.
pub trait BlockingTransport: Send + Sync + 'static {
    /// Body of a response.
    type Body: Read + Send + 'static;

    /// Error of a request.
    type Error: Into<BoxError>;

    /// Sends a request, and returns its response once the head is received.
    ///
    /// The request has the headers of an event stream, `Last-Event-ID` included. `context` says
    /// what led to it, and which timeouts apply.
    ///
    /// # Errors
    ///
    /// Fails if no head of a response was received.
    fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<Self::Body>, Self::Error>;

    /// Returns the kind of an error of a request or of a body.
    ///
    /// It is not called for a [`TransportError`](crate::TransportError), which has a kind, nor for
    /// a `std::io::Error` that contains one. Defaults to [`TransportErrorKind::of_sources`], which
    /// knows the errors of `std::io`.
    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        TransportErrorKind::of_sources(error)
    }

    /// Returns what a regular end of a body proves, given the head of its response.
    ///
    /// Defaults to [`BodyEnd::regular`], for transports that return the headers as they were
    /// received.
    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd {
        BodyEnd::regular(version, headers)
    }

    /// Returns what the transport does by itself.
    ///
    /// Defaults to nothing: the session does it.
    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
    }
}

/// A function from a request to a response is a transport without timeouts.
impl<F, B, E> BlockingTransport for F
where
    F: Fn(Request<Bytes>) -> Result<Response<B>, E> + Send + Sync + 'static,
    B: Read + Send + 'static,
    E: Into<BoxError>,
{
    type Body = B;
    type Error = E;

    fn send(&self, request: Request<Bytes>, _context: SendContext) -> Result<Response<B>, E> {
        self(request)
    }
}
