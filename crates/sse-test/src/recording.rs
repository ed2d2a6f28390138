//! Recordings: text files with everything that servers sent, and when.
//!
//! A file consists of lines, each of which is a JSON object. The first is a heading. Each of the
//! others has a time in seconds since the start, and what was observed then:
//!
//! ```json
//! {"sse_recording":2,"started":"2026-11-25T09:00:00.000000Z"}
//! {"at":0.001,"request":{"method":"GET","url":"http://localhost/events","headers":[["authorization","REDACTED"]]}}
//! {"at":0.012,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/events","headers":[["content-type","text/event-stream"]]}}
//! {"at":0.25,"text":"data: 1\n\nda"}
//! {"at":0.5,"base64":"dGE6IP8KCg=="}
//! {"at":1.5,"disconnected":{"error":"unexpected EOF during chunk size line","kind":"truncated"}}
//! {"at":2.4,"request":{"method":"GET","url":"http://localhost/events","headers":[["last-event-id","1"]]}}
//! {"at":2.5,"no_response":{"error":"Connection refused","kind":"other"}}
//! ```
//!
//! The kind of an error is that of `sse_session::TransportErrorKind`, in snake case. The value of a
//! header is text: what is not UTF-8 in it becomes U+FFFD.
//!
//! A body is recorded chunk by chunk, as it was received. A chunk that is not valid UTF-8, for
//! example because it ends within a character, is recorded in base64. A body ends with `end`,
//! `disconnected` or `abandoned`. If requests overlap, a line has the number of its `exchange`.
//!
//! Version 1, of older versions of ssecat, has the key `ssecat_recording`, the URL in the heading,
//! and neither `request` nor `abandoned`.

mod error;
mod file;
mod error_kind;
mod exchange;
mod format;
mod read;
mod write;
mod redaction;
mod redact;
mod play;

use std::time::SystemTime;

pub use self::{
    error::{RecordingError, RecordingErrorKind},
    exchange::{Exchange, RecordedChunk, RecordedEnd, RecordedRequest, RecordedResponse},
    redaction::Redaction,
};
#[cfg(feature = "session")]
pub(crate) use self::{file::create, format::to_micros};
#[cfg(feature = "session")]
pub(crate) use self::{
    format::{Entry, RecordedError, RequestHead, ResponseHead},
    redact::BodyRedactor,
    redaction::REDACTED,
    write::{heading, line},
};

/// Everything that servers sent to a client, and when (feature `recording`).
///
/// A `Recorder`, or ssecat's `--record`, makes a recording of the answers of a real server. It is a
/// text file to store beside the tests, which then [play it back](Self::replies) without that
/// server.
///
/// ```
/// use sse_test::{Recording, RecordedEnd, ScriptedServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // In a test: Recording::load("tests/answer.jsonl")?
/// let recording = Recording::parse(concat!(
///     r#"{"sse_recording":2,"started":"2026-11-25T09:00:00Z"}"#, "\n",
///     r#"{"at":0,"request":{"method":"GET","url":"http://localhost/events","headers":[]}}"#, "\n",
///     r#"{"at":0.2,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/events","headers":[["content-type","text/event-stream"]]}}"#, "\n",
///     r#"{"at":0.3,"text":"data: hel"}"#, "\n",
///     r#"{"at":0.9,"text":"lo\n\n"}"#, "\n",
///     r#"{"at":0.9,"end":{}}"#, "\n",
/// ))?;
/// let exchange = &recording.exchanges()[0];
/// assert_eq!(exchange.chunks()[1].at().as_millis(), 900);
/// assert_eq!(exchange.end(), RecordedEnd::Complete);
///
/// let server = ScriptedServer::start(recording.replies()).await;
/// # let client = reqwest::Client::builder().no_proxy().build()?;
/// let answer = client.get(server.url("/events")).send().await?.text().await?;
/// assert_eq!(answer, "data: hello\n\n");
/// # Ok(())
/// # }
/// ```
///
/// # Secrets
///
/// A recorder always applies a [`Redaction`], to headers and URLs at least. Request bodies are not
/// recorded. [`redact`](Self::redact) applies another one to a recording that exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    started: SystemTime,
    /// URL of a recording of version 1.
    url: Option<String>,
    exchanges: Vec<Exchange>,
    is_interrupted: bool,
}

impl Recording {
    /// Returns the time of day at the start of the recording.
    #[must_use]
    pub fn started(&self) -> SystemTime {
        self.started
    }

    /// Returns the URL of the first request, without its secrets, or `None` if there was no
    /// request.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        let first = self.exchanges.first().and_then(Exchange::request);
        first.map(RecordedRequest::url).or(self.url.as_deref())
    }

    /// Returns the requests, with what followed them, in the order in which they were sent.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Returns `true` if the file ends within a line, as the recorder was stopped while it wrote
    /// the line. That line is not part of the recording.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.is_interrupted
    }
}
