//! Transport: connects, sends a request, and returns the response with its connection.

#[cfg(all(feature = "tcp", feature = "tracing"))]
use std::sync::Arc;
use std::{fmt, future::poll_fn};

use bytes::Bytes;
use http::{Request, Response, Uri};
use hyper::rt::{Read, Write};
use sse_session::{
    BoxError, Capabilities, SendContext, Transport, TransportError, TransportErrorKind,
};
use tower_service::Service;

#[cfg(all(feature = "tcp", feature = "tracing"))]
use crate::proxies::IgnoredProxies;
use crate::{
    addresses::{self, AddressesOf},
    body::DirectBody,
    error::HttpError,
    exchange::{Received, exchange},
    framing::Framing,
    request::request_bytes,
};

/// HTTP/1.1 transport whose sessions drive their own connections.
///
/// Each request is sent over a connection of its own, which the session reads while it is polled:
/// without a task, a channel or a pool. Closing or dropping the session closes the connection.
///
/// A connector is a service from a URI to a connection, such as those of hyper-util and
/// hyper-rustls. [`tcp`](Self::tcp) and [`tls`](Self::tls) have one.
///
/// The addresses of a connection are those of
/// [`ResponseHead::remote_addr`](sse_session::ResponseHead::remote_addr) and
/// [`local_addr`](sse_session::ResponseHead::local_addr), if the connection is a TCP stream of
/// tokio's or TLS by hyper-rustls over one, also through a proxy. Other connections can [report
/// theirs](Self::with_connection_info).
#[derive(Clone)]
pub struct DirectTransport<C> {
    connector: C,
    addresses_of: AddressesOf,
    /// `None` if proxies are left to the connector.
    #[cfg(all(feature = "tcp", feature = "tracing"))]
    ignored_proxies: Option<Arc<IgnoredProxies>>,
}

impl<C> DirectTransport<C>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Read + Write + Unpin + Send + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
{
    /// Creates the transport of a connector.
    ///
    /// The connector decides about TLS, proxies, timeouts and socket options. It must not negotiate
    /// HTTP/2.
    ///
    /// A connector for Unix sockets, over tokio's:
    ///
    /// ```
    /// # #[cfg(unix)] {
    /// use std::io;
    ///
    /// use http::Uri;
    /// use hyper_util::rt::TokioIo;
    /// use sse_direct::{DirectTransport, SseClient, SseConfig};
    /// use tokio::net::UnixStream;
    ///
    /// let connector = tower::service_fn(|_: Uri| async {
    ///     let socket = UnixStream::connect("/run/feed.sock").await?;
    ///     Ok::<_, io::Error>(TokioIo::new(socket))
    /// });
    /// let client = SseClient::new(DirectTransport::new(connector), SseConfig::new());
    /// // The host of a URI is only that of the `Host` header: `http://localhost/events`.
    /// # let _ = client;
    /// # }
    /// ```
    pub fn new(connector: C) -> Self {
        Self {
            connector,
            addresses_of: addresses::of_known,
            #[cfg(all(feature = "tcp", feature = "tracing"))]
            ignored_proxies: None,
        }
    }

    /// Makes the connections report their addresses as those of hyper-util's client do (feature
    /// `tcp`).
    ///
    /// Defaults to the addresses of the types that [`DirectTransport`] knows.
    #[cfg(feature = "tcp")]
    #[must_use]
    pub fn with_connection_info(mut self) -> Self
    where
        C::Response: hyper_util::client::legacy::connect::Connection,
    {
        self.addresses_of = addresses::of::<C::Response>;
        self
    }

    /// Reports proxies that the connector does not use.
    #[cfg(all(feature = "tcp", feature = "tracing"))]
    pub(crate) fn reports(mut self, ignored: IgnoredProxies) -> Self {
        self.ignored_proxies = Some(Arc::new(ignored));
        self
    }

    async fn connect(&self, uri: Uri) -> Result<C::Response, TransportError> {
        let mut connector = self.connector.clone();
        let ready = poll_fn(|cx| connector.poll_ready(cx)).await;
        ready.map_err(|error| connect_error(error.into()))?;
        connector.call(with_port(uri)).await.map_err(|error| connect_error(error.into()))
    }
}

impl<C> Transport for DirectTransport<C>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Read + Write + Unpin + Send + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
{
    type Body = DirectBody<C::Response>;
    type Error = TransportError;

    async fn send(
        &self,
        request: Request<Bytes>,
        _context: SendContext,
    ) -> Result<Response<DirectBody<C::Response>>, TransportError> {
        #[cfg(all(feature = "tcp", feature = "tracing"))]
        if let Some(ignored) = &self.ignored_proxies {
            ignored.report(request.uri());
        }
        let mut io = self.connect(request.uri().clone()).await?;
        let info = (self.addresses_of)(&io);
        let bytes = request_bytes(&request).into();
        let Received { head, bytes, sending } = exchange(&mut io, bytes).await?;
        let framing = Framing::of(request.method(), &head).map_err(HttpError::before_body)?;
        let mut response = head.map(|()| DirectBody::new(io, framing, bytes, sending));
        if let Some(info) = info {
            response.extensions_mut().insert(info);
        }
        Ok(response)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().connects_each_time(true)
    }
}

/// Classifies the error of a connector.
fn connect_error(error: BoxError) -> TransportError {
    TransportError::new(TransportErrorKind::of_connector(&*error), error)
}

/// Returns the URI with the port of `http`, if it has none: connectors for proxies connect to port
/// 443 otherwise, whatever the scheme.
fn with_port(uri: Uri) -> Uri {
    if uri.scheme_str() != Some("http") || uri.port_u16().is_some() {
        return uri;
    }
    let with_port = |uri: &Uri| {
        let mut parts = uri.clone().into_parts();
        let authority = parts.authority.take()?;
        // An empty port counts as absent too.
        let authority = authority.as_str().trim_end_matches(':');
        parts.authority = Some(format!("{authority}:80").parse().ok()?);
        Uri::from_parts(parts).ok()
    };
    with_port(&uri).unwrap_or(uri)
}

impl<C> fmt::Debug for DirectTransport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectTransport").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::with_port;

    #[test]
    fn connectors_get_the_port_of_http_where_a_uri_has_none() {
        let cases = [
            ("http://a/b?c", "http://a:80/b?c"),
            ("http://user:pass@a:/b", "http://user:pass@a:80/b"),
            ("http://[::1]/", "http://[::1]:80/"),
            ("http://a:81/", "http://a:81/"),
            ("https://a/", "https://a/"),
        ];
        for (uri, expected) in cases {
            assert_eq!(with_port(uri.parse().unwrap()), expected);
        }
    }
}
