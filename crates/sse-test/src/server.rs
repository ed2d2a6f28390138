//! Scripted server on loopback, which may misbehave.
//!
//! Accepts connections, and gives the test access to the record. Does not speak HTTP itself.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpSocket, TcpStream},
    task::{AbortHandle, JoinSet},
};

use crate::{
    connection::Transport,
    loopback::{listen, works},
    record::{Log, Side},
    script::{Replies, Script},
    seen::SeenRequest,
};

/// Server on loopback that follows a script.
///
/// It sends one reply after the other, in the order in which requests arrive, on any connection.
/// Every request after the last reply gets a 410. It has a port of its own, and records everything
/// it receives. Dropping it closes the port and all connections.
///
/// Its waits have no time limit: put a timeout around a test that may hang. Needs a tokio runtime
/// with I/O enabled, with any number of threads.
///
/// ```
/// use sse_test::{Reply, ScriptedServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = ScriptedServer::start([
///     Reply::status(503),
///     Reply::events("id: 7\ndata: hello\n\n").cut(),
/// ])
/// .await;
/// # let client = reqwest::Client::builder().no_proxy().build().unwrap();
/// # let get = async || client.get(server.url("/events")).send().await.unwrap();
/// assert_eq!(get().await.status(), 503);
/// assert!(get().await.text().await.is_err());
/// assert_eq!(server.requests()[1].target, "/events");
/// # }
/// ```
#[derive(Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    scheme: &'static str,
    script: Arc<Script>,
    /// Number of requests that [`next_request`](Self::next_request) has returned.
    taken: Mutex<usize>,
    /// Addresses of the server's own connections.
    own: Arc<Mutex<HashSet<SocketAddr>>>,
    accepting: AbortHandle,
}

impl ScriptedServer {
    pub(crate) async fn listen(transport: Transport, replies: Replies, log: Log) -> Self {
        let (listener, address) = listen();
        let scheme = transport.scheme();
        let script = Arc::new(Script::new(replies, log));
        let own = Arc::default();
        let accept = accept(listener, transport, script.clone(), Arc::clone(&own));
        let accepting = tokio::spawn(accept).abort_handle();
        Self { address, scheme, script, taken: Mutex::default(), own, accepting }
    }
}

/// Address and control.
impl ScriptedServer {
    /// Returns the address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of a path, which starts with a slash and may have a query.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// Ends a [`pause`](crate::Reply::pause): the current one, or the next.
    pub fn go_on(&self) {
        self.script.go_on();
    }
}

/// Record.
impl ScriptedServer {
    /// Returns all requests so far.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.script.log.read(|record| record.requests.clone())
    }

    /// Returns the `Last-Event-ID` of every request so far.
    ///
    /// # Panics
    ///
    /// Panics if a request has it twice, or not in UTF-8.
    #[track_caller]
    pub fn last_event_ids(&self) -> Vec<Option<String>> {
        let requests = self.requests();
        requests.iter().map(|request| request.last_event_id().map(str::to_owned)).collect()
    }

    /// Returns the first request that this method has not returned yet, and waits for it if
    /// necessary.
    ///
    /// Canceling the wait skips no request.
    pub async fn next_request(&self) -> SeenRequest {
        loop {
            let seen = {
                let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
                let next = self.script.log.read(|record| record.requests.get(*taken).cloned());
                *taken += usize::from(next.is_some());
                next.ok_or(*taken)
            };
            match seen {
                Ok(request) => return request,
                Err(count) => self.requested(count + 1).await,
            }
        }
    }

    /// Waits until the server has received `count` requests.
    pub async fn requested(&self, count: usize) {
        self.script.log.until(|record| record.requests.len() >= count).await;
    }

    /// Waits until the client has abandoned a request, by its number (the first is 0), before the
    /// reply ended: by closing the connection, or on HTTP/2 by resetting the stream.
    pub async fn abandoned(&self, request: usize) {
        self.script.log.until(|record| record.abandoned.contains(&request)).await;
    }

    /// Waits until the client has closed `count` connections that the server had left open.
    pub async fn closed_by_client(&self, count: usize) {
        let by_client = |by: &&Option<Side>| **by == Some(Side::Client);
        let count_of = |sides: &[Option<Side>]| sides.iter().filter(by_client).count();
        self.script.log.until(|record| count_of(&record.connections) >= count).await;
    }

    /// Waits until a connection, by its number, has been accepted and has ended. Returns the side
    /// that has ended it.
    pub async fn closed(&self, connection: usize) -> Side {
        let by = || self.script.log.read(|record| record.connections.get(connection).copied());
        loop {
            if let Some(Some(side)) = by() {
                return side;
            }
            let is_over = |sides: &[Option<Side>]| matches!(sides.get(connection), Some(Some(_)));
            self.script.log.until(|record| is_over(&record.connections)).await;
        }
    }

    /// Connects to itself, invisibly to the other methods, and returns the number of requests that
    /// had arrived when the connection was accepted. Connections are accepted in their order, so
    /// that a request that is already on its way over a connection of its own is counted.
    ///
    /// # Panics
    ///
    /// Panics if it cannot connect to itself.
    pub async fn count_requests(&self) -> usize {
        let socket = works(TcpSocket::new_v4());
        works(socket.bind((Ipv4Addr::LOCALHOST, 0).into()));
        let own = works(socket.local_addr());
        self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(own);
        drop(works(socket.connect(self.address).await));
        let log = &self.script.log;
        log.until(|record| record.counts.contains_key(&own)).await;
        log.read(|record| record.counts[&own])
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    transport: Transport,
    script: Arc<Script>,
    own: Arc<Mutex<HashSet<SocketAddr>>>,
) {
    let transport = Arc::new(transport);
    // The connections end with this task.
    let mut connections = JoinSet::new();
    loop {
        let (tcp, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // The connection is closed already. The listener is not.
                Err(_) => continue,
            },
            Some(_) = connections.join_next() => continue,
        };
        let script = script.clone();
        if own.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer) {
            connections.spawn(async move { count(&script, tcp, peer).await });
            continue;
        }
        let connection = script.log.connected();
        let transport = transport.clone();
        connections.spawn(async move {
            let by = transport.serve(&script, tcp, connection).await;
            script.log.disconnected(connection, by);
        });
    }
}

/// Reads the connection as others are read, so as not to overtake them.
async fn count(script: &Script, mut tcp: TcpStream, own: SocketAddr) {
    let _ = tcp.read(&mut [0]).await;
    script.log.counted(own);
}
