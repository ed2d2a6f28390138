//! The server that all clients read from: event streams over loopback sockets, in its own process.
//!
//! The streams are prepared and cyclic, so that sending costs little beside the clients. The HTTP
//! is written by hand, because the measurements depend on the division into chunks and writes. The
//! process ends when its standard input does, and so with the process that started it.

use std::{
    cell::RefCell,
    collections::HashMap,
    io::{self, Read, Write},
    process,
    rc::Rc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime, task,
    time::{self, MissedTickBehavior},
};

use super::answer::{Answer, Writes};
use crate::workloads::{self, STREAM_BYTES, Workload};

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
        println!("http://{}", listener.local_addr()?);
        io::stdout().flush()?;
        let prepared = Prepared::default();
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            // A client that disconnects early is not a failure.
            task::spawn_local(connection(socket, prepared.clone()));
        }
    })
}

/// Answers one request after the other.
async fn connection(mut socket: TcpStream, prepared: Prepared) -> io::Result<()> {
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
            Answer::Stream { workload, writes, events } => {
                let stream = prepared.stream(&workload)?;
                socket.write_all(HEAD).await?;
                stream.send(&mut socket, writes, events).await?;
                socket.write_all(END).await?;
            }
            Answer::Silence { workload, events } => {
                let stream = prepared.stream(&workload)?;
                socket.write_all(HEAD).await?;
                stream.send(&mut socket, Writes::Coalesced, events).await?;
                // Until the client goes away.
                socket.read_buf(&mut head).await?;
                return Ok(());
            }
            Answer::Disconnect { workload, events } => {
                let stream = prepared.stream(&workload)?;
                socket.write_all(HEAD).await?;
                stream.send(&mut socket, Writes::Coalesced, events).await?;
                socket.write_all(b"8\r\ndata").await?;
                return Ok(());
            }
            Answer::Stamps { events } => {
                socket.write_all(HEAD).await?;
                stamps(&mut socket, events).await?;
                socket.write_all(END).await?;
            }
        }
    }
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";
const END: &[u8] = b"0\r\n\r\n";

async fn stamps(socket: &mut TcpStream, events: u64) -> io::Result<()> {
    let mut ticks = time::interval(Duration::from_millis(1));
    // Never two at once, if the machine was busy with something else.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..events {
        ticks.tick().await;
        let event = format!("data: {}\n\n", nanos_now());
        socket.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await?;
    }
    Ok(())
}

/// The time in a form that another process on the same machine can compare with its own.
pub fn nanos_now() -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The streams that have been asked for so far.
#[derive(Clone, Default)]
struct Prepared {
    streams: Rc<RefCell<HashMap<String, Rc<Chunked>>>>,
}

impl Prepared {
    fn stream(&self, name: &str) -> io::Result<Rc<Chunked>> {
        if let Some(stream) = self.streams.borrow().get(name) {
            return Ok(stream.clone());
        }
        let workload = workloads::workload(name, STREAM_BYTES)
            .ok_or_else(|| io::Error::other(format!("no such workload: `{name}`")))?;
        let stream = Rc::new(Chunked::of(workload));
        self.streams.borrow_mut().insert(name.to_owned(), stream.clone());
        Ok(stream)
    }
}

/// A workload, and the same in chunked coding with a chunk for each event.
struct Chunked {
    workload: Workload,
    bytes: Vec<u8>,
    /// Ends of the chunks in `bytes`.
    ends: Vec<usize>,
}

impl Chunked {
    fn of(workload: Workload) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        let mut start = 0;
        for &end in &workload.flushes {
            let block = &workload.bytes[start..end];
            bytes.extend_from_slice(format!("{:x}\r\n", block.len()).as_bytes());
            bytes.extend_from_slice(block);
            bytes.extend_from_slice(b"\r\n");
            ends.push(bytes.len());
            start = end;
        }
        Self { workload, bytes, ends }
    }

    /// Sends that many events, starting over at the end of the workload.
    async fn send(&self, socket: &mut TcpStream, writes: Writes, events: u64) -> io::Result<()> {
        let mut left = events as usize;
        while left > 0 {
            let ends = &self.ends[..left.min(self.ends.len())];
            let bytes = &self.bytes[..ends.last().copied().unwrap_or_default()];
            match writes {
                Writes::Coalesced => {
                    for piece in bytes.chunks(WRITE_BYTES) {
                        socket.write_all(piece).await?;
                    }
                }
                Writes::Packed => {
                    let end = self.workload.flushes.get(ends.len() - 1).copied();
                    let bytes = &self.workload.bytes[..end.unwrap_or_default()];
                    for piece in bytes.chunks(WRITE_BYTES) {
                        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
                        chunk.extend_from_slice(piece);
                        chunk.extend_from_slice(b"\r\n");
                        socket.write_all(&chunk).await?;
                    }
                }
                Writes::Single => {
                    let mut start = 0;
                    for &end in ends {
                        socket.write_all(&bytes[start..end]).await?;
                        start = end;
                    }
                }
            }
            left -= ends.len();
        }
        Ok(())
    }
}

const WRITE_BYTES: usize = 16 << 10;
