//! Heads of responses: interim ones, folded fields, both framings at once, and input that is not
//! HTTP.

use std::error::Error;

use sse_direct::{HeadPart, HttpError};
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
    let field = |line: &str| format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
    let cases = [
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(), HttpError::InvalidHead(HeadPart::Version)),
        (
            "HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n".to_owned(),
            HttpError::InvalidHead(HeadPart::FieldName),
        ),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n".to_owned(), HttpError::SwitchingProtocols),
        (field("content-length: x"), HttpError::InvalidContentLength),
        (field("content-length: 99999999999999999999"), HttpError::InvalidContentLength),
        (field("content-length: 5\r\ncontent-length: 6"), HttpError::InvalidContentLength),
        (field("transfer-encoding: gzip, chunked"), HttpError::UnsupportedTransferCoding),
        (
            field("transfer-encoding: chunked").replace("1.1", "1.0"),
            HttpError::TransferCodingOfHttp10,
        ),
        (field("x: a\0b"), HttpError::InvalidHead(HeadPart::FieldValue)),
        (field("x: a\x01b"), HttpError::InvalidHead(HeadPart::FieldValue)),
        (field("x: a\x7fb"), HttpError::InvalidHead(HeadPart::FieldValue)),
        (field("x: a\rb"), HttpError::InvalidHead(HeadPart::FieldValue)),
        (field("x : y"), HttpError::InvalidHead(HeadPart::FieldName)),
        (field("x(y): z"), HttpError::InvalidHead(HeadPart::FieldName)),
        (field("\0: z"), HttpError::InvalidHead(HeadPart::FieldName)),
        (field("é: z"), HttpError::InvalidHead(HeadPart::FieldName)),
        (field(": z"), HttpError::InvalidHead(HeadPart::FieldName)),
        (field("no colon"), HttpError::InvalidHead(HeadPart::FieldName)),
        (field(" x: y"), HttpError::InvalidHead(HeadPart::FieldName)),
        ("HTTP/1.1 20 OK\r\n\r\n".to_owned(), HttpError::InvalidHead(HeadPart::Status)),
        ("HTTP/1.1 2000 OK\r\n\r\n".to_owned(), HttpError::InvalidHead(HeadPart::Status)),
        ("HTTP/1.1 099 OK\r\n\r\n".to_owned(), HttpError::InvalidHead(HeadPart::Status)),
        ("HTTP/1.1 200 O\rK\r\n\r\n".to_owned(), HttpError::InvalidHead(HeadPart::Status)),
        ("HTTP/1.1 200 O\0K\r\n\r\n".to_owned(), HttpError::InvalidHead(HeadPart::Status)),
        ("\x15\x03\x01\0\x02\x02".to_owned(), HttpError::InvalidHead(HeadPart::Version)),
        (format!("HTTP/1.1 200 OK\r\n{line}"), HttpError::HeadTooLong),
        (format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1025)), HttpError::TooManyFields),
    ];
    for (bytes, expected) in cases {
        run(async {
            let error = open(Script::new(&bytes).end(End::Silence)).await.unwrap_err();
            assert_eq!(error.kind(), SseErrorKind::NoResponse);
            assert!(error.is_transport() && !error.is_connect() && !error.is_truncated());
            let source = error.source().unwrap().to_string();
            assert_eq!(source, expected.to_string(), "{bytes:.80}");
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
fn uncommon_heads_are_valid() {
    let heads: [&[u8]; 6] = [
        b"HTTP/1.1 200\r\nx: a\xe9\tb\r\n",
        b"HTTP/1.1 200 caf\xe9\r\nx: \"\xff\"\r\n",
        b"HTTP/1.1 200 OK\r\nx:\r\nConnection: close\r\n",
        b"\r\n\nHTTP/1.1 299 \r\nx: \t y \t\r\n",
        b"HTTP/1.1 200 OK\nx: y\n",
        b"HTTP/1.0 200 OK\r\nx: y\r\n z\r\nKeep-Alive: 5\r\n",
    ];
    for head in heads {
        run(async {
            let rest = b"Content-Type: text/event-stream\r\n\r\ndata: 1\n\n";
            let client = Memory::new([Script::new([head, rest].concat()).pieces_of(3)]);
            let client = client.client(SseConfig::new().accept_any_content_type(true));
            let session = client.sse_session("http://localhost/").await;
            let mut session = match session {
                Ok(session) => session,
                // Sessions accept no status but 200.
                Err(error) => return assert_eq!(error.status().unwrap(), 299),
            };
            assert!(session.call().response().headers().contains_key("x"));
            assert_eq!(read(&mut session).await.0, ["1"]);
            assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::CloseDelimited);
        });
    }
}

#[test]
fn empty_bodies_end_at_once() {
    let cases = [
        ("content-length: 0\r\n", "", BodyEnd::LengthReached),
        ("content-length: 00000000000000000000\r\n", "", BodyEnd::LengthReached),
        ("transfer-encoding: chunked\r\n", "0\r\n\r\n", BodyEnd::LastChunk),
    ];
    for (fields, body, end) in cases {
        run(async {
            let script = Script::new(response(fields, body)).end(End::Silence);
            let mut session = open(script).await.unwrap();
            assert!(session.next().await.is_none());
            assert_eq!(session.end_evidence().unwrap().body_end(), end);
        });
    }
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
