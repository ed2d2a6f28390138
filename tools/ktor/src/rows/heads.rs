//! Rows about the head of the first response, and about the request.

use sse_test::{ContentCoding, Reply};

use crate::row::{Row, Shows};

pub(super) fn rows() -> Vec<Row> {
    let typed =
        |value: &str| [Reply::status(200).header("content-type", value).send("data: 1\n\n")];
    vec![
        Row::new("shows the request: Accept, Cache-Control", [Reply::events("")])
            .shows(Shows::Headers(&["accept", "cache-control"]))
            .departs("one type, and the header of the standard's cache mode"),
        Row::new("has a charset in Content-Type", typed("text/event-stream; charset=utf-8"))
            .same("parameters are ignored"),
        Row::new("writes Content-Type in capitals", typed("Text/Event-Stream"))
            .same("types have no case"),
        Row::new("ends Content-Type with a semicolon", typed("text/event-stream;"))
            .same("some servers do"),
        Row::new("sends no Content-Type", [Reply::status(200).send("data: 1\n\n")])
            .departs("the standard: an error, unless `accept_missing_content_type(true)`"),
        Row::new(
            "sends Content-Type twice",
            [Reply::events("data: 1\n\n").header("content-type", "text/event-stream")],
        )
        .same("the types are the same"),
        Row::new("joins two types in Content-Type", typed("text/event-stream, text/event-stream"))
            .same("as if they were two headers"),
        Row::new("sends text/plain", typed("text/plain")).same("an error"),
        Row::new("sends 103 Early Hints first", [Reply::raw(EARLY_HINTS)])
            .departs("an informational response is not the response"),
        Row::new(
            "sends a head of 12 kB",
            [Reply::events("data: 1\n\n").header("x-filler", "x".repeat(12_000))],
        )
        .departs("proxies and cookies make such heads"),
        Row::new("answers 404", [Reply::status(404).send("gone")]).same("an error"),
        Row::new("answers 500, and its body does not end", [Reply::status(500).send("x").hang()])
            .departs("at most 64 KiB and 5 s of a rejected body are read"),
        Row::new("answers 503", [Reply::status(503)]).same("an error"),
        Row::new(
            "answers 503, with reconnection",
            [Reply::status(503), Reply::events("data: 1\n\n")],
        )
        .reconnects(3)
        .shows(Shows::Requests)
        .same("an error, unless `retry_first_connection(true)`"),
        Row::new("answers 204", [Reply::status(204)]).shows(Shows::Requests).same("an end"),
        Row::new("answers 204, with reconnection", [Reply::status(204)])
            .reconnects(3)
            .shows(Shows::Requests)
            .departs("the standard: the end"),
        Row::new(
            "redirects by 307",
            [Reply::redirect(307, "/other"), Reply::events("data: 1\n\n")],
        )
        .same("redirects are followed"),
        Row::new("closes without an answer", [Reply::raw("").cut(), Reply::events("data: 1\n\n")])
            .shows(Shows::Requests)
            .departs("over reqwest it may have been a pooled connection: sent again once"),
        Row::new(
            "compresses by gzip, as asked",
            [Reply::events("data: 1\n\n").send("data: 2\n\n").compressed(ContentCoding::Gzip)],
        )
        .wants(|it| it.gzip = true)
        .departs("each event is decoded as soon as it arrives"),
        Row::new(
            "compresses by gzip on reconnection too",
            [
                Reply::events("data: 1\n\n").compressed(ContentCoding::Gzip),
                Reply::events("data: 2\n\n").compressed(ContentCoding::Gzip),
            ],
        )
        .reconnects(1)
        .wants(|it| it.gzip = true)
        .departs("each connection is decoded"),
    ]
}

const EARLY_HINTS: &str = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n\
    HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\
    transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n";
