//! Bodies: what is read of each, and how each ends.

use std::error::Error;

use sse_direct::HttpError;
use sse_session::{BodyEnd, SseConfig, SseErrorKind};

use crate::support::{End, Memory, Script, chunked, open, read, response, run};

const EVENTS: [&str; 3] = ["data: 1\n\n", "id: x\ndata: 2\n", "\ndata: 3\n\n"];
const DATA: [&str; 3] = ["1", "2", "3"];

/// Returns a whole response in each framing, and how its body ends.
fn whole() -> [(Vec<u8>, BodyEnd); 4] {
    let body = EVENTS.concat();
    let length = format!("content-length: {}\r\n", body.len());
    let trailers = [&chunked(&EVENTS)[..], b"x"].concat();
    let trailers = String::from_utf8(trailers).unwrap().replace("0\r\n\r\nx", "0\r\nx: y\r\n\r\n");
    [
        (chunked(&EVENTS), BodyEnd::LastChunk),
        (trailers.into_bytes(), BodyEnd::LastChunk),
        (response(&length, &body), BodyEnd::LengthReached),
        (response("", &body), BodyEnd::CloseDelimited),
    ]
}

#[test]
fn a_body_is_read_to_its_end_whatever_the_reads() {
    for (bytes, end) in whole() {
        for size in (1..200).chain([usize::MAX]) {
            run(async {
                let mut session = open(Script::new(&bytes).pieces_of(size)).await.unwrap();
                let (data, error) = read(&mut session).await;
                assert!(error.is_none(), "{error:?}");
                assert_eq!(data, DATA, "reads of {size}");
                let evidence = session.end_evidence().unwrap();
                assert_eq!(evidence.body_end(), end);
                assert_eq!(evidence.bytes(), EVENTS.concat().len() as u64);
            });
        }
    }
}

#[test]
fn a_body_ends_with_its_framing_and_not_with_the_connection() {
    for (bytes, end) in &whole()[..3] {
        run(async {
            let bytes = [&bytes[..], b"HTTP/1.1 400 Bad Request\r\n\r\n"].concat();
            let memory = Memory::new([Script::new(bytes).end(End::Silence)]);
            let client = memory.client(SseConfig::new());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            assert_eq!(memory.open(), 1);
            assert_eq!(read(&mut session).await.0, DATA);
            assert_eq!(session.end_evidence().unwrap().body_end(), *end);
            assert_eq!(memory.open(), 0);
        });
    }
}

#[test]
fn a_connection_that_is_cut_at_any_byte_is_truncated_and_loses_no_event() {
    for (bytes, end) in whole() {
        let head = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
        for len in 0..bytes.len() {
            for cut in [End::Close, End::Error(std::io::ErrorKind::ConnectionReset)] {
                run(async {
                    let is_close = matches!(cut, End::Close);
                    let script = Script::new(&bytes[..len]).end(cut);
                    let mut session = match open(script).await {
                        Ok(session) => session,
                        Err(error) => {
                            assert!(len < head, "{len}: {error:?}");
                            assert_eq!(error.kind(), SseErrorKind::NoResponse);
                            assert_eq!(error.is_reset(), !is_close);
                            return assert!(!error.is_truncated() && error.is_retryable());
                        }
                    };
                    assert!(len >= head);
                    let received = String::from_utf8_lossy(&bytes[head..len]).into_owned();
                    let complete = DATA.iter().filter(|data| {
                        let event = format!("data: {data}\n");
                        received.find(&event).is_some_and(|at| {
                            let rest = &received[at + event.len()..];
                            // The blank line of the second event is in a chunk of its own.
                            rest.starts_with('\n')
                                || rest.split_once("\r\n\n").is_some()
                                || rest.strip_prefix("\r\n").is_some_and(|it| it.contains("\r\n\n"))
                        })
                    });
                    let (data, error) = read(&mut session).await;
                    assert_eq!(data, complete.copied().collect::<Vec<_>>(), "{received:?}");
                    if end == BodyEnd::CloseDelimited && is_close {
                        assert!(error.is_none());
                        return assert_eq!(session.end_evidence().unwrap().body_end(), end);
                    }
                    let error = error.unwrap();
                    assert_eq!((error.is_truncated(), error.is_reset()), (is_close, !is_close));
                    let end = if is_close { BodyEnd::Truncated } else { BodyEnd::Reset };
                    assert_eq!(error.end_evidence().unwrap().body_end(), end);
                });
            }
        }
    }
}

