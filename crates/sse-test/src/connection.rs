//! Layer between a TCP connection and HTTP: selects the HTTP version, and TLS or plain text.
//!
//! Dispatches only. Reads nothing itself.

use std::{fmt, io, sync::Arc};

use tokio::net::TcpStream;
#[cfg(feature = "tls")]
use tokio_rustls::TlsAcceptor;

#[cfg(feature = "http2")]
use crate::http2;
use crate::{http1, record::Side, script::Script, seen::HttpVersion, socket::Socket};

/// Configuration of a server's connections.
pub(crate) struct Transport {
    pub(crate) version: HttpVersion,
    pub(crate) security: Security,
}

pub(crate) enum Security {
    Plain,
    #[cfg(feature = "tls")]
    Tls(TlsAcceptor),
}

impl Transport {
    pub(crate) fn scheme(&self) -> &'static str {
        match self.security {
            Security::Plain => "http",
            #[cfg(feature = "tls")]
            Security::Tls(_) => "https",
        }
    }

    /// Serves a connection to its end, and returns the side that has ended it.
    pub(crate) async fn serve(
        &self,
        script: &Arc<Script>,
        tcp: TcpStream,
        connection: usize,
    ) -> Side {
        match (self.open(tcp).await, self.version) {
            // The client does not want to connect to this server, or not with this protocol.
            (Err(_), _) => Side::Client,
            #[cfg(feature = "http2")]
            (Ok(socket), HttpVersion::Http2) => http2::serve(script, socket, connection).await,
            (Ok(socket), _) => http1::serve(script, socket, connection).await,
        }
    }

    async fn open(&self, tcp: TcpStream) -> io::Result<Socket> {
        tcp.set_nodelay(true)?;
        match &self.security {
            Security::Plain => Ok(Socket::tcp(tcp)),
            #[cfg(feature = "tls")]
            Security::Tls(acceptor) => acceptor.accept(tcp).await.map(Socket::tls),
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("version", &self.version)
            .field("scheme", &self.scheme())
            .finish()
    }
}
