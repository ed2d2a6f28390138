//! HTTP/1.1, correct or not: reads requests and writes replies byte by byte.
//!
//! Writes to the socket itself, because no correct server would send such replies.

mod request;
mod wire;

use std::{io, time::Duration};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::{
    body::Body,
    parts::{Afterwards, End, HeadPause, Step, Wait},
    record::Side,
    reply::Reply,
    script::Script,
    socket::Socket,
};

/// Serves one connection to its end, and returns the side that has ended it.
pub(crate) async fn serve(script: &Script, socket: Socket, connection: usize) -> Side {
    // An error of reading or writing means that the client is gone.
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
        let (method, requested) = (request.method.clone(), request.time);
        let (reply, number) = script.take(request);
        let body = Body::new(&reply, &method)?;
        let player = Player { script, stream, reply: &reply, requested, body };
        match player.play().await.unwrap_or(Played::Abandoned) {
            Played::Abandoned => {
                script.log.abandoned(number);
                return Ok(Side::Client);
            }
            Played::Close => return Ok(Side::Server),
            Played::KeepAlive => {}
        }
    }
}

/// End of a reply.
enum Played {
    /// The client has closed the connection.
    Abandoned,
    /// The connection has to be closed.
    Close,
    /// The connection is ready for the next request.
    KeepAlive,
}

/// Sender of one reply. An I/O error means that the client has closed the connection.
struct Player<'a> {
    script: &'a Script,
    stream: &'a mut BufReader<Socket>,
    reply: &'a Reply,
    /// When the request came.
    requested: Duration,
    body: Body,
}

impl Player<'_> {
    async fn play(mut self) -> io::Result<Played> {
        self.head().await?;
        for step in &self.reply.steps {
            match step {
                Step::Send(piece) => self.send(piece).await?,
                Step::Wait(wait) => self.wait(wait).await?,
                #[cfg(feature = "http2")]
                Step::GoAway => {}
            }
        }
        match &self.reply.end {
            End::Complete => {
                self.complete().await?;
                if self.reply.afterwards == Afterwards::KeepAlive {
                    return Ok(Played::KeepAlive);
                }
                // The body is complete, whether or not the client is still connected.
                let _ = self.stream.shutdown().await;
            }
            End::Cut => {}
            #[cfg(feature = "http2")]
            End::GoAway(_) => {}
            End::HalfClose => {
                self.stream.shutdown().await?;
                closed(self.stream).await;
            }
            End::Reset => self.reset(),
            #[cfg(feature = "http2")]
            End::ResetStream(_) => self.reset(),
            End::Hang => {
                closed(self.stream).await;
                return Ok(Played::Abandoned);
            }
            End::Repeat(piece) => loop {
                self.send(piece).await?;
            },
        }
        Ok(Played::Close)
    }

    async fn head(&mut self) -> io::Result<()> {
        let head = wire::head(self.reply, self.body.is_present())?;
        let pause = self.reply.head.as_ref().map_or(HeadPause::Nowhere, |head| head.pause);
        let before = match pause {
            HeadPause::Nowhere => head.len(),
            HeadPause::Before | HeadPause::Until(_) => 0,
            HeadPause::Within => head.len() / 2,
        };
        self.write(&head[..before]).await?;
        if let Some(wait) = pause.wait() {
            self.wait(&wait).await?;
        }
        self.write(&head[before..]).await
    }

    async fn wait(&mut self, wait: &Wait) -> io::Result<()> {
        tokio::select! {
            () = self.script.wait(wait, self.requested) => Ok(()),
            () = closed(self.stream) => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    async fn send(&mut self, piece: &[u8]) -> io::Result<()> {
        for part in self.body.parts(piece)? {
            self.write(&wire::frame(self.reply, &part)).await?;
        }
        Ok(())
    }

    async fn complete(&mut self) -> io::Result<()> {
        let last = wire::last(self.reply, self.body.is_present());
        for part in self.body.finish()? {
            self.write(&wire::frame(self.reply, &part)).await?;
        }
        self.write(last).await
    }

    fn reset(&self) {
        self.stream.get_ref().reset_switch().turn_on();
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.chunks(self.reply.max_piece) {
            self.stream.write_all(part).await?;
            self.stream.flush().await?;
        }
        Ok(())
    }
}

/// Completes when the client has closed or reset the connection.
async fn closed(stream: &mut BufReader<Socket>) {
    let mut unexpected = [0; 64];
    while !matches!(stream.read(&mut unexpected).await, Ok(0) | Err(_)) {}
}
