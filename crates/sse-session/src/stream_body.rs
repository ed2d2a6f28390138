//! Streams of bytes as bodies.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame};

pin_project_lite::pin_project! {
    /// Body whose chunks are the items of a stream, for HTTP clients whose responses have streams
    /// instead of bodies.
    ///
    /// The items are results of [`Bytes`], or of any type that converts into `Bytes` without a
    /// copy, such as `Vec<u8>`. The stream must end with an error if the body is incomplete: a
    /// stream that only ends is a complete body.
    ///
    /// `http_body_util::StreamBody` is similar, but its items are frames.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use futures_util::stream;
    /// use http::{Request, Response};
    /// use sse_session::{SseClient, SseConfig, StreamBody};
    ///
    /// # #[cfg(not(feature = "tokio"))] fn main() {} // no default clock
    /// # #[cfg(feature = "tokio")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), sse_session::SseError> {
    /// let send = async |_: Request<Bytes>| {
    ///     let chunks = ["data: hel", "lo\n\n"].map(|it| Ok::<_, std::io::Error>(it));
    ///     let response = Response::builder().header("content-type", "text/event-stream");
    ///     response.body(StreamBody::new(stream::iter(chunks)))
    /// };
    /// let client = SseClient::new(send, SseConfig::new());
    /// let mut session = client.sse_session("http://example.org/").await?;
    /// assert_eq!(session.next().await.unwrap()?.data(), "hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The stream need be neither `Sync` nor `Unpin`. `Response::map` replaces the stream of a
    /// response: `response.map(StreamBody::new)`.
    #[derive(Clone, Default)]
    pub struct StreamBody<S> {
        #[pin]
        stream: S,
    }
}

impl<S> StreamBody<S> {
    /// Creates the body of a stream.
    pub fn new(stream: S) -> Self {
        Self { stream }
    }

    /// Returns the stream, at its current position.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S, D, E> Body for StreamBody<S>
where
    S: Stream<Item = Result<D, E>>,
    D: Into<Bytes>,
{
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        let chunk = self.project().stream.poll_next(cx);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map(|chunk| Frame::data(chunk.into()))))
    }
}

impl<S> fmt::Debug for StreamBody<S> {
    /// Omits the stream, which may show what it contains.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamBody").finish_non_exhaustive()
    }
}
