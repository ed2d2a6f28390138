//! Connector over TLS: hyper-rustls's, with HTTP/1.1 and the platform's roots.

use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
#[cfg(feature = "tracing")]
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;

#[cfg(feature = "tracing")]
use crate::proxies::IgnoredProxies;
use crate::{connector::tcp_connector, transport::DirectTransport};

impl DirectTransport<HttpsConnector<HttpConnector>> {
    /// Creates a transport over TLS, and over TCP for `http` URIs (feature `rustls`).
    /// Certificates are verified by the platform.
    ///
    /// Proxies of the environment are not used, and reported as by [`tcp`](DirectTransport::tcp).
    /// A [connector](tls_connector#proxies) can connect by a proxy.
    ///
    /// # Errors
    ///
    /// Fails if the platform has no verifier, or no root certificates.
    pub fn tls() -> Result<Self, rustls::Error> {
        Ok(Self::tls_with(tls_config()?))
    }

    /// Creates a transport over TLS with this configuration, and over TCP for `http` URIs
    /// (feature `rustls`). ALPN is not used, so that the server speaks HTTP/1.1.
    ///
    /// Proxies of the environment are not used, and reported as by [`tcp`](DirectTransport::tcp).
    #[must_use]
    pub fn tls_with(config: ClientConfig) -> Self {
        let transport = Self::new(tls_connector(config, tcp_connector()));
        #[cfg(feature = "tracing")]
        let transport = transport.reports(IgnoredProxies::new(Matcher::from_env()));
        transport
    }
}

/// Returns the configuration of [`DirectTransport::tls`] (feature `rustls`): aws-lc-rs, and the
/// verifier of the platform.
///
/// # Errors
///
/// Fails if the platform has no verifier, or no root certificates.
pub fn tls_config() -> Result<ClientConfig, rustls::Error> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let builder = ClientConfig::builder_with_provider(provider.into());
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.try_with_platform_verifier()?.with_no_client_auth())
}

/// Returns a connector over TLS, and over TCP for `http` URIs, whose TCP connections are those of
/// another connector (feature `rustls`).
///
/// ALPN is not used, so that the server speaks HTTP/1.1.
///
/// ```
/// use std::time::Duration;
///
/// use sse_direct::{DirectTransport, tcp_connector, tls_config, tls_connector};
///
/// # fn transport() -> Result<(), rustls::Error> {
/// let mut tcp = tcp_connector();
/// tcp.set_connect_timeout(Some(Duration::from_secs(3)));
/// let transport = DirectTransport::new(tls_connector(tls_config()?, tcp));
/// # let _ = transport;
/// # Ok(())
/// # }
/// ```
///
/// # Proxies
///
/// TLS through a proxy is hyper-rustls's connector over one of hyper-util's:
///
/// ```
/// use http::Uri;
/// use hyper_rustls::HttpsConnectorBuilder;
/// use hyper_util::client::legacy::connect::proxy::Tunnel;
/// use sse_direct::{DirectTransport, tcp_connector, tls_config};
///
/// # fn transport() -> Result<(), rustls::Error> {
/// let tunnel = Tunnel::new(Uri::from_static("http://127.0.0.1:3128"), tcp_connector());
/// let builder = HttpsConnectorBuilder::new().with_tls_config(tls_config()?).https_only();
/// let transport = DirectTransport::new(builder.enable_http1().wrap_connector(tunnel));
/// # let _ = transport;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn tls_connector(
    mut config: ClientConfig,
    mut tcp: HttpConnector,
) -> HttpsConnector<HttpConnector> {
    config.alpn_protocols.clear();
    // The scheme is the outer connector's affair.
    tcp.enforce_http(false);
    let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
    builder.enable_http1().wrap_connector(tcp)
}
