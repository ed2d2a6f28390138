//! A script in, an HTTP/1.1 server on loopback out, which may do what no good server does.
//!
//! Takes the replies in the order of the requests, one request a connection. Keeps what it has
//! seen; judges none of it.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{
    Reply, Seen,
    reply::{End, Step},
    request_reader::read_request,
    seen::Log,
};

/// A server that does what its script says. It ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct ScriptedServer {
    address: SocketAddr,
    script: Arc<Script>,
}

#[derive(Debug)]
struct Script {
    replies: Mutex<VecDeque<Reply>>,
    log: Log,
    /// A permit for every pause that the test has ended.
    go_on: Semaphore,
}

impl ScriptedServer {
    /// Starts a server that gives these replies. Every request after the last gets a 410.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Script {
            replies: Mutex::new(replies.into_iter().collect()),
            log: Log::new(),
            go_on: Semaphore::new(0),
        });
        let accepting = script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = accepting.clone();
                tokio::spawn(async move { script.serve(stream).await });
            }
        });
        Self { address, script }
    }

    /// The URL of a path, which may have a query.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.script.log.record().requests
    }

    /// The `Last-Event-ID` of every request so far.
    pub(crate) fn last_event_ids(&self) -> Vec<Option<String>> {
        let requests = self.requests();
        requests.iter().map(|request| request.last_event_id().map(str::to_owned)).collect()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn requested(&self, count: usize) {
        self.script.log.wait_for(|record| record.requests.len() >= count).await;
    }

    /// Waits until the client has closed so many connections that this had left open.
    pub(crate) async fn closed_by_client(&self, count: usize) {
        self.script.log.wait_for(|record| record.closed_by_client >= count).await;
    }

    /// Ends a pause: the one that is being made, or the next.
    pub(crate) fn go_on(&self) {
        self.script.go_on.add_permits(1);
    }

    /// Makes a request of its own, and tells how many had come before it. Connections are accepted
    /// in their order, so that a request already on its way is counted.
    pub(crate) async fn count_requests(&self) -> usize {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(format!("GET {COUNT} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
        let is_own = |request: &Seen| request.target == COUNT;
        let record = self.script.log.wait_for(|record| record.requests.iter().any(is_own)).await;
        record.requests.iter().position(is_own).unwrap()
    }
}

/// The target of the request that counts the others.
const COUNT: &str = "/how-many-requests-before-this";

/// Which side has ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EndedBy {
    Client,
    Server,
}

impl Script {
    async fn serve(&self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let mut stream = BufReader::new(stream);
        let Some(seen) = read_request(&mut stream).await else {
            return;
        };
        let is_counting = seen.target == COUNT;
        // The reply is taken before anyone can know of the request.
        let reply = if is_counting { None } else { self.replies.lock().unwrap().pop_front() };
        self.log.write(|record| record.requests.push(seen));
        if is_counting {
            return;
        }
        let reply = reply.unwrap_or_else(|| Reply::status(410));
        // That nothing can be sent any more means that nobody is there to read it.
        let ended_by = self.play(&reply, &mut stream).await.unwrap_or(EndedBy::Client);
        if ended_by == EndedBy::Client {
            self.log.write(|record| record.closed_by_client += 1);
        }
    }

    async fn play(&self, reply: &Reply, stream: &mut BufReader<TcpStream>) -> io::Result<EndedBy> {
        stream.write_all(&reply.head_bytes()).await?;
        let mut last_piece: &[u8] = b"";
        for step in &reply.steps {
            match step {
                Step::Send(piece) => {
                    stream.write_all(&reply.frame(piece)).await?;
                    last_piece = piece;
                }
                Step::Pause => tokio::select! {
                    permit = self.go_on.acquire() => permit.unwrap().forget(),
                    () = closed(stream) => return Ok(EndedBy::Client),
                },
            }
        }
        match reply.end {
            End::Complete => stream.write_all(reply.last_chunk()).await?,
            End::Cut => {}
            // Its replacement is not in every tokio 1, and with no time to linger it blocks nobody.
            #[allow(deprecated)]
            End::Reset => stream.get_ref().set_linger(Some(Duration::ZERO))?,
            End::Hang => {
                closed(stream).await;
                return Ok(EndedBy::Client);
            }
            End::Repeat => loop {
                stream.write_all(&reply.frame(last_piece)).await?;
            },
        }
        Ok(EndedBy::Server)
    }
}

/// Ready once the client has closed the connection, or reset it.
async fn closed(stream: &mut BufReader<TcpStream>) {
    let mut unexpected = [0; 64];
    while !matches!(stream.read(&mut unexpected).await, Ok(0) | Err(_)) {}
}
