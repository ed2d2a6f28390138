//! The server that all clients read from: event streams over loopback sockets, in its own process.
//!
//! The HTTP is written by hand, because the measurements depend on the division into chunks and
//! writes. The process ends when its standard input does, and so with the process that started it.

use std::{
    io::{self, Read, Write},
    process, thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    runtime, task,
    time::{self, MissedTickBehavior},
};

#[cfg(feature = "tls")]
use super::identity;
use super::{
    answer::{Answer, Writes},
    coding::Coding,
    prepared::Prepared,
};

/// Prints the server's origin, and serves until standard input ends.
pub fn serve() -> io::Result<()> {
    thread::spawn(|| {
        // Nothing is ever sent there: this waits for the end.
        let _ = io::stdin().read(&mut [0]);
        process::exit(0);
    });
    rlimit::increase_nofile_limit(u64::MAX)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    task::LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        #[cfg(feature = "tls")]
        let acceptor = identity::acceptor().map_err(io::Error::other)?;
        #[cfg(feature = "tls")]
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        #[cfg(not(feature = "tls"))]
        let scheme = "http";
        println!("{scheme}://{}", listener.local_addr()?);
        io::stdout().flush()?;
        let prepared = Prepared::default();
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let prepared = prepared.clone();
            #[cfg(feature = "tls")]
            if let Some(acceptor) = acceptor.clone() {
                task::spawn_local(async move {
                    connection(acceptor.accept(socket).await?, prepared).await
                });
                continue;
            }
            // A client that disconnects early is not a failure.
            task::spawn_local(connection(socket, prepared));
        }
    })
}

/// Answers one request after the other.
async fn connection(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    prepared: Prepared,
) -> io::Result<()> {
    let mut head = Vec::new();
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            if socket.read_buf(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let text = String::from_utf8_lossy(&head);
        let answer = text.split(' ').nth(1).unwrap_or_default().parse::<Answer>();
        match answer.map_err(io::Error::other)? {
            Answer::Stream { workload, writes, coding, events } => {
                let stream = prepared.stream(&workload, coding, events)?;
                socket.write_all(&head_of(coding)).await?;
                stream.send(&mut socket, writes, events).await?;
                stream.end(&mut socket).await?;
                socket.write_all(END).await?;
                socket.flush().await?;
            }
            Answer::Silence { workload, coding, events } => {
                let stream = prepared.stream(&workload, coding, events)?;
                socket.write_all(&head_of(coding)).await?;
                stream.send(&mut socket, Writes::Coalesced, events).await?;
                socket.flush().await?;
                // Until the client goes away.
                socket.read_buf(&mut head).await?;
                return Ok(());
            }
            Answer::Disconnect { workload, events } => {
                let stream = prepared.stream(&workload, Coding::Identity, events)?;
                socket.write_all(&head_of(Coding::Identity)).await?;
                stream.send(&mut socket, Writes::Coalesced, events).await?;
                socket.write_all(b"8\r\ndata").await?;
                socket.flush().await?;
                return Ok(());
            }
            Answer::Stamps { events } => {
                socket.write_all(&head_of(Coding::Identity)).await?;
                stamps(&mut socket, events).await?;
                socket.write_all(END).await?;
            }
        }
    }
}

fn head_of(coding: Coding) -> Vec<u8> {
    let coding = match coding {
        Coding::Identity => String::new(),
        _ => format!("content-encoding: {}\r\n", coding.token()),
    };
    format!("{HEAD}{coding}\r\n").into_bytes()
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    cache-control: no-store\r\ntransfer-encoding: chunked\r\n";
const END: &[u8] = b"0\r\n\r\n";

async fn stamps(socket: &mut (impl AsyncWrite + Unpin), events: u64) -> io::Result<()> {
    let mut ticks = time::interval(Duration::from_millis(1));
    // Never two at once, if the machine was busy with something else.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..events {
        ticks.tick().await;
        let event = format!("data: {}\n\n", nanos_now());
        socket.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await?;
        socket.flush().await?;
    }
    Ok(())
}

/// The time in a form that another process on the same machine can compare with its own.
pub fn nanos_now() -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
