//! Tests of a function that collects the answer of a language model, against a recorded answer: a
//! template for tests of your own code.
//!
//! `cargo test --package sse-examples --test recorded-answer` runs them. The recording was written
//! by hand, in the form of OpenAI's chat completions. To record an answer of a real service, call
//! [`record`], or use ssecat:
//!
//! ```sh
//! ssecat -d @question.json -H @key --record answer.jsonl https://llm.example/v1/chat/completions
//! ```

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::{error::Error, path::Path, time::Duration};

use serde_json::{Value, json};
use sse_reqwest::{SseClient, SseConfig, reqwest};
use sse_test::{Recorder, Recording, Redaction, Reply, ScriptedServer, TestClock};

/// Whole answer of a model.
#[derive(Debug, PartialEq)]
struct Answer {
    text: String,
    finish_reason: String,
    tokens: u64,
}

/// Code under test: asks a question, and returns the answer if it is complete.
async fn ask(client: &SseClient, url: &str, question: &str) -> Result<Answer, Box<dyn Error>> {
    let messages = json!([{"role": "user", "content": question}]);
    let body = json!({"model": "demo-1", "stream": true, "messages": messages});
    let mut session = client.sse_session(client.http_client().post(url).json(&body)).await?;
    let mut answer = Answer { text: String::new(), finish_reason: String::new(), tokens: 0 };
    while let Some(event) = session.next().await {
        let event = event?;
        if event.data() == "[DONE]" {
            continue;
        }
        let chunk: Value = serde_json::from_str(event.data())?;
        let choice = &chunk["choices"][0];
        answer.text.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
        if let Some(reason) = choice["finish_reason"].as_str() {
            answer.finish_reason = reason.to_owned();
        }
        answer.tokens = chunk["usage"]["completion_tokens"].as_u64().unwrap_or(answer.tokens);
    }
    Ok(answer)
}

const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Options of the application.
fn config() -> SseConfig {
    SseConfig::new()
        .idle_timeout(IDLE_TIMEOUT)
        .stop_after(|event| event.data() == "[DONE]")
        .expect_terminal(true)
}

/// Records the answer of a service, without its text.
async fn record(url: &str, path: &Path) -> Result<(), Box<dyn Error>> {
    let redaction = Redaction::new().json_path("choices.*.delta.content".parse()?);
    let recorder = Recorder::builder().redaction(redaction).create(path)?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let client = SseClient::new(http.clone(), config()).send_with(recorder.sender(http));
    ask(&client, url, "What is an event stream?").await?;
    Ok(recorder.check()?)
}

fn recording() -> Recording {
    Recording::parse(include_bytes!("answer.jsonl")).unwrap()
}

/// Creates the client of the application, except for its clock.
fn client(clock: &TestClock) -> SseClient {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    SseClient::new(http, config().clock(clock.clone()))
}

/// Asks a server that sends these replies.
async fn ask_server(replies: Vec<Reply>) -> (Result<Answer, Box<dyn Error>>, ScriptedServer) {
    let server = ScriptedServer::start(replies).await;
    let client = client(&TestClock::skipping());
    let url = server.url("/v1/chat/completions");
    (ask(&client, &url, "What is an event stream?").await, server)
}

#[tokio::test]
async fn recorded_answer_is_collected() {
    let (answer, server) = ask_server(recording().replies()).await;
    let expected = Answer {
        text: "An event stream is a series of messages.".to_owned(),
        finish_reason: "stop".to_owned(),
        tokens: 9,
    };
    assert_eq!(answer.unwrap(), expected);
    // The request is still the one that was recorded.
    let recorded = recording();
    let recorded = recorded.exchanges()[0].request().unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.method, recorded.method());
    assert!(recorded.url().ends_with(&request.target));
    assert_eq!(request.value("content-type"), recorded.header("content-type"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["stream"], true);
}

#[tokio::test]
async fn recorded_answer_is_an_error_if_it_is_truncated_anywhere() {
    let recording = recording().to_string();
    let lines: Vec<_> = recording.split_inclusive('\n').collect();
    // All of these recordings end before the line with `[DONE]`.
    for count in 2..=8 {
        let truncated = Recording::parse(lines[..count].concat()).unwrap();
        let (answer, _) = ask_server(truncated.replies()).await;
        assert!(answer.is_err(), "{count}: {answer:?}");
    }
}

#[tokio::test]
async fn timed_replies_take_their_time_on_the_clock_only() {
    // The model thinks for 12 seconds.
    let clock = TestClock::skipping();
    let replies = recording().timed_replies();
    let server = ScriptedServer::builder().clock(&clock).start(replies).await;
    ask(&client(&clock), &server.url("/"), "What is an event stream?").await.unwrap();
    assert_eq!(clock.now().as_secs(), 13);
}

#[test]
fn idle_timeout_is_longer_than_every_recorded_silence() {
    let recording = recording();
    let chunks = recording.exchanges()[0].chunks();
    let silences = chunks.windows(2).map(|pair| pair[1].at() - pair[0].at());
    let longest = silences.max().unwrap();
    assert!(longest * 2 < IDLE_TIMEOUT, "{longest:?}");
}

#[tokio::test]
async fn record_leaves_out_the_text_of_the_answer() {
    // In the place of the service.
    let server = ScriptedServer::start(recording().replies()).await;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded-answer.jsonl");
    // Left by an earlier run, if at all.
    let _ = std::fs::remove_file(&path);
    record(&server.url("/"), &path).await.unwrap();
    let (answer, _) = ask_server(Recording::load(&path).unwrap().replies()).await;
    let answer = answer.unwrap();
    assert_eq!(answer.text, "REDACTED".repeat(5));
    assert_eq!((answer.finish_reason.as_str(), answer.tokens), ("stop", 9));
}
