//! Assembles a block in the buffers if it cannot be read in place.
//!
//! Tracks how far the open line has been read. [`crate::field`] defines the meaning of a line.

use core::{mem, ops::Range};

use super::{BlockReader, Ended, Found, Stage, route::SHORT_CHUNK};
use crate::{
    ascii::AsciiPrefix,
    field::{Field, FieldName, common_field},
    layout::Layout,
    limits::Limit,
    meter::LINE_OVERHEAD,
    partial::{Head, PartialLine},
    scan::scan_line,
};

impl BlockReader {
    /// Reads lines into the open block until the block ends, the input is consumed, or nothing is
    /// left to assemble.
    #[inline(never)]
    pub(super) fn assemble(&mut self, input: &mut &[u8]) -> Found {
        let chunk = *input;
        let mut at = 0;
        if let (PartialLine::Value(FieldName::Data), [b'\n', b'\n', ..]) = (self.partial, chunk) {
            // Fast path: the end of a block that was split in its last line, as most are.
            self.partial = PartialLine::Start;
            self.block.end(FieldName::Data, self.meter.room());
            self.consume(input, 2);
            return self.dispatch_assembled();
        }
        while let Some(&first) = chunk.get(at) {
            let field = match self.partial {
                PartialLine::Value(name) => Some((name, at)),
                PartialLine::Start if is_line_end(Some(&first)) => {
                    let next = self.line_start.after(chunk, at);
                    self.consume(input, next);
                    return self.dispatch_assembled();
                }
                PartialLine::Start => {
                    self.stage = Stage::Assembling;
                    self.position.line_start = self.position.current + at as u64;
                    let field = common_field(chunk, at);
                    if let Some((name, value_at)) = field {
                        self.begin_value(name, value_at - at);
                    } else if let Some(head) = Head::without_colon(chunk, at) {
                        self.partial = PartialLine::Head(head);
                        at = chunk.len();
                        break;
                    }
                    field
                }
                PartialLine::Head(head) => {
                    let field = head.common_field(chunk);
                    if let Some((name, value_at)) = field {
                        self.begin_value(name, head.len() + value_at);
                    }
                    field
                }
                PartialLine::Unknown | PartialLine::Ignored => None,
            };
            let next = match field {
                Some((name, value_at)) => self.read_value(name, chunk, value_at),
                None => self.read_uncommon_line(chunk, at),
            };
            match next {
                Ok(next) => at = next,
                Err(found) => {
                    self.consume(input, at);
                    return found;
                }
            }
            if let Stage::Between = self.stage {
                break;
            }
        }
        self.consume(input, at);
        Found::Nothing
    }

    /// Takes over the part of a block that was read in place.
    #[inline]
    pub(super) fn absorb(&mut self, text: &[u8], layout: &Layout) {
        self.stage = Stage::Assembling;
        self.block.start_with(text, layout, self.meter.room());
    }

    /// Takes the input, which is the start of a line and has been scanned.
    #[inline(never)]
    pub(super) fn open_line(
        &mut self,
        input: &mut &[u8],
        name: FieldName,
        value_start: usize,
        ascii: AsciiPrefix,
    ) -> Found {
        let line = *input;
        self.position.line_start = self.position.current;
        self.begin_value(name, value_start);
        if let Err(found) = self.allow_value(name, line.len(), line.len() - value_start) {
            return found;
        }
        let ascii = ascii.without_first(value_start);
        self.block.extend(&line[value_start..], ascii, self.room_in_line(value_start));
        self.consume(input, line.len());
        Found::Nothing
    }

    /// Appends the input to the open value, up to the end of its line, unless that is left to
    /// [`Self::assemble`]. Returns `true` if the input was consumed.
    #[inline(always)]
    pub(crate) fn read_fragment(&mut self, input: &mut &[u8]) -> bool {
        let len = input.len();
        if len > SHORT_CHUNK {
            let taken = self.read_long_fragment(input);
            self.consume(input, taken);
            return taken == len;
        }
        let is_taken = self.may_reach(len) && self.block.try_extend(input);
        if is_taken {
            self.consume(input, len);
        }
        is_taken
    }

