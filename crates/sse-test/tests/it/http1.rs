//! Bytes of replies, as a client receives them.

use std::time::Duration;

use sse_core::ServerSentEvent;
use sse_test::{Reply, ScriptedServer};

use crate::support::{GET, RawClient, run};

/// Returns all the bytes of a reply.
fn wire(reply: Reply, request: &str) -> String {
    run(async {
        let server = ScriptedServer::start([reply]).await;
        let bytes = RawClient::send(&server, request).await.rest().await.unwrap();
        String::from_utf8(bytes).unwrap()
    })
}

#[track_caller]
fn check(reply: Reply, expected: &[&str]) {
    assert_eq!(wire(reply, GET).split("\r\n").collect::<Vec<_>>(), expected);
}

const CLOSE: &str = "connection: close";
const CHUNKED: &str = "transfer-encoding: chunked";
const OK: &str = "HTTP/1.1 200 Scripted";

#[test]
fn each_piece_is_a_chunk() {
    let reply = Reply::status(200).send("da").send("ta: 1\n\n");
    check(reply, &[OK, CLOSE, CHUNKED, "", "2", "da", "7", "ta: 1\n\n", "0", "", ""]);
}

#[test]
fn an_empty_piece_sends_no_chunk() {
    let reply = Reply::status(200).send("").send("a").send("");
    check(reply, &[OK, CLOSE, CHUNKED, "", "1", "a", "0", "", ""]);
}

#[test]
fn in_pieces_of_splits_a_body_into_pieces() {
    let body = ["1", "a", "1", "b", "1", "c", "0", "", ""];
    for len in [0, 1] {
        let reply = Reply::status(200).send("abc").in_pieces_of(len);
        check(reply, &[&[OK, CLOSE, CHUNKED, ""], &body[..]].concat());
    }
    let reply = Reply::status(200).in_pieces_of(2).send("abc").with_length();
    check(reply, &[OK, CLOSE, "content-length: 3", "", "abc"]);
}

#[test]
fn with_length_is_what_is_sent_and_with_length_too_long_by_is_more() {
    let reply = || Reply::status(200).send("ab").send("c");
    check(reply().with_length(), &[OK, CLOSE, "content-length: 3", "", "abc"]);
    check(reply().with_length_too_long_by(2), &[OK, CLOSE, "content-length: 5", "", "abc"]);
}

#[test]
fn a_body_may_end_with_the_connection() {
    check(Reply::status(200).send("abc").until_close(), &[OK, CLOSE, "", "abc"]);
}

#[test]
fn a_truncated_chunked_body_has_no_last_chunk() {
    check(Reply::status(200).send("abc").cut(), &[OK, CLOSE, CHUNKED, "", "3", "abc", ""]);
}

#[test]
fn an_event_stream_has_its_content_type_and_the_events_their_wire_format() {
    let event = ServerSentEvent::builder().id("1").event("add").data("2\n3").build().unwrap();
    let reply = Reply::messages(["0"]).event(&event).until_close();
    let content_type = "content-type: text/event-stream";
    let body = "data: 0\n\nevent: add\nid: 1\ndata: 2\ndata: 3\n\n";
    check(reply, &[OK, CLOSE, content_type, "", body]);
}

#[test]
fn raw_sends_bytes_unchanged() {
    let reply = Reply::raw("HTTP/1.1 2").send("00 OK\r\n\r\n").header("a", "b").with_length();
    check(reply.send("zz\r\n"), &["HTTP/1.1 200 OK", "", "zz", ""]);
}

#[test]
fn headers_are_sent_as_they_are() {
    let reply = Reply::status(999).header("A B", b"\xc3\xa9").until_close();
    check(reply, &["HTTP/1.1 999 Scripted", CLOSE, "A B: é", "", ""]);
}

#[test]
fn a_204_and_a_reply_to_head_have_no_body() {
    check(Reply::status(204), &["HTTP/1.1 204 Scripted", CLOSE, "", ""]);
    let reply = Reply::status(200).send("abc");
    let head = "HEAD / HTTP/1.1\r\n\r\n";
    assert_eq!(wire(reply.clone(), head), format!("{OK}\r\n{CLOSE}\r\n\r\n"));
    let with_length = format!("{OK}\r\n{CLOSE}\r\ncontent-length: 3\r\n\r\n");
    assert_eq!(wire(reply.with_length(), head), with_length);
}

#[test]
fn redirect_has_a_location_and_unauthorized_a_challenge() {
    let reply = Reply::redirect(307, "/b").with_length();
    check(reply, &["HTTP/1.1 307 Scripted", CLOSE, "location: /b", "content-length: 0", "", ""]);
    let reply = Reply::unauthorized().until_close();
    check(reply, &["HTTP/1.1 401 Scripted", CLOSE, "www-authenticate: Bearer", "", ""]);
}

#[test]
fn retry_after_is_in_seconds() {
    let reply = Reply::status(429).retry_after(Duration::from_millis(2900)).until_close();
    check(reply, &["HTTP/1.1 429 Scripted", CLOSE, "retry-after: 2", "", ""]);
}

#[test]
fn after_the_last_reply_there_is_a_410() {
    run(async {
        let server = ScriptedServer::start([]).await;
        let head = RawClient::send(&server, GET).await.read_until("\r\n").await;
        assert_eq!(head, "HTTP/1.1 410 Scripted\r\n");
    });
}

#[test]
fn an_invalid_request_gets_a_400_and_no_reply() {
    run(async {
        let requests = [
            "GET\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\n\n",
            "GET / HTTP/1.1\r\nnonsense\r\n\r\n",
            "GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
            "GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        ];
        let server = ScriptedServer::start([Reply::status(200)]).await;
        for request in requests {
            let head = RawClient::send(&server, request).await.read_until("\r\n").await;
            assert_eq!(head, "HTTP/1.1 400 Bad Request\r\n", "{request:?}");
        }
        assert!(server.requests().is_empty());
    });
}
