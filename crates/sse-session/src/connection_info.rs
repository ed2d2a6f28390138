//! Addresses of a connection, which its transport reports with the response.

use std::net::SocketAddr;

use http::Extensions;

/// Extension of a response: the addresses of its connection.
///
/// A transport that knows them inserts it into the extensions of its responses, and
/// [`ResponseHead`](crate::ResponseHead) then has them. With the feature `hyper`, the `HttpInfo` of
/// hyper-util's connectors is understood too.
///
/// ```
/// use std::net::SocketAddr;
///
/// use sse_session::ConnectionInfo;
///
/// let remote = SocketAddr::from(([192, 0, 2, 1], 443));
/// let mut response = http::Response::new(());
/// response.extensions_mut().insert(ConnectionInfo::new().with_remote_addr(remote));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConnectionInfo {
    local_addr: Option<SocketAddr>,
    remote_addr: Option<SocketAddr>,
}

impl ConnectionInfo {
    /// Creates the extension without an address.
    #[must_use]
    pub const fn new() -> Self {
        Self { local_addr: None, remote_addr: None }
    }

    /// Sets the address of this side. Defaults to unknown.
    #[must_use]
    pub const fn with_local_addr(mut self, address: SocketAddr) -> Self {
        self.local_addr = Some(address);
        self
    }

    /// Sets the address of the peer, which is the proxy if there is one. Defaults to unknown.
    #[must_use]
    pub const fn with_remote_addr(mut self, address: SocketAddr) -> Self {
        self.remote_addr = Some(address);
        self
    }

    /// Returns the address of this side, or `None` if the transport does not know it.
    #[must_use]
    pub const fn local_addr(&self) -> Option<SocketAddr> {
        self.local_addr
    }

    /// Returns the address of the peer, or `None` if the transport does not know it. It is that of
    /// the proxy if the connection has one.
    #[must_use]
    pub const fn remote_addr(&self) -> Option<SocketAddr> {
        self.remote_addr
    }

    /// Returns the addresses that the extensions of a response have.
    pub(crate) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().copied().or_else(|| of_hyper(extensions))
    }
}

/// Returns the addresses that a connector of hyper-util has reported.
#[cfg(all(feature = "hyper", not(all(target_arch = "wasm32", target_os = "unknown"))))]
fn of_hyper(extensions: &Extensions) -> Option<ConnectionInfo> {
    let info: &hyper_util::client::legacy::connect::HttpInfo = extensions.get()?;
    let addresses = ConnectionInfo::new().with_local_addr(info.local_addr());
    Some(addresses.with_remote_addr(info.remote_addr()))
}

#[cfg(not(all(feature = "hyper", not(all(target_arch = "wasm32", target_os = "unknown")))))]
fn of_hyper(_: &Extensions) -> Option<ConnectionInfo> {
    None
}
