//! Wire format of OpenAI's chat completions, which many other services use too: events without a
//! type, each with a chunk of JSON, and `[DONE]` after the last.

use futures_util::StreamExt;
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::json;
use sse_reqwest::{ClientSseSession, ServerSentEvent};
use sse_typed::{EventStreamExt, deserialize};

use crate::api::{Answer, Finish, KeyHeader, Piece, Report, Reported};

pub(crate) const PATH: &str = "/v1/chat/completions";

#[derive(Deserialize)]
struct Chunk {
    /// Empty if the chunk only counts tokens.
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    /// Absent or null if the chunk names a role, or calls a tool.
    content: Option<String>,
}

pub(crate) fn key_header(key: &str) -> KeyHeader {
    (AUTHORIZATION, format!("Bearer {key}"))
}

pub(crate) fn body(model: &str, prompt: &str) -> String {
    let messages = json!([{"role": "user", "content": prompt}]);
    json!({"model": model, "stream": true, "messages": messages}).to_string()
}

pub(crate) fn is_last(event: &ServerSentEvent) -> bool {
    event.data() == "[DONE]"
}

pub(crate) fn read(session: ClientSseSession) -> Answer {
    let chunks = session.json::<Chunk>().fail_with(reported).stop_on_error(true);
    chunks.map(|chunk| chunk.map(|chunk| chunk.into_data().into())).boxed()
}

/// Returns the error that an event reports in place of a chunk, or beside an empty one.
fn reported(event: &ServerSentEvent) -> Option<Reported> {
    if !event.data().contains(r#""error""#) {
        return None;
    }
    deserialize::<Report>(event).ok().map(|report| report.error)
}

impl From<Chunk> for Piece {
    fn from(chunk: Chunk) -> Self {
        let Some(choice) = chunk.choices.into_iter().next() else { return Self::default() };
        let finish = choice.finish_reason.map(|reason| match reason.as_str() {
            "length" => Finish::LengthLimit,
            _ => Finish::Complete,
        });
        Self { text: choice.delta.content.unwrap_or_default(), finish }
    }
}
