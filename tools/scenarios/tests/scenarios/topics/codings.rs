//! Scenarios of content codings, which the session decodes.

use sse_test::Reply;

use crate::{
    check::check,
    encode::{Encode, brotli, coded, gzip, gzip_members, raw_deflate, zlib, zstd},
    scenario::{Act, Scenario, When, reconnecting},
};

const EVENTS: [&[u8]; 2] = [b"id: 1\ndata: 1\n\n", b"data: 2\n\n"];

const DECODED: &str = "open 200
    event #1: 1
    event: 2
    closed StreamEnded
    end LastChunk after 2 messages
    GET /";

/// Returns a scenario in which the second event is sent once the first was read.
fn flushed(name: &'static str, replies: fn(&str) -> Vec<Reply>) -> Scenario {
    Scenario::new(name, replies).when(When::Line("event #1: 1"), Act::GoOn).expect(DECODED)
}

fn one_by_one(coding: &str, encode: Encode) -> Vec<Reply> {
    let chunks = encode(&EVENTS);
    let reply = coded(coding, &chunks[..1]).pause();
    vec![chunks[1..].iter().fold(reply, Reply::send)]
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        flushed("`gzip`, each event when it is flushed", |_| one_by_one("gzip", gzip)),
        flushed("`gzip`, a member for each event", |_| one_by_one("gzip", gzip_members)),
        flushed("`deflate`", |_| one_by_one("deflate", zlib)),
        flushed("`deflate` without its zlib header", |_| one_by_one("deflate", raw_deflate)),
        flushed("`br`", |_| one_by_one("br", brotli)),
        flushed("`zstd`", |_| one_by_one("zstd", zstd)),
        Scenario::new("two codings", |_| {
            let inner = gzip(&EVENTS).concat();
            vec![coded("gzip, br", &brotli(&[&inner])).in_pieces_of(7)]
        })
        .expect(
            "open 200
            event #1: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("a coded body is truncated", |_| {
            let chunks = gzip(&EVENTS);
            vec![coded("gzip", &chunks[..2]).cut(), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            event: 2
            disconnected Disconnected truncated retryable, again at once
            closed NoContent
            end Truncated after 2 messages
            GET /
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("a coded body ends regularly without the end of its coding", |_| {
            let chunks = gzip(&EVENTS);
            vec![coded("gzip", &chunks[..2]), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            event: 2
            disconnected Disconnected truncated retryable, again at once
            closed NoContent
            end Truncated after 2 messages
            GET /
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("a coded body is corrupt", |_| {
            let mut chunks = gzip(&EVENTS);
            chunks[1].fill(0xff);
            vec![coded("gzip", &chunks)]
        })
        .expect(
            "open 200
            event #1: 1
            failed Decode retryable
            end Malformed after 1 messages
            GET /
            ",
        ),
        Scenario::new("a body is not in its coding", |_| {
            vec![Reply::events("data: 1\n\n").header("content-encoding", "zstd")]
        })
        .expect(
            "open 200
            failed Decode retryable
            end Malformed after 0 messages
            GET /
            ",
        ),
        Scenario::new("an unknown coding", |_| {
            vec![Reply::events("data: 1\n\n").header("content-encoding", "compress")]
        })
        .expect(
            "not opened: ContentEncoding 200, body data: 1
            GET /
            ",
        ),
        Scenario::new("`identity`", |_| {
            vec![Reply::events("data: 1\n\n").header("content-encoding", "identity")]
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            ",
        ),
    ]
}

#[test]
fn codings_over_every_transport() {
    check(&scenarios());
}
