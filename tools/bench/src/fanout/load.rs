//! Upstream and readers of a gateway, in one thread of this process.
//!
//! The next events are sent once every connection has received the last ones, so that the load, and
//! not the slower process, decides how many are sent together.

use std::{cell::RefCell, fmt, rc::Rc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    sync::Notify,
    task::{self, LocalSet},
    time,
};

use super::{
    dechunk::Response,
    process::{Contestant, Gateway},
    stream,
};
use crate::sessions::BoxError;

/// Shape of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub connections: usize,
    /// Number of events that the upstream sends in one write.
    pub burst: u64,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.connections, self.burst)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Every contestant in turn, this often.
    pub rounds: usize,
    /// Number of events that are delivered before the measured ones, and then measured.
    pub deliveries: u64,
    /// Number of idle connections.
    pub idle: usize,
}

impl Plan {
    pub const FULL: Self = Self { rounds: 5, deliveries: 128_000, idle: 10_000 };
    pub const QUICK: Self = Self { rounds: 3, deliveries: 64_000, idle: 2_000 };
}

/// Returns the CPU time that a gateway needs for an event delivered, in nanoseconds.
pub fn time(contestant: &Contestant, cell: Cell, plan: Plan) -> Result<f64, BoxError> {
    run(async move {
        let mut load = Load::start(contestant, cell.connections).await?;
        let a_burst = cell.burst * cell.connections as u64;
        let bursts = plan.deliveries.div_ceil(a_burst);
        load.send(bursts, cell.burst).await?;
        let before = load.gateway.cpu_time()?;
        load.send(bursts, cell.burst).await?;
        let used = load.gateway.cpu_time()? - before;
        Ok(used.as_secs_f64() * 1e9 / (bursts * a_burst) as f64)
    })
}

/// Returns the memory of a gateway for each idle connection that has received an event, in bytes.
pub fn memory(contestant: &Contestant, connections: usize) -> Result<f64, BoxError> {
    run(async move {
        let few = connections / 10;
        let mut load = Load::start(contestant, few).await?;
        load.send(2, 1).await?;
        let before = load.gateway.resident()?;
        load.connect(connections).await?;
        load.send(2, 1).await?;
        let after = load.gateway.resident()?;
        Ok((after.saturating_sub(before)) as f64 / connections as f64)
    })
}

fn run<T>(load: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, load)
}

struct Load {
    gateway: Gateway,
    upstream: TcpStream,
    readers: Rc<Readers>,
    connections: usize,
    sent: u64,
}

/// Findings of the readers.
#[derive(Default)]
struct Readers {
    /// Number of events that have not arrived yet, on all connections.
    missing: RefCell<u64>,
    failure: RefCell<Option<String>>,
    changed: Notify,
}

impl Load {
    async fn start(contestant: &Contestant, connections: usize) -> Result<Self, BoxError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let origin = format!("http://{}/", listener.local_addr()?);
        let gateway = Gateway::start(contestant, &origin)?;
        let (mut upstream, _) = listener.accept().await?;
        upstream.set_nodelay(true)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if upstream.read_buf(&mut head).await? == 0 {
                return Err("no request".into());
            }
        }
        upstream.write_all(HEAD).await?;
        let readers = Rc::default();
        let mut load = Self { gateway, upstream, readers, connections: 0, sent: 0 };
        load.connect(connections).await?;
        Ok(load)
    }

    /// Opens this many more connections.
    async fn connect(&mut self, connections: usize) -> Result<(), BoxError> {
        for _ in 0..connections {
            let mut socket = TcpStream::connect(&self.gateway.address).await?;
            socket.write_all(b"GET / HTTP/1.1\r\nhost: gateway\r\n\r\n").await?;
            let mut response = Response::new();
            response.events = self.sent;
            while !response.is_open() {
                let mut bytes = [0; 1024];
                let len = socket.read(&mut bytes).await?;
                response.read(&bytes[..len])?;
                if len == 0 {
                    return Err("no response".into());
                }
            }
            task::spawn_local(read(socket, response, self.readers.clone()));
        }
        self.connections += connections;
        Ok(())
    }

    /// Sends bursts, each once the last one has arrived everywhere.
    async fn send(&mut self, bursts: u64, events: u64) -> Result<(), BoxError> {
        let mut bytes = Vec::new();
        for _ in 0..bursts {
            bytes.clear();
            for _ in 0..events {
                stream::write_chunk(&mut bytes, self.sent);
                self.sent += 1;
            }
            *self.readers.missing.borrow_mut() = events * self.connections as u64;
            self.upstream.write_all(&bytes).await?;
            let all_came = time::timeout(Duration::from_secs(60), self.readers.all_came());
            let missing = || format!("{} events are missing", self.readers.missing.borrow());
            all_came.await.map_err(|_| missing())??;
        }
        Ok(())
    }
}

impl Readers {
    async fn all_came(&self) -> Result<(), String> {
        loop {
            if let Some(failure) = self.failure.borrow_mut().take() {
                return Err(failure);
            }
            if *self.missing.borrow() == 0 {
                return Ok(());
            }
            self.changed.notified().await;
        }
    }
}

async fn read(socket: TcpStream, mut response: Response, readers: Rc<Readers>) {
    let read = async {
        let mut bytes = [0; 16 * 1024];
        loop {
            socket.readable().await.map_err(|error| error.to_string())?;
            let len = match socket.try_read(&mut bytes) {
                Ok(0) => return Err("the connection has ended".to_owned()),
                Ok(len) => len,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error.to_string()),
            };
            let before = response.events;
            response.read(&bytes[..len])?;
            let mut missing = readers.missing.borrow_mut();
            let come = response.events - before;
            *missing = missing.checked_sub(come).ok_or("an event came twice")?;
            if *missing == 0 {
                readers.changed.notify_one();
            }
        }
    };
    let Err::<std::convert::Infallible, String>(failure) = read.await;
    readers.failure.borrow_mut().get_or_insert(failure);
    readers.changed.notify_one();
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";
