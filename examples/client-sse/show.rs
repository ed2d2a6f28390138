//! What a session does in, lines for a person out.

use std::{
    error::Error as _,
    fmt::Display,
    io::{self, Write as _},
    time::Duration,
};

use serde::Deserialize;
use sse_examples::printable;
use sse_reqwest::{Call, ServerSentEvent, SseError};
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

/// A line of the log: what it is about, and what there is to say. Whatever a server has put into
/// it, it does nothing to a terminal.
pub(crate) fn line(subject: &str, text: impl Display) -> io::Result<()> {
    let text = text.to_string();
    writeln!(io::stdout().lock(), "{subject:>12}  {}", printable(&text))
}

pub(crate) fn opened(call: &Call) -> io::Result<()> {
    let sent = call.request().and_then(|request| request.headers().get("last-event-id"));
    if let Some(id) = sent {
        line("sent", format_args!("Last-Event-ID: {}", String::from_utf8_lossy(id.as_bytes())))?;
    }
    let response = call.response();
    line("connected", format_args!("{:?} {}", response.version(), response.status()))
}

/// The disconnect of a connection, with its causes, and how long it is until the next attempt.
pub(crate) fn lost(error: &SseError, delay: Duration) -> io::Result<()> {
    line("", "")?;
    line("lost", error)?;
    let mut cause = error.source();
    while let Some(error) = cause {
        line("because", error)?;
        cause = error.source();
    }
    line("waiting", format_args!("{delay:?}"))
}

/// The event as it came, and, if it is of a type we know, the value that it is.
pub(crate) fn event(event: &ServerSentEvent) -> io::Result<()> {
    line("", "")?;
    for field in event.to_string().trim_end().lines() {
        line("", field)?;
    }
    let value = match event.event_type() {
        "customer" => deserialize::<Customer>(event).map(|customer| format!("{customer:?}")),
        "product" => deserialize::<Product>(event).map(|product| format!("{product:?}")),
        _ => return Ok(()),
    };
    match value {
        Ok(value) => line("value", value),
        Err(error) => line("no value", error),
    }
}
