//! Rows about how a body ends, with reconnection off.

use sse_test::Reply;

use crate::row::{Row, Step};

const FAILURE: &str = "HTTP shows that the body is incomplete, and a failure is not a regular end";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new("ends with the last chunk", [Reply::events("data: 1\n\n")]).same("an end"),
        Row::new("ends with Content-Length", [Reply::events("data: 1\n\n").with_length()])
            .same("an end"),
        Row::new("ends by closing, with neither", [Reply::events("data: 1\n\n").until_close()])
            .same("an end, as HTTP cannot show more"),
        Row::new(
            "ends by closing, with neither, and says nothing of `Connection`",
            [Reply::raw(BARE)],
        )
        .departs("RFC 9112: without either, the body ends with the connection"),
        Row::new("ends with trailers", [Reply::raw(TRAILERS)])
            .runs(RUNS)
            .departs("trailers are allowed after any chunked body"),
        Row::new("closes between two chunks", [Reply::events("data: 1\n\n").pause().cut()])
            .steps([Step::Events(1), Step::GoOn])
            .departs(FAILURE),
        Row::new("closes within a chunk", [Reply::raw(CHUNKED).pause().send("9\r\ndat")])
            .steps([Step::Events(1), Step::GoOn])
            .departs(FAILURE),
        Row::new(
            "closes between two chunks, right after an event",
            [Reply::events("data: 1\n\n").cut()],
        )
        .runs(RUNS)
        .departs("what has arrived is read first"),
        Row::new(
            "closes within a chunk, right after an event",
            [Reply::raw(CHUNKED).send("9\r\ndat")],
        )
        .runs(RUNS)
        .departs("what has arrived is read first"),
        Row::new(
            "sends nothing for longer than the timeout",
            [Reply::events("data: 1\n\n").hang()],
        )
        .wants(|it| it.idle = Some(300))
        .runs(RUNS)
        .departs("a silent server is an error that names the deadline"),
        Row::new(
            "closes before Content-Length is reached",
            [Reply::events("data: 1\n\n").with_length_too_long_by(9).pause().cut()],
        )
        .steps([Step::Events(1), Step::GoOn])
        .departs(FAILURE),
        Row::new("resets the connection", [Reply::events("data: 1\n\n").pause().reset()])
            .steps([Step::Events(1), Step::GoOn])
            .departs(FAILURE),
    ]
}

const BARE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";

const TRAILERS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\
    trailer: x-checksum\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\
    x-checksum: 1\r\n\r\n";

/// Number of runs of a row with a random outcome.
const RUNS: usize = 20;

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\
    transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n";
