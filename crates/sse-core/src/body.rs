//! The body of an HTTP message in, its chunks out, and their events.
//!
//! Only bytes are passed on; other frames, such as trailers, have no meaning in an event stream.
//! Looks at no status and no header.

use core::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::stream::EventStream;

/// The events of an HTTP body; made by [`EventStream::from_body`].
pub type BodyEvents<B> = EventStream<BodyData<B>>;

impl<B: Body> BodyEvents<B> {
    /// Reads events from the body of a response, of whatever HTTP stack.
    ///
    /// Whether the response is an event stream at all, that is, its status 200 and its content type
    /// `text/event-stream`, is for the caller to look at first.
    ///
    /// ```
    /// use http_body::Body;
    /// use sse_core::{EventStream, Parser, StreamError};
    ///
    /// async fn first_data<B: Body + Unpin>(body: B) -> Result<String, StreamError<B::Error>> {
    ///     let parser = Parser::new().with_last_event_id("7");
    ///     let mut events = EventStream::from_body(body).with_parser(parser);
    ///     let event = events.next().await.transpose()?;
    ///     Ok(event.map(|event| event.data().to_owned()).unwrap_or_default())
    /// }
    /// ```
    pub fn from_body(body: B) -> Self {
        Self::new(BodyData { body })
    }
}

pin_project! {
    /// The bytes of an HTTP body as a stream of chunks.
    ///
    /// Chunks that are [`Bytes`] already are not copied. Frames of another kind are skipped.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct BodyData<B> {
        #[pin]
        body: B,
    }
}

impl<B> BodyData<B> {
    /// The body.
    #[must_use]
    pub fn get_ref(&self) -> &B {
        &self.body
    }

    /// The body. Frames taken from it are missing in the event stream.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut B {
        &mut self.body
    }

    /// Gives the body back.
    #[must_use]
    pub fn into_inner(self) -> B {
        self.body
    }
}

impl<B: Body> Stream for BodyData<B> {
    type Item = Result<Bytes, B::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            let Some(frame) = ready!(this.body.as_mut().poll_frame(cx)?) else {
                return Poll::Ready(None);
            };
            if let Ok(mut data) = frame.into_data() {
                return Poll::Ready(Some(Ok(data.copy_to_bytes(data.remaining()))));
            }
        }
    }
}
