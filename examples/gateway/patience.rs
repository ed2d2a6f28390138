//! Connections that are given up when the other side takes nothing for too long.
//!
//! A browser that is merely slow costs next to nothing. One that does not read at all holds a
//! socket and its buffers: it is disconnected, and resumes by its last event ID when it is back.

use std::{io, net::SocketAddr, pin::Pin, time::Duration};

use axum::serve::{Listener, ListenerExt as _};
use tokio::net::TcpSocket;
use tokio_io_timeout::TimeoutWriter;

/// A listener whose connections fail when a write has waited for this long.
#[derive(Debug)]
pub(crate) struct Patient<L> {
    listener: L,
    patience: Duration,
}

impl<L> Patient<L> {
    pub(crate) fn new(listener: L, patience: Duration) -> Self {
        Self { listener, patience }
    }
}

impl<L: Listener> Listener for Patient<L> {
    type Io = Pin<Box<TimeoutWriter<L::Io>>>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (io, address) = self.listener.accept().await;
        let mut io = TimeoutWriter::new(io);
        io.set_timeout(Some(self.patience));
        (Box::pin(io), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Listens for connections that send each event at once, and with small send buffers, as the
/// system's are memory that a browser which does not read keeps: up to several megabytes each, where
/// nobody says otherwise.
pub(crate) fn listen(address: SocketAddr) -> io::Result<impl Listener<Addr = SocketAddr>> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if cfg!(unix) {
        // So that a gateway that is started again gets its port again.
        socket.set_reuseaddr(true)?;
    }
    // Those that are accepted inherit it.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    Ok(listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("a connection will be slow: {error}");
        }
    }))
}

const SEND_BUFFER_BYTES: u32 = 64 * 1024;

const BACKLOG: u32 = 1024;
