//! Writes recordings: exchanges → lines of text, in the order of their times.

use std::{
    fmt,
    io::Write as _,
    path::Path,
    time::{Duration, SystemTime},
};

use serde::Serialize;

use super::{
    Exchange, RecordedEnd, RecordedRequest, RecordedResponse, Recording, RecordingError,
    error_kind::RecordedErrorKind,
    exchange::EndedAt,
    file,
    format::{Entry, Heading, Line, RecordedError, RequestHead, ResponseHead, VERSION},
};

impl Recording {
    /// Saves the recording to a new file, which on Unix only its owner can read.
    ///
    /// # Errors
    ///
    /// Fails if the file exists or cannot be written. A file that cannot be written completely is
    /// removed. A recording cannot be made again, so only [`overwrite`](Self::overwrite) replaces
    /// one.
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
    /// Fails if the file cannot be written. It is then as it was.
    pub fn overwrite(&self, path: impl AsRef<Path>) -> Result<(), RecordingError> {
        let path = path.as_ref();
        let text = self.to_string();
        let saved = file::overwrite(path, |file| file.write_all(text.as_bytes()));
        saved.map_err(|error| RecordingError::io(error).in_file(path))
    }
}

/// Writes the recording as the content of a file.
impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self).map_err(|_| fmt::Error)?)
    }
}

/// Returns the whole text of a recording.
fn text(recording: &Recording) -> serde_json::Result<String> {
    let mut entries: Vec<_> = recording.exchanges.iter().enumerate().flat_map(entries).collect();
    // The order of equal times stays.
    entries.sort_by_key(|(at, ..)| *at);
    let mut text = heading(recording.started, recording.url.clone())?;
    let mut begun = None;
    for (at, number, entry) in entries {
        begun = begun.max(Some(number));
        let number = Some(number).filter(|_| begun != Some(number));
        text.push_str(&line(at, number, entry)?);
    }
    Ok(text)
}

/// Returns the first line.
pub(crate) fn heading(started: SystemTime, url: Option<String>) -> serde_json::Result<String> {
    let started = humantime::format_rfc3339_micros(started).to_string();
    to_line(&Heading { sse_recording: Some(VERSION), ssecat_recording: None, started, url })
}

/// Returns a line for an exchange, or for the one that began last.
pub(crate) fn line(
    at: Duration,
    exchange: Option<usize>,
    entry: Entry,
) -> serde_json::Result<String> {
    to_line(&Line::new(at, exchange, entry))
}

fn to_line(line: &impl Serialize) -> serde_json::Result<String> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    Ok(text)
}

type NumberedEntry = (Duration, usize, Entry);

fn entries((number, exchange): (usize, &Exchange)) -> Vec<NumberedEntry> {
    let request = exchange.request.as_ref().map(|it| (it.at, Entry::Request(it.into())));
    let response = exchange.response.as_ref().map(|it| (it.at, Entry::Response(it.into())));
    let chunks = exchange.chunks.iter().map(|it| (it.at, Entry::chunk(&it.bytes)));
    let end = exchange.end.as_ref().map(|it| (it.at, it.entry(exchange.response.is_some())));
    let entries = request.into_iter().chain(response).chain(chunks).chain(end);
    entries.map(|(at, entry)| (at, number, entry)).collect()
}

impl EndedAt {
    fn entry(&self, has_response: bool) -> Entry {
        match self.end {
            RecordedEnd::Complete => return Entry::End {},
            RecordedEnd::Abandoned => return Entry::Abandoned {},
            _ => {}
        }
        let kind = self.kind.unwrap_or(RecordedErrorKind::Other);
        let error = RecordedError { error: self.error.clone().unwrap_or_default(), kind };
        if has_response { Entry::Disconnected(error) } else { Entry::NoResponse(error) }
    }
}

impl From<&RecordedRequest> for RequestHead {
    fn from(request: &RecordedRequest) -> Self {
        let RecordedRequest { at: _, method, url, headers } = request.clone();
        Self { method, url, headers }
    }
}

impl From<&RecordedResponse> for ResponseHead {
    fn from(response: &RecordedResponse) -> Self {
        let RecordedResponse { at: _, status, version, url, headers } = response.clone();
        Self { status, version, url, headers }
    }
}
