//! Redacts a body while its chunks are received, and holds back the chunks of an incomplete event.

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
    /// Where the incomplete line starts, and how far its end has been searched for.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::BodyRedactor;
    use crate::recording::{RecordingErrorKind, Redaction};

    fn redactor(status: u16, kind: &str, coding: &str) -> BodyRedactor {
        let redaction =
            Redaction::new().json_path("a.*".parse().unwrap()).json_path("key".parse().unwrap());
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [header("content-type", kind), header("content-encoding", coding)];
        BodyRedactor::new(&redaction, status, &headers)
    }

    /// Redacts chunks that arrive a second after each other, and returns them with their times and
    /// the number of those that were held back until the end.
    fn redact(redactor: &mut BodyRedactor, chunks: &[&[u8]]) -> (Vec<(u64, String)>, usize) {
        let mut redacted = Vec::new();
        for (at, chunk) in (0..).zip(chunks) {
            redacted.extend(redactor.push(Duration::from_secs(at), chunk).unwrap());
        }
        let held = redactor.finish();
        let count = held.len();
        redacted.extend(held);
        let text = |bytes: Vec<u8>| bytes.escape_ascii().to_string().replace("\\\"", "\"");
        (redacted.into_iter().map(|(at, bytes)| (at.as_secs(), text(bytes))).collect(), count)
    }

    fn events(chunks: &[&str]) -> Vec<(u64, String)> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| chunk.as_bytes()).collect();
        redact(&mut redactor(200, "text/event-stream", ""), &chunks).0
    }

    #[test]
    fn json_path_is_redacted_in_events_whatever_their_chunks() {
        for stream in [
            "\u{feff}data: {\"key\":\"secret\"}\n\ndata:{\"a\":[\"secret\"]}\nid: 1\n\ndata: [DONE]\n\n",
            "\u{feff}data: {\ndata:\"key\":\r\ndata: \"secret\"\rdata\rdata:}\n\rdata: [\"secret\"",
            "event: a\r\ndata: {\"a\": {\"b\": \"secret\", \"c\": \"secret\"}}\r\n\r\ndata: {\"key\":\"secret\"",
            "data: {\"key\":\"secret\"}",
            "data: {\"key\":\"secret\"} {\n\n",
        ] {
            let whole = events(&[stream]);
            assert!(!whole[0].1.contains("secret") && whole[0].1.contains("REDACTED"), "{whole:?}");
            let text = |chunks: Vec<(u64, String)>| -> String {
                chunks.into_iter().map(|(_, text)| text).collect()
            };
            let expected = text(whole);
            for at in 1..stream.len() {
                let (first, second) = stream.as_bytes().split_at(at);
                let mut redactor = redactor(200, "text/event-stream", "");
                let redacted = redact(&mut redactor, &[first, second]).0;
                assert_eq!(text(redacted), expected, "{at}");
            }
            let single: Vec<_> = stream.as_bytes().chunks(1).collect();
            let redacted = redact(&mut redactor(200, "text/event-stream", ""), &single).0;
            assert_eq!(text(redacted), expected);
        }
    }

    #[test]
    fn json_path_keeps_the_chunks_around_a_value() {
        let chunks =
            ["data: {\"key\":\"s", "ecr", "et\",\"b\":1", "}\n\ndata: {\"a\":[1],\"b\":", "2}\n\n"];
        let expected = [
            (0, r#"data: {"key":"REDACTED""#),
            (2, r#","b":1"#),
            (3, r#"}\n\ndata: {"a":[0],"b":"#),
            (4, r"2}\n\n"),
        ];
        assert_eq!(events(&chunks), expected.map(|(at, text)| (at, text.to_owned())));
    }

    #[test]
    fn json_path_holds_back_no_more_than_the_incomplete_event() {
        let chunks = [&b"data: 1\n\n"[..], b": comment\n", b"id: 1\n", b"data: {", b"}\n", b"x"];
        let (_, held) = redact(&mut redactor(200, "text/event-stream", ""), &chunks);
        assert_eq!(held, 3);
    }

    #[test]
    fn json_path_applies_to_a_whole_body_that_is_json_or_of_a_rejection() {
        let body: [&[u8]; 2] = [b"{\n\"key\": \"sec", b"ret\"}"];
        for (status, kind) in [(200, "application/json"), (401, "text/plain"), (500, "")] {
            let (redacted, held) = redact(&mut redactor(status, kind, "identity"), &body);
            let expected = [(0, r#"{\n"key": "REDACTED""#.to_owned()), (1, "}".to_owned())];
            assert_eq!((redacted.as_slice(), held), (&expected[..], 2), "{status} {kind}");
        }
        let rejected = |body: &[u8]| redact(&mut redactor(503, "", ""), &[body]).0;
        assert_eq!(rejected(b"busy"), [(0, "busy".to_owned())]);
        assert_eq!(rejected(b"{\"key\":\"sec"), [(0, "REDACTED".to_owned())]);
    }

    #[test]
    fn json_path_with_bytes_that_are_not_utf8_is_redacted() {
        let body: [&[u8]; 1] = [b"data: {\"b\":\"\xff\xe2\x82\",\"key\":\"\xffsecret\"}\n\n"];
        let redacted = redact(&mut redactor(200, "text/event-stream", ""), &body).0;
        let expected = r#"data: {"b":"\xff\xe2\x82","key":"REDACTED"}\n\n"#;
        assert_eq!(redacted, [(0, expected.to_owned())]);
    }

    #[test]
    fn json_path_in_a_compressed_body_is_an_error() {
        let mut redactor = redactor(200, "text/event-stream", "gzip");
        assert!(redactor.push(Duration::ZERO, b"").is_ok());
        let error = redactor.push(Duration::ZERO, b"\x1f").unwrap_err();
        assert_eq!(error.kind(), RecordingErrorKind::Compressed);
    }
}
