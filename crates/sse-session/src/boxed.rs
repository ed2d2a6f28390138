//! Transport without a type parameter, for programs that accept one from their user.

use std::{
    any::Any,
    error::Error,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body::{Body, Frame};

use crate::{
    body_end::BodyEnd,
    context::SendContext,
    erased::{BoxBody, DynTransport},
    transport::{Capabilities, Transport},
    transport_error::{TransportError, TransportErrorKind},
};

/// [`Transport`] whose type is erased.
///
/// A library stores it as a field without a type parameter, and accepts any transport from its
/// user. Cloning is cheap, and clones share the transport.
///
/// ```
/// use sse_session::{BoxTransport, SseClient, SseConfig, Transport};
///
/// /// Client of a service.
/// struct Sdk {
///     transport: BoxTransport,
/// }
///
/// impl Sdk {
///     /// Creates a client that sends its requests over this transport.
///     pub fn new(transport: impl Transport) -> Self {
///         Self { transport: BoxTransport::new(transport) }
///     }
///
///     fn prices(&self) -> SseClient {
///         SseClient::new(self.transport.clone(), SseConfig::new())
///     }
/// }
/// ```
///
/// A session costs the same over it as over the transport itself: [`SseClient`](crate::SseClient)
/// erases the type of every transport, and uses this one as it is.
#[derive(Clone)]
pub struct BoxTransport {
    transport: Arc<dyn DynTransport>,
}

impl BoxTransport {
    /// Erases the type of a transport. A `BoxTransport` is not wrapped again.
    #[must_use]
    pub fn new(transport: impl Transport) -> Self {
        Self { transport: erased(transport) }
    }

    /// Erases the type of a transport that is shared with others.
    #[must_use]
    pub fn shared(transport: Arc<impl Transport>) -> Self {
        Self { transport: erased_shared(transport) }
    }
}

/// Erases the type of a transport, unless it is erased already.
pub(crate) fn erased<T: Transport>(transport: T) -> Arc<dyn DynTransport> {
    match inner(&transport) {
        Some(transport) => transport,
        None => Arc::new(transport),
    }
}

/// Like [`erased`], for a transport that is shared.
pub(crate) fn erased_shared<T: Transport>(transport: Arc<T>) -> Arc<dyn DynTransport> {
    match inner(&*transport) {
        Some(transport) => transport,
        None => transport,
    }
}

fn inner(transport: &dyn Any) -> Option<Arc<dyn DynTransport>> {
    transport.downcast_ref().map(|it: &BoxTransport| it.transport.clone())
}

impl Transport for BoxTransport {
    type Body = BoxTransportBody;
    type Error = TransportError;

    async fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<BoxTransportBody>, TransportError> {
        let erased = self.transport.clone().send(request, context).await?;
        Ok(erased.response.map(|chunks| BoxTransportBody { chunks: Some(chunks) }))
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
}

impl fmt::Debug for BoxTransport {
    /// Omits the transport, which may show secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxTransport").finish_non_exhaustive()
    }
}

/// Body of a response of a [`BoxTransport`], without trailers.
pub struct BoxTransportBody {
    /// `None` after the end.
    chunks: Option<BoxBody>,
}

impl Body for BoxTransportBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let Some(chunks) = &mut self.chunks else { return Poll::Ready(None) };
        let chunk = ready!(chunks.as_mut().poll_chunk(cx));
        if !matches!(chunk, Some(Ok(_))) {
            self.chunks = None;
        }
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

impl fmt::Debug for BoxTransportBody {
    /// Omits what is left of the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxTransportBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use bytes::Bytes;
    use http::{Request, Response};
    use http_body_util::Empty;

    use super::{BoxTransport, erased, erased_shared};

    async fn send(_: Request<Bytes>) -> io::Result<Response<Empty<Bytes>>> {
        Ok(Response::default())
    }

    #[test]
    fn box_transport_is_not_wrapped_again() {
        let boxed = BoxTransport::new(send);
        for again in [
            erased(boxed.clone()),
            erased_shared(Arc::new(boxed.clone())),
            BoxTransport::new(boxed.clone()).transport,
            BoxTransport::shared(Arc::new(boxed.clone())).transport,
        ] {
            assert!(Arc::ptr_eq(&again, &boxed.transport));
        }
        assert!(!Arc::ptr_eq(&erased(send), &boxed.transport));
    }
}
