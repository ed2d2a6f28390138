#!/usr/bin/env bash
#
# Library: reqwest-eventsource 0.6.0, reqwest 0.12.28. Seen with Rust 1.95.0.
#
# Behavior: the first connection delivers an event with the ID 7, and the second one an event
# without an ID. The client then forgets the ID: from the third connection on it sends Last-Event-ID
# with an empty value. A second connection without an event leaves the ID as it is.
#
# Expected instead: 7 on each connection. An event without an ID leaves the last event ID unchanged,
# and after an ID that is empty no header is sent at all.
#
# Consequence: a server that assigns IDs to some events only, as those that mark checkpoints do,
# starts from the beginning, or rejects the empty ID, after the second disconnect.
#
# Output seen on 1 December 2026:
#   connection 1: "no header"
#   connection 2: "7"
#   connection 3: ""
#   connection 4: ""
#
# Here: id_header::the_id_is_sent_once_over_four_connections_that_break,
# id_header::an_empty_id_takes_the_header_away (C4 in docs/CONFORMANCE.md).
#
# Needs: bash, timeout, Rust 1.88 or later, access to the crate registry. Exit status: 0 if the
# output is the same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

mkdir "$tmp/src"
cat >"$tmp/Cargo.toml" <<'EOF'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
futures-util = { version = "=0.3.34", default-features = false }
reqwest = { version = "=0.12.28", default-features = false }
reqwest-eventsource = "=0.6.0"
tokio = { version = "=1.54.1", features = ["macros", "rt", "time"] }

[profile.dev]
debug = false
EOF

cat >"$tmp/src/main.rs" <<'EOF'
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest_eventsource::{Event, EventSource};

/// Reads the head of a request and returns the value of its `Last-Event-ID`.
fn last_event_id(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if socket.read(&mut byte).unwrap() == 0 {
            break;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let id = head.lines().find_map(|line| line.strip_prefix("last-event-id:"));
    id.map_or("no header", str::trim).to_owned()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        let bodies = ["retry: 10\nid: 7\ndata: x\n\n", "data: without ID\n\n", "", "data: end\n\n"];
        for body in bodies {
            let (mut socket, _) = listener.accept().unwrap();
            sender.send(last_event_id(&mut socket)).unwrap();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
            let response = format!("{head}Connection: close\r\n\r\n{body}");
            socket.write_all(response.as_bytes()).unwrap();
        }
    });
    let mut source = EventSource::get(format!("http://{address}/"));
    while let Ok(Some(item)) = tokio::time::timeout(Duration::from_secs(20), source.next()).await {
        match item {
            Ok(Event::Message(event)) if event.data == "end" => break,
            // Each end of a body is an error that the client survives.
            Ok(_) | Err(_) => {}
        }
    }
    source.close();
    for (number, id) in requests.try_iter().enumerate() {
        println!("connection {}: {id:?}", number + 1);
    }
}
EOF

export CARGO_TARGET_DIR=$tmp/target
expected='connection 1: "no header"
connection 2: "7"
connection 3: ""
connection 4: ""'

actual=$(
    cd "$tmp"
    timeout 900 cargo build --quiet >&2
    timeout 60 target/debug/finding
) || {
    echo "could not install or run the packages" >&2
    exit 2
}
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
