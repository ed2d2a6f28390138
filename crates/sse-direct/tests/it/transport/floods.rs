//! Servers that send without end, and a session that is not polled.

use std::{error::Error, future::Future};

use sse_direct::HttpError;
use sse_session::SseConfig;
use tokio::task::yield_now;

use crate::support::{End, Memory, Script, open, read, response, run};

fn flood(piece: &'static str) -> Script {
    Script::new(response("transfer-encoding: chunked\r\n", "")).end(End::Flood(piece))
}

/// Runs a session that does not end, until another future of the same task ends.
async fn beside(session: impl Future<Output = ()>) {
    let others = async {
        for _ in 0..5 {
            yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = session => panic!("the session ends"),
        () = others => {}
    }
}

#[test]
fn other_tasks_run_beside_a_flood_of_comments() {
    run(async {
        let mut session = open(flood("4\r\n: x\n\r\n")).await.unwrap();
        beside(async { drop(session.next().await) }).await;
    });
}

#[test]
fn other_tasks_run_beside_a_flood_of_events() {
    run(async {
        let mut session = open(flood("9\r\ndata: 1\n\n\r\n")).await.unwrap();
        beside(async { while let Some(Ok(_)) = session.next().await {} }).await;
    });
}

#[test]
fn a_session_that_is_not_polled_reads_nothing() {
    run(async {
        let memory = Memory::new([flood("9\r\ndata: 1\n\n\r\n")]);
        let client = memory.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        for reads in [1, 2] {
            for _ in 0..10 {
                yield_now().await;
            }
            assert_eq!(memory.reads(), reads);
            // The first event takes a read, and the next ones are in it.
            for _ in 0..100 {
                session.next().await.unwrap().unwrap();
            }
        }
        assert_eq!(memory.reads(), 2);
    });
}

#[test]
fn heads_without_end_are_errors() {
    for piece in ["HTTP/1.1 102 Processing\r\n\r\n", "x: y\r\n", "\r\n", "x"] {
        run(async {
            let start = if piece.starts_with('x') { "HTTP/1.1 200 OK\r\n" } else { "" };
            let error = open(Script::new(start).end(End::Flood(piece))).await.unwrap_err();
            let source = error.source().unwrap().to_string();
            assert_eq!(source, HttpError::HeadTooLong.to_string(), "{piece:?}");
        });
    }
}

#[test]
fn framing_without_end_is_an_error_after_the_events_before_it() {
    let cases = [
        ("", "0", HttpError::ChunkTooLong),
        ("1", " ", HttpError::ChunkExtensionTooLong),
        ("1;", "x", HttpError::ChunkExtensionTooLong),
        ("0\r\n", "\n", HttpError::TrailersTooLong),
        ("0\r\n", "x: y\r\n", HttpError::TrailersTooLong),
    ];
    for (start, piece, expected) in cases {
        run(async {
            let body = format!("9\r\ndata: 1\n\n\r\n{start}");
            let bytes = response("transfer-encoding: chunked\r\n", body);
            let mut session = open(Script::new(bytes).end(End::Flood(piece))).await.unwrap();
            let (data, error) = read(&mut session).await;
            assert_eq!(data, ["1"]);
            assert_eq!(error.unwrap().source().unwrap().to_string(), expected.to_string());
        });
    }
}
