//! Connectors with defaults for streams: hyper-util's over TCP, and hyper-rustls's over TLS.

use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;

use crate::transport::DirectTransport;

impl DirectTransport<HttpConnector> {
    /// Creates a transport over TCP, for `http` URIs only (feature `tcp`).
    ///
    /// It needs a tokio runtime with I/O and timers. Its [connector](tcp_connector) can be changed
    /// and given to [`new`](DirectTransport::new).
    #[must_use]
    pub fn tcp() -> Self {
        Self::new(tcp_connector())
    }
}

/// Returns hyper-util's connector with the options of [`DirectTransport::tcp`] (feature `tcp`).
///
/// It tries both versions of IP at once (Happy Eyeballs), and has these options, with which a dead
/// peer is noticed after about a minute even if the session has no
/// [`idle_timeout`](sse_session::SseConfig::idle_timeout):
///
/// | option | default |
/// |---|---|
/// | time to connect, over all addresses | 10 s |
/// | TCP keep-alive | first probe after 15 s of silence, then 3 probes 15 s apart |
/// | `TCP_USER_TIMEOUT` (Linux) | 30 s without an acknowledgment |
/// | `TCP_NODELAY` | on |
#[must_use]
pub fn tcp_connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_nodelay(true);
    connector.set_keepalive(Some(KEEP_ALIVE));
    connector.set_keepalive_interval(Some(KEEP_ALIVE));
    connector.set_keepalive_retries(Some(3));
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    connector.set_tcp_user_timeout(Some(USER_TIMEOUT));
    connector
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const USER_TIMEOUT: Duration = Duration::from_secs(30);

#[cfg(feature = "rustls")]
mod tls {
    use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
    use hyper_util::client::legacy::connect::HttpConnector;
    use rustls::ClientConfig;

    use super::tcp_connector;
    use crate::transport::DirectTransport;

    impl DirectTransport<HttpsConnector<HttpConnector>> {
        /// Creates a transport over TLS, and over TCP for `http` URIs (feature `rustls`).
        /// Certificates are verified by the platform.
        ///
        /// # Errors
        ///
        /// Fails if the platform has no verifier, or no root certificates.
        pub fn tls() -> Result<Self, rustls::Error> {
            let provider = rustls::crypto::aws_lc_rs::default_provider();
            let config = ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()?
                .try_with_platform_verifier()?
                .with_no_client_auth();
            Ok(Self::tls_with(config))
        }

        /// Creates a transport over TLS with this configuration, and over TCP for `http` URIs
        /// (feature `rustls`). The protocols of the configuration (ALPN) are replaced by HTTP/1.1.
        #[must_use]
        pub fn tls_with(mut config: ClientConfig) -> Self {
            config.alpn_protocols.clear();
            let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
            let mut tcp = tcp_connector();
            // The scheme is the outer connector's affair.
            tcp.enforce_http(false);
            Self::new(builder.enable_http1().wrap_connector(tcp))
        }
    }
}
