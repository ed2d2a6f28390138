//! What stands between a TCP connection and HTTP: which version it is, and whether in TLS.
//!
//! Picks, and hands on. Reads nothing itself.

use std::io;

use tokio::net::TcpStream;

use crate::{http1, record::Side, script::Script, socket::Socket};

/// How the connections of a server are made.
#[derive(Debug)]
pub(crate) struct Transport {}

impl Transport {
    pub(crate) fn scheme(&self) -> &'static str {
        "http"
    }

    /// Serves a connection to its end, and tells who has ended it.
    pub(crate) async fn serve(&self, script: &Script, tcp: TcpStream, connection: usize) -> Side {
        match self.open(tcp).await {
            Ok(socket) => http1::serve(script, socket, connection).await,
            Err(_) => Side::Client,
        }
    }

    async fn open(&self, tcp: TcpStream) -> io::Result<Socket> {
        tcp.set_nodelay(true)?;
        Ok(Socket::Tcp(tcp))
    }
}
