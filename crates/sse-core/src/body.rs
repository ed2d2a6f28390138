//! HTTP bodies as event streams.
//!
//! Responsible for passing on the data frames and skipping all others, which have no meaning in an
//! event stream. Does not check the status or the headers.

use core::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::stream::EventStream;

/// Stream of events parsed from an HTTP body (feature `http-body`).
///
/// Created by [`EventStream::from_body`].
pub type BodyEvents<B> = EventStream<BodyData<B>>;

impl<B: Body> BodyEvents<B> {
    /// Creates a stream of events from the body of a response, of any HTTP stack (feature
    /// `http-body`).
    ///
    /// The caller has to check first that the response is an event stream: that its status is 200
    /// and its content type `text/event-stream`.
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
    /// Stream of the data frames of an HTTP body (feature `http-body`).
    ///
    /// Data that is [`Bytes`] already is not copied. Frames of other kinds, such as trailers, are
    /// skipped.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct BodyData<B> {
        #[pin]
        body: B,
    }
}

impl<B> BodyData<B> {
    /// Returns the body.
    #[must_use]
    pub fn get_ref(&self) -> &B {
        &self.body
    }

    /// Returns the body. Frames that you take from it are missing from the event stream.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut B {
        &mut self.body
    }

    /// Returns the body by value.
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
