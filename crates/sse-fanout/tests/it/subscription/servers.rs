//! Subscriptions as the bodies of a server of hyper, over sockets: bad clients, and ends that a
//! client must see.

use std::{convert::Infallible, error::Error, future::ready, iter};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response,
    client::conn::http2 as client,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use sse_core::{EventBody, ServerSentEvent};
use sse_fanout::Broadcaster;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{event, wire};

/// Serves one connection, and returns the client's end of it.
async fn connect(broadcaster: &Broadcaster, is_http2: bool) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (socket, _) = listener.accept().await.unwrap();
    let broadcaster = broadcaster.clone();
    let service = service_fn(move |_| {
        let body = EventBody::new(broadcaster.subscribe_with_history());
        ready(Ok::<_, Infallible>(Response::new(body)))
    });
    tokio::spawn(async move {
        let socket = TokioIo::new(socket);
        if is_http2 {
            http2::Builder::new(TokioExecutor::new()).serve_connection(socket, service).await
        } else {
            http1::Builder::new().serve_connection(socket, service).await
        }
    });
    client
}

/// Sends a request over HTTP/1.1.
async fn get(broadcaster: &Broadcaster) -> TcpStream {
    let mut client = connect(broadcaster, false).await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    client
}

/// Waits until that many subscriptions exist.
async fn subscribers(broadcaster: &Broadcaster, count: usize) {
    while broadcaster.counts().subscribers != count {
        tokio::task::yield_now().await;
    }
}

async fn read_to_end(mut client: TcpStream) -> String {
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn abort_ends_a_response_of_http1_without_the_last_chunk_and_close_with_it() {
    let broadcasters = [Broadcaster::new(), Broadcaster::new()];
    let mut texts = Vec::new();
    for (broadcaster, end) in iter::zip(&broadcasters, [Broadcaster::abort, Broadcaster::close]) {
        let mut client = get(broadcaster).await;
        subscribers(broadcaster, 1).await;
        broadcaster.send(event(1));
        end(broadcaster);
        subscribers(broadcaster, 0).await;
        // No other request follows for which the server would keep the connection.
        client.shutdown().await.unwrap();
        texts.push(read_to_end(client).await);
    }
    let [aborted, closed] = &texts[..] else { panic!("two broadcasters") };
    assert!(aborted.ends_with(&format!("{}\r\n", wire([1]))), "{aborted}");
    assert!(closed.ends_with("\r\n0\r\n\r\n"), "{closed}");
}

#[tokio::test]
async fn abort_resets_a_response_of_http2() {
    let broadcaster = Broadcaster::new();
    let socket = TokioIo::new(connect(&broadcaster, true).await);
    let (mut sender, connection) = client::handshake(TokioExecutor::new(), socket).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://x/").body(Empty::<Bytes>::new()).unwrap();
    let mut body = sender.send_request(request).await.unwrap().into_body();
    broadcaster.send(event(1));
    broadcaster.abort();
    let frame = body.frame().await.unwrap().unwrap();
    assert_eq!(frame.into_data().unwrap(), wire([1]));
    let error = body.frame().await.unwrap().unwrap_err();
    let reset = error.source().and_then(|source| source.downcast_ref::<h2::Error>()).unwrap();
    assert!(reset.is_reset() && reset.is_remote(), "{reset}");
}

#[tokio::test]
async fn a_client_that_disconnects_in_mid_write_is_no_longer_counted_and_delays_no_other() {
    let broadcaster = Broadcaster::builder().history_bytes(usize::MAX).build();
    let silent = get(&broadcaster).await;
    subscribers(&broadcaster, 1).await;
    let mut reader = get(&broadcaster).await;
    subscribers(&broadcaster, 2).await;
    // More than sockets hold.
    let long = ServerSentEvent::builder().data("x".repeat(1 << 20)).build().unwrap();
    broadcaster.send_all(vec![long; 32]);
    let mut received = 0;
    let mut bytes = vec![0; 1 << 16];
    while received < 32 << 20 {
        received += reader.read(&mut bytes).await.unwrap();
    }
    let counts = broadcaster.counts();
    assert!(counts.most_behind_bytes > 0, "the silent client has received everything");
    drop(silent);
    subscribers(&broadcaster, 1).await;
    assert_eq!(broadcaster.counts().most_behind_bytes, 0);
}

#[tokio::test]
async fn a_client_that_reads_too_late_finds_its_response_truncated_and_is_counted() {
    let broadcaster = Broadcaster::builder().history_events(8).build();
    let late = get(&broadcaster).await;
    subscribers(&broadcaster, 1).await;
    let mut sent = 0_u64;
    let long = ServerSentEvent::builder().data("x".repeat(1 << 20)).build().unwrap();
    // Until an event is removed that the client's sockets did not take.
    while broadcaster.counts().most_behind_bytes <= 8 << 20 {
        broadcaster.send(long.clone());
        sent += 1;
        tokio::task::yield_now().await;
    }
    let text = read_to_end(late).await;
    assert!(!text.ends_with("0\r\n\r\n"));
    assert!((text.len() as u64) < sent << 20);
    assert_eq!((broadcaster.counts().too_slow, broadcaster.counts().subscribers), (1, 0));
}
