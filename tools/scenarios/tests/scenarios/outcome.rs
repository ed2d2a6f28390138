//! Outcome of a scenario as text: a line for each thing that happened, and for each request.

use std::fmt::Write as _;

use http::StatusCode;
use sse_session::{BodyEnd, Completeness, EndEvidence, ServerSentEvent, SessionEvent, SseError};
use sse_test::{HttpVersion, SeenRequest};

use crate::scenario::Scenario;

/// Returns the line of something that happened to a session; `None` if the requests show it.
pub(crate) fn of_item(item: &SessionEvent) -> Option<String> {
    Some(match item {
        SessionEvent::Open(call) => of_head(call.response().status()),
        SessionEvent::Event(event) => of_event(event),
        SessionEvent::Disconnected { cause, delay, unsendable_id, .. } => {
            let id = unsendable_id.as_ref().map(|id| format!(", unsendable {}", short(id)));
            let id = id.unwrap_or_default();
            let delay = if delay.is_zero() { "at once".into() } else { format!("in {delay:?}") };
            format!("disconnected {}, again {delay}{id}", of_error(cause))
        }
        SessionEvent::Gap(gap) => {
            format!("gap between {} and {}", gap.requested_id(), gap.resumed_after_id())
        }
        SessionEvent::Skipped(skipped) => {
            let last = skipped.last().map(|it| it.to_string()).unwrap_or_default();
            format!("skipped {}: {last}", skipped.count())
        }
        SessionEvent::Closed(reason) => format!("closed {reason:?}"),
        _ => return None, // connecting
    })
}

/// Returns the line of an open connection.
pub(crate) fn of_head(status: StatusCode) -> String {
    format!("open {}", status.as_u16())
}

fn of_event(event: &ServerSentEvent) -> String {
    let mut line = "event".to_owned();
    if let Some(id) = event.id() {
        write!(line, " #{}", short(id)).unwrap();
    }
    if let Some(event_type) = event.event() {
        write!(line, " {}", event_type.escape_debug()).unwrap();
    }
    if event.has_data() {
        write!(line, ": {}", short(event.data())).unwrap();
    }
    if let Some(time) = event.retry() {
        write!(line, ", retry {time:?}").unwrap();
    }
    if let Some(comments) = event.comments() {
        write!(line, ", comment {}", comments.escape_debug()).unwrap();
    }
    line.trim_end().to_owned()
}

/// Returns a text in one line, or the length of one that is too long to read.
fn short(text: &str) -> String {
    if text.len() > 80 {
        format!("({} bytes)", text.len())
    } else {
        text.escape_debug().to_string()
    }
}

/// Returns the kind of an error and its properties.
pub(crate) fn of_error(error: &SseError) -> String {
    let mut text = format!("{:?}", error.kind());
    if let Some(status) = error.status() {
        write!(text, " {}", status.as_u16()).unwrap();
    }
    let properties = [
        (error.is_connect(), "connect"),
        (error.is_truncated(), "truncated"),
        (error.is_reset(), "reset"),
        (error.is_unanswered(), "unanswered"),
        (error.is_timeout() && error.deadline().is_none(), "timeout"),
        (error.is_unfinished(), "in the middle of an event"),
        (error.is_retryable(), "retryable"),
    ];
    for (_, name) in properties.iter().filter(|(has, _)| *has) {
        write!(text, " {name}").unwrap();
    }
    if let Some(deadline) = error.deadline() {
        write!(text, " {deadline:?}").unwrap();
    }
    if let Some(limit) = error.limit_exceeded() {
        write!(text, " ({limit})").unwrap();
    }
    if let Some(delay) = error.retry_after() {
        write!(text, ", Retry-After {delay:?}").unwrap();
    }
    if let Some(body) = error.body_excerpt() {
        write!(text, ", body {body}").unwrap();
    }
    if let Some(outcome) = error.outcome() {
        write!(text, ", {outcome:?}").unwrap();
    }
    if let Some(events) = error.events_seen() {
        write!(text, " after {events} events").unwrap();
    }
    text
}

/// Returns the line of how the last connection ended.
pub(crate) fn of_end(evidence: &EndEvidence) -> String {
    let mut line = format!("end {:?} after {} messages", evidence.body_end(), evidence.messages());
    // In other cases, the end of the body says it.
    let is_body_whole = evidence.body_end().is_framed()
        || matches!(evidence.body_end(), BodyEnd::CloseDelimited | BodyEnd::Unknown);
    match evidence.completeness() {
        Completeness::Cut if is_body_whole => line += ", cut",
        Completeness::Unfinished => line += ", unfinished",
        _ => {}
    }
    if let Some(excerpt) = evidence.unknown_line_excerpt() {
        write!(line, ", {} unknown lines: {excerpt}", evidence.unknown_lines()).unwrap();
    }
    line
}

/// Returns the line of a request that a server has received.
pub(crate) fn of_request(request: &SeenRequest, server: &str, scenario: &Scenario) -> String {
    let mut line = format!("{server}{} {}", request.method, request.target);
    if scenario.shows_connections {
        write!(line, " over connection {}", request.connection).unwrap();
    }
    if request.version == HttpVersion::Http2 {
        line += " HTTP/2";
    }
    for name in ["last-event-id"].iter().chain(scenario.headers) {
        let values = request.headers.iter().filter(|(header, _)| header == name);
        for (_, value) in values {
            let value = String::from_utf8_lossy(value);
            // A version changes with each update.
            let end = if *name == "user-agent" { value.find('/') } else { None };
            let value = &value[..end.unwrap_or(value.len())];
            write!(line, ", {name}: {}", value.escape_debug()).unwrap();
        }
    }
    if !request.body.is_empty() {
        write!(line, ", body {}", String::from_utf8_lossy(&request.body)).unwrap();
    }
    line
}
