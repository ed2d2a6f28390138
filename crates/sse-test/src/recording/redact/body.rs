//! Redacts a body while its chunks are received, and holds back the chunks of an incomplete event.

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, mem, ops::Range, time::Duration};

use super::json::{Found, UNREADABLE, find};
use crate::{
    json_path::JsonPath,
    recording::{RecordingError, RecordingErrorKind, Redaction},
};

/// Time and bytes of a chunk.
type Chunk = (Duration, Vec<u8>);

/// Redactor of one body.
#[derive(Debug)]
pub(crate) struct BodyRedactor {
    paths: Vec<JsonPath>,
    mode: Mode,
    /// Bytes of the chunks that are held back.
    body: Vec<u8>,
    /// Time of each of these chunks, and where it ends.
    chunks: VecDeque<(Duration, usize)>,
    /// Start of the incomplete line, and end of the bytes that were searched for its line end.
    line: usize,
    searched: usize,
    /// Values of the data lines of the incomplete event.
    data: Vec<Range<usize>>,
    is_first_line: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    /// There is nothing to redact.
    Plain,
    Events,
    /// The body as a whole may be JSON.
    Json,
    Compressed,
}

impl BodyRedactor {
    pub(crate) fn new(redaction: &Redaction, status: u16, headers: &[(String, String)]) -> Self {
        let header = |name: &str| {
            let named = headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
            named.map_or("", |(_, value)| value.as_str()).trim().to_ascii_lowercase()
        };
        let (kind, coding) = (header("content-type"), header("content-encoding"));
        let mode = if redaction.paths().is_empty() {
            Mode::Plain
        } else if !matches!(coding.as_str(), "" | "identity") {
            Mode::Compressed
        } else if kind.starts_with("text/event-stream") || (status == 200 && !kind.contains("json"))
        {
            Mode::Events
        } else {
            Mode::Json
        };
        Self {
            paths: redaction.paths().to_vec(),
            mode,
            body: Vec::new(),
            chunks: VecDeque::new(),
            line: 0,
            searched: 0,
            data: Vec::new(),
            is_first_line: true,
        }
    }

    /// Takes a chunk, and returns those that are complete.
    pub(crate) fn push(
        &mut self,
        at: Duration,
        bytes: &[u8],
    ) -> Result<Vec<Chunk>, RecordingError> {
        match self.mode {
            Mode::Plain => return Ok(vec![(at, bytes.to_vec())]),
            Mode::Compressed if !bytes.is_empty() => {
                let text = "JSON cannot be redacted in a body that is compressed";
                return Err(RecordingError::new(RecordingErrorKind::Compressed, text));
            }
            Mode::Events | Mode::Json | Mode::Compressed => {}
        }
        self.body.extend_from_slice(bytes);
        self.chunks.push_back((at, self.body.len()));
        if self.mode == Mode::Events {
            while let Some(line) = self.next_line(false) {
                self.take_line(line);
            }
        }
        let is_open = self.mode == Mode::Json || !self.data.is_empty();
        let open = if is_open { self.data.first().map_or(0, |data| data.start) } else { self.line };
        Ok(self.release(open))
    }

    /// Returns the chunks that were held back, at the end of the body.
    pub(crate) fn finish(&mut self) -> Vec<Chunk> {
        match self.mode {
            Mode::Events => {
                while let Some(line) = self.next_line(true) {
                    self.take_line(line);
                }
            }
            Mode::Json => self.data.push(0..self.body.len()),
            Mode::Plain | Mode::Compressed => {}
        }
        self.redact_data();
        self.release(self.body.len())
    }

    /// Returns the next line without its end, if it is complete.
    fn next_line(&mut self, is_at_end: bool) -> Option<Range<usize>> {
        let rest = self.body.get(self.searched..)?;
        let found = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = self.searched + found.unwrap_or(rest.len());
        let next = match self.body.get(end..) {
            Some([b'\r', b'\n', ..]) => end + 2,
            // A line feed may follow, which is a part of this line end.
            Some([b'\r']) if !is_at_end => end,
            Some([_, ..]) => end + 1,
            _ => end,
        };
        self.searched = next;
        if next == end && !(is_at_end && end > self.line) {
            return None;
        }
        let line = mem::replace(&mut self.line, next)..end;
        Some(line)
    }

    /// Takes a line: the value of data, or the end of an event.
    fn take_line(&mut self, mut line: Range<usize>) {
        if mem::take(&mut self.is_first_line)
            && self.body[line.clone()].starts_with(b"\xef\xbb\xbf")
        {
            line.start += 3;
        }
        if line.is_empty() {
            self.redact_data();
        } else if let Some(value) = self.body[line.clone()].strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            self.data.push(line.end - value.len()..line.end);
        }
    }

    /// Redacts the data of an event, which is complete, or never will be.
    fn redact_data(&mut self) {
        let lines = mem::take(&mut self.data);
        // Text of the same length as the bytes.
        let mut text = String::new();
        let mut starts = Vec::new();
        for line in &lines {
            if !starts.is_empty() {
                text.push('\n');
            }
            starts.push((text.len(), line.start));
            push_lossy(&mut text, &self.body[line.clone()]);
        }
        let edits: Vec<_> = match find(&self.paths, &text) {
            // No value contains a line end.
            Found::Edits(edits) => edits
                .into_iter()
                .map(|(start, (end, replacement))| {
                    let index = starts.partition_point(|(it, _)| *it <= start).saturating_sub(1);
                    let (in_text, in_body) = starts[index];
                    let start_in_body = in_body + (start - in_text);
                    (start_in_body..start_in_body + (end - start), replacement)
                })
                .collect(),
            Found::Unreadable => {
                let lines = lines.into_iter().filter(|line| !line.is_empty());
                lines.map(|line| (line, UNREADABLE)).collect()
            }
        };
        for (range, replacement) in edits.into_iter().rev() {
            self.replace(range, replacement);
        }
    }

    /// Replaces bytes of the body. A chunk that ends within them ends after what replaces them.
    fn replace(&mut self, range: Range<usize>, replacement: &str) {
        let (start, end) = (range.start, range.end);
        let moved = |at: usize| match at {
            _ if at >= end => at - end + start + replacement.len(),
            _ if at > start => start + replacement.len(),
            _ => at,
        };
        for (_, chunk_end) in &mut self.chunks {
            *chunk_end = moved(*chunk_end);
        }
        self.line = moved(self.line);
        self.searched = moved(self.searched);
        self.body.splice(range, replacement.bytes());
    }

    /// Returns the chunks that end at most here.
    fn release(&mut self, open: usize) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        let mut start = 0;
        while let Some(&(at, end)) = self.chunks.front().filter(|(_, end)| *end <= open) {
            self.chunks.pop_front();
            if end > start {
                chunks.push((at, self.body[start..end].to_vec()));
            }
            start = end;
        }
        if start == 0 {
            return chunks;
        }
        self.body.drain(..start);
        self.line = self.line.saturating_sub(start);
        self.searched = self.searched.saturating_sub(start);
        for (_, end) in &mut self.chunks {
            *end -= start;
        }
        for data in &mut self.data {
            *data = data.start - start..data.end - start;
        }
        chunks
    }
}

/// Appends bytes with a question mark for each byte that is not UTF-8.
fn push_lossy(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
}
