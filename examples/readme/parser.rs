//! `parser-reqwest`: events out of chunks, and nothing that a session would do.

use sse_test::{Reply, ScriptedServer};

use super::{run, stderr, stdout};

#[tokio::test]
async fn parser_reqwest_prints_events_whatever_the_chunks() {
    let stream =
        ": hi\r\nid: 1\r\nevent: add\r\ndata: é\r\n\r\ndata: two\ndata: lines\n\nid: 2\nda";
    let server = ScriptedServer::start([Reply::events(stream).in_pieces_of(1)]).await;
    let output = run("parser-reqwest", &[&server.url("/")]).await;
    assert!(output.status.success());
    assert_eq!(stdout(&output), "add: é\nmessage: two\nlines\n");
    let expected = "last event ID: \"1\"\nbytes of an incomplete event: 8\n";
    assert_eq!(stderr(&output), expected);
}

#[tokio::test]
async fn parser_reqwest_fails_if_the_response_does() {
    for reply in [Reply::status(500), Reply::messages(["one"]).cut()] {
        let server = ScriptedServer::start([reply]).await;
        let output = run("parser-reqwest", &[&server.url("/")]).await;
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    }
}