    /// Fast path: appends a chunk that is a short fragment of the open value, and returns `true` if
    /// it did.
    #[cfg(feature = "stream")]
    #[inline(always)]
    pub(crate) fn take_fragment(&mut self, chunk: &[u8]) -> bool {
        let is_taken = matches!(self.partial, PartialLine::Value(_))
            && self.may_reach(chunk.len())
            && self.block.try_extend(chunk);
        if is_taken {
            self.position.current += chunk.len() as u64;
        }
        is_taken
    }

    #[inline(never)]
    fn read_long_fragment(&mut self, chunk: &[u8]) -> usize {
        if !self.may_reach(chunk.len()) {
            return 0;
        }
        self.block.extend_to_line_end(chunk, self.room_in_line(0))
    }

    /// Reads the open value, which continues at `at`. Returns the start of the next line, or the
    /// end of the input.
    #[inline(always)]
    fn read_value(&mut self, name: FieldName, chunk: &[u8], at: usize) -> Result<usize, Found> {
        let mut end = at;
        loop {
            self.allow_value(name, end, 0)?;
            let rest = &chunk[end..];
            if rest.is_empty() {
                return Ok(end);
            }
            if is_line_end(rest.first()) {
                break;
            }
            let room = self.room_in_line(end);
            if room == 0 {
                self.allow_value(name, end + 1, 1)?;
            }
            end += self.block.extend_to_line_end(&rest[..rest.len().min(room)], room);
        }
        self.partial = PartialLine::Start;
        self.end_value(name, end);
        Ok(self.line_start.after(chunk, end))
    }

    /// Slow path: reads an uncommon line, or the rest of one. Returns the start of the next line,
    /// or the end of the input.
    #[inline(never)]
    fn read_uncommon_line(&mut self, chunk: &[u8], at: usize) -> Result<usize, Found> {
        if self.partial.is_start() && self.ignores(chunk[at]) {
            self.partial = PartialLine::Ignored;
        }
        let line = scan_line(&chunk[at..]);
        let end = at + line.len();
        match self.partial {
            PartialLine::Ignored => {}
            PartialLine::Unknown => self.keep_unknown(&chunk[at..end]),
            PartialLine::Start | PartialLine::Head(_) | PartialLine::Value(_) => {
                self.read_head(chunk, at..end, line.ascii())?;
            }
        }
        let mut next = end;
        if end < chunk.len() {
            next = self.line_start.after(chunk, end);
            if let PartialLine::Value(name) = mem::take(&mut self.partial) {
                self.end_value(name, end);
            }
        }
        self.leave_if_empty();
        Ok(next)
    }

    /// Adds bytes to a line whose field name is not known yet.
    fn read_head(
        &mut self,
        chunk: &[u8],
        bytes: Range<usize>,
        ascii: AsciiPrefix,
    ) -> Result<(), Found> {
        let mut head = match self.partial {
            PartialLine::Head(head) => head,
            _ => Head::default(),
        };
        let taken = head.extend(&chunk[bytes.clone()]);
        let rest = bytes.start + taken..bytes.end;
        let head_bytes = &head.bytes()[..head.len()];
        let is_decided = bytes.end < chunk.len() || head.len() == Head::MAX_LEN;
        if !is_decided && !head_bytes.contains(&b':') {
            self.partial = PartialLine::Head(head);
            return Ok(());
        }
        let Some(Field { name, value_start }) = Field::parse(head_bytes) else {
            self.begin_unknown(self.position.line_start);
            if let PartialLine::Unknown = self.partial {
                self.keep_unknown(head_bytes);
                self.keep_unknown(&chunk[rest]);
            }
            return Ok(());
        };
        if name == FieldName::Comment {
            if self.ignores(b':') {
                // Comments were still kept when the line began.
                self.partial = PartialLine::Ignored;
                return Ok(());
            }
            self.drop_old_comments();
        }
        if !is_decided {
            // A space to be dropped may follow. The bytes so far count at once.
            self.partial = PartialLine::Head(head);
            if self.meter.allows(name, head.len(), head.len() - value_start) {
                return Ok(());
            }
            let value_len = head.len() - value_start;
            return Err(self.exceed(name, self.position.line_start, head.len(), value_len));
        }
        self.begin_value(name, value_start);
        let value = &head_bytes[value_start..];
        self.allow_value(name, rest.end, value.len() + rest.len())?;
        self.block.extend(value, AsciiPrefix::find(value), self.meter.room());
        self.block.extend(&chunk[rest], ascii.without_first(taken), self.meter.room());
        Ok(())
    }

