//! HTTP/1.1, right or wrong: requests in, what their replies say out, byte by byte.
//!
//! Writes to the socket itself, because no correct server would.

mod request;
mod wire;

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::{
    record::Side,
    reply::{Afterwards, End, HeadPause, Reply, Step, Wait},
    script::Script,
    socket::Socket,
};

use wire::Wire;

/// Serves one connection to its end, and tells who has ended it.
pub(crate) async fn serve(script: &Script, socket: Socket, connection: usize) -> Side {
    // That nothing can be sent or read any more means that nobody is there.
    serve_all(script, &mut BufReader::new(socket), connection).await.unwrap_or(Side::Client)
}

async fn serve_all(
    script: &Script,
    stream: &mut BufReader<Socket>,
    connection: usize,
) -> io::Result<Side> {
    loop {
        let mut request = match request::read(stream, connection).await {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let bad = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n";
                stream.write_all(bad).await?;
                return Ok(Side::Server);
            }
            request => request?,
        };
        request.time = script.log.now();
        let wants_body = request.method != "HEAD";
        let (reply, number) = script.take(request);
        let mut player = Player { script, stream, wire: Wire::new(&reply, wants_body) };
        match player.play(&reply).await.unwrap_or(Played::GivenUp) {
            Played::GivenUp => {
                script.log.given_up(number);
                return Ok(Side::Client);
            }
            Played::Close => return Ok(Side::Server),
            Played::KeepAlive => {}
        }
    }
}

/// How a reply has ended.
enum Played {
    /// The client has closed the connection.
    GivenUp,
    /// The connection is to be closed.
    Close,
    /// The connection is ready for the next request.
    KeepAlive,
}

struct Player<'a> {
    script: &'a Script,
    stream: &'a mut BufReader<Socket>,
    wire: Wire<'a>,
}

impl Player<'_> {
    async fn play(&mut self, reply: &Reply) -> io::Result<Played> {
        if self.head(reply).await?.is_none() || self.steps(&reply.steps).await?.is_none() {
            return Ok(Played::GivenUp);
        }
        match &reply.end {
            End::Complete => {
                let last = self.wire.last();
                self.write(&last).await?;
                if reply.afterwards == Afterwards::KeepAlive {
                    return Ok(Played::KeepAlive);
                }
                // The body is complete, whether or not the client is still there.
                let _ = self.stream.shutdown().await;
            }
            End::Cut => {}
            End::HalfClose => {
                self.stream.shutdown().await?;
                closed(self.stream).await;
            }
            End::Reset => self.stream.get_ref().reset_when_closed()?,
            End::Hang => {
                closed(self.stream).await;
                return Ok(Played::GivenUp);
            }
            End::Repeat(piece) => loop {
                self.send(piece).await?;
            },
        }
        Ok(Played::Close)
    }

    /// `None` if the client has closed the connection.
    async fn head(&mut self, reply: &Reply) -> io::Result<Option<()>> {
        let bytes = self.wire.head();
        let pause = reply.head.as_ref().map_or(HeadPause::Nowhere, |head| head.pause);
        let before_pause = match pause {
            HeadPause::Nowhere => bytes.len(),
            HeadPause::Before => 0,
            HeadPause::Within => bytes.len() / 2,
        };
        self.write(&bytes[..before_pause]).await?;
        if pause != HeadPause::Nowhere && self.wait(&Wait::GoOn).await.is_none() {
            return Ok(None);
        }
        self.write(&bytes[before_pause..]).await?;
        Ok(Some(()))
    }

    /// `None` if the client has closed the connection.
    async fn steps(&mut self, steps: &[Step]) -> io::Result<Option<()>> {
        for step in steps {
            match step {
                Step::Send(piece) => self.send(piece).await?,
                Step::Wait(wait) => {
                    if self.wait(wait).await.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(()))
    }

    /// `None` if the client has closed the connection.
    async fn wait(&mut self, wait: &Wait) -> Option<()> {
        tokio::select! {
            () = self.script.wait(wait) => Some(()),
            () = closed(self.stream) => None,
        }
    }

    /// Sends a piece of the body.
    async fn send(&mut self, piece: &[u8]) -> io::Result<()> {
        for framed in self.wire.frame(piece) {
            self.write(&framed).await?;
        }
        Ok(())
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.chunks(self.wire.max_write()) {
            self.stream.write_all(part).await?;
            self.stream.flush().await?;
        }
        Ok(())
    }
}

/// Ready once the client has closed the connection, or reset it.
async fn closed(stream: &mut BufReader<Socket>) {
    let mut unexpected = [0; 64];
    while !matches!(stream.read(&mut unexpected).await, Ok(0) | Err(_)) {}
}
