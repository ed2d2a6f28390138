//! Loopback network of a test.
//!
//! Finds a free port. A machine on which this fails cannot run the tests.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use tokio::net::{TcpListener, TcpSocket};

/// Listens on a free port.
pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let socket = works(TcpSocket::new_v4());
    works(socket.set_send_buffer_size(SEND_BUFFER));
    works(socket.bind((Ipv4Addr::LOCALHOST, 0).into()));
    let listener = works(socket.listen(BACKLOG));
    let address = works(listener.local_addr());
    (listener, address)
}

/// Size of the send buffer. By default the system buffers megabytes of a reply that nobody reads,
/// which takes long to fill with small pieces.
const SEND_BUFFER: u32 = 64 * 1024;

/// Maximum number of connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// Panics if loopback does not work: no test can run then.
#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(crate) fn works<T>(result: io::Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("loopback does not work: {error}"),
    }
}
