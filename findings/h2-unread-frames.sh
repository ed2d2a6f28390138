#!/usr/bin/env bash
#
# Library: h2 0.4.20, used by hyper 1.12.0 as an HTTP/2 client. The client has windows of 65,535
# bytes for its streams and for the connection, which is the initial value in RFC 9113.
#
# Behavior: two event streams share a connection. The program does not read the first one for a
# moment, while the server sends events of 16 bytes on it, each in a DATA frame. With 100 unread
# events nothing happens. With 200, the client itself closes the connection and reports
# "too_many_data_frames". The second stream, which the program reads, fails too.
#
# Expected instead: back-pressure. 200 events have 3,200 bytes, and the window is 65,535 bytes.
# The server stays within the window, so the unread bytes should wait, and the other stream
# should not be affected. h2 also charges each unread small frame to a separate budget.
#
# Consequence: one slow reader of small events ends all streams of its connection. A larger
# connection window raises the budget.
#
# Output seen on 1 December 2026, with the connection window, and the second line split here:
#   window 65535, 100 unread events: second stream complete, 16 bytes
#   window 65535, 200 unread events: second stream failed: connection error detected:
#     detected excessive load generating behavior (b"too_many_data_frames")
#   window 1048576, 200 unread events: second stream complete, 16 bytes
#
# Here: docs/RELIABILITY.md. for_event_streams sets windows that avoid it.
#
# Needs: bash, cargo, access to the crates registry. Exit status: 0 if the output is the same,
# 1 if it changed, 2 if the program could not be built or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

mkdir "$tmp/src"
cat >"$tmp/Cargo.toml" <<'EOF'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
bytes = "=1.12.2"
h2 = "=0.4.20"
http = "=1.5.0"
http-body-util = "=0.1.5"
hyper = { version = "=1.12.0", features = ["client", "http2"] }
hyper-util = { version = "=0.1.21", features = ["tokio"] }
tokio = { version = "=1.54.1", features = ["macros", "net", "rt", "time"] }

[profile.dev]
debug = false
EOF

cat >"$tmp/src/main.rs" <<'EOF'
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::error::Error;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

const EVENT: &[u8] = b"data: 01234567\n\n";

/// Sends `unread` events on the first stream, and then one event on the second stream.
async fn serve(socket: TcpStream, unread: usize) {
    let mut connection = h2::server::handshake(socket).await.unwrap();
    let mut streams = Vec::new();
    while streams.len() < 2 {
        let (_request, mut respond) = connection.accept().await.unwrap().unwrap();
        let head = Response::builder().header("content-type", "text/event-stream");
        streams.push(respond.send_response(head.body(()).unwrap(), false).unwrap());
    }
    for _ in 0..unread {
        streams[0].send_data(Bytes::from_static(EVENT), false).unwrap();
    }
    tokio::spawn(async move {
        // h2 serves streams in turn: waits until the events of the first stream are written.
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Fails if the client has closed the connection.
        let _ = streams[1].send_data(Bytes::from_static(EVENT), true);
        // Keeps the first stream open.
        std::future::pending::<()>().await;
    });
    // Drives the connection until the client closes it.
    while let Some(Ok(_)) = connection.accept().await {}
}

async fn run(unread: usize, connection_window: u32) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        serve(socket, unread).await;
    });

    let socket = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(connection_window)
        .handshake(socket)
        .await
        .unwrap();
    tokio::spawn(connection);
    let request =
        || Request::get(format!("http://{address}/")).body(Empty::<Bytes>::new()).unwrap();
    let first = sender.send_request(request());
    let second = sender.send_request(request());
    let (first, second) = tokio::join!(first, second);
    let _unread_body = first.unwrap().into_body();
    match second.unwrap().into_body().collect().await {
        Ok(body) => format!("second stream complete, {} bytes", body.to_bytes().len()),
        Err(error) => format!("second stream failed: {}", innermost(&error)),
    }
}

/// Returns the innermost error of a chain.
fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error.source().map_or(error, innermost)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for (unread, window) in [(100, 65_535), (200, 65_535), (200, 1_048_576)] {
        println!("window {window}, {unread} unread events: {}", run(unread, window).await);
    }
}
EOF

failure='connection error detected: detected excessive load generating behavior'
expected="window 65535, 100 unread events: second stream complete, 16 bytes
window 65535, 200 unread events: second stream failed: $failure (b\"too_many_data_frames\")
window 1048576, 200 unread events: second stream complete, 16 bytes"

export CARGO_TARGET_DIR=$tmp/target
actual=$(cargo run --quiet --manifest-path "$tmp/Cargo.toml") || {
    echo "could not build or run the program" >&2
    exit 2
}
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
