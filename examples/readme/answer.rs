//! `answer`: a complete answer, or an error with the reason.

use std::time::Duration;

use sse_test::{Reply, ScriptedServer};

use super::{run, stderr, stdout};

const DONE: &str = "[DONE]";

/// A chunk of an answer.
fn text(content: &str) -> String {
    format!(r#"{{"choices": [{{"index": 0, "delta": {{"content": "{content}"}}}}]}}"#)
}

fn whole() -> Reply {
    let first = r#"{"choices": [{"index": 0, "delta": {"role": "assistant"}}]}"#.to_owned();
    let stop = r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#.to_owned();
    let usage = r#"{"choices": [], "usage": {"total_tokens": 9}}"#.to_owned();
    // The connection stays open, as those of some services do.
    Reply::messages([first, text("Hel"), text("lo"), stop, usage, DONE.to_owned()]).hang()
}

#[tokio::test]
async fn answer_prints_the_whole_answer() {
    let server = ScriptedServer::start([whole()]).await;
    let output = run("answer", &[&server.url("/v1/chat/completions")]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), "Hello");

    let request = server.next_request().await;
    assert_eq!((&*request.method, &*request.target), ("POST", "/v1/chat/completions"));
    assert_eq!(request.value("authorization"), Some("Bearer secret"));
    assert_eq!(request.value("content-type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["stream"], true);
    assert_eq!(body["messages"][0]["role"], "user");
}

#[tokio::test]
async fn answer_fails_if_the_answer_is_incomplete() {
    let reported = r#"{"error": {"message": "overloaded"}}"#;
    let cases = [
        // The body is complete for HTTP.
        (Reply::messages([text("Hel")]), "incomplete"),
        (Reply::messages([text("Hel")]).cut(), "incomplete"),
        (Reply::messages([text("Hel"), DONE.to_owned()]), "incomplete"),
        (Reply::messages([text("Hel"), reported.to_owned(), DONE.to_owned()]), "overloaded"),
        (Reply::messages(["no JSON"]), "expected"),
    ];
    for (reply, expected) in cases {
        let server = ScriptedServer::start([reply]).await;
        let output = run("answer", &[&server.url("/")]).await;
        assert_eq!(output.status.code(), Some(1), "{expected}");
        assert!(stderr(&output).contains(expected), "{expected}: {}", stderr(&output));
        // It is not asked again: part of the answer was delivered, and paid for.
        assert_eq!(server.count_requests().await, 1, "{expected}");
    }
}

#[tokio::test]
async fn answer_shows_why_it_was_rejected() {
    let rejection = Reply::status(401).header("content-type", "application/json");
    let server = ScriptedServer::start([rejection.send(r#"{"error": "no such key"}"#)]).await;
    let output = run("answer", &[&server.url("/")]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    for expected in [r#"{"error": "no such key"}"#, "401 Unauthorized"] {
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn answer_asks_again_only_while_nothing_was_delivered() {
    let busy = Reply::status(503);
    let server = ScriptedServer::start([busy, Reply::events(": wait\n\n").cut(), whole()]).await;
    let output = run("answer", &[&server.url("/")]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), "Hello");
    assert_eq!(server.count_requests().await, 3);

    let later = Reply::status(429).retry_after(Duration::from_secs(3600));
    let server = ScriptedServer::start([later]).await;
    let output = run("answer", &[&server.url("/")]).await;
    assert!(stderr(&output).contains("budget"), "{}", stderr(&output));
}

#[tokio::test]
async fn answer_needs_a_url() {
    let output = run("answer", &[]).await;
    assert_eq!(stderr(&output), "Error: \"usage: answer URL\"\n");
}
