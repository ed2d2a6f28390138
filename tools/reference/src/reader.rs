//! Naive parser of a whole stream.
//!
//! It follows the standard (HTML, sections 9.2.5 and 9.2.6) word by word: it decodes the whole
//! stream, splits it into lines, and processes each line. It is neither fast nor economical, needs
//! the whole stream, and shares no code with sse-core.

use crate::outcome::{Block, Outcome};
use sse_core::Parser;

/// Choice of what a parser yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// If `true`, the comments of each block.
    pub comments: bool,
    /// If `true`, blocks without data.
    pub dataless_blocks: bool,
}

impl Mode {
    /// Only messages, without comments, as in the standard.
    pub const MESSAGES: Self = Self { comments: false, dataless_blocks: false };
    /// Everything that a parser can yield.
    pub const EVERYTHING: Self = Self { comments: true, dataless_blocks: true };
    /// All four choices.
    pub const ALL: [Self; 4] = [
        Self::MESSAGES,
        Self { comments: true, dataless_blocks: false },
        Self { comments: false, dataless_blocks: true },
        Self::EVERYTHING,
    ];

    /// Creates a parser of sse-core with this choice.
    pub fn parser(self) -> Parser {
        let mut parser = Parser::new();
        if self.comments {
            parser = parser.with_comments(true);
        }
        if self.dataless_blocks {
            parser = parser.with_dataless_blocks(true);
        }
        parser
    }
}

/// Reads a stream from its first byte to its end, with no ID remembered from before.
pub fn read(stream: &[u8], mode: Mode) -> Outcome {
    read_after("", stream, mode)
}

/// Reads a stream from its first byte to its end.
pub fn read_after(last_event_id: &str, stream: &[u8], mode: Mode) -> Outcome {
    let mut interpreter = Interpreter {
        mode,
        buffers: Block::default(),
        outcome: Outcome { last_event_id: last_event_id.to_owned(), ..Outcome::default() },
    };
    let text = utf8_decode(stream);
    for line in lines(&text) {
        interpreter.process(&line);
    }
    interpreter.outcome.pending_bytes = pending_bytes(stream);
    interpreter.outcome
}

/// "Streams must be decoded using the UTF-8 decode algorithm", which "strips one leading UTF-8
/// Byte Order Mark (BOM), if any".
fn utf8_decode(stream: &[u8]) -> String {
    let stream = stream.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(stream);
    String::from_utf8_lossy(stream).into_owned()
}

/// Returns the lines that have an end. The rest is "pending data", which "must be discarded".
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                lines.push(core::mem::take(&mut line));
            }
            '\n' => lines.push(core::mem::take(&mut line)),
            c => line.push(c),
        }
    }
    lines
}

/// Returns the number of bytes after the last blank line, or after the byte order mark if no line
/// is blank. A stream that may yet turn out to start with the mark has none.
fn pending_bytes(stream: &[u8]) -> u64 {
    let mark = b"\xEF\xBB\xBF";
    if mark.starts_with(stream) {
        return 0;
    }
    let mut rest = stream.strip_prefix(mark).unwrap_or(stream);
    let mut pending = rest;
    while let Some(end) = rest.iter().position(|byte| b"\r\n".contains(byte)) {
        let after = &rest[end..];
        rest = after.strip_prefix(b"\r\n").unwrap_or(&after[1..]);
        if end == 0 {
            pending = rest;
        }
    }
    pending.len() as u64
}

struct Interpreter {
    mode: Mode,
    /// Buffers of the block that is being read, without an event type of its own until it is
    /// dispatched.
    buffers: Block,
    outcome: Outcome,
}

impl Interpreter {
    fn process(&mut self, line: &str) {
        if line.is_empty() {
            self.dispatch();
        } else if let Some(comment) = line.strip_prefix(':') {
            // "Ignore the line", unless comments are wanted.
            if self.mode.comments {
                append(&mut self.buffers.comments, without_space(comment));
            }
        } else if let Some((field, value)) = line.split_once(':') {
            self.process_field(field, without_space(value));
        } else {
            self.process_field(line, "");
        }
    }

    fn process_field(&mut self, field: &str, value: &str) {
        match field {
            "event" => self.buffers.event = Some(value.to_owned()).filter(|v| !v.is_empty()),
            "data" => append(&mut self.buffers.data, value),
            "id" if !value.contains('\0') => self.buffers.id = Some(value.to_owned()),
            "retry" if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) => {
                // Digits that do not fit 64 bits count as the largest number.
                let time = value.parse().unwrap_or(u64::MAX);
                self.buffers.retry_ms = Some(time);
                self.outcome.reconnection_ms = Some(time);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let mut block = core::mem::take(&mut self.buffers);
        if let Some(id) = &block.id {
            self.outcome.last_event_id.clone_from(id);
        }
        let Block { data, event, id, retry_ms, comments, .. } = &block;
        let dataless = event.is_some() || id.is_some() || retry_ms.is_some() || comments.is_some();
        if data.is_some() || (self.mode.dataless_blocks && dataless) {
            block.event_type = event.clone().unwrap_or_else(|| "message".to_owned());
            block.last_event_id.clone_from(&self.outcome.last_event_id);
            self.outcome.blocks.push(block);
        }
    }
}

/// "Append the field value to the data buffer, then append a single LF", of which the last is
/// removed before the event is dispatched.
fn append(buffer: &mut Option<String>, value: &str) {
    match buffer {
        Some(buffer) => {
            buffer.push('\n');
            buffer.push_str(value);
        }
        None => *buffer = Some(value.to_owned()),
    }
}

/// "If value starts with a U+0020 SPACE character, remove it from value."
fn without_space(value: &str) -> &str {
    value.strip_prefix(' ').unwrap_or(value)
}
