//! Back-pressure: how much a server can send to a consumer that does not read.
//!
//! The server counts what the socket has taken, which includes everything that the client holds.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sse_reqwest::SseConfig;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::support::{data, open, run};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

const EVENT_BYTES: usize = 64 * 1024;

/// Far more than the buffers of two sockets and of an HTTP client hold.
const EVENTS: usize = 512;

/// Starts a server that sends all its events to its first client as fast as possible. Returns its
/// URL, and the number of events that the socket has taken.
async fn start() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = taken.clone();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        // The content of the request is ignored.
        assert_ne!(socket.read(&mut [0; 1024]).await.unwrap(), 0);
        socket.write_all(HEAD).await.unwrap();
        let event = format!("data: {}\n\n", "x".repeat(EVENT_BYTES - "data: \n\n".len()));
        for _ in 0..EVENTS {
            socket.write_all(event.as_bytes()).await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    (url, taken)
}

/// Waits until the count stands still: the server has sent no event while each task that was ready
/// had a thousand turns. Returns the count.
async fn stands_still(count: &AtomicUsize) -> usize {
    let (mut last, mut turns) = (count.load(Ordering::Relaxed), 0);
    while turns < 1000 {
        tokio::task::yield_now().await;
        let now = count.load(Ordering::Relaxed);
        turns = if now == last { turns + 1 } else { 0 };
        last = now;
    }
    last
}

#[test]
fn a_session_that_is_not_polled_stops_its_server() {
    run(async {
        let (url, taken) = start().await;
        let mut session = open(SseConfig::new(), url).await;
        assert_eq!(data(&mut session).await.len(), EVENT_BYTES - 8);
        let held = stands_still(&taken).await;
        assert!(held < EVENTS / 2, "{held} events of {EVENTS} have been sent to nobody");
        // It continues where it was, with nothing lost.
        let mut events = 1;
        while let Some(event) = session.next().await {
            assert_eq!(event.unwrap().data().len(), EVENT_BYTES - 8);
            events += 1;
        }
        assert_eq!(events, EVENTS);
    });
}
