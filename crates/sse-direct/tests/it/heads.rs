//! Heads of responses: interim ones, folded fields, both framings at once, and what is no HTTP.

use std::error::Error;

use sse_direct::HttpError;
use sse_session::{BodyEnd, SseConfig, SseErrorKind};

use crate::support::{End, Memory, Script, chunked, open, read, response, run};

#[test]
fn interim_responses_come_before_the_response() {
    run(async {
        let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
        let bytes = [&interim[..], &chunked(&["data: 1\n\n"])].concat();
        for size in 1..bytes.len() {
            let mut session = open(Script::new(&bytes).pieces_of(size)).await.unwrap();
            assert_eq!(read(&mut session).await.0, ["1"]);
        }
    });
}

#[test]
fn a_transfer_coding_overrides_a_length() {
    run(async {
        let fields = "content-length: 3\r\ntransfer-encoding: chunked\r\n";
        let bytes = response(fields, "9\r\ndata: 1\n\n\r\n0\r\n\r\n");
        let mut session = open(Script::new(bytes)).await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::LastChunk);
    });
}

#[test]
fn a_response_of_http_1_0_ends_with_its_connection() {
    run(async {
        let bytes = b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";
        let mut session = open(Script::new(bytes)).await.unwrap();
        assert_eq!(session.call().response().version(), http::Version::HTTP_10);
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::CloseDelimited);
    });
}

#[test]
fn invalid_heads_are_errors_that_say_why() {
    let line = format!("x: {}\r\n", "y".repeat(300_000));
    let cases = [
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(), HttpError::InvalidHead("version")),
        ("HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n".to_owned(), HttpError::InvalidHead("field name")),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n".to_owned(), HttpError::SwitchingProtocols),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n".to_owned(),
            HttpError::InvalidContentLength,
        ),
        (format!("HTTP/1.1 200 OK\r\n{line}"), HttpError::HeadTooLong),
        (format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1025)), HttpError::TooManyFields),
    ];
    for (bytes, expected) in cases {
        run(async {
            let error = open(Script::new(bytes).end(End::Silence)).await.unwrap_err();
            assert_eq!(error.kind(), SseErrorKind::NoResponse);
            assert!(error.is_transport() && !error.is_connect() && !error.is_truncated());
            assert_eq!(error.source().unwrap().to_string(), expected.to_string());
        });
    }
}

#[test]
fn a_hundred_and_one_fields_and_lines_of_20_kb_are_received() {
    run(async {
        let fields = format!("{}y: {}\r\n", "x: 1\r\n".repeat(101), "z".repeat(20_000));
        let mut session = open(Script::new(response(&fields, "data: 1\n\n"))).await.unwrap();
        let headers = session.call().response().headers();
        assert_eq!(headers.get_all("x").iter().count(), 101);
        assert_eq!(headers["y"].len(), 20_000);
        assert_eq!(read(&mut session).await.0, ["1"]);
    });
}

#[test]
fn a_rejection_has_its_body_and_a_204_has_none() {
    run(async {
        let rejection =
            "HTTP/1.1 503 Busy\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nbusy";
        let error = open(Script::new(rejection).end(End::Silence)).await.unwrap_err();
        assert_eq!(error.body_excerpt().as_deref(), Some("busy"));
        let no_content = "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n";
        let mut session = open(Script::new(no_content).end(End::Silence)).await.unwrap();
        assert!(session.next().await.is_none());
    });
}

#[test]
fn a_connection_that_is_refused_is_a_connect_error() {
    run(async {
        let client = Memory::new([]).client(SseConfig::new());
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert!(error.is_connect() && error.is_retryable(), "{error:?}");
    });
}
