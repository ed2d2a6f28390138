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
mod exchange;
mod format;
mod read;
mod write;
mod redaction;
mod redact;
mod play;

use std::{fmt, fs, io::Write, path::Path, time::SystemTime};

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
    /// Loads a recording from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or as [`parse`](Self::parse).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        let path = path.as_ref();
        let loaded = fs::read(path).map_err(RecordingError::io).and_then(Self::parse);
        loaded.map_err(|error| error.in_file(path))
    }

    /// Parses the content of a file, such as that of `include_bytes!`.
    ///
    /// A last line that is incomplete is ignored, as the recorder was stopped while it wrote the
    /// line: [`is_interrupted`](Self::is_interrupted).
    ///
    /// # Errors
    ///
    /// If a line is not that of a recording. The error has its number.
    pub fn parse(content: impl AsRef<[u8]>) -> Result<Self, RecordingError> {
        read::parse(content.as_ref())
    }

    /// Saves the recording to a new file, which on Unix only its owner can read.
    ///
    /// # Errors
    ///
    /// If the file exists or cannot be written. Nothing is left of one that cannot be written. A
    /// recording cannot be made again: only [`overwrite`](Self::overwrite) replaces one.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), RecordingError> {
        let path = path.as_ref();
        let text = self.to_string();
        let saved = file::save(path, |file| file.write_all(text.as_bytes()));
        saved.map_err(|error| RecordingError::io(error).in_file(path))
    }

    /// Saves the recording to a file, which it replaces at once if it exists: a file next to it is
    /// written first, and renamed. The permissions stay.
    ///
    /// # Errors
    ///
    /// If the file cannot be written. It is then as it was.
    pub fn overwrite(&self, path: impl AsRef<Path>) -> Result<(), RecordingError> {
        let path = path.as_ref();
        let text = self.to_string();
        let saved = file::overwrite(path, |file| file.write_all(text.as_bytes()));
        saved.map_err(|error| RecordingError::io(error).in_file(path))
    }

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

/// Writes the recording as the content of a file.
impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write::text(self).map_err(|_| fmt::Error)?)
    }
}
