//! Redacts a body while its chunks are received, and holds back the chunks of an incomplete event.

mod mode;
mod edits;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, mem, ops::Range, time::Duration};

use self::{
    edits::{Edit, Shift},
    mode::{BOM, Mode},
};
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
    /// Consecutive lines that clients ignore, such as the JSON of a failure within a stream.
    ignored: Vec<Range<usize>>,
    /// Edits of these bytes that were found and not yet applied.
    edits: Vec<Edit>,
    is_first_line: bool,
}

impl BodyRedactor {
    pub(crate) fn new(redaction: &Redaction, status: u16, headers: &[(String, String)]) -> Self {
        Self {
            paths: redaction.paths().to_vec(),
            mode: Mode::of(redaction, status, headers),
            body: Vec::new(),
            chunks: VecDeque::new(),
            line: 0,
            searched: 0,
            data: Vec::new(),
            ignored: Vec::new(),
            edits: Vec::new(),
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
            Mode::Undecided { .. } | Mode::Events | Mode::Json | Mode::Compressed => {}
        }
        self.body.extend_from_slice(bytes);
        self.chunks.push_back((at, self.body.len()));
        if let Mode::Undecided { is_event_stream } = self.mode {
            match Mode::of_body(&self.body, is_event_stream) {
                Some(mode) => self.mode = mode,
                None if self.body.trim_ascii().is_empty() => {
                    return Ok(self.release(self.body.len()));
                }
                // It may be the start of a byte order mark.
                None => return Ok(Vec::new()),
            }
        }
        if self.mode == Mode::Events {
            while let Some(line) = self.next_line(false) {
                self.take_line(line);
            }
            self.apply_edits();
        }
        let open = match self.mode {
            Mode::Json => 0,
            _ => {
                let first = self.data.first().into_iter().chain(self.ignored.first());
                first.map(|it| it.start).min().unwrap_or(self.line)
            }
        };
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
            Mode::Json => {
                let start = self.body.len() - self.body.trim_ascii_start().len();
                self.data.push(start..self.body.len());
            }
            Mode::Plain | Mode::Undecided { .. } | Mode::Compressed => {}
        }
        self.redact_data();
        self.redact_ignored();
        self.apply_edits();
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
        if mem::take(&mut self.is_first_line) && self.body[line.clone()].starts_with(BOM) {
            line.start += BOM.len();
        }
        if line.is_empty() {
            self.redact_data();
        } else if let Some(value) = self.body[line.clone()].strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            self.data.push(line.end - value.len()..line.end);
        } else if !is_other_field(&self.body[line.clone()]) {
            self.ignored.push(line);
            return;
        }
        self.redact_ignored();
    }

    /// Redacts the data of an event, which is complete, or never will be.
    fn redact_data(&mut self) {
        let lines = mem::take(&mut self.data);
        if !lines.is_empty() {
            self.redact_text(lines);
        }
    }

    /// Redacts the ignored lines before another line, or before the end.
    fn redact_ignored(&mut self) {
        let lines = mem::take(&mut self.ignored);
        if !lines.is_empty() {
            self.redact_text(lines);
        }
    }

    /// Finds what to replace in a text, which consists of lines of the body.
    fn redact_text(&mut self, lines: Vec<Range<usize>>) {
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
        match find(&self.paths, &text) {
            // No value contains a line end.
            Found::Edits(edits) => {
                self.edits.extend(edits.into_iter().map(|(start, (end, replacement))| {
                    let index = starts.partition_point(|(it, _)| *it <= start).saturating_sub(1);
                    let (in_text, in_body) = starts[index];
                    let start_in_body = in_body + (start - in_text);
                    (start_in_body..start_in_body + (end - start), replacement)
                }));
            }
            Found::Unreadable => {
                let lines = lines.into_iter().filter(|line| !line.is_empty());
                self.edits.extend(lines.map(|line| (line, UNREADABLE)));
            }
        }
    }

    /// Applies the edits at once. A chunk that ends within a value ends after what replaces it.
    fn apply_edits(&mut self) {
        let mut edits = mem::take(&mut self.edits);
        edits.sort_by_key(|(range, _)| range.start);
        let Some(first) = edits.first().map(|(range, _)| range.start) else { return };
        edits::apply(&mut self.body, &edits);
        // A chunk that ends before the first edit stays where it is.
        let mut shift = Shift::new(&edits);
        let from = self.chunks.partition_point(|(_, end)| *end <= first);
        for (_, end) in self.chunks.range_mut(from..) {
            *end = shift.moved(*end);
        }
        for lines in [&mut self.data, &mut self.ignored] {
            let mut shift = Shift::new(&edits);
            let from = lines.partition_point(|line| line.end <= first);
            for line in &mut lines[from..] {
                *line = shift.moved(line.start)..shift.moved(line.end);
            }
        }
        self.line = Shift::new(&edits).moved(self.line);
        self.searched = Shift::new(&edits).moved(self.searched);
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
        for line in self.data.iter_mut().chain(&mut self.ignored) {
            *line = line.start - start..line.end - start;
        }
        chunks
    }
}

/// Returns `true` if a line is a comment, or a field of an event other than data with a value.
fn is_other_field(line: &[u8]) -> bool {
    let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
    matches!(name, b"" | b"data" | b"event" | b"id" | b"retry")
}

/// Appends bytes with a question mark for each byte that is not UTF-8.
fn push_lossy(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
}
