#!/usr/bin/env bash
#
# Library: aioduct 0.2.6, its SseDecoder. Seen with Rust 1.95.0.
#
# Behavior: the decoder has a limit for an event, 512 KiB by default. An event above it is an error
# item, after which decoding continues, but the event after it is discarded as well, although it is
# small and well-formed, and no item says so: the decoder skips to the end of "the" event after it
# has already removed it.
#
# Expected instead: the error stands for the large event alone. The next event is received.
#
# Consequence: whoever goes on after the error, as the decoder allows, loses one event more. If it
# was the terminal event of an answer, the answer never ends; if it had an ID, the resumption point
# is the one before.
#
# Output seen on 1 December 2026:
#   sent: small 1, an event of 600,000 bytes, small 2, small 3
#   received: small 1, error: SSE payload too large, small 3
#
# Here: the limit is 16 MiB, and with an option an event that is too large is skipped alone
# (docs/RELIABILITY.md). docs/COMPARISON.md, Event streams in HTTP frameworks.
#
# Needs: bash, timeout, Rust 1.95 or later with a C compiler, access to the crate registry. Exit
# status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be installed or
# run.

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
aioduct = { version = "=0.2.6", default-features = false, features = ["tokio"] }
bytes = "1"

[profile.dev]
debug = false
EOF

cat >"$tmp/src/main.rs" <<'EOF'
use aioduct::sse::{SseDecoder, SseEvent};
use bytes::BytesMut;

fn main() {
    let large = "x".repeat(600_000);
    let stream = format!(
        "data: small 1\n\ndata: {large}\n\ndata: small 2\n\ndata: small 3\n\n"
    );
    println!("sent: small 1, an event of 600,000 bytes, small 2, small 3");

    let mut decoder = SseDecoder::new();
    let mut buffer = BytesMut::from(stream.as_bytes());
    let mut received = Vec::new();
    while let Some(item) = decoder.decode(&mut buffer) {
        received.push(match item {
            Ok(SseEvent::Message(message)) => message.data,
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("error: {error}"),
        });
    }
    println!("received: {}", received.join(", "));
}
EOF

expected='sent: small 1, an event of 600,000 bytes, small 2, small 3
received: small 1, error: SSE payload too large, small 3'

actual=$(
    cd "$tmp"
    export CARGO_TARGET_DIR=$tmp/target
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
