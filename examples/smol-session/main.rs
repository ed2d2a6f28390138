//! Sessions on smol: a clock of its timers, and an async function over its sockets as the
//! transport. No runtime of tokio runs.
//!
//! The function opens a connection for each request, which is enough for a session: it has one
//! connection at a time. For `https`, futures-rustls has the stream between the socket and the
//! handshake.

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, Uri, body::Incoming, client::conn::http1, header};
use smol::{Timer, net::TcpStream};
use smol_hyper::rt::FuturesIo;
use sse_session::{BoxError, BoxFuture, Clock, SseClient, SseConfig};

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("usage: smol-session URL")?;
    smol::block_on(follow(&url))
}

async fn follow(url: &str) -> Result<(), Box<dyn Error>> {
    let clock = SmolClock { start: Instant::now() };
    let config = SseConfig::new()
        .max_reconnection_attempts(3)
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(Duration::from_secs(60))
        .clock(clock);
    let client = SseClient::new(send, config);
    let mut session = client.sse_session(url).await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.data());
    }
    println!("ended: {:?}", session.end_reason());
    Ok(())
}

/// Sends a request over a connection of its own, which is closed when the body is dropped.
async fn send(mut request: Request<Bytes>) -> Result<Response<Incoming>, BoxError> {
    let uri = request.uri();
    if uri.scheme_str() != Some("http") {
        return Err("this client has no TLS".into());
    }
    let host = uri.host().ok_or("no host")?.to_owned();
    let port = uri.port_u16().unwrap_or(80);
    let path = uri.path_and_query().cloned().ok_or("no path")?;
    request.headers_mut().insert(header::HOST, format!("{host}:{port}").parse()?);
    *request.uri_mut() = Uri::from(path);
    let socket = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let (mut sender, connection) = http1::handshake(FuturesIo::new(socket)).await?;
    smol::spawn(connection).detach();
    Ok(sender.send_request(request.map(Full::new)).await?)
}

/// Clock of smol's timers.
#[derive(Debug)]
struct SmolClock {
    start: Instant,
}

impl Clock for SmolClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(async move {
            Timer::after(duration).await;
        })
    }
}
