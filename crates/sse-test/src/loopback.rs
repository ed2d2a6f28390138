//! The one network of a test.
//!
//! Finds a free port. A machine on which this fails can run no test.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use tokio::net::{TcpListener, TcpSocket};

/// Listens on a port that was free.
pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let socket = works(TcpSocket::new_v4());
    works(socket.set_send_buffer_size(SEND_BUFFER));
    works(socket.bind((Ipv4Addr::LOCALHOST, 0).into()));
    let listener = works(socket.listen(BACKLOG));
    let address = works(listener.local_addr());
    (listener, address)
}

/// What the system keeps of a reply that nobody reads. Left to itself it keeps megabytes, which is
/// long to wait for when it is sent in small pieces.
const SEND_BUFFER: u32 = 64 * 1024;

/// How many connections may be waiting to be accepted.
const BACKLOG: u32 = 1024;

/// Loopback works, or the test fails.
#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(crate) fn works<T>(result: io::Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("loopback does not work: {error}"),
    }
}
