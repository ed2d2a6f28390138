//! Connectors with defaults for streams: hyper-util's over TCP, and hyper-rustls's over TLS.

use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
#[cfg(feature = "tracing")]
use hyper_util::client::proxy::matcher::Matcher;

#[cfg(feature = "tracing")]
use crate::proxies::IgnoredProxies;
use crate::transport::DirectTransport;

impl DirectTransport<HttpConnector> {
    /// Creates a transport over TCP, for `http` URIs only (feature `tcp`).
    ///
    /// It needs a tokio runtime with I/O and timers. Its [connector](tcp_connector) can be changed
    /// and given to [`new`](DirectTransport::new).
    ///
    /// It connects directly, even if variables of the environment such as `HTTP_PROXY` name a proxy
    /// for the URI. With the feature `tracing`, the first request to which one applies warns of
    /// that. The variables are read here. A [connector](tcp_connector#proxies) can connect by a
    /// proxy.
    #[must_use]
    pub fn tcp() -> Self {
        let transport = Self::new(tcp_connector());
        #[cfg(feature = "tracing")]
        let transport = transport.reports(IgnoredProxies::new(Matcher::from_env()));
        transport
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
///
/// # Proxies
///
/// Connectors of hyper-util wrap this one to connect by a proxy: `SocksV5` and `SocksV4` by SOCKS,
/// and `Tunnel` by `CONNECT`.
///
/// ```
/// use http::Uri;
/// use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
/// use sse_direct::{DirectTransport, tcp_connector};
///
/// // The connector below connects to `http` URIs only, so that is the scheme of either proxy.
/// let proxy = Uri::from_static("http://127.0.0.1:1080");
/// let by_socks = DirectTransport::new(SocksV5::new(proxy, tcp_connector()));
///
/// // A URI without a port is connected to port 443.
/// let proxy = Uri::from_static("http://127.0.0.1:3128");
/// let by_tunnel = DirectTransport::new(Tunnel::new(proxy, tcp_connector()));
/// # let _ = (by_socks, by_tunnel);
/// ```
///
/// hyper-util's `Matcher` (feature `client-proxy`) reads the variables of the environment, and says
/// which proxy applies to a URI.
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
