//! Pieces of lines in, a block in the buffers out: what the reader does with a block that it cannot
//! read in place.
//!
//! Knows how far the open line has come. What a line means is [`crate::field`]'s.

use super::{BlockReader, Found, Stage, commit_id};
use crate::{
    field::{Field, FieldName},
    partial::{LineKind, PartialLine},
    scan::{Scan, scan_line},
};

impl BlockReader {
    /// Reads lines into the open block until it ends, the input is used up, or nothing is left that
    /// has to be put together.
    #[inline(always)]
    pub(super) fn assemble(&mut self, input: &mut &[u8]) -> Found {
        while let Stage::Assembling = self.stage {
            let chunk = *input;
            let Scan { end, charset } = scan_line(chunk, 0);
            let line = &chunk[..end];
            self.block.note(charset);
            if end == chunk.len() {
                return self.read_piece(input);
            }
            let next = self.line_start.after(chunk, end);
            if !self.partial.is_start() {
                if self.end_line(line) == Found::Excess {
                    return Found::Excess;
                }
            } else if line.is_empty() {
                self.consume(input, next);
                return self.dispatch_assembled();
            } else if self.read_line(line) == Found::Excess {
                return Found::Excess;
            }
            self.consume(input, next);
            self.settle();
        }
        Found::Nothing
    }

    /// Takes the input if it is nothing but the middle of a line of data, which most of many small
    /// chunks are.
    #[inline(always)]
    pub(super) fn read_middle_of_data(&mut self, input: &mut &[u8]) -> bool {
        if !matches!(self.partial, PartialLine::Value(FieldName::Data)) {
            return false;
        }
        let chunk = *input;
        let Scan { end, charset } = scan_line(chunk, 0);
        if end < chunk.len() || !self.meter.allows(FieldName::Data, self.line_len(chunk), 0) {
            return false;
        }
        self.block.note(charset);
        self.block.extend(FieldName::Data, chunk);
        self.consume(input, chunk.len());
        true
    }

    /// Reads a line that is there as a whole.
    #[inline(always)]
    fn read_line(&mut self, line: &[u8]) -> Found {
        let Some(Field { name, value_start }) = Field::parse(line) else {
            return Found::Nothing;
        };
        if !self.keeps(name) {
            return Found::Nothing;
        }
        let value = &line[value_start..];
        if !self.meter.allows(name, line.len(), value.len()) {
            return self.exceed(name, self.position.current, line.len(), value.len());
        }
        self.block.push(name, value);
        self.finish_line(name, line.len())
    }

    /// Takes the rest of the input, which holds no line end.
    #[inline(always)]
    fn read_piece(&mut self, input: &mut &[u8]) -> Found {
        if self.partial.is_start() {
            self.position.line_start = self.position.current;
        }
        let found = self.extend_line(input);
        if found == Found::Nothing {
            self.consume(input, input.len());
            self.settle();
        }
        found
    }

    /// Adds bytes to the line in pieces. They are still to be consumed.
    #[inline(always)]
    fn extend_line(&mut self, bytes: &[u8]) -> Found {
        if let PartialLine::Value(name) = self.partial {
            return self.extend_value(name, bytes, bytes);
        }
        self.extend_head(bytes)
    }

    /// The same for a line whose value has not begun.
    #[inline(never)]
    fn extend_head(&mut self, bytes: &[u8]) -> Found {
        let value = self.partial.extend(bytes);
        let Some(name) = self.partial.name() else {
            return Found::Nothing;
        };
        if !self.keeps(name) {
            self.partial = PartialLine::Ignored;
            return Found::Nothing;
        }
        if value.is_some() {
            self.block.begin(name);
            return self.extend_value(name, value.unwrap_or_default(), bytes);
        }
        let (start, len) = (self.position.line_start, self.line_len(bytes));
        if !self.meter.allows(name, len, 0) {
            return self.exceed(name, start, len, 0);
        }
        Found::Nothing
    }

    /// Adds bytes to the value in pieces, which are all or the last of the bytes to be consumed.
    #[inline(always)]
    fn extend_value(&mut self, name: FieldName, value: &[u8], bytes: &[u8]) -> Found {
        let len = self.line_len(bytes);
        let value_len = self.block.open_len() + value.len();
        if !self.meter.allows(name, len, value_len) {
            return self.exceed(name, self.position.line_start, len, value_len);
        }
        self.block.extend(name, value);
        Found::Nothing
    }

    /// Adds the last bytes to the line in pieces and ends it. They are still to be consumed.
    fn end_line(&mut self, bytes: &[u8]) -> Found {
        if self.extend_line(bytes) == Found::Excess {
            return Found::Excess;
        }
        match self.partial.end() {
            // It may be longer than a `usize` can count.
            LineKind::Ignored => Found::Nothing,
            LineKind::Bare(name) => {
                let len = self.line_len(bytes);
                if !self.meter.allows(name, len, 0) {
                    return self.exceed(name, self.position.line_start, len, 0);
                }
                self.block.push(name, &[]);
                self.finish_line(name, len)
            }
            LineKind::Field(name) => {
                self.block.end(name);
                self.finish_line(name, self.line_len(bytes))
            }
        }
    }

    /// Counts a line whose value is in the buffers.
    fn finish_line(&mut self, name: FieldName, len: usize) -> Found {
        self.meter.add_line(len);
        if name == FieldName::Retry {
            self.reconnection_time = self.block.retry().or(self.reconnection_time);
        }
        Found::Nothing
    }

    /// The length of the line in pieces with `bytes`, which are still to be consumed.
    #[inline(always)]
    fn line_len(&self, bytes: &[u8]) -> usize {
        (self.position.current - self.position.line_start) as usize + bytes.len()
    }

    /// Ends the block in the buffers.
    fn dispatch_assembled(&mut self) -> Found {
        self.layout = self.block.seal();
        let id = self.layout.id.of(self.block.sealed());
        commit_id(&mut self.last_event_id, id, self.layout.charset);
        self.begin_block();
        if self.surfaced.includes(&self.layout) {
            self.stage = Stage::Dispatched;
            return Found::InBuffer;
        }
        self.drop_block();
        Found::Nothing
    }

    pub(super) fn drop_block(&mut self) {
        self.block.clear();
        self.stage = Stage::Between;
    }

    /// Goes back to reading in place if nothing has been put together.
    pub(super) fn settle(&mut self) {
        let is_assembling = matches!(self.stage, Stage::Assembling);
        if is_assembling && self.partial.is_start() && self.block.is_empty() {
            self.stage = Stage::Between;
        }
    }

    #[inline]
    pub(super) fn consume(&mut self, input: &mut &[u8], len: usize) {
        self.position.current += len as u64;
        *input = &input[len..];
    }
}
