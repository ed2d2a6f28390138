//! Prints the steps of a session's life: a label, and the text beside it.

use std::{
    error::Error,
    fmt::Display,
    io::{self, Write as _},
    time::Duration,
};

use serde::Deserialize;
use sse_examples::printable;
use sse_reqwest::{Call, EndReason, ServerSentEvent, SseError};
use sse_typed::deserialize;

/// Data of the demo server's `customer` events.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "printed by `Debug`")]
struct Customer {
    id: u32,
    name: String,
    city: String,
}

/// Data of the demo server's `product` events.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "printed by `Debug`")]
struct Product {
    id: u32,
    name: String,
    prices: Vec<u32>,
}

pub(crate) fn introduction() -> io::Result<()> {
    writeln!(
        io::stdout().lock(),
        "A demo server in this process cuts its first connection in the middle of an event.\n\
         The session reconnects and resumes after the last complete event, so nothing is missing.\n\
         The code is in examples/client-sse/main.rs; to follow a stream of your own:\n\n    \
         cargo run --example client-sse -- URL\n"
    )
}

pub(crate) fn request(url: &str, last_event_id: &str) -> io::Result<()> {
    line("request", format_args!("GET {url}"))?;
    match last_event_id {
        "" => Ok(()),
        id => line("", format_args!("Last-Event-ID: {id}")),
    }
}

pub(crate) fn response(call: &Call) -> io::Result<()> {
    let response = call.response();
    line("response", format_args!("{:?} {}", response.version(), response.status()))
}

/// Prints an event as it was received, and the value that it was decoded to, if its type is known.
pub(crate) fn event(event: &ServerSentEvent) -> io::Result<()> {
    let text = event.to_string();
    let mut fields = text.trim_end().lines();
    line("", "")?;
    line("received", fields.next().unwrap_or_default())?;
    for field in fields {
        line("", field)?;
    }
    let value = match event.event_type() {
        "customer" => deserialize::<Customer>(event).map(|customer| format!("{customer:?}")),
        "product" => deserialize::<Product>(event).map(|product| format!("{product:?}")),
        _ => return Ok(()),
    };
    match value {
        Ok(value) => line("decoded", value),
        Err(error) => line("error", error),
    }
}

/// Prints the cause of a disconnect, and how long the session waits before it reconnects.
pub(crate) fn disconnect(cause: &SseError, delay: Duration) -> io::Result<()> {
    let causes = std::iter::successors(cause.source(), |&cause| cause.source());
    line("", "")?;
    match causes.last() {
        Some(innermost) => line("disconnected", innermost)?,
        None => line("disconnected", cause)?,
    }
    if cause.pending_bytes() > 0 {
        let bytes = cause.pending_bytes();
        line("discarded", format_args!("{bytes} bytes of an incomplete event"))?;
    }
    line("waiting", format_args!("{delay:?}"))?;
    line("", "")
}

pub(crate) fn end(reason: EndReason, events: u64, connections: u64) -> io::Result<()> {
    let reason = match reason {
        EndReason::NoContent => "204 No Content: the server has no more events",
        EndReason::StreamEnded => "the server ended the event stream",
        _ => "the session was closed",
    };
    line("", "")?;
    line("ended", reason)?;
    line("", format_args!("{events} events with data over {connections} connections"))
}

pub(crate) fn interrupted() -> io::Result<()> {
    line("interrupted", "by Ctrl-C")
}

/// Prints a line with its label. Control characters from the server are escaped.
fn line(label: &str, text: impl Display) -> io::Result<()> {
    let text = text.to_string();
    let line = format!("{label:>12}  {}", printable(&text));
    writeln!(io::stdout().lock(), "{}", line.trim_end())
}
