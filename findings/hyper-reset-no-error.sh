#!/usr/bin/env bash
#
# Library: hyper 1.12.0 (client) on h2 0.4.20, HTTP/2 without TLS.
#
# Behavior: a server sends one event and then RST_STREAM with the code NO_ERROR, without
# END_STREAM. The client reports the regular end of the body. It does so even if the response
# promised a content-length of 100 and only 9 bytes arrived.
#
# Expected instead: an error, as for every other code. RFC 9113, section 8.1, lets a server use
# NO_ERROR to stop an upload, but only after a complete response. Here the response is incomplete.
#
# Consequence: a truncated event stream looks complete. A client that treats the end of the body as
# success does not notice a failure that the server reported in this way.
#
# Output seen on 1 December 2026:
#   CANCEL: 9 bytes, then an error
#   NO_ERROR: 9 bytes, then the end of the body
#   NO_ERROR, content-length 100: 9 bytes, then the end of the body
#
# Here: docs/guide/real-servers.md. Only expect_terminal detects it.
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
tokio = { version = "=1.54.1", features = ["macros", "net", "rt", "sync"] }

[profile.dev]
debug = false
EOF

cat >"$tmp/src/main.rs" <<'EOF'
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Answers one request with one event, and resets the stream once the client has read the event.
async fn serve(
    socket: TcpStream,
    code: h2::Reason,
    length: Option<u64>,
    event_was_read: oneshot::Receiver<()>,
) {
    let mut connection = h2::server::handshake(socket).await.unwrap();
    let (_request, mut respond) = connection.accept().await.unwrap().unwrap();
    let mut head = Response::builder().header("content-type", "text/event-stream");
    if let Some(length) = length {
        head = head.header("content-length", length);
    }
    let mut stream = respond.send_response(head.body(()).unwrap(), false).unwrap();
    stream.send_data(Bytes::from_static(b"data: 1\n\n"), false).unwrap();
    tokio::spawn(async move {
        event_was_read.await.unwrap();
        stream.send_reset(code);
    });
    // Drives the connection until the client closes it.
    while let Some(Ok(_)) = connection.accept().await {}
}

async fn run(code: h2::Reason, length: Option<u64>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (report_read, event_was_read) = oneshot::channel();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        serve(socket, code, length, event_was_read).await;
    });

    let socket = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), socket).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("http://{address}/")).body(Empty::<Bytes>::new()).unwrap();
    let mut body = sender.send_request(request).await.unwrap().into_body();
    let event = body.frame().await.unwrap().unwrap().into_data().unwrap();
    report_read.send(()).unwrap();
    let end = match body.frame().await {
        None => "the end of the body",
        Some(Ok(_)) => "more data",
        Some(Err(_)) => "an error",
    };
    format!("{} bytes, then {end}", event.len())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("CANCEL: {}", run(h2::Reason::CANCEL, None).await);
    println!("NO_ERROR: {}", run(h2::Reason::NO_ERROR, None).await);
    println!("NO_ERROR, content-length 100: {}", run(h2::Reason::NO_ERROR, Some(100)).await);
}
EOF

expected='CANCEL: 9 bytes, then an error
NO_ERROR: 9 bytes, then the end of the body
NO_ERROR, content-length 100: 9 bytes, then the end of the body'

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