    /// Makes room for a comment: a server may send comments for weeks without a blank line.
    fn drop_old_comments(&mut self) {
        let max = self.meter.limits.max_bytes(Limit::Event) / 2;
        let dropped = self.block.drop_old_comments(max.min(MAX_COMMENT_BYTES));
        self.meter.remove(dropped);
    }

    /// Opens a line whose name is unknown, and counts it.
    #[cold]
    pub(super) fn begin_unknown(&mut self, line_start: u64) {
        let is_kept = self.unknown.get_or_insert_default().begin(line_start);
        self.partial = if is_kept { PartialLine::Unknown } else { PartialLine::Ignored };
    }

    /// Keeps bytes of such a line, up to a maximum.
    #[cold]
    fn keep_unknown(&mut self, bytes: &[u8]) {
        if !self.unknown.get_or_insert_default().extend(bytes) {
            self.partial = PartialLine::Ignored;
        }
    }

    /// Opens the value of a line; `value_start` is its place in the line.
    #[inline(always)]
    fn begin_value(&mut self, name: FieldName, value_start: usize) {
        self.partial = PartialLine::Value(name);
        let max = self.meter.max_line_len(name, value_start);
        self.position.line_max = self.position.line_start + max as u64;
        self.block.begin(name, self.meter.room());
    }

    /// Checks that the open value may reach `end` in the chunk. `added` is the number of bytes that
    /// it would grow by.
    #[inline(always)]
    fn allow_value(&mut self, name: FieldName, end: usize, added: usize) -> Result<(), Found> {
        if self.may_reach(end) {
            return Ok(());
        }
        let (len, value_len) = (self.line_len(end), self.block.open_len() + added);
        Err(self.exceed(name, self.position.line_start, len, value_len))
    }

    /// Ends the open value, whose line ends at `end` in the chunk.
    #[inline(always)]
    fn end_value(&mut self, name: FieldName, end: usize) {
        self.meter.add_line(self.line_len(end));
        if !self.block.end(name, self.meter.room()) {
            if name == FieldName::Retry {
                self.reconnection_time = self.block.retry().or(self.reconnection_time);
            } else if name == FieldName::Comment {
                self.comment_lines = self.comment_lines.wrapping_add(1);
                self.block.count_comment(self.line_len(end) + LINE_OVERHEAD);
            }
            self.leave_if_empty();
        }
    }

    /// Returns the length of the open line up to `at` in the chunk.
    #[inline(always)]
    fn line_len(&self, at: usize) -> usize {
        // Only for lines that are not ignored: an ignored one may be longer than a `usize` can
        // count.
        (self.position.current + at as u64 - self.position.line_start) as usize
    }

    /// Returns `true` if the open value may reach `end` in the chunk.
    #[inline(always)]
    fn may_reach(&self, end: usize) -> bool {
        self.position.current + end as u64 <= self.position.line_max
    }

    /// Returns the number of bytes that the open value may have from `at` in the chunk on.
    #[inline(always)]
    fn room_in_line(&self, at: usize) -> usize {
        self.position.line_max.saturating_sub(self.position.current + at as u64) as usize
    }

    /// Ends the block in the buffers.
    #[inline(always)]
    fn dispatch_assembled(&mut self) -> Found {
        self.block.seal();
        self.end_block(Ended::InBuffer, 0);
        if self.dispatch_filter.includes(self.block.sealed().1) {
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

    /// Returns to reading in place if nothing has been assembled.
    fn leave_if_empty(&mut self) {
        let may_be_between = matches!(self.partial, PartialLine::Start | PartialLine::Ignored);
        if may_be_between && self.block.is_empty() {
            self.drop_block();
        }
    }

    #[inline(always)]
    pub(super) fn consume(&mut self, input: &mut &[u8], len: usize) {
        self.position.current += len as u64;
        *input = &input[len..];
    }
}

#[inline(always)]
fn is_line_end(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'\n' | b'\r'))
}

/// Maximum size of a block's comments before one more is kept. Half of the limit of an event, if
/// that is less.
const MAX_COMMENT_BYTES: usize = 4096;
