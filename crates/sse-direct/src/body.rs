//! Body of a response, which reads its connection while it is polled.

use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::rt::{Read, Write};
use sse_session::{TransportError, TransportErrorKind};

use crate::{error::HttpError, exchange::Sending, framing::Framing, scratch};

/// Body of a response. It owns its connection: dropping the body closes the connection.
pub struct DirectBody<I> {
    /// `None` once the body has ended, or failed.
    io: Option<I>,
    framing: Framing,
    /// Bytes that were received with the head.
    received: Bytes,
    /// Rest of the request. A server may respond before it has read the request.
    sending: Option<Box<Sending>>,
    /// Error after the data that was yielded last.
    failed: Option<HttpError>,
}

impl<I> DirectBody<I> {
    pub(crate) fn new(
        io: I,
        framing: Framing,
        received: Bytes,
        sending: Option<Box<Sending>>,
    ) -> Self {
        Self { io: Some(io), framing, received, sending, failed: None }
    }

    /// Closes the connection, and returns the last item.
    fn end(
        &mut self,
        last: Option<TransportError>,
    ) -> Option<Result<Frame<Bytes>, TransportError>> {
        self.io = None;
        last.map(Err)
    }
}

impl<I: Read + Write + Unpin> Body for DirectBody<I> {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = &mut *self;
        loop {
            if let Some(error) = this.failed.take() {
                return Poll::Ready(this.end(Some(error.within_body())));
            }
            if this.framing.is_ended() {
                return Poll::Ready(this.end(None));
            }
            let Some(io) = &mut this.io else {
                return Poll::Ready(None);
            };
            // The response counts, even if its server does not read the rest of the request.
            if let Some(sending) = &mut this.sending {
                sending.poll(io, cx);
                this.sending = this.sending.take().filter(|sending| sending.is_pending());
            }
            let framing = &mut this.framing;
            let decoded = if this.received.is_empty() {
                let take = |bytes: &[u8]| (!bytes.is_empty()).then(|| decode(framing, bytes));
                ready!(scratch::poll_read(Pin::new(io), cx, take))
            } else {
                Ok(Some(decode(framing, &mem::take(&mut this.received))))
            };
            let (data, result) = match decoded {
                Ok(Some(decoded)) => decoded,
                Ok(None) if this.framing.may_close() => return Poll::Ready(this.end(None)),
                Ok(None) => {
                    let error = HttpError::ClosedWithinBody.within_body();
                    return Poll::Ready(this.end(Some(error)));
                }
                Err(error) => {
                    let kind = TransportErrorKind::of_sources(&error);
                    return Poll::Ready(this.end(Some(TransportError::new(kind, error))));
                }
            };
            this.failed = result.err();
            if !data.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
        }
    }
}

/// Decodes bytes of a body, and copies their data out of the memory that they were read into.
fn decode(framing: &mut Framing, bytes: &[u8]) -> (Bytes, Result<(), HttpError>) {
    if bytes.len() <= scratch::SMALL_BYTES {
        return scratch::fill_shared(bytes.len(), |data| framing.decode(bytes, data));
    }
    let mut data = Vec::with_capacity(bytes.len());
    let result = framing.decode(bytes, &mut data);
    (data.into(), result)
}

impl<I> fmt::Debug for DirectBody<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectBody").field("framing", &self.framing).finish_non_exhaustive()
    }
}
