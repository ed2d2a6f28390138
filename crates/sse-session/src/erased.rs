//! Transport and body without their types, so that sessions have none of them as a parameter.
//!
//! Errors are classified here, and a panic of a request's future becomes one.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body::Body;

use crate::{
    body_end::BodyEnd,
    catch_panic::CatchPanic,
    context::SendContext,
    threads::{BoxError, BoxFuture, MaybeSend, MaybeSendSync},
    transport::{Capabilities, Transport},
    transport_error::{TransportError, TransportErrorKind},
};

/// Body of a response whose type is erased.
pub(crate) type BoxBody = Pin<Box<dyn Chunks>>;

/// Chunks of a body. A `Frame` has room for trailers, which makes it several times as large: every
/// chunk would be copied through it.
pub(crate) trait Chunks: MaybeSend {
    /// Polls the next chunk. Trailers are an empty chunk.
    fn poll_chunk(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>>;
}

/// Response whose body is erased, and what a regular end of that body proves.
pub(crate) struct ErasedResponse {
    pub(crate) response: Response<BoxBody>,
    pub(crate) regular_end: BodyEnd,
}

/// Transport whose type is erased.
pub(crate) trait DynTransport: MaybeSendSync {
    fn send(
        self: Arc<Self>,
        request: Request<Bytes>,
        context: SendContext,
    ) -> BoxFuture<Result<ErasedResponse, TransportError>>;

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind;

    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd;

    fn capabilities(&self) -> Capabilities;

    /// Returns `true` if requests and bodies block the thread that polls them.
    fn blocks(&self) -> bool {
        false
    }
}

impl<T: Transport> DynTransport for T {
    fn send(
        self: Arc<Self>,
        request: Request<Bytes>,
        context: SendContext,
    ) -> BoxFuture<Result<ErasedResponse, TransportError>> {
        let future = async move {
            match Transport::send(&*self, request, context).await {
                Ok(response) => Ok(erase(self, response)),
                Err(error) => Err(classified(&*self, error.into())),
            }
        };
        Box::pin(CatchPanic { future })
    }

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        Transport::error_kind(self, error)
    }

    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd {
        Transport::regular_end(self, version, headers)
    }

    fn capabilities(&self) -> Capabilities {
        Transport::capabilities(self)
    }
}

/// Erases the type of a response's body, whose errors the transport classifies.
pub(crate) fn erase<B>(transport: Arc<dyn DynTransport>, response: Response<B>) -> ErasedResponse
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + MaybeSend + 'static,
{
    let regular_end = transport.regular_end(response.version(), response.headers());
    let response = response.map(|body| -> BoxBody { Box::pin(Classified { body, transport }) });
    ErasedResponse { response, regular_end }
}

pub(crate) fn classified(transport: &dyn DynTransport, source: BoxError) -> TransportError {
    // It may have been classified by a transport that this one wraps.
    match source.downcast::<TransportError>() {
        Ok(error) => *error,
        Err(source) => TransportError { kind: transport.error_kind(&*source), source },
    }
}

pin_project_lite::pin_project! {
    /// Body whose errors its transport classifies.
    struct Classified<B> {
        #[pin]
        body: B,
        transport: Arc<dyn DynTransport>,
    }
}

impl<B> Chunks for Classified<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + MaybeSend,
{
    fn poll_chunk(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        let this = self.project();
        Poll::Ready(match ready!(this.body.poll_frame(cx)) {
            Some(Ok(frame)) => Some(Ok(frame.into_data().unwrap_or_default())),
            Some(Err(error)) => Some(Err(classified(&**this.transport, error.into()))),
            None => None,
        })
    }
}
