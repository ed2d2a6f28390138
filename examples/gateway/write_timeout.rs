//! Disconnects browsers that read nothing for too long.
//!
//! A slow browser costs little. One that does not read at all occupies a socket and its buffers: it
//! is disconnected, and resumes after its last event ID when it returns.

use std::{io, net::SocketAddr, pin::Pin, time::Duration};

use axum::serve::{Listener, ListenerExt as _};
use tokio::net::TcpSocket;
use tokio_io_timeout::TimeoutWriter;

/// Listener whose connections fail once a write has been pending for the timeout.
#[derive(Debug)]
pub(crate) struct TimeoutListener<L> {
    listener: L,
    timeout: Duration,
}

impl<L> TimeoutListener<L> {
    pub(crate) fn new(listener: L, timeout: Duration) -> Self {
        Self { listener, timeout }
    }
}

impl<L: Listener> Listener for TimeoutListener<L> {
    type Io = Pin<Box<TimeoutWriter<L::Io>>>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (io, address) = self.listener.accept().await;
        let mut io = TimeoutWriter::new(io);
        io.set_timeout(Some(self.timeout));
        (Box::pin(io), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Listens for connections that send each event at once, and that have small send buffers.
///
/// A browser that does not read fills its send buffer, which by default can grow to several
/// megabytes.
pub(crate) fn listen(address: SocketAddr) -> io::Result<impl Listener<Addr = SocketAddr>> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if cfg!(unix) {
        // A restarted gateway can bind to its port at once.
        socket.set_reuseaddr(true)?;
    }
    // Accepted connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    Ok(listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("cannot disable Nagle's algorithm: {error}");
        }
    }))
}

const SEND_BUFFER_BYTES: u32 = 64 * 1024;

const BACKLOG: u32 = 1024;
