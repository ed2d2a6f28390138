//! Reads blocks that lie whole in the input, without a copy.
//!
//! Knows the fields that most blocks have. A block with another field, or one that is split by the
//! end of the input, is left to [`super::assemble`].
//!
//! State that the next block needs, above all the end of this block, stays in registers: writing it
//! to memory and reading it back would take longer than everything else that a small block needs.

mod interrupt;

use core::ops::Range;

use super::{BlockReader, Ended, Found};
use crate::{
    field::{Field, FieldName, common_field, data_value, is_ignored_id, parse_retry},
    layout::{DataLines, Layout, Span},
    limits::Limit,
    meter::LINE_OVERHEAD,
    partial::PartialLine,
    scan::LineEnds,
};

/// Block that is a message.
pub(crate) struct Message {
    /// Places of its fields in the input.
    pub(crate) layout: Layout,
    pub(crate) consumed: usize,
}

/// Block whose lines have been read up to some place.
pub(crate) struct Lines {
    /// Start of the block in the input, or 0 if the block starts before the input.
    block_start: usize,
    /// Start of the next line.
    at: usize,
    /// Places of its fields in the input; of several lines of data, the first one.
    layout: Layout,
    /// Size of its lines, as the limits count them.
    used: u64,
}

impl BlockReader {
    /// Reads blocks at the front of the input, up to one that is to be returned.
    pub(super) fn read_in_place(&mut self, input: &mut &[u8]) -> Found {
        let mut ends = LineEnds::of(input, 0);
        let (found, consumed) = match self.read_few_lines(input, &mut ends) {
            Ok(Message { layout, consumed }) => {
                self.layout = layout;
                self.offset = 0;
                (Found::InPlace, consumed)
            }
            Err(mut lines) => self.read_lines(input, &mut ends, &mut lines),
        };
        *input = &input[consumed..];
        found
    }

    /// Reads the block at the front of the input if it has one line of data and nothing else, as
    /// most blocks have. Otherwise changes nothing.
    #[inline(always)]
    pub(crate) fn read_one_line(&mut self, chunk: &[u8], ends: &mut LineEnds) -> Option<Message> {
        let value_at = data_value(chunk)?;
        self.end_message(chunk, ends, &Lines::from(0, self.meter.used()), value_at)
    }

    /// Reads the block at the front of the input if it has lines with an event type or an ID, then
    /// one line of data, and nothing else. Otherwise returns the lines that were read.
    #[inline(always)]
    pub(crate) fn read_few_lines(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
    ) -> Result<Message, Lines> {
        let mut lines = Lines::from(0, self.meter.used());
        while let Some((name, value_at)) = common_field(chunk, lines.at) {
            if name == FieldName::Data {
                return self.end_message(chunk, ends, &lines, value_at).ok_or(lines);
            }
            let end = ends.next(chunk, value_at);
            if end == chunk.len() || !self.place(&mut lines.layout, chunk, name, value_at..end) {
                ends.unread(end);
                break;
            }
            lines.used += (end - lines.at + LINE_OVERHEAD) as u64;
            lines.at = self.line_start.after(chunk, end);
        }
        Err(lines)
    }

    /// Reads the block at the front of the input with [`read_one_line`](Self::read_one_line) or
    /// [`read_few_lines`](Self::read_few_lines). Out of line, for callers that are not hot.
    #[inline(never)]
    pub(crate) fn read_message(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
    ) -> Result<Message, Lines> {
        match self.read_one_line(chunk, ends) {
            Some(message) => Ok(message),
            None => self.read_few_lines(chunk, ends),
        }
    }

