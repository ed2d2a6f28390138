//! Wire format of Anthropic's messages: events with types, of which `message_stop` is the last.

use futures_util::StreamExt;
use reqwest::header::HeaderName;
use serde::Deserialize;
use serde_json::json;
use sse_reqwest::{ClientSseSession, ServerSentEvent};
use sse_typed::{EventStreamExt, deserialize};

use crate::api::{Answer, Finish, KeyHeader, Piece, Report, Reported};

pub(crate) const PATH: &str = "/v1/messages";
pub(crate) const VERSION: &str = "2023-06-01";

/// Event of an answer. The event type selects the variant; pings are `Other`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    ContentBlockDelta {
        delta: Delta,
    },
    MessageDelta {
        delta: Stop,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Delta {
    /// Absent from a delta other than text, such as a thought.
    text: Option<String>,
}

#[derive(Deserialize)]
struct Stop {
    stop_reason: Option<String>,
}

pub(crate) fn key_header(key: &str) -> KeyHeader {
    (HeaderName::from_static("x-api-key"), key.to_owned())
}

pub(crate) fn body(model: &str, prompt: &str) -> String {
    let messages = json!([{"role": "user", "content": prompt}]);
    json!({"model": model, "max_tokens": 4096, "stream": true, "messages": messages}).to_string()
}

pub(crate) fn is_last(event: &ServerSentEvent) -> bool {
    event.event_type() == "message_stop"
}

pub(crate) fn read(session: ClientSseSession) -> Answer {
    let events = session.json_by_type::<Event>().fail_with(reported).stop_on_error(true);
    events.map(|event| event.map(|event| event.into_data().into())).boxed()
}

/// Returns the error that an `error` event reports.
fn reported(event: &ServerSentEvent) -> Option<Reported> {
    if event.event_type() != "error" {
        return None;
    }
    deserialize::<Report>(event).ok().map(|report| report.error)
}

impl From<Event> for Piece {
    fn from(event: Event) -> Self {
        match event {
            Event::ContentBlockDelta { delta } => {
                Self { text: delta.text.unwrap_or_default(), finish: None }
            }
            Event::MessageDelta { delta } => {
                let finish = delta.stop_reason.map(|reason| match reason.as_str() {
                    "max_tokens" => Finish::LengthLimit,
                    _ => Finish::Complete,
                });
                Self { text: String::new(), finish }
            }
            Event::Other => Self::default(),
        }
    }
}
