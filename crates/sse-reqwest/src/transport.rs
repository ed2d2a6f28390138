//! reqwest as the transport of sessions.

use std::{
    any::Any,
    error::Error,
    fmt,
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Uri};
use http_body::{Body, Frame};
use reqwest::{Client, Request, Response, Url, Version};
use sse_session::{
    BodyEnd, BoxError, Capabilities, FinalUri, MaybeSendSync, NativeRequest, SendContext,
    Transport, TransportError, TransportErrorKind,
};

use crate::{
    platform::{self, CAPABILITIES, Chunks, Runtime},
    sender::Sender,
};

/// reqwest as the [`Transport`] of sessions.
pub(crate) struct ReqwestTransport {
    /// Client of requests that bring none; `None` if all do.
    client: Option<Client>,
    sender: Sender,
    fresh_clients: Option<Arc<FreshClients>>,
}

/// Factory of clients, called when a fresh connection is needed.
struct FreshClients {
    make: Arc<dyn MakeClient>,
    /// The client that was made last.
    current: Mutex<Option<Client>>,
}

pub(crate) trait MakeClient: Fn() -> reqwest::Result<Client> + MaybeSendSync {}

impl<F: Fn() -> reqwest::Result<Client> + MaybeSendSync> MakeClient for F {}

impl ReqwestTransport {
    pub(crate) fn new(client: Option<Client>) -> Self {
        Self { client, sender: Sender::Client, fresh_clients: None }
    }

    pub(crate) fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// Returns the same transport with another sender.
    pub(crate) fn sent_with(&self, sender: Sender) -> Self {
        Self { client: self.client.clone(), sender, fresh_clients: self.fresh_clients.clone() }
    }

    /// Returns the same transport with a factory of clients.
    pub(crate) fn with_fresh_clients(&self, make: Arc<dyn MakeClient>) -> Self {
        let fresh_clients = Some(Arc::new(FreshClients { make, current: Mutex::new(None) }));
        Self { client: self.client.clone(), sender: self.sender.clone(), fresh_clients }
    }

    /// Returns the client that sends a request which brings this one.
    fn choose(&self, own: Option<Client>, is_fresh_wanted: bool) -> Option<Client> {
        let fresh = self.fresh_clients.as_ref().and_then(|fresh_clients| {
            let mut current = fresh_clients.current.lock().unwrap_or_else(PoisonError::into_inner);
            if is_fresh_wanted {
                // If none can be made, the old one may still work.
                *current = (fresh_clients.make)().ok().or_else(|| current.take());
            }
            current.clone()
        });
        fresh.or(own).or_else(|| self.client.clone())
    }
}

impl Transport for ReqwestTransport {
    type Body = ReqwestBody;
    type Error = TransportError;

    async fn send(
        &self,
        request: http::Request<Bytes>,
        mut context: SendContext,
    ) -> Result<http::Response<ReqwestBody>, TransportError> {
        let native = context.take_native::<Native>();
        let (own_client, own_request) =
            native.map_or((None, None), |native| (Some(native.client), native.request));
        let client = self
            .choose(own_client, context.fresh_connection_wanted())
            .ok_or_else(|| TransportError::new(TransportErrorKind::InvalidRequest, "no client"))?;
        let runtime = Runtime::current();
        if runtime.is_missing() && matches!(self.sender, Sender::Client) {
            // Another attempt would fail in the same way.
            return Err(TransportError::new(TransportErrorKind::InvalidRequest, NO_RUNTIME));
        }
        let (parts, body) = request.into_parts();
        let url = url(&parts.uri)
            .map_err(|error| TransportError::new(TransportErrorKind::InvalidRequest, error))?;
        let mut request =
            own_request.map_or_else(|| Request::new(parts.method.clone(), url.clone()), |own| *own);
        *request.method_mut() = parts.method;
        request.url_mut().clone_from(&url);
        *request.headers_mut() = parts.headers;
        if !body.is_empty() {
            *request.body_mut() = Some(body.into());
        }
        if context.lift_total_timeout() {
            platform::without_total_timeout(&mut request);
        }
        let request = platform::bypass_caches(&client, request).map_err(|error| {
            TransportError::new(TransportErrorKind::InvalidRequest, error.without_url())
        })?;
        let mut sending = pin!(self.sender.send(&client, request));
        poll_fn(|cx| {
            if runtime.is_gone() {
                return Poll::Ready(Err(runtime_gone()));
            }
            sending.as_mut().poll(cx).map(|sent| match sent {
                Ok(response) => Ok(into_http(response)),
                Err(error) => Err(send_error(error, &url)),
            })
        })
        .await
    }

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        error.downcast_ref().map_or_else(|| TransportErrorKind::of(error), kind)
    }

    /// reqwest removes `Content-Length` from a response that it decompresses, which then looks
    /// close-delimited.
    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd {
        match BodyEnd::regular(version, headers) {
            BodyEnd::CloseDelimited => BodyEnd::Unknown,
            end => end,
        }
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
}

/// Returns the URI as reqwest's URL.
fn url(uri: &Uri) -> Result<Url, impl Error + Send + Sync + 'static> {
    Url::parse(&uri.to_string())
}