    /// Ends a block at its only line of data, whose value starts at `value_at`, if a blank line
    /// follows.
    #[inline(always)]
    fn end_message(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
        lines: &Lines,
        value_at: usize,
    ) -> Option<Message> {
        let (end, ascii) = ends.next_with_ascii(chunk, value_at);
        let consumed = match chunk[end..] {
            [b'\n', b'\n', ..] => end + 2,
            [b'\r', b'\n', b'\r', b'\n', ..] => end + 4,
            [b'\r', b'\r'] => end + 2,
            [b'\r', b'\r', third, ..] if third != b'\n' => end + 2,
            _ => 0,
        };
        let used = lines.used + (end - lines.at + LINE_OVERHEAD) as u64;
        if consumed == 0 || self.exceeds(used) {
            ends.unread(end);
            return None;
        }
        let data = Span::new(value_at, end);
        let layout = Layout { data, ascii, ..lines.layout };
        self.end_block(Ended::InInput(chunk, &layout), consumed);
        if chunk[consumed - 1] == b'\r' {
            // The LF of a CRLF may follow in the next chunk.
            self.line_start.after(chunk, consumed - 1);
        }
        self.position.current += consumed as u64;
        Some(Message { layout, consumed })
    }

    /// Continues with a block, and reads blocks at the front of the input up to one that is to be
    /// returned. Returns how much of the input was consumed. A block that does not lie whole in the
    /// input, or has a field that is not handled here, is moved to the buffers and continued there.
    #[inline(never)]
    pub(crate) fn read_lines(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
        lines: &mut Lines,
    ) -> (Found, usize) {
        let mut more = DataLines::default();
        while let Some(&first) = chunk.get(lines.at) {
            if first == b'\n' || first == b'\r' {
                if self.exceeds(lines.used) {
                    break;
                }
                let (end, ascii) = ends.next_with_ascii(chunk, lines.at);
                lines.layout.ascii = ascii;
                let next = self.line_start.after(chunk, end);
                self.end_block(Ended::InInput(chunk, &lines.layout), next);
                if self.dispatch_filter.includes(&lines.layout) {
                    self.position.current += next as u64;
                    return (self.dispatch(chunk, &lines.layout, &more), next);
                }
                *lines = Lines::from(next, 0);
                continue;
            }
            let (name, value_at, end) = match common_field(chunk, lines.at) {
                Some((name, value_at)) => (name, value_at, ends.next(chunk, value_at)),
                None => {
                    let end = ends.next(chunk, lines.at);
                    let is_comment = self.ignores(first);
                    if end == chunk.len() {
                        if is_comment {
                            self.partial = PartialLine::Ignored;
                            lines.at = end;
                        }
                        break;
                    }
                    let field = Field::parse(&chunk[lines.at..end]).filter(|_| !is_comment);
                    match field {
                        None => {
                            if !is_comment && !self.exceeds(lines.used) {
                                self.note_unknown(&chunk[lines.at..end], lines.at);
                            }
                            lines.at = self.line_start.after(chunk, end);
                            continue;
                        }
                        Some(Field { name: FieldName::Comment, .. }) => break,
                        Some(Field { name: FieldName::Retry, value_start }) => {
                            if !self.take_retry(chunk, lines, value_start, end) {
                                break;
                            }
                            continue;
                        }
                        Some(Field { name, value_start }) => (name, lines.at + value_start, end),
                    }
                }
            };
            if end == chunk.len() {
                lines.layout.ascii = ends.ascii_so_far(chunk);
                return self.interrupt_in_line(chunk, lines, &more, name, value_at);
            }
            let is_placed = match name {
                FieldName::Data if lines.layout.data.is_present() => {
                    more.push(Span::new(value_at, end))
                }
                FieldName::Data => {
                    lines.layout.data = Span::new(value_at, end);
                    true
                }
                name => self.place(&mut lines.layout, chunk, name, value_at..end),
            };
            if !is_placed {
                break;
            }
            lines.used += (end - lines.at + LINE_OVERHEAD) as u64;
            lines.at = self.line_start.after(chunk, end);
            if !more.is_empty() {
                self.read_more_data(chunk, ends, lines, &mut more);
            }
        }
        lines.layout.ascii = ends.ascii_so_far(chunk);
        (Found::Nothing, self.interrupt(chunk, lines, &more))
    }

