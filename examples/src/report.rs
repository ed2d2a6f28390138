//! An error in, text for a person out.

use std::{error::Error, fmt::Write};

use sse_reqwest::SseError;

/// The error and its causes, a line each, and what the server had to say.
pub fn report(error: &SseError) -> String {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, "\n  because: {error}");
        cause = error.source();
    }
    if let Some(body) = error.body_text().filter(|body| !body.trim().is_empty()) {
        let start: String = body.trim().chars().take(MAX_SHOWN_CHARS).collect();
        let _ = write!(text, "\n  the server said: {start}");
    }
    text
}

const MAX_SHOWN_CHARS: usize = 500;
