//! Demo service that speaks all wire formats on loopback, and can misbehave on request.
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
use serde_json::{Value, json};
use sse_core::{BuildError, EventBody, ServerSentEvent};
use tokio::net::TcpListener;

use crate::api::Api;

/// Behavior of the service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Behavior {
    /// Sends a complete answer.
    Complete,
    /// Ends the response in the middle of the answer, regularly as far as HTTP can tell.
    Cut,
    /// Does that with its first answer only.
    Unstable,
    /// Reports an error in the middle of the answer.
    Error,
    /// Rejects the first request with 429.
    Busy,
    /// Ends the answer at a limit of its length.
    Limit,
}

struct Service {
    behavior: Behavior,
    /// `true` until the first request.
    is_fresh: AtomicBool,
}

/// Starts the service on a free port. The service runs until the process ends.
pub(crate) async fn start(behavior: Behavior) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let service = Arc::new(Service { behavior, is_fresh: AtomicBool::new(true) });
    let routes = Api::ALL.into_iter().fold(Router::new(), |routes, api| {
        let answer = move |State(service): State<Arc<Service>>, body: String| async move {
            service.answer(api, &body)
        };
        routes.route(api.path(), post(answer))
    });
    let routes = routes.with_state(service);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

impl Service {
    fn answer(&self, api: Api, body: &str) -> Response {
        let is_first = self.is_fresh.swap(false, Ordering::Relaxed);
        let behavior = match self.behavior {
            Behavior::Busy if is_first => {
                let wait = [(header::RETRY_AFTER, "1")];
                return (StatusCode::TOO_MANY_REQUESTS, wait, "too many requests").into_response();
            }
            Behavior::Unstable if is_first => Behavior::Cut,
            behavior => behavior,
        };
        let Some(prompt) = prompt(body) else {
            return (StatusCode::BAD_REQUEST, "no prompt").into_response();
        };
        let text = format!("You asked: {prompt} This demo service has no other answer.");
        let mut words: Vec<_> = text.split_inclusive(' ').collect();
        if matches!(behavior, Behavior::Cut | Behavior::Error | Behavior::Limit) {
            words.truncate(words.len() / 2);
        }
        let events = begin(api).into_iter().chain(words.into_iter().map(|word| part(api, word)));
        match events.chain(end(api, behavior)).collect::<Result<Vec<_>, _>>() {
            Ok(events) => stream_of(events),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

/// Returns the prompt of a request in any of the formats.
fn prompt(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let places = ["/messages/0/content", "/input", "/contents/0/parts/0/text"];
    places.iter().find_map(|place| body.pointer(place)?.as_str().map(str::to_owned))
}

type Event = Result<ServerSentEvent, BuildError>;

fn begin(api: Api) -> Vec<Event> {
    match api {
        Api::OpenAi => vec![chunk(&json!({"role": "assistant", "content": ""}), None)],
        Api::Responses => vec![typed("response.created", json!({"response": {}}))],
        Api::Anthropic => vec![
            typed("message_start", json!({"message": {"content": []}})),
            typed("ping", json!({})),
        ],
        Api::Gemini => Vec::new(),
    }
}

fn part(api: Api, word: &str) -> Event {
    match api {
        Api::OpenAi => chunk(&json!({"content": word}), None),
        Api::Responses => typed("response.output_text.delta", json!({"delta": word})),
        Api::Anthropic => {
            let delta = json!({"type": "text_delta", "text": word});
            typed("content_block_delta", json!({"index": 0, "delta": delta}))
        }
        Api::Gemini => candidate(word, None),
    }
}

fn end(api: Api, behavior: Behavior) -> Vec<Event> {
    let is_limited = behavior == Behavior::Limit;
    match (api, behavior) {
        (_, Behavior::Cut) => Vec::new(),
        (Api::OpenAi, Behavior::Error) => {
            let error = json!({"message": "overloaded", "type": "server_error"});
            vec![untyped(&json!({"error": error}))]
        }
        (Api::Responses, Behavior::Error) => {
            vec![typed("error", json!({"code": "server_error", "message": "overloaded"}))]
        }
        (Api::Anthropic, Behavior::Error) => {
            let error = json!({"type": "overloaded_error", "message": "Overloaded"});
            vec![typed("error", json!({"error": error}))]
        }
        (Api::Gemini, Behavior::Error) => {
            let error = json!({"code": 503, "message": "overloaded", "status": "UNAVAILABLE"});
            vec![untyped(&json!({"error": error}))]
        }
        (Api::OpenAi, _) => {
            let reason = if is_limited { "length" } else { "stop" };
            let done = ServerSentEvent::builder().data("[DONE]").build();
            vec![chunk(&json!({}), Some(reason)), done]
        }
        (Api::Responses, _) if is_limited => {
            let details = json!({"reason": "max_output_tokens"});
            vec![typed("response.incomplete", json!({"response": {"incomplete_details": details}}))]
        }
        (Api::Responses, _) => vec![typed("response.completed", json!({"response": {}}))],
        (Api::Anthropic, _) => {
            let reason = if is_limited { "max_tokens" } else { "end_turn" };
            vec![
                typed("message_delta", json!({"delta": {"stop_reason": reason}})),
                typed("message_stop", json!({})),
            ]
        }
        (Api::Gemini, _) => {
            vec![candidate("", Some(if is_limited { "MAX_TOKENS" } else { "STOP" }))]
        }
    }
}

fn chunk(delta: &Value, finish_reason: Option<&str>) -> Event {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
    untyped(&json!({"object": "chat.completion.chunk", "choices": [choice]}))
}

fn candidate(text: &str, finish_reason: Option<&str>) -> Event {
    let content = json!({"role": "model", "parts": [{"text": text}]});
    untyped(&json!({"candidates": [{"content": content, "finishReason": finish_reason}]}))
}

fn typed(name: &str, mut data: Value) -> Event {
    data["type"] = name.into();
    ServerSentEvent::builder().event(name).data(data.to_string()).build()
}

fn untyped(data: &Value) -> Event {
    ServerSentEvent::builder().data(data.to_string()).build()
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
            "unstable" => Ok(Self::Unstable),
            "error" => Ok(Self::Error),
            "busy" => Ok(Self::Busy),
            "limit" => Ok(Self::Limit),
            _ => Err("none of `complete`, `cut`, `unstable`, `error`, `busy`, `limit`".to_owned()),
        }
    }
}
