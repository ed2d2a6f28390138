//! Formats the error of a session for a person.

use std::{error::Error, fmt::Write};

use sse_reqwest::SseError;

/// Formats the error, its causes, one per line, and the start of the body if the server rejected
/// the request with an explanation.
pub fn report(error: &SseError) -> String {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  caused by: {error}");
        cause = error.source();
    }
    if let Some(body) = error.body_excerpt() {
        let _ = write!(text, "\n  response body: {body}");
    }
    text
}
