//! Functions and closures as transports.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;

use crate::{
    context::SendContext,
    threads::{BoxError, MaybeSend, MaybeSendSync},
    transport::Transport,
};

/// Function that sends a request, or closure that does, as the transport of an
/// [`SseClient`](crate::SseClient).
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use sse_session::{SseClient, SseConfig};
///
/// # #[derive(Clone)] struct Http;
/// # impl Http {
/// #     async fn execute(&self, _: Request<Bytes>) -> http::Result<Response<Full<Bytes>>> {
/// #         let response = Response::builder().header("content-type", "text/event-stream");
/// #         response.body(Full::from("data: hello\n\n"))
/// #     }
/// # }
/// # #[cfg(not(feature = "tokio"))] fn main() {} // no default clock
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sse_session::SseError> {
/// let http = Http; // HTTP client of the program
/// let send = move |request: Request<Bytes>| {
///     let http = http.clone();
///     async move { http.execute(request).await }
/// };
/// let client = SseClient::new(send, SseConfig::new());
/// let mut session = client.sse_session("http://example.org/").await?;
/// assert_eq!(session.next().await.unwrap()?.data(), "hello");
/// # Ok(())
/// # }
/// ```
///
/// An `async fn` with one argument is such a function. An `async` closure is one if it borrows
/// nothing that it has captured. The type of the argument is to be written.
///
/// The function does not see the [`SendContext`], and the answers of the trait's other methods are
/// the defaults. A client that needs others implements the trait for a type of its own. The kind of
/// a [`TransportError`](crate::TransportError) that the function returns is kept.
impl<F, Fut, B, E> Transport for F
where
    F: Fn(Request<Bytes>) -> Fut + MaybeSendSync + 'static,
    Fut: Future<Output = Result<Response<B>, E>> + MaybeSend,
    B: Body<Data = Bytes, Error: Into<BoxError>> + MaybeSend + 'static,
    E: Into<BoxError>,
{
    type Body = B;
    type Error = E;

    fn send(
        &self,
        request: Request<Bytes>,
        _context: SendContext,
    ) -> impl Future<Output = Result<Response<B>, E>> + MaybeSend {
        self(request)
    }
}
