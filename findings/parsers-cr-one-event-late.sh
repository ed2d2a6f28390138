#!/usr/bin/env bash
#
# Library: eventsource-stream 0.2.3, sseer 0.3.1, eventsrc 0.0.2. Seen with Rust 1.95.0.
#
# Behavior: a server ends lines with CR only, which the HTML standard allows, sends an event, and is
# silent. None of the three parsers yields the event: each waits for the next byte, which could be
# the LF of a CRLF. The event comes with the next one. With LF and with CRLF it comes at once.
#
# Expected instead: the event at once. A CR ends its line whatever follows; an LF right after it can
# be ignored when it comes.
#
# Consequence: the newest event of a feed is invisible until something else is sent, for as long as
# the server is silent.
#
# Output seen on 1 December 2026:
#   LF, one event: eventsource-stream 1, sseer 1, eventsrc 1
#   CRLF, one event: eventsource-stream 1, sseer 1, eventsrc 1
#   CR, one event: eventsource-stream 0, sseer 0, eventsrc 0
#   CR, two events: eventsource-stream 1, sseer 1, eventsrc 1
#
# Here: P4 in docs/CONFORMANCE.md
# (reader::immediate::an_event_comes_with_the_first_byte_of_its_blank_line),
# and there, Beside other parsers.
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
bytes = "=1.12.2"
eventsource-stream = "=0.2.3"
eventsrc = "=0.0.2"
futures-util = { version = "=0.3.34", default-features = false, features = ["std"] }
sseer = { version = "=0.3.1", default-features = false }

[profile.dev]
debug = false
EOF

cat >"$tmp/src/main.rs" <<'EOF'
use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures_util::{FutureExt, Stream, StreamExt, stream};

type Chunks = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, std::convert::Infallible>>>>;

/// A chunk, after which the connection stays open and silent.
fn chunk(text: &'static str) -> Chunks {
    Box::pin(stream::iter([Ok(Bytes::from_static(text.as_bytes()))]).chain(stream::pending()))
}

/// Number of events that the parser has yielded when it waits for more.
fn events<T, E: std::fmt::Debug>(stream: impl Stream<Item = Result<T, E>>) -> usize {
    let mut stream = std::pin::pin!(stream);
    let mut count = 0;
    while let Some(Some(event)) = stream.next().now_or_never() {
        event.expect("an event");
        count += 1;
    }
    count
}

fn main() {
    for (name, text) in [
        ("LF, one event", "data: a\n\n"),
        ("CRLF, one event", "data: a\r\n\r\n"),
        ("CR, one event", "data: a\r\r"),
        ("CR, two events", "data: a\r\rdata: b\r\r"),
    ] {
        println!(
            "{name}: eventsource-stream {}, sseer {}, eventsrc {}",
            events(chunk(text).eventsource()),
            events(sseer::EventStream::new(chunk(text))),
            events(eventsrc::FrameStream::new(chunk(text))),
        );
    }
}
EOF

export CARGO_TARGET_DIR=$tmp/target
expected='LF, one event: eventsource-stream 1, sseer 1, eventsrc 1
CRLF, one event: eventsource-stream 1, sseer 1, eventsrc 1
CR, one event: eventsource-stream 0, sseer 0, eventsrc 0
CR, two events: eventsource-stream 1, sseer 1, eventsrc 1'

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
