//! Prints notifications and answers requests of the server.
//!
//! In a program of your own, this is where progress is shown to the user and a language model
//! answers.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sse_examples::printable;
use sse_reqwest::{Call, SseError};

use crate::message::{Notification, Request, RpcError};

/// Handles a notification of the server.
pub(crate) fn notified(notification: &Notification) {
    let Notification { method, params } = notification;
    if notification.is_progress() {
        println!("  progress: {} of {}", params["progress"], params["total"]);
    } else {
        println!("  notification: {} {}", printable(method), printable(&params.to_string()));
    }
}

/// Answers a request of the server.
pub(crate) fn requested(request: &Request) -> Result<Value, RpcError> {
    let Request { method, params, .. } = request;
    println!("  request: {}", printable(method));
    match method.as_str() {
        "ping" => Ok(json!({})),
        "sampling/createMessage" => {
            let question = params["messages"][0]["content"]["text"].as_str().unwrap_or_default();
            Ok(json!({
                "role": "assistant",
                "content": { "type": "text", "text": format!("demo answer to: {question}") },
                "model": "none",
            }))
        }
        _ => Err(RpcError {
            code: RpcError::METHOD_NOT_FOUND,
            message: format!("unknown method {method}"),
        }),
    }
}

pub(crate) fn disconnected(cause: &SseError) {
    println!("  {cause}");
}

pub(crate) fn resumed(call: &Call) {
    if let Some(request) = call.request() {
        let id = header(request.headers(), "last-event-id");
        println!("  resumed: {} after {id}: {}", request.method(), call.response().status());
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("the start")
}
