//! Demo service that speaks both wire formats on loopback, and can misbehave on request.
//!
//! It has no model: the answer repeats the prompt, one word in each event.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use sse_core::{BuildError, EventBody, ServerSentEvent};
use tokio::net::TcpListener;

use crate::{anthropic, openai};

/// Behavior of the service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Behavior {
    /// Sends a complete answer.
    Complete,
    /// Ends the response in the middle of the answer, regularly as far as HTTP can tell.
    Cut,
    /// Reports an error in the middle of the answer.
    Error,
    /// Rejects the first request with 429.
    Busy,
    /// Ends the answer at a limit of its length.
    Limit,
}

struct Service {
    behavior: Behavior,
    /// `true` if the next request is rejected.
    is_busy: AtomicBool,
}

/// Starts the service on a free port. The service runs until the process ends.
pub(crate) async fn start(behavior: Behavior) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let is_busy = AtomicBool::new(behavior == Behavior::Busy);
    let routes = Router::new()
        .route(openai::PATH, post(openai_answer))
        .route(anthropic::PATH, post(anthropic_answer))
        .with_state(Arc::new(Service { behavior, is_busy }));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

/// Request, as far as both formats have it in common.
#[derive(Deserialize)]
struct Prompt {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

async fn openai_answer(State(service): State<Arc<Service>>, body: String) -> Response {
    let chunk = |delta: Value, finish_reason: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
        event(None, json!({"object": "chat.completion.chunk", "choices": [choice]}).to_string())
    };
    service.answer(&body, |words, behavior| {
        let mut events = vec![chunk(json!({"role": "assistant", "content": ""}), None)];
        events.extend(words.iter().map(|word| chunk(json!({"content": word}), None)));
        match behavior {
            Behavior::Cut => {}
            Behavior::Error => {
                let error = json!({"message": "overloaded", "type": "server_error"});
                events.push(event(None, json!({"error": error}).to_string()));
            }
            Behavior::Complete | Behavior::Busy | Behavior::Limit => {
                let reason = if behavior == Behavior::Limit { "length" } else { "stop" };
                events.push(chunk(json!({}), Some(reason)));
                events.push(event(None, "[DONE]".to_owned()));
            }
        }
        events
    })
}

async fn anthropic_answer(State(service): State<Arc<Service>>, body: String) -> Response {
    let typed = |name: &str, mut data: Value| {
        data["type"] = name.into();
        event(Some(name), data.to_string())
    };
    service.answer(&body, |words, behavior| {
        let mut events = vec![typed("message_start", json!({"message": {"content": []}}))];
        events.push(typed("ping", json!({})));
        events.extend(words.iter().map(|word| {
            let delta = json!({"type": "text_delta", "text": word});
            typed("content_block_delta", json!({"index": 0, "delta": delta}))
        }));
        match behavior {
            Behavior::Cut => {}
            Behavior::Error => {
                let error = json!({"type": "overloaded_error", "message": "Overloaded"});
                events.push(typed("error", json!({"error": error})));
            }
            Behavior::Complete | Behavior::Busy | Behavior::Limit => {
                let reason = if behavior == Behavior::Limit { "max_tokens" } else { "end_turn" };
                events.push(typed("message_delta", json!({"delta": {"stop_reason": reason}})));
                events.push(typed("message_stop", json!({})));
            }
        }
        events
    })
}

type Events = Vec<Result<ServerSentEvent, BuildError>>;

impl Service {
    /// Answers a request with the events that `events` makes of the words of the answer.
    fn answer(&self, body: &str, events: impl FnOnce(&[&str], Behavior) -> Events) -> Response {
        if self.is_busy.swap(false, Ordering::Relaxed) {
            let wait = [(header::RETRY_AFTER, "1")];
            return (StatusCode::TOO_MANY_REQUESTS, wait, "too many requests").into_response();
        }
        let prompt = match serde_json::from_str::<Prompt>(body) {
            Ok(prompt) => prompt,
            Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
        };
        let question = prompt.messages.last().map_or("", |message| &message.content);
        let text = format!("You asked: {question} This demo service has no other answer.");
        let mut words: Vec<_> = text.split_inclusive(' ').collect();
        if matches!(self.behavior, Behavior::Cut | Behavior::Error | Behavior::Limit) {
            words.truncate(words.len() / 2);
        }
        match events(&words, self.behavior).into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(events) => stream_of(events),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

fn event(event_type: Option<&str>, data: String) -> Result<ServerSentEvent, BuildError> {
    let builder = ServerSentEvent::builder().data(data);
    match event_type {
        Some(event_type) => builder.event(event_type).build(),
        None => builder.build(),
    }
}

fn stream_of(events: Vec<ServerSentEvent>) -> Response {
    let events = stream::iter(events).then(async |event| {
        tokio::time::sleep(PACE).await;
        Ok::<_, Infallible>(event)
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::new(EventBody::new(events)))
        .into_response()
}

/// Time between two words.
const PACE: Duration = Duration::from_millis(20);

impl FromStr for Behavior {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "complete" => Ok(Self::Complete),
            "cut" => Ok(Self::Cut),
            "error" => Ok(Self::Error),
            "busy" => Ok(Self::Busy),
            "limit" => Ok(Self::Limit),
            _ => Err("none of `complete`, `cut`, `error`, `busy`, `limit`".to_owned()),
        }
    }
}