    /// Like [`read_lines`](Self::read_lines), but also continues in the buffers.
    pub(crate) fn read_lines_on(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
        lines: &mut Lines,
    ) -> (Found, usize) {
        let (found, consumed) = self.read_lines(chunk, ends, lines);
        if found == Found::Nothing && consumed < chunk.len() {
            let mut rest = &chunk[consumed..];
            let found = self.next_block_within(&mut rest, chunk.len());
            return (found, chunk.len() - rest.len());
        }
        (found, consumed)
    }

    /// Reads the input on the route [`Assemble`](super::Route::Assemble) or
    /// [`Fragment`](super::Route::Fragment), and then on any.
    pub(crate) fn read_split(&mut self, chunk: &[u8]) -> (Found, usize) {
        let mut rest = chunk;
        let mut found = self.assemble(&mut rest);
        if found == Found::Nothing && !rest.is_empty() {
            found = self.next_block_within(&mut rest, chunk.len());
        }
        (found, chunk.len() - rest.len())
    }

    /// Reads lines of data that follow others, as far as they lie whole in the input and there is
    /// room for them.
    #[inline(never)]
    fn read_more_data(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
        lines: &mut Lines,
        more: &mut DataLines,
    ) {
        // Local copies, which can stay in registers.
        let (mut at, mut window) = (lines.at, *ends);
        while let Some(value_start) = data_value(&chunk[at..]) {
            let value_at = at + value_start;
            let end = window.next(chunk, value_at);
            if end == chunk.len() || !more.push(Span::new(value_at, end)) {
                window.unread(end);
                break;
            }
            lines.used += (end - at + LINE_OVERHEAD) as u64;
            at = self.line_start.after(chunk, end);
        }
        *ends = window;
        lines.at = at;
    }

    /// Reads a line that sets the reconnection time, unless it exceeds the limit.
    #[inline(never)]
    fn take_retry(
        &mut self,
        chunk: &[u8],
        lines: &mut Lines,
        value_start: usize,
        end: usize,
    ) -> bool {
        let used = lines.used + (end - lines.at + LINE_OVERHEAD) as u64;
        if end == chunk.len() || self.exceeds(used) {
            return false;
        }
        if let Some(retry) = parse_retry(&chunk[lines.at + value_start..end]) {
            lines.layout.rare.retry = Some(retry);
            self.reconnection_time = Some(retry);
        }
        lines.used = used;
        lines.at = self.line_start.after(chunk, end);
        true
    }

    /// Records the place of an event type or an ID. Returns `true` if the value is within its
    /// limit.
    #[inline(always)]
    fn place(
        &self,
        layout: &mut Layout,
        chunk: &[u8],
        name: FieldName,
        value: Range<usize>,
    ) -> bool {
        let (limit, field) = match name {
            FieldName::Event => (Limit::EventType, &mut layout.event),
            _ => (Limit::Id, &mut layout.id),
        };
        if value.len() > self.meter.limits.max_bytes(limit) {
            return false;
        }
        if name == FieldName::Event && value.is_empty() {
            *field = Span::ABSENT;
        } else if name == FieldName::Event || !is_ignored_id(&chunk[value.clone()]) {
            *field = Span::new(value.start, value.end);
        }
        true
    }

    #[inline(always)]
    fn exceeds(&self, used: u64) -> bool {
        used > self.meter.limits.max_bytes(Limit::Event) as u64
    }
}

impl Lines {
    /// Creates the state before the first line of a block at `at`, whose lines before the input
    /// have size `used`.
    #[inline(always)]
    pub(crate) fn from(at: usize, used: usize) -> Self {
        Self { block_start: at, at, layout: Layout::EMPTY, used: used as u64 }
    }
}
