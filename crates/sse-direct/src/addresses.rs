//! Addresses of a connection, as far as the type of its I/O tells them.

use std::any::Any;

#[cfg(feature = "tcp")]
use hyper_util::{
    client::legacy::connect::{Connection, HttpInfo},
    rt::TokioIo,
};
use sse_session::ConnectionInfo;
#[cfg(feature = "tcp")]
use tokio::net::TcpStream;

/// Function that returns the addresses of a connection. The type of the connection is erased, so
/// that a transport needs no bound for it.
pub(crate) type AddressesOf = fn(&dyn Any) -> Option<ConnectionInfo>;

/// Returns the addresses of a connection whose type this crate knows.
pub(crate) fn of_known(io: &dyn Any) -> Option<ConnectionInfo> {
    #[cfg(feature = "tcp")]
    {
        let info = of::<TokioIo<TcpStream>>(io);
        #[cfg(feature = "rustls")]
        let info = info.or_else(|| of::<hyper_rustls::MaybeHttpsStream<TokioIo<TcpStream>>>(io));
        info
    }
    #[cfg(not(feature = "tcp"))]
    {
        let _ = io;
        None
    }
}

/// Returns the addresses that a connection of the type `I` reports to hyper-util.
#[cfg(feature = "tcp")]
pub(crate) fn of<I: Connection + 'static>(io: &dyn Any) -> Option<ConnectionInfo> {
    let connected = io.downcast_ref::<I>()?.connected();
    let mut extensions = http::Extensions::new();
    connected.get_extras(&mut extensions);
    let info: &HttpInfo = extensions.get()?;
    let addresses = ConnectionInfo::new().with_local_addr(info.local_addr());
    Some(addresses.with_remote_addr(info.remote_addr()))
}
