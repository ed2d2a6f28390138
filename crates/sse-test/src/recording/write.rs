//! Writes recordings: exchanges → lines of text, in the order of their times.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::{
    Exchange, RecordedEnd, RecordedRequest, RecordedResponse, Recording,
    exchange::EndedAt,
    format::{
        Entry, Heading, Line, RecordedError, RecordedErrorKind, RequestHead, ResponseHead, VERSION,
    },
};

/// Returns the whole text of a recording.
pub(super) fn text(recording: &Recording) -> serde_json::Result<String> {
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
