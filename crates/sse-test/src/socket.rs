//! Bytes of a connection, with or without TLS.
//!
//! Transports and closes. Does not know HTTP.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
#[cfg(feature = "tls")]
use tokio_rustls::server::TlsStream;

/// Connection of a client.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Stream,
    reset: ResetSwitch,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

/// Switch that makes the end of a connection a reset.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResetSwitch(Arc<AtomicBool>);

impl Socket {
    pub(crate) fn tcp(stream: TcpStream) -> Self {
        Self { stream: Stream::Tcp(stream), reset: ResetSwitch::default() }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self { stream: Stream::Tls(Box::new(stream)), reset: ResetSwitch::default() }
    }

    pub(crate) fn reset_switch(&self) -> ResetSwitch {
        self.reset.clone()
    }
}

impl Stream {
    fn as_tcp(&self) -> &TcpStream {
        match self {
            Self::Tcp(tcp) => tcp,
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl ResetSwitch {
    pub(crate) fn turn_on(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if !self.reset.0.load(Ordering::Relaxed) {
            return;
        }
        // Its replacement is not in every tokio 1, and with a linger time of zero it does not
        // block. It fails only if the connection has ended already.
        #[allow(deprecated)]
        let _ = self.stream.as_tcp().set_linger(Some(Duration::ZERO));
    }
}

/// Forwards to the stream inside.
macro_rules! delegate {
    ($socket:expr, $stream:ident => $call:expr) => {
        match &mut $socket.get_mut().stream {
            Stream::Tcp($stream) => $call,
            #[cfg(feature = "tls")]
            Stream::Tls($stream) => $call,
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        delegate!(self, stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
