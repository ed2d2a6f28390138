//! Pieces of lines in, a block in the buffers out: what the reader does with a block that it cannot
//! read in place.
//!
//! Knows how far the open line has come. What a line means is [`crate::field`]'s.

use super::{BlockReader, Comments, Found, Stage, commit_id};
use crate::{
    field::{FieldName, common_field},
    layout::{Charset, Layout},
    partial::{LineKind, PartialLine},
    scan::{SHORT_COPY, scan_line},
};

impl BlockReader {
    /// Reads lines into the open block until it ends, the input is used up, or nothing is left that
    /// has to be put together.
    pub(super) fn assemble(&mut self, input: &mut &[u8]) -> Found {
        while let Stage::Assembling = self.stage {
            let chunk = *input;
            let Some(&first) = chunk.first() else {
                break;
            };
            if self.partial.is_start() {
                if first == b'\n' || first == b'\r' {
                    let next = self.line_start.after(chunk, 0);
                    self.consume(input, next);
                    return self.dispatch_assembled();
                }
                self.position.line_start = self.position.current;
                if let Some((name, value_start)) = common_field(chunk, 0) {
                    self.block.begin(name, self.meter.room(0));
                    self.partial = PartialLine::Value(name);
                    self.consume(input, value_start);
                    continue;
                }
                if first == b':' && self.comments == Comments::Ignored {
                    self.partial = PartialLine::Ignored;
                }
            }
            let found = match self.partial {
                PartialLine::Value(FieldName::Data) => self.read_data(input),
                _ => self.read_rest_of_line(input),
            };
            if found == Found::Excess {
                return found;
            }
        }
        Found::Nothing
    }

    /// Takes over what has been read of a block in place.
    #[inline]
    pub(super) fn absorb(&mut self, text: &[u8], layout: &Layout) {
        self.stage = Stage::Assembling;
        let room = self.meter.room(0);
        if !layout.data.is_present() || layout.data.end() == text.len() {
            self.block.start_with(text, layout, room);
            return;
        }
        self.block.note(layout.charset);
        let fields = [
            (FieldName::Event, layout.event),
            (FieldName::Id, layout.id),
            (FieldName::Data, layout.data),
        ];
        for (name, span) in fields {
            if let Some(value) = span.of(text) {
                self.block.begin(name, room);
                self.block.extend(name, value, room);
                self.block.end(name);
            }
        }
    }

    /// Takes the input, which is the start of a line and has been looked at.
    #[inline(never)]
    pub(super) fn open_line(
        &mut self,
        input: &mut &[u8],
        name: FieldName,
        value_start: usize,
        charset: Charset,
    ) -> Found {
        let line = *input;
        self.position.line_start = self.position.current;
        self.partial = PartialLine::Value(name);
        self.block.begin(name, self.meter.room(0));
        self.block.note(charset);
        let found = self.extend_value(name, &line[value_start..], line);
        if found == Found::Nothing {
            self.consume(input, line.len());
        }
        found
    }

    /// Reads the line of data that is open, to its end or that of the input.
    #[inline(always)]
    pub(super) fn read_data(&mut self, input: &mut &[u8]) -> Found {
        let chunk = *input;
        let (mut end, mut is_open) = (0, true);
        let front = &chunk[..chunk.len().min(SHORT_COPY)];
        let len = self.line_len(front);
        if self.meter.allows(FieldName::Data, len, 0) {
            end = self.block.extend_data(front, self.meter.room(len)).end;
            is_open = end == front.len();
        }
        if is_open && end < chunk.len() {
            let scan = scan_line(chunk, end);
            self.block.note(scan.charset);
            let value = &chunk[end..scan.end];
            let found = self.extend_value(FieldName::Data, value, &chunk[..scan.end]);
            if found == Found::Excess {
                return Found::Excess;
            }
            if let Stage::Skipping = self.stage {
                self.consume(input, scan.end);
                return Found::Nothing;
            }
            end = scan.end;
        }
        if end == chunk.len() {
            self.consume(input, end);
            return Found::Nothing;
        }
        self.partial = PartialLine::Start;
        self.block.end(FieldName::Data);
        self.meter.add_line(self.line_len(&chunk[..end]));
        let next = self.line_start.after(chunk, end);
        self.consume(input, next);
        Found::Nothing
    }

