//! Flow-control windows of HTTP/2: what a session that is not read does to its neighbors.
//!
//! The server is h2's own, as it has to know when a window is full.

use std::{future::poll_fn, net::SocketAddr};

use bytes::Bytes;
use h2::{SendStream, server::Connection};
use sse_reqwest::{
    BodyEnd, ClientBuilderExt as _, ClientSseSession, SseClient, SseConfig, SseErrorKind,
    reqwest::{Client, ClientBuilder},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::support::{causes, data, failure, reconnecting, run};

const EVENTS: usize = 50_000;

/// Events of 15 bytes.
fn event(number: usize) -> Bytes {
    format!("data:{number:08}\n\n").into()
}

/// Starts a server of one connection with two event streams: on the first, it sends many events,
/// each in a frame of its own; on the second one event, once the window of the first is full or all
/// of its events are sent.
async fn flood() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(socket).await.unwrap();
        let mut first = respond(&mut connection).await;
        let mut second = respond(&mut connection).await;
        let (full, is_full) = oneshot::channel();
        tokio::spawn(async move {
            let mut full = Some(full);
            for number in 0..EVENTS {
                if !send(&mut first, event(number), &mut full).await {
                    return;
                }
            }
            first.send_data(Bytes::new(), true).unwrap();
        });
        tokio::spawn(async move {
            let _ = is_full.await;
            let _ = second.send_data(Bytes::from_static(b"data: neighbor\n\n"), false);
            // Keeps the stream open.
            poll_fn(|cx| second.poll_reset(cx)).await
        });
        serve(connection).await;
    });
    url(address)
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/")
}

async fn respond(connection: &mut Connection<TcpStream, Bytes>) -> SendStream<Bytes> {
    let (_request, mut respond) = connection.accept().await.unwrap().unwrap();
    let head = http::Response::builder().header("content-type", "text/event-stream");
    respond.send_response(head.body(()).unwrap(), false).unwrap()
}

/// Drives a connection until the client closes it. Further requests get no response.
async fn serve(mut connection: Connection<TcpStream, Bytes>) {
    let mut requests = Vec::new();
    while let Some(Ok(request)) = connection.accept().await {
        requests.push(request);
    }
}

/// Sends a frame once the window has room for it, and reports it if the window has none. Returns
/// `false` if the client has closed the connection.
async fn send(
    stream: &mut SendStream<Bytes>,
    frame: Bytes,
    full: &mut Option<oneshot::Sender<()>>,
) -> bool {
    stream.reserve_capacity(frame.len());
    let mut turns = 0;
    loop {
        if stream.capacity() >= frame.len() {
            return stream.send_data(frame, false).is_ok();
        }
        if turns == TURNS {
            full.take();
        }
        turns += 1;
        if turns <= TURNS {
            tokio::task::yield_now().await;
        } else if !matches!(poll_fn(|cx| stream.poll_capacity(cx)).await, Some(Ok(_))) {
            return false;
        }
    }
}

/// Number of times that the other tasks run before a window counts as full.
const TURNS: u32 = 1000;

fn http2() -> ClientBuilder {
    Client::builder().no_proxy().http2_prior_knowledge()
}

/// Opens two sessions over one connection.
async fn open_two(client: &SseClient, url: &str) -> (ClientSseSession, ClientSseSession) {
    let unread = client.sse_session(url).await.unwrap();
    (unread, client.sse_session(url).await.unwrap())
}

#[test]
fn for_event_streams_lets_a_session_live_whose_neighbor_has_50_000_unread_events() {
    run(async {
        let url = flood().await;
        let http = http2().for_event_streams().build().unwrap();
        let client = SseClient::new(http, SseConfig::new());
        let (mut unread, mut read) = open_two(&client, &url).await;
        // Now the window of the first stream is full.
        assert_eq!(data(&mut read).await, "neighbor");
        for number in 0..EVENTS {
            assert_eq!(data(&mut unread).await, format!("{number:08}"));
        }
        assert!(unread.next().await.is_none());
        assert_eq!(unread.end_evidence().unwrap().body_end(), BodyEnd::EndStream);
        drop(read);
    });
}

#[test]
fn is_local_limit_if_unread_frames_end_the_connection_of_all_sessions() {
    let adaptive = || http2().http2_adaptive_window(true);
    let builders: [fn() -> ClientBuilder; 2] = [http2, adaptive];
    for builder in builders {
        run(async {
            let url = flood().await;
            let client = SseClient::new(builder().build().unwrap(), SseConfig::new());
            let (mut unread, mut read) = open_two(&client, &url).await;
            // It was read all the time.
            let error = failure(&mut read).await;
            assert!(error.is_local_limit() && error.is_truncated(), "{error:?}");
            assert!(error.is_transport() && error.is_retryable(), "{error:?}");
            assert!(!error.is_reset() && !error.is_timeout(), "{error:?}");
            assert_eq!(error.kind(), SseErrorKind::Disconnected);
            assert_eq!(error.end_evidence().unwrap().body_end(), BodyEnd::Truncated);
            let message = error.to_string();
            assert!(message.contains("larger HTTP/2 windows"), "{message}");
            assert!(causes(&error).last().unwrap().contains("too_many_data_frames"), "{error:?}");
            // Events that were received before are not lost.
            assert_eq!(data(&mut unread).await, "00000000");
            let error = loop {
                if let Err(error) = unread.next().await.unwrap() {
                    break error;
                }
            };
            assert!(error.is_local_limit(), "{error:?}");
        });
    }
}

#[test]
fn is_local_limit_before_the_head_too() {
    run(async {
        let url = flood().await;
        let client = SseClient::new(http2().build().unwrap(), SseConfig::new());
        let (_unread, _read) = open_two(&client, &url).await;
        // The server responds to two requests.
        let error = client.sse_session(&*url).await.unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::NoResponse, "{error:?}");
        assert!(error.is_local_limit() && error.is_retryable(), "{error:?}");
        assert!(!error.is_truncated() && !error.is_connect(), "{error:?}");
    });
}

/// h2 counts empty frames over the life of a connection, whether or not they are read, and its
/// error is the same.
#[test]
fn is_local_limit_after_101_empty_frames_whatever_the_windows() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let mut connection = h2::server::handshake(socket).await.unwrap();
            let mut stream = respond(&mut connection).await;
            stream.send_data(Bytes::from_static(b"data: 1\n\n"), false).unwrap();
            for _ in 0..101 {
                stream.send_data(Bytes::new(), false).unwrap();
            }
            serve(connection).await;
        });
        let http = http2().for_event_streams().build().unwrap();
        let client = SseClient::new(http, reconnecting(0));
        let mut session = client.sse_session(url(address)).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert!(error.is_local_limit(), "{error:?}");
    });
}

/// Another call replaces the windows.
#[test]
fn for_event_streams_leaves_later_windows_to_the_caller() {
    run(async {
        let url = flood().await;
        let builder = http2().for_event_streams().http2_initial_connection_window_size(65_535);
        let client = SseClient::new(builder.build().unwrap(), SseConfig::new());
        let (_unread, mut read) = open_two(&client, &url).await;
        assert!(failure(&mut read).await.is_local_limit());
    });
}
