#!/usr/bin/env bash
#
# Library: poem 3.1.12 over hyper 1.12.0. Seen with Rust 1.95.0.
#
# Behavior: a handler returns a body made from a stream of two events, which then yields an error.
# hyper alone closes the connection without the last chunk, so the client sees that the body is
# truncated. poem ends the body regularly: when its connection future returns that error, poem
# calls graceful_shutdown() and awaits the future again. That polls the stream once more, and the
# end of the stream writes the last chunk. With poem's Compression middleware the gzip stream,
# whose encoder has received the error too, lacks its end nevertheless.
#
# Expected instead: no last chunk, as from hyper alone and from axum.
#
# Consequence: a failed answer looks like a complete one. With a content coding HTTP and the coding
# contradict each other, and a client that does not check the end of the coding misses it.
#
# Output seen on 1 December 2026:
#   hyper: 2 events, no last chunk
#   poem: 2 events, last chunk
#   poem, gzip: 2 events, last chunk, end of the gzip stream is missing
#
# Here: docs/RELIABILITY.md; docs/INTEROP.md, Compression middleware.
#
# Needs: bash, Rust 1.85 or later, access to the crate registry. Exit status: 0 if the output is the
# same, 1 if it changed, 2 if the program could not be built or run.

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
flate2 = "=1.1.11"
futures-util = "=0.3.34"
http-body-util = "=0.1.5"
hyper = { version = "=1.12.0", features = ["http1", "server"] }
hyper-util = { version = "=0.1.21", features = ["tokio"] }
poem = { version = "=3.1.12", default-features = false, features = ["compression", "server"] }
tokio = { version = "=1.54.1", features = ["io-util", "macros", "net", "rt", "time"] }

[profile.dev]
debug = false
EOF

cat >"$tmp/src/main.rs" <<'EOF'
use std::convert::Infallible;
use std::io::{Error, Read};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{stream, Stream, StreamExt, TryStreamExt};
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use poem::listener::TcpAcceptor;
use poem::middleware::Compression;
use poem::{handler, Body, EndpointExt, Response, Route, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Yields two events, then an error.
fn events() -> impl Stream<Item = Result<Bytes, Error>> + Send {
    let event = |n| Bytes::from(format!("id: {n}\ndata: event {n}\n\n"));
    let items = [Ok(event(1)), Ok(event(2)), Err(Error::other("the source failed"))];
    let items = stream::iter(items).then(|item| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        item
    });
    items.boxed()
}

#[handler]
fn answer() -> Response {
    Response::builder().content_type("text/event-stream").body(Body::from_bytes_stream(events()))
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn start_poem() -> SocketAddr {
    let (listener, address) = listen().await;
    let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
    let app = Route::new().at("/", answer).with(Compression::new());
    tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
    address
}

async fn start_hyper() -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let service = service_fn(|_| async {
            let body = StreamBody::new(events().map_ok(Frame::data));
            Ok::<_, Infallible>(hyper::Response::new(body))
        });
        let server = hyper::server::conn::http1::Builder::new();
        let _ = server.serve_connection(TokioIo::new(socket), service).await;
    });
    address
}

/// Undoes the chunked coding. Returns the body, and `true` if it has its last chunk.
fn dechunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|it| it == b"\r\n") {
        let len = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if len == 0 {
            return (body, true);
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + len]);
        rest = &rest[end + 2 + len + 2..];
    }
    (body, false)
}

async fn get(name: &str, address: SocketAddr, coding: &str) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    socket.read_to_end(&mut response).await.unwrap();
    let head_end = response.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let (mut body, has_last_chunk) = dechunk(&response[head_end + 4..]);
    let mut coding_end = "";
    if coding == "gzip" {
        let mut text = Vec::new();
        if flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut text).is_err() {
            coding_end = ", end of the gzip stream is missing";
        }
        body = text;
    }
    let events = body.windows(2).filter(|it| it == b"\n\n").count();
    let end = if has_last_chunk { "last chunk" } else { "no last chunk" };
    println!("{name}: {events} events, {end}{coding_end}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    get("hyper", start_hyper().await, "identity").await;
    get("poem", start_poem().await, "identity").await;
    get("poem, gzip", start_poem().await, "gzip").await;
}
EOF

expected='hyper: 2 events, no last chunk
poem: 2 events, last chunk
poem, gzip: 2 events, last chunk, end of the gzip stream is missing'

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
