//! The one network of a test.
//!
//! Finds a free port. A machine on which this fails can run no test.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use tokio::net::TcpListener;

/// Listens on a port that was free.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = works(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await);
    let address = works(listener.local_addr());
    (listener, address)
}

/// Loopback works, or the test fails.
#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(crate) fn works<T>(result: io::Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("loopback does not work: {error}"),
    }
}