/// Returns a response in the form that sessions take.
pub(crate) fn into_http(mut response: Response) -> http::Response<ReqwestBody> {
    let headers = mem::take(response.headers_mut());
    let uri: Option<Uri> = response.url().as_str().parse().ok();
    let (status, version) = (response.status(), platform::http_version(&response));
    let info = platform::connection_info(&response);
    let mut result = http::Response::new(ReqwestBody {
        chunks: Chunks::of(response),
        runtime: Runtime::current(),
    });
    *result.status_mut() = status;
    *result.version_mut() = version;
    *result.headers_mut() = headers;
    if let Some(uri) = uri {
        result.extensions_mut().insert(FinalUri::new(uri));
    }
    if let Some(info) = info {
        result.extensions_mut().insert(info);
    }
    result
}

/// Classifies the error of a request to `url`.
fn send_error(error: BoxError, url: &Url) -> TransportError {
    match error.downcast::<reqwest::Error>() {
        Ok(error) => {
            let is_elsewhere = error.url().is_some_and(|failed| failed != url);
            let kind = match send_kind(&error) {
                // A redirect led to where no request can go.
                TransportErrorKind::InvalidRequest if is_elsewhere => TransportErrorKind::Redirect,
                kind => kind,
            };
            TransportError::new(kind, error.without_url())
        }
        Err(error) => {
            let kind = match reqwest_error(&*error).map(send_kind) {
                // The sender may have failed in another request.
                Some(TransportErrorKind::InvalidRequest) => TransportErrorKind::Other,
                Some(kind) => kind,
                None => TransportErrorKind::of(&*error),
            };
            TransportError::new(kind, error)
        }
    }
}

/// Returns the error of reqwest's among the sources of a sender's error.
fn reqwest_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a reqwest::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// Returns the kind of the error of a request.
fn send_kind(error: &reqwest::Error) -> TransportErrorKind {
    match kind(error) {
        TransportErrorKind::Other if platform::is_closed(error) => TransportErrorKind::Closed,
        kind => kind,
    }
}

fn kind(error: &reqwest::Error) -> TransportErrorKind {
    if TransportErrorKind::of_sources(error) == TransportErrorKind::InvalidRequest {
        // An `https` URL without a TLS feature of reqwest.
        return TransportErrorKind::InvalidRequest;
    }
    if platform::is_connect(error) {
        return if error.is_timeout() {
            TransportErrorKind::ConnectTimeout
        } else {
            TransportErrorKind::of_connector(error)
        };
    }
    if error.is_timeout() {
        return TransportErrorKind::Timeout;
    }
    if error.is_redirect() {
        return TransportErrorKind::Redirect;
    }
    if error.is_builder() {
        return TransportErrorKind::InvalidRequest;
    }
    match TransportErrorKind::of(error) {
        TransportErrorKind::Other if platform::is_undecodable(error) => TransportErrorKind::Decode,
        TransportErrorKind::Other => {
            platform::kind_of_hyper(error).unwrap_or(TransportErrorKind::Other)
        }
        kind => kind,
    }
}

/// Body of a response of reqwest's.
pub(crate) struct ReqwestBody {
    chunks: Chunks,
    /// Runtime in which the response was received. reqwest keeps timers of it in the body, which
    /// panic once it was shut down.
    runtime: Runtime,
}

impl Body for ReqwestBody {
    type Data = Bytes;
    type Error = TransportError;

    #[inline]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        if self.runtime.is_gone() {
            return Poll::Ready(Some(Err(runtime_gone())));
        }
        self.chunks.poll_chunk(cx).map(|chunk| match chunk {
            Some(Ok(chunk)) => Some(Ok(Frame::data(chunk))),
            Some(Err(error)) => Some(Err(body_error(error))),
            None => None,
        })
    }
}

/// Returns the error of a request, or of a body, that can no longer be polled, as reqwest would
/// panic. The session then makes another request in the runtime that polls it.
#[cold]
fn runtime_gone() -> TransportError {
    TransportError::new(TransportErrorKind::Other, RUNTIME_GONE)
}

const NO_RUNTIME: &str = "polled outside of a tokio runtime";
const RUNTIME_GONE: &str = "the tokio runtime of the connection was shut down";

#[cold]
fn body_error(error: reqwest::Error) -> TransportError {
    TransportError::new(kind(&error), error.without_url())
}

/// Part of a request that only reqwest understands.
pub(crate) struct Native {
    pub(crate) client: Client,
    /// Body, timeout and the like; its method, URL and headers do not count. Boxed, as few requests
    /// have one, and a session keeps it.
    pub(crate) request: Option<Box<Request>>,
}

impl NativeRequest for Native {
    fn try_clone(&self) -> Option<Box<dyn NativeRequest>> {
        let request = match &self.request {
            Some(request) => Some(Box::new(request.try_clone()?)),
            None => None,
        };
        Some(Box::new(Self { client: self.client.clone(), request }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl fmt::Debug for ReqwestTransport {
    /// Omits the `reqwest::Client`, which would show its default headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("sender", &self.sender).finish_non_exhaustive()
    }
}
