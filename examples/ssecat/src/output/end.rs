//! Ends of connections: what the evidence of a session and its times show, as texts and as JSON.

use serde::Serialize;
use sse_reqwest::{BodyEnd, Completeness, EndEvidence, Timings};

use super::times::{self, Times};

/// End of a connection, or of an attempt to make one.
#[derive(Default)]
pub(crate) struct Ended {
    /// Evidence of the end, or `None` if no connection was made.
    pub(super) evidence: Option<EndEvidence>,
    /// Times of the connection, or of the attempt.
    pub(super) timings: Option<Timings>,
}

impl Ended {
    /// Returns the lines that describe the end to a person.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = self.evidence.as_ref().map(lines).unwrap_or_default();
        lines.extend(self.timings.as_ref().map(times::line));
        lines
    }
}

/// End as members of a JSON object.
#[derive(Serialize)]
pub(super) struct EndMembers {
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<End>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<Times>,
}

impl EndMembers {
    pub(super) fn new(ended: &Ended) -> Self {
        Self {
            end: ended.evidence.as_ref().map(End::new),
            timings: ended.timings.as_ref().map(Times::new),
        }
    }
}

#[derive(Serialize)]
struct End {
    completeness: &'static str,
    body: &'static str,
    messages: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    silent_ms: Option<u128>,
    #[serde(skip_serializing_if = "is_zero")]
    pending_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfinished_data: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    unknown_lines: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown_line: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl End {
    fn new(evidence: &EndEvidence) -> Self {
        Self {
            completeness: completeness(evidence.completeness()).0,
            body: body(evidence.body_end()).0,
            messages: evidence.messages(),
            bytes: evidence.bytes(),
            silent_ms: evidence.since_last_byte().map(|time| time.as_millis()),
            pending_bytes: evidence.pending_bytes(),
            unfinished_data: evidence.unfinished_excerpt().map(str::to_owned),
            unknown_lines: evidence.unknown_lines(),
            unknown_line: evidence.unknown_line_excerpt().map(str::to_owned),
        }
    }
}

fn lines(evidence: &EndEvidence) -> Vec<String> {
    let (messages, bytes) = (evidence.messages(), evidence.bytes());
    let silence = match evidence.since_last_byte() {
        Some(time) => format!(", the last of them {:.1} s before the end", time.as_secs_f64()),
        None => String::new(),
    };
    let stream = match evidence.body_end() {
        BodyEnd::Abandoned => "not read to its end",
        _ => completeness(evidence.completeness()).1,
    };
    let mut lines = vec![
        format!("received {} in {}{silence}", counted(messages, "event"), counted(bytes, "byte")),
        format!("body: {}", body(evidence.body_end()).1),
        format!("event stream: {stream}"),
    ];
    let pending = evidence.pending_bytes();
    if pending > 0 {
        let excerpt = evidence.unfinished_excerpt();
        let excerpt = excerpt.map(|text| format!(", with the data: {text}")).unwrap_or_default();
        lines.push(format!(
            "discarded {} of an unfinished event{excerpt}",
            counted(pending, "byte")
        ));
    }
    let unknown = evidence.unknown_lines();
    if unknown > 0 {
        let excerpt = evidence.unknown_line_excerpt().unwrap_or_default();
        let lines_of = counted(unknown, "line");
        lines.push(format!("ignored {lines_of} without a known field name: {excerpt}"));
    }
    lines
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Returns the name of a completeness, and a text.
fn completeness(completeness: Completeness) -> (&'static str, &'static str) {
    match completeness {
        Completeness::Cut => ("cut", "cut, a part is missing"),
        Completeness::Unfinished => {
            ("unfinished", "the blank line after the last event is missing")
        }
        Completeness::Framed => {
            ("framed", "no sign that anything is missing, which only a terminal event proves")
        }
        _ => ("unknown", "HTTP does not show whether anything is missing"),
    }
}

/// Returns the name of an end of a body, and a text.
fn body(end: BodyEnd) -> (&'static str, &'static str) {
    match end {
        BodyEnd::LastChunk => ("last-chunk", "ended regularly, by its last chunk"),
        BodyEnd::LengthReached => ("length-reached", "ended regularly, by Content-Length"),
        BodyEnd::EndStream => ("end-stream", "ended regularly, by END_STREAM"),
        BodyEnd::CloseDelimited => ("close-delimited", "ended with the connection"),
        BodyEnd::Truncated => ("truncated", "truncated"),
        BodyEnd::Reset => ("reset", "reset"),
        BodyEnd::Malformed => ("malformed", "malformed"),
        BodyEnd::Abandoned => ("abandoned", "closed by ssecat"),
        _ => ("unknown", "ended in a way that is not known"),
    }
}
