//! Exchange over a connection: a request is written while the head of its response is awaited.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::Response;
use hyper::rt::{Read, Write};
use sse_session::{TransportError, TransportErrorKind};

use crate::{error::HttpError, head::HeadParser, scratch};

/// Response whose body has not been read.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) head: Response<()>,
    /// Bytes that were received with the head.
    pub(crate) bytes: Bytes,
    /// Rest of the request, which the server reads while it sends the body.
    pub(crate) sending: Option<Box<Sending>>,
}

/// Sends a request, and returns the head of its response with the bytes after it.
pub(crate) async fn exchange<I: Read + Write + Unpin>(
    io: &mut I,
    request: Bytes,
) -> Result<Received, TransportError> {
    let mut sending = Box::new(Sending { unsent: request, is_done: false, failed: None });
    let mut parser = HeadParser::default();
    let (head, bytes) = poll_fn(|cx| {
        sending.poll(io, cx);
        poll_head(io, cx, &mut parser, &mut sending.failed)
    })
    .await?;
    // A server that rejects the request needs nothing of it any more.
    let is_wanted = head.status().is_success() && sending.is_pending();
    Ok(Received { head, bytes, sending: is_wanted.then_some(sending) })
}

/// Request that is being sent.
#[derive(Debug)]
pub(crate) struct Sending {
    unsent: Bytes,
    /// All of the request was sent and flushed.
    is_done: bool,
    /// Error of a write, reported only if no response arrives: a server may respond before it has
    /// read the request, and close its side.
    failed: Option<io::Error>,
}

impl Sending {
    /// Returns `true` if there is more to send.
    pub(crate) fn is_pending(&self) -> bool {
        !self.is_done && self.failed.is_none()
    }

    /// Sends what can be sent, and keeps an error.
    pub(crate) fn poll(&mut self, io: &mut (impl Write + Unpin), cx: &mut Context<'_>) {
        if self.is_pending() {
            match self.poll_write(io, cx) {
                Poll::Ready(Ok(())) => self.is_done = true,
                Poll::Ready(Err(error)) => self.failed = Some(error),
                Poll::Pending => {}
            }
        }
    }

    fn poll_write(
        &mut self,
        io: &mut (impl Write + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let written = ready!(Pin::new(&mut *io).poll_write(cx, &self.unsent))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unsent.advance(written);
        }
        Pin::new(io).poll_flush(cx)
    }
}

/// Reads the head of a response, given the error of its request.
fn poll_head(
    io: &mut (impl Read + Unpin),
    cx: &mut Context<'_>,
    head: &mut HeadParser,
    failed: &mut Option<io::Error>,
) -> Poll<Result<(Response<()>, Bytes), TransportError>> {
    loop {
        let take = |bytes: &[u8]| (!bytes.is_empty()).then(|| head.add(bytes));
        let error = match scratch::poll_read(Pin::new(&mut *io), cx, take) {
            Poll::Ready(Ok(Some(Ok(Some(found))))) => return Poll::Ready(Ok(found)),
            Poll::Ready(Ok(Some(Ok(None)))) => continue,
            // The bytes that were received say more than the error of a request that was not read.
            Poll::Ready(Ok(Some(Err(error)))) => return Poll::Ready(Err(error.before_body())),
            Poll::Ready(Ok(None)) => HttpError::ClosedBeforeHead.before_body(),
            Poll::Ready(Err(error)) => classified(error),
            Poll::Pending if failed.as_ref().is_none_or(is_unread) => return Poll::Pending,
            Poll::Pending => HttpError::ClosedBeforeHead.before_body(),
        };
        return Poll::Ready(Err(failed.take().map_or(error, classified)));
    }
}

/// Returns `true` if an error says that the peer reads no more. Its response may still arrive, and
/// if it does not, the connection ends.
fn is_unread(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

fn classified(error: io::Error) -> TransportError {
    TransportError::new(TransportErrorKind::of_sources(&error), error)
}