    /// Reads any line that is open or begins, to its end or that of the input.
    fn read_rest_of_line(&mut self, input: &mut &[u8]) -> Found {
        let chunk = *input;
        let scan = scan_line(chunk, 0);
        let bytes = &chunk[..scan.end];
        if !matches!(self.partial, PartialLine::Ignored) {
            self.block.note(scan.charset);
            if self.extend_line(bytes) == Found::Excess {
                return Found::Excess;
            }
        }
        if scan.end == chunk.len() {
            self.consume(input, scan.end);
        } else {
            if self.end_line(bytes) == Found::Excess {
                return Found::Excess;
            }
            let next = self.line_start.after(chunk, scan.end);
            self.consume(input, next);
        }
        self.settle();
        Found::Nothing
    }

    /// Adds bytes to the open line. They are still to be consumed.
    #[inline(always)]
    fn extend_line(&mut self, bytes: &[u8]) -> Found {
        if let PartialLine::Value(name) = self.partial {
            return self.extend_value(name, bytes, bytes);
        }
        self.extend_head(bytes)
    }

    /// The same for a line whose value has not begun.
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
            self.block.begin(name, self.meter.room(0));
            return self.extend_value(name, value.unwrap_or_default(), bytes);
        }
        let (start, len) = (self.position.line_start, self.line_len(bytes));
        if !self.meter.allows(name, len, 0) {
            return self.exceed(name, start, len, 0);
        }
        Found::Nothing
    }

    /// Adds bytes to the open value, which are all or the last of the bytes to be consumed.
    #[inline(always)]
    fn extend_value(&mut self, name: FieldName, value: &[u8], bytes: &[u8]) -> Found {
        let len = self.line_len(bytes);
        let value_len = self.block.open_len(name) + value.len();
        if !self.meter.allows(name, len, value_len) {
            return self.exceed(name, self.position.line_start, len, value_len);
        }
        self.block.extend(name, value, self.meter.room(len));
        Found::Nothing
    }

    /// Ends the open line, of which `bytes` are still to be consumed.
    fn end_line(&mut self, bytes: &[u8]) -> Found {
        let (name, len) = match self.partial.end() {
            LineKind::Ignored => return Found::Nothing,
            LineKind::Bare(name) if !self.keeps(name) => return Found::Nothing,
            LineKind::Bare(name) => {
                let len = self.line_len(bytes);
                if !self.meter.allows(name, len, 0) {
                    return self.exceed(name, self.position.line_start, len, 0);
                }
                self.block.begin(name, self.meter.room(0));
                (name, len)
            }
            LineKind::Field(name) => (name, self.line_len(bytes)),
        };
        self.block.end(name);
        self.meter.add_line(len);
        if name == FieldName::Retry {
            self.reconnection_time = self.block.retry().or(self.reconnection_time);
        }
        Found::Nothing
    }

    /// The length of the open line with `bytes`, which are still to be consumed.
    #[inline(always)]
    fn line_len(&self, bytes: &[u8]) -> usize {
        // Of a line that matters; one that does not may be longer than a `usize` can count.
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

    #[inline]
    pub(super) fn drop_block(&mut self) {
        self.block.clear();
        self.stage = Stage::Between;
    }

    /// Goes back to reading in place if nothing has been put together.
    pub(super) fn settle(&mut self) {
        let may_be_between = matches!(self.partial, PartialLine::Start | PartialLine::Ignored);
        if matches!(self.stage, Stage::Assembling) && may_be_between && self.block.is_empty() {
            self.drop_block();
        }
    }

    #[inline(always)]
    pub(super) fn consume(&mut self, input: &mut &[u8], len: usize) {
        self.position.current += len as u64;
        *input = &input[len..];
    }
}