#[test]
fn malformed_chunks_are_malformed_bodies_after_the_events_before_them() {
    let cases = [
        ("9\r\ndata: 1\n\n\r\nx\r\n", HttpError::InvalidChunkSize),
        ("9\r\ndata: 1\n\nx", HttpError::InvalidChunkEnd),
        ("9\r\ndata: 1\n\n\r\n123456789012345678901\r\n", HttpError::ChunkTooLong),
        ("9\r\ndata: 1\n\n\r\n-1\r\n", HttpError::InvalidChunkSize),
    ];
    for (body, expected) in cases {
        for size in 1..=body.len() {
            run(async {
                let bytes = response("transfer-encoding: chunked\r\n", body);
                let script = Script::new(bytes).pieces_of(size).end(End::Silence);
                let mut session = open(script).await.unwrap();
                let (data, error) = read(&mut session).await;
                let error = error.unwrap();
                assert_eq!(data, ["1"]);
                assert_eq!(error.kind(), SseErrorKind::Disconnected);
                assert!(error.is_truncated() && !error.is_reset() && !error.is_decode());
                assert_eq!(error.end_evidence().unwrap().body_end(), BodyEnd::Malformed);
                assert_eq!(error.source().unwrap().to_string(), expected.to_string());
            });
        }
    }
}

/// The last chunk has arrived, but not the end of the trailer section. For RFC 9112 the body is
/// complete, and the message is not. As for hyper, that is a truncated body.
#[test]
fn a_last_chunk_without_its_final_line_end_is_truncated() {
    for body in ["9\r\ndata: 1\n\n\r\n0\r\n", "9\r\ndata: 1\n\n\r\n0\r\nx: y\r\n\r"] {
        run(async {
            let bytes = response("transfer-encoding: chunked\r\n", body);
            let mut session = open(Script::new(bytes)).await.unwrap();
            let (data, error) = read(&mut session).await;
            assert_eq!(data, ["1"]);
            let error = error.unwrap();
            assert!(error.is_truncated() && error.is_retryable());
            assert_eq!(error.end_evidence().unwrap().body_end(), BodyEnd::Truncated);
        });
    }
}

#[test]
fn megabytes_of_chunk_extensions_and_trailers_are_errors() {
    let long = "x".repeat(1 << 20);
    let cases = [
        (format!("9\r\ndata: 1\n\n\r\n1;{long}"), HttpError::ChunkExtensionTooLong),
        (format!("9\r\ndata: 1\n\n\r\n0\r\nx: {long}"), HttpError::TrailersTooLong),
    ];
    for (body, expected) in cases {
        run(async {
            let bytes = response("transfer-encoding: chunked\r\n", body);
            let mut session = open(Script::new(bytes).end(End::Silence)).await.unwrap();
            let (data, error) = read(&mut session).await;
            assert_eq!(data, ["1"]);
            assert_eq!(error.unwrap().source().unwrap().to_string(), expected.to_string());
        });
    }
}

#[test]
fn closing_a_session_closes_its_connection_at_once() {
    run(async {
        let script = || {
            let bytes = response("", "data: 1\n\ndata: 2\n\n");
            Script::new(bytes).end(End::Silence)
        };
        let memory = Memory::new([script(), script(), Script::new("").end(End::Silence)]);
        let client = memory.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        session.next().await.unwrap().unwrap();
        assert_eq!(memory.open(), 1);
        session.close();
        assert_eq!(memory.open(), 0);
        let other = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(memory.open(), 1);
        drop(other);
        assert_eq!(memory.open(), 0);
        // A session that is not open yet.
        let mut opening = Box::pin(async { client.sse_session("http://localhost/").await });
        let waker = std::task::Waker::noop();
        let polled = opening.as_mut().poll(&mut std::task::Context::from_waker(waker));
        assert!(polled.is_pending());
        assert_eq!(memory.open(), 1);
        drop(opening);
        assert_eq!(memory.open(), 0);
    });
}
