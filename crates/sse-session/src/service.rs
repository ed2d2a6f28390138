//! Services of tower as transports: hyper-util's client, and any stack of layers around it.

use std::{
    error::Error,
    fmt,
    future::poll_fn,
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{Extensions, Request, Response, Uri};
use http_body::Body;
use tower_service::Service;

use crate::{
    context::SendContext,
    final_uri::FinalUri,
    threads::{BoxError, MaybeSend, MaybeSendSync},
    transport::{Capabilities, Transport},
    transport_error::TransportErrorKind,
};

/// [`Transport`] over a [`Service`] of tower (feature `tower`).
///
/// The service takes an `http::Request` with any body that can be made from [`Bytes`], such as
/// `http_body_util::Full<Bytes>`, and returns an `http::Response`. hyper-util's client is such a
/// service, and so is any stack of tower's or tower-http's layers around one.
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use sse_session::{SseClient, SseConfig, TowerTransport};
///
/// let http = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
/// let client = SseClient::new(TowerTransport::new(http), SseConfig::new());
/// ```
///
/// Each request is sent by a clone of the service, which is called once it is ready. The service
/// need not be `Sync`. The type `B` of the request's body is inferred if the service takes only
/// one; otherwise, name it: `TowerTransport::<_, Full<Bytes>>::new(service)`.
///
/// # Layers
///
/// - Leave retries to the session, which knows the last event ID. It sends each of its attempts
///   through the whole stack.
/// - A timeout of the response's head is fine. A timeout of the body would truncate the event
///   stream; use the [deadlines](crate::IdleTimeout) of the session instead. The error of a timeout
///   layer needs [`with_error_kind`](Self::with_error_kind) to be one that [is a
///   timeout](crate::SseError::is_timeout).
/// - A layer that adds credentials adds them to each request of the session, also to one that
///   follows a redirect to another origin. Set them on the session's request instead, from which
///   the session removes them at another origin. Or let a layer *below* the one that adds them
///   follow redirects, and declare that by [`with_final_uri`](Self::with_final_uri).
///
/// # HTTP/2
///
/// All sessions with a server share one connection, which hyper reads even if no session is read.
/// For each frame of less than 256 bytes that waits to be read, h2 counts the difference to 256
/// bytes. Once the sum exceeds half of the connection's window, it closes the connection. The
/// window is 5 MiB by default, and 64 KiB with `http2_adaptive_window`. Every session on the
/// connection then fails, with an error whose [`is_local_limit`](crate::SseError::is_local_limit)
/// is `true`. Give hyper a large window for the connection, which only limits the number of small
/// frames that may wait, and a small window for each stream, which limits the unread data of a
/// session:
///
/// ```
/// # use bytes::Bytes;
/// # use http_body_util::Full;
/// # use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// let http = Client::builder(TokioExecutor::new())
///     .http2_initial_stream_window_size(64 * 1024)
///     .http2_initial_connection_window_size(1024 * 1024 * 1024)
///     .build_http::<Full<Bytes>>();
/// ```
///
/// With these, 512 sessions can be unread, each with 64 KiB of events of 15 bytes; and 32 if a
/// server sends every byte in a frame of its own. HTTP/2 allows windows up to 2<sup>31</sup> - 1
/// bytes.
pub struct TowerTransport<S, B> {
    /// Locked only to clone or replace it: a service need not be `Sync`.
    service: Mutex<S>,
    make: Option<Arc<dyn MakeService<S>>>,
    error_kind: Option<Arc<dyn KindOf>>,
    final_uri: Option<Arc<dyn FinalUriOf>>,
    capabilities: Capabilities,
    body: PhantomData<fn(Bytes) -> B>,
}

trait MakeService<S>: Fn() -> S + MaybeSendSync {}
impl<S, F: Fn() -> S + MaybeSendSync> MakeService<S> for F {}

trait KindOf: Fn(&(dyn Error + 'static)) -> Option<TransportErrorKind> + MaybeSendSync {}
impl<F: Fn(&(dyn Error + 'static)) -> Option<TransportErrorKind> + MaybeSendSync> KindOf for F {}

trait FinalUriOf: Fn(&Extensions) -> Option<Uri> + MaybeSendSync {}
impl<F: Fn(&Extensions) -> Option<Uri> + MaybeSendSync> FinalUriOf for F {}

impl<S, B> TowerTransport<S, B> {
    /// Creates a transport over a service.
    #[must_use]
    pub fn new<R>(service: S) -> Self
    where
        S: Service<Request<B>, Response = Response<R>> + Clone,
    {
        Self {
            service: Mutex::new(service),
            make: None,
            error_kind: None,
            final_uri: None,
            capabilities: Capabilities::new(),
            body: PhantomData,
        }
    }

    /// Sets a function that makes a new service, with a pool of its own, whenever a [fresh
    /// connection](SendContext::fresh_connection_wanted) is wanted. Over HTTP/2, the old pool would
    /// send the next request after a silence over the same connection, even if it is dead.
    ///
    /// Defaults to none: the service is never replaced.
    #[must_use]
    pub fn with_service_factory(mut self, make: impl Fn() -> S + MaybeSendSync + 'static) -> Self {
        self.make = Some(Arc::new(make));
        self
    }

    /// Sets a function that returns the kind of an error of the service or of a body, or `None` to
    /// leave it to the default.
    ///
    /// Defaults to [`TransportErrorKind::of`], which knows the errors of `std::io`, and with the
    /// features `hyper` and `h2` those of hyper, hyper-util and h2.
    ///
    /// ```
    /// # use sse_session::TransportErrorKind;
    /// # #[derive(Debug)] struct Elapsed;
    /// # fn is_elapsed(error: &(dyn std::error::Error + 'static)) -> bool { false }
    /// # fn configure<S, B>(transport: sse_session::TowerTransport<S, B>) {
    /// // With tower's timeout layer: `error.is::<tower::timeout::error::Elapsed>()`
    /// transport.with_error_kind(|error| is_elapsed(error).then_some(TransportErrorKind::Timeout));
    /// # }
    /// ```
    #[must_use]
    pub fn with_error_kind(
        mut self,
        kind: impl Fn(&(dyn Error + 'static)) -> Option<TransportErrorKind> + MaybeSendSync + 'static,
    ) -> Self {
        self.error_kind = Some(Arc::new(kind));
        self
    }

    /// Declares that the service follows redirects, and sets a function that returns the URI that
    /// responded, given the extensions of the response.
    ///
    /// With tower-http's `FollowRedirectLayer`, that URI is the extension `RequestUri`:
    /// `|it| it.get::<RequestUri>().map(|uri| uri.0.clone())`. The session then follows no redirect
    /// itself.
    ///
    /// Defaults to none: the session follows redirects, as [`SseConfig`](crate::SseConfig) says.
    #[must_use]
    pub fn with_final_uri(
        mut self,
        uri: impl Fn(&Extensions) -> Option<Uri> + MaybeSendSync + 'static,
    ) -> Self {
        self.final_uri = Some(Arc::new(uri));
        self.capabilities = self.capabilities.follows_redirects(true);
        self
    }

    /// Sets the capabilities of the service.
    ///
    /// Defaults to nothing, or to following redirects after
    /// [`with_final_uri`](Self::with_final_uri).
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        let follows = capabilities.follows_redirects || self.final_uri.is_some();
        self.capabilities = capabilities.follows_redirects(follows);
        self
    }
}

impl<S: Clone, B> TowerTransport<S, B> {
    fn service(&self, is_fresh_wanted: bool) -> S {
        let fresh = self.make.as_ref().filter(|_| is_fresh_wanted).map(|make| make());
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fresh) = fresh {
            *service = fresh;
        }
        service.clone()
    }
}

impl<S, B, R> Transport for TowerTransport<S, B>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + MaybeSend + 'static,
    S::Error: Into<BoxError>,
    S::Future: MaybeSend,
    B: From<Bytes> + 'static,
    R: Body<Data = Bytes, Error: Into<BoxError>> + MaybeSend + 'static,
{
    type Body = R;
    type Error = S::Error;

    async fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<R>, S::Error> {
        let mut service = self.service(context.fresh_connection_wanted());
        poll_fn(|cx| service.poll_ready(cx)).await?;
        let mut response = service.call(request.map(B::from)).await?;
        let uri = self.final_uri.as_ref().and_then(|uri| uri(response.extensions()));
        if let Some(uri) = uri {
            response.extensions_mut().insert(FinalUri::new(uri));
        }
        Ok(response)
    }

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        let kind = self.error_kind.as_ref().and_then(|kind| kind(error));
        kind.unwrap_or_else(|| TransportErrorKind::of(error))
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }
}

impl<S, B> fmt::Debug for TowerTransport<S, B> {
    /// Omits the service, which may show secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport")
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}
