//! Requests: what is sent, over which connection.

use bytes::Bytes;
use http::Request;
use sse_session::SseConfig;

use crate::support::{End, Memory, Script, chunked, read, response, run};

#[test]
fn a_session_reconnects_over_a_new_connection_with_its_last_event_id() {
    run(async {
        let cut =
            Script::new(response("transfer-encoding: chunked\r\n", "f\r\nid: 1\ndata: 1\n\n"));
        let rest = Script::new(chunked(&["data: 2\n\n"]));
        let memory = Memory::new([cut, rest, Script::new("HTTP/1.1 204 No Content\r\n\r\n")]);
        let client = memory.client(SseConfig::new().max_reconnection_attempts(3));
        let mut session = client.sse_session("http://localhost:81/feed?a=b").await.unwrap();
        let (data, error) = read(&mut session).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(data, ["1", "2"]);
        let sent = memory.sent();
        let first = "GET /feed?a=b HTTP/1.1\r\nhost: localhost:81\r\naccept: text/event-stream\r\n";
        assert!(sent[0].starts_with(first), "{}", sent[0]);
        assert!(sent[0].contains("\r\ncache-control: no-cache\r\n"), "{}", sent[0]);
        assert!(!sent[0].contains("last-event-id") && sent[0].ends_with("\r\n\r\n"));
        assert!(sent[1].contains("\r\nlast-event-id: 1\r\n"), "{}", sent[1]);
        assert_eq!(sent.len(), 3);
    });
}

#[test]
fn a_body_is_sent_with_its_length() {
    run(async {
        let body = "x".repeat(5000);
        let memory = Memory::new([Script::new(chunked(&["data: 1\n\n"]))]);
        let client = memory.client(SseConfig::new());
        let request = Request::post("http://localhost/").header("content-type", "text/plain");
        let request = request.body(Bytes::from(body.clone())).unwrap();
        let mut session = client.sse_session(request).await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        let sent = &memory.sent()[0];
        let (head, sent_body) = sent.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\ncontent-length: 5000") && sent_body == body, "{head}");
    });
}

#[test]
fn the_session_follows_redirects_each_over_its_connection() {
    run(async {
        let redirect = "HTTP/1.1 307 X\r\nlocation: /b\r\ncontent-length: 9\r\n\r\nnot read.";
        let memory = Memory::new([
            Script::new(redirect).end(End::Silence),
            Script::new(chunked(&["data: 1\n\n"])),
        ]);
        let client = memory.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/a").await.unwrap();
        assert_eq!(session.call().response().uri(), "http://localhost/b");
        assert_eq!(memory.open(), 1);
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert!(memory.sent()[1].starts_with("GET /b HTTP/1.1\r\n"));
    });
}
