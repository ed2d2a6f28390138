//! Server whose queue of connections is full, so that a client remains connecting.
//!
//! The system drops the first packet of a further connection, and the client's system repeats it
//! after 1, 3 and 7 s. Needs Linux, where the length of the queue is as asked for.

use std::{net::Ipv4Addr, time::Duration};

use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};

use crate::error::Result;

#[derive(Debug)]
pub(crate) struct FullServer {
    listener: TcpListener,
    /// Connections that fill the queue.
    own: Vec<TcpStream>,
}

impl FullServer {
    pub(crate) async fn start() -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let listener = socket.listen(1)?;
        let address = listener.local_addr()?;
        let mut own = Vec::new();
        // A connection that does not succeed at once finds the queue full.
        while let Ok(connection) = timeout(AT_ONCE, TcpStream::connect(address)).await {
            own.push(connection?);
        }
        Ok(Self { listener, own })
    }

    pub(crate) fn url(&self) -> String {
        let port = self.listener.local_addr().map(|address| address.port()).unwrap_or_default();
        format!("http://127.0.0.1:{port}/")
    }

    /// Accepts everything. Returns `true` if a request arrives within this time.
    pub(crate) async fn first_request(self, limit: Duration) -> Result<bool> {
        let own: Vec<_> = self.own.iter().filter_map(|own| own.local_addr().ok()).collect();
        let search = async {
            loop {
                let (mut connection, peer) = self.listener.accept().await?;
                // A connection of a client that has left ends without a byte.
                if !own.contains(&peer) && connection.read(&mut [0]).await.is_ok_and(|len| len > 0)
                {
                    return Ok::<_, std::io::Error>(());
                }
            }
        };
        match timeout(limit, search).await {
            Ok(found) => found.map(|()| true).map_err(Into::into),
            Err(_) => Ok(false),
        }
    }
}

const AT_ONCE: Duration = Duration::from_millis(500);
