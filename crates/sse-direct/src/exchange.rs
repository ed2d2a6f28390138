//! Exchange over a connection: a request is written while the head of its response is awaited.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use hyper::rt::{Read, Write};
use sse_session::{TransportError, TransportErrorKind};

use crate::{error::HttpError, head::HeadParser, scratch};

/// Sends a request, and returns the head of its response with the bytes after it.
pub(crate) async fn exchange<I: Read + Write + Unpin>(
    io: &mut I,
    request: &[u8],
) -> Result<(Response<()>, Bytes), TransportError> {
    let mut sending = Sending { unsent: request, is_flushed: false, failed: None };
    let mut head = HeadParser::default();
    let found = poll_fn(|cx| {
        sending.poll_quietly(io, cx);
        poll_head(io, cx, &mut head, &mut sending.failed)
    });
    let found = found.await?;
    if found.0.status().is_success() {
        // The server reads on. A response that rejects the request needs nothing of it any more.
        poll_fn(|cx| sending.poll(io, cx)).await.map_err(classified)?;
    }
    Ok(found)
}

/// Request that is being sent.
struct Sending<'a> {
    unsent: &'a [u8],
    is_flushed: bool,
    /// A server may respond before it has read the request, and close its side: the response counts,
    /// and this error only if there is none.
    failed: Option<io::Error>,
}

impl Sending<'_> {
    fn poll(
        &mut self,
        io: &mut (impl Write + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let written = ready!(Pin::new(&mut *io).poll_write(cx, self.unsent))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unsent = &self.unsent[written..];
        }
        if !self.is_flushed {
            ready!(Pin::new(io).poll_flush(cx))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what can be sent, and keeps an error.
    fn poll_quietly(&mut self, io: &mut (impl Write + Unpin), cx: &mut Context<'_>) {
        if self.failed.is_none() {
            if let Poll::Ready(Err(error)) = self.poll(io, cx) {
                self.failed = Some(error);
            }
        }
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
            Poll::Ready(Ok(Some(Err(error)))) => error.before_body(),
            Poll::Ready(Ok(None)) => HttpError::ClosedBeforeHead.before_body(),
            Poll::Ready(Err(error)) => classified(error),
            Poll::Pending if failed.is_none() => return Poll::Pending,
            Poll::Pending => HttpError::ClosedBeforeHead.before_body(),
        };
        return Poll::Ready(Err(failed.take().map_or(error, classified)));
    }
}

fn classified(error: io::Error) -> TransportError {
    TransportError::new(TransportErrorKind::of_sources(&error), error)
}
