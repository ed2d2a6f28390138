//! What a server tells and asks of its client in, answers out; all of it is printed.
//!
//! A program of your own would show progress to somebody, and have a language model answer.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sse_examples::printable;
use sse_reqwest::{Call, SseError};

use crate::message::{Notification, Request, RpcError};

/// Takes note of what the server tells.
pub(crate) fn told(notification: &Notification) {
    let Notification { method, params } = notification;
    if notification.is_progress() {
        println!("  progress: {} of {}", params["progress"], params["total"]);
    } else {
        println!("  told: {} {}", printable(method), printable(&params.to_string()));
    }
}

/// Answers what the server asks.
pub(crate) fn asked(request: &Request) -> Result<Value, RpcError> {
    let Request { method, params, .. } = request;
    println!("  asked: {}", printable(method));
    match method.as_str() {
        "ping" => Ok(json!({})),
        "sampling/createMessage" => {
            let question = params["messages"][0]["content"]["text"].as_str().unwrap_or_default();
            Ok(json!({
                "role": "assistant",
                "content": { "type": "text", "text": format!("no model was asked: {question}") },
                "model": "none",
            }))
        }
        _ => Err(RpcError {
            code: RpcError::METHOD_NOT_FOUND,
            message: format!("this client has no {method}"),
        }),
    }
}

pub(crate) fn lost(cause: &SseError) {
    println!("  lost: {cause}");
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
