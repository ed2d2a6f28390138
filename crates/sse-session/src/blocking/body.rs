//! Blocking transport as the driver sees it: requests and chunks that are ready whenever they are
//! polled, because polling waits for them.

use std::{
    error::Error,
    io::{self, ErrorKind, Read},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response, Version};

use super::transport::BlockingTransport;
use crate::{
    body_end::BodyEnd,
    catch_panic::CatchPanic,
    context::SendContext,
    erased::{BoxBody, Chunks, DynTransport, ErasedResponse, classified},
    threads::BoxFuture,
    transport::Capabilities,
    transport_error::{TransportError, TransportErrorKind},
};

/// [`BlockingTransport`] that a driver can poll.
pub(super) struct Blocking<T> {
    pub(super) transport: Arc<T>,
}

impl<T: BlockingTransport> DynTransport for Blocking<T> {
    fn send(
        self: Arc<Self>,
        request: Request<Bytes>,
        context: SendContext,
    ) -> BoxFuture<Result<ErasedResponse, TransportError>> {
        let future = async move {
            match self.transport.send(request, context) {
                Ok(response) => Ok(erase(self, response)),
                Err(error) => Err(classified(&*self, error.into())),
            }
        };
        Box::pin(CatchPanic { future })
    }

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        self.transport.error_kind(error)
    }

    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd {
        self.transport.regular_end(version, headers)
    }

    fn capabilities(&self) -> Capabilities {
        self.transport.capabilities()
    }

    fn blocks(&self) -> bool {
        true
    }
}

/// Erases the type of a response's body, whose errors the transport classifies.
pub(super) fn erase<B>(transport: Arc<dyn DynTransport>, response: Response<B>) -> ErasedResponse
where
    B: Read + Send + 'static,
{
    let regular_end = transport.regular_end(response.version(), response.headers());
    let response = response.map(|body| -> BoxBody {
        Box::pin(ReadBody { body, transport, buffer: BytesMut::new(), is_announced: false })
    });
    ErasedResponse { response, regular_end }
}

/// Body that blocks when it is polled.
struct ReadBody<B> {
    body: B,
    transport: Arc<dyn DynTransport>,
    /// Initialized memory that the next reads fill. Chunks are split off from its front.
    buffer: BytesMut,
    /// `true` if the driver knows that the session waits for a byte.
    is_announced: bool,
}

// Nothing in it is pinned.
impl<B> Unpin for ReadBody<B> {}

impl<B: Read> ReadBody<B> {
    /// Reads what is available; `None` at the end.
    fn read(&mut self) -> Option<io::Result<Bytes>> {
        if self.buffer.len() < LEAST_ROOM {
            self.buffer.clear();
            // Takes the same memory again if all chunks of it were dropped.
            self.buffer.reserve(BUFFER);
            self.buffer.resize(BUFFER, 0);
        }
        match self.body.read(&mut self.buffer) {
            Ok(0) => None,
            Ok(count) => Some(Ok(self.buffer.split_to(count.min(self.buffer.len())).freeze())),
            Err(error) => Some(Err(error)),
        }
    }

    fn classified(&self, error: io::Error) -> TransportError {
        match error.downcast::<TransportError>() {
            Ok(error) => error,
            Err(error) => classified(&*self.transport, error.into()),
        }
    }
}

impl<B: Read + Send> Chunks for ReadBody<B> {
    fn poll_chunk(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        let this = self.get_mut();
        // An empty chunk lets the driver check deadlines and commands. After the one before a read,
        // the driver notes since when the session has waited.
        let is_waiting = std::mem::replace(&mut this.is_announced, true);
        if !is_waiting {
            return Poll::Ready(Some(Ok(Bytes::new())));
        }
        Poll::Ready(match this.read() {
            Some(Ok(chunk)) => {
                this.is_announced = false;
                Some(Ok(chunk))
            }
            Some(Err(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                Some(Ok(Bytes::new()))
            }
            Some(Err(error)) => Some(Err(this.classified(error))),
            None => None,
        })
    }
}

/// Size of the buffer that chunks share.
const BUFFER: usize = 16 * 1024;

/// Room that a read has at least. Less would split what one read of a socket returns.
const LEAST_ROOM: usize = 4 * 1024;
