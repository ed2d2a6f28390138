//! What a session does in, lines for a person out.

use serde::Deserialize;
use sse_reqwest::{Call, ServerSentEvent};
use sse_typed::deserialize;

/// What the demo server sends as `customer`.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "printed by `Debug`")]
struct Customer {
    id: u32,
    name: String,
    city: String,
}

/// What the demo server sends as `product`.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "printed by `Debug`")]
struct Product {
    id: u32,
    name: String,
    prices: Vec<u32>,
}

/// A line of the log: what it is about, and what there is to say.
pub(crate) fn line(subject: &str, text: impl std::fmt::Display) {
    println!("{subject:>12}  {text}");
}

pub(crate) fn opened(call: &Call) {
    let request = call.request();
    if let Some(id) = request.headers().get("last-event-id") {
        line("sent", format_args!("Last-Event-ID: {}", String::from_utf8_lossy(id.as_bytes())));
    }
    let response = call.response();
    line("connected", format_args!("{:?} {}", response.version(), response.status()));
}

/// The event as it came, and, if it is of a type we know, the value that it is.
pub(crate) fn event(event: &ServerSentEvent) {
    println!();
    for field in event.to_string().trim_end().lines() {
        line("", field);
    }
    let value = match event.event_type() {
        "customer" => deserialize::<Customer>(event).map(|customer| format!("{customer:?}")),
        "product" => deserialize::<Product>(event).map(|product| format!("{product:?}")),
        _ => return,
    };
    match value {
        Ok(value) => line("value", value),
        Err(error) => line("no value", error),
    }
}
