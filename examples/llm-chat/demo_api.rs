//! A made-up service that speaks both wire forms on loopback, and does not always do well.
//!
//! It knows no answers: it says what it was asked, a word in each event.

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

/// What the service does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Behaviour {
    /// Gives a whole answer.
    Whole,
    /// Ends its answer in the middle, as if that were all of it.
    Cut,
    /// Reports an error in the middle of its answer.
    Error,
    /// Refuses the first request with 429.
    Busy,
    /// Stops where the answer gets too long.
    Limit,
}

struct Service {
    behaviour: Behaviour,
    /// Whether the next request is refused.
    is_busy: AtomicBool,
}

/// Starts the service on a free port; it runs until the process ends.
pub(crate) async fn start(behaviour: Behaviour) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let is_busy = AtomicBool::new(behaviour == Behaviour::Busy);
    let routes = Router::new()
        .route(openai::PATH, post(openai_answer))
        .route(anthropic::PATH, post(anthropic_answer))
        .with_state(Arc::new(Service { behaviour, is_busy }));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

/// What both forms have in their requests.
#[derive(Deserialize)]
struct Asked {
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
    service.answer(&body, |words, behaviour| {
        let mut events = vec![chunk(json!({"role": "assistant", "content": ""}), None)];
        events.extend(words.iter().map(|word| chunk(json!({"content": word}), None)));
        match behaviour {
            Behaviour::Cut => {}
            Behaviour::Error => {
                let error = json!({"message": "overloaded", "type": "server_error"});
                events.push(event(None, json!({"error": error}).to_string()));
            }
            Behaviour::Whole | Behaviour::Busy | Behaviour::Limit => {
                let reason = if behaviour == Behaviour::Limit { "length" } else { "stop" };
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
    service.answer(&body, |words, behaviour| {
        let mut events = vec![typed("message_start", json!({"message": {"content": []}}))];
        events.push(typed("ping", json!({})));
        events.extend(words.iter().map(|word| {
            let delta = json!({"type": "text_delta", "text": word});
            typed("content_block_delta", json!({"index": 0, "delta": delta}))
        }));
        match behaviour {
            Behaviour::Cut => {}
            Behaviour::Error => {
                let error = json!({"type": "overloaded_error", "message": "Overloaded"});
                events.push(typed("error", json!({"error": error})));
            }
            Behaviour::Whole | Behaviour::Busy | Behaviour::Limit => {
                let reason = if behaviour == Behaviour::Limit { "max_tokens" } else { "end_turn" };
                events.push(typed("message_delta", json!({"delta": {"stop_reason": reason}})));
                events.push(typed("message_stop", json!({})));
            }
        }
        events
    })
}

type Events = Vec<Result<ServerSentEvent, BuildError>>;

impl Service {
    /// Answers a request with the events that are made of the words of the answer.
    fn answer(&self, body: &str, events: impl FnOnce(&[&str], Behaviour) -> Events) -> Response {
        if self.is_busy.swap(false, Ordering::Relaxed) {
            let wait = [(header::RETRY_AFTER, "1")];
            return (StatusCode::TOO_MANY_REQUESTS, wait, "too many requests").into_response();
        }
        let asked = match serde_json::from_str::<Asked>(body) {
            Ok(asked) => asked,
            Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
        };
        let prompt = asked.messages.last().map_or("", |message| &message.content);
        let text = format!("You asked: {prompt} I am made up, and know no more than that.");
        let mut words: Vec<_> = text.split_inclusive(' ').collect();
        if matches!(self.behaviour, Behaviour::Cut | Behaviour::Error | Behaviour::Limit) {
            words.truncate(words.len() / 2);
        }
        match events(&words, self.behaviour).into_iter().collect::<Result<Vec<_>, _>>() {
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

/// The time between two words.
const PACE: Duration = Duration::from_millis(20);

impl FromStr for Behaviour {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "whole" => Ok(Self::Whole),
            "cut" => Ok(Self::Cut),
            "error" => Ok(Self::Error),
            "busy" => Ok(Self::Busy),
            "limit" => Ok(Self::Limit),
            _ => Err("none of `whole`, `cut`, `error`, `busy`, `limit`".to_owned()),
        }
    }
}
