//! Blocks that lie whole in the input in, where their fields lie out.
//!
//! Knows the fields that most blocks have. A block with another, or cut by the end of the input, is
//! left to [`super::assemble`].
//!
//! What the next block needs of this one, above all where it ends, is kept in registers: to write it
//! to memory and read it back takes longer than all else that is done for a small block.

mod interrupt;

use core::ops::Range;

use super::{BlockReader, Comments, Found, commit_id};
use crate::{
    field::{Field, FieldName, common_field, data_value, is_ignored_id, parse_retry},
    layout::{DataLines, Layout, Span},
    limits::Limit,
    meter::LINE_OVERHEAD,
    partial::PartialLine,
    scan::LineEnds,
};

/// A block that is a message.
pub(crate) struct Message {
    /// Where its fields lie in the input.
    pub(crate) layout: Layout,
    pub(crate) consumed: usize,
}

/// A block whose lines have been read up to some place.
pub(crate) struct Lines {
    /// Where in the input the block starts, or 0 if before the input.
    block_start: usize,
    /// Where the line starts that is next.
    at: usize,
    /// Where its fields lie in the input; of several lines of data, the first one.
    layout: Layout,
    /// What its lines count.
    used: u64,
}

impl BlockReader {
    /// Takes blocks from the front of the input, up to one that is to be given out.
    pub(super) fn read_in_place(&mut self, input: &mut &[u8]) -> Found {
        let mut ends = LineEnds::NONE;
        ends.look(input, 0);
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

    /// Takes the block at the front of the input if it has one line of data and nothing else, as most
    /// have. Changes nothing otherwise.
    #[inline(always)]
    pub(crate) fn read_one_line(&mut self, chunk: &[u8], ends: &mut LineEnds) -> Option<Message> {
        let value_at = data_value(chunk)?;
        self.end_message(chunk, ends, &Lines::from(0, self.meter.used()), value_at)
    }

    /// Takes the block at the front of the input if it has lines that name an event type or an ID, then
    /// one line of data, and nothing else. Otherwise says how far it has come.
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
                ends.give_back(end);
                break;
            }
            lines.used += (end - lines.at + LINE_OVERHEAD) as u64;
            lines.at = self.line_start.after(chunk, end);
        }
        Err(lines)
    }

    /// Takes the block at the front of the input as the two above do.
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

    /// Takes a block whose last line is one of data, with its value there, if that is so and the line
    /// is the only one.
    #[inline(always)]
    fn end_message(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
        lines: &Lines,
        value_at: usize,
    ) -> Option<Message> {
        let end = ends.next(chunk, value_at);
        let consumed = match chunk[end..] {
            [b'\n', b'\n', ..] => end + 2,
            [b'\r', b'\n', b'\r', b'\n', ..] => end + 4,
            [b'\r', b'\r'] => end + 2,
            [b'\r', b'\r', third, ..] if third != b'\n' => end + 2,
            _ => 0,
        };
        let used = lines.used + (end - lines.at + LINE_OVERHEAD) as u64;
        if consumed == 0 || self.exceeds(used) {
            ends.give_back(end);
            return None;
        }
        let data = Span::new(value_at, end);
        let layout = Layout { data, charset: ends.charset(end), ..lines.layout };
        self.end_lines(chunk, &layout);
        if chunk[consumed - 1] == b'\r' {
            // An LF may come that belongs to it.
            self.line_start.after(chunk, consumed - 1);
        }
        self.position.current += consumed as u64;
        self.position.block_start = self.position.current;
        Some(Message { layout, consumed })
    }

    /// Goes on with such a block, and takes blocks from the front of the input up to one that is to
    /// be given out. Says how much of the input that was. A block that does not lie whole there, or
    /// not in a way known here, is moved to the buffers, to be read on there.
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
                let end = ends.next(chunk, lines.at);
                lines.layout.charset = ends.charset(end);
                let next = self.line_start.after(chunk, end);
                self.end_lines(chunk, &lines.layout);
                if self.surfaced.includes(&lines.layout) {
                    self.position.current += next as u64;
                    self.position.block_start = self.position.current;
                    return (self.give_out(chunk, &lines.layout, &more), next);
                }
                *lines = Lines::from(next, 0);
                continue;
            }
            let (name, value_at, end) = match common_field(chunk, lines.at) {
                Some((name, value_at)) => (name, value_at, ends.next(chunk, value_at)),
                None => {
                    let end = ends.next(chunk, lines.at);
                    let is_comment = first == b':' && self.comments == Comments::Ignored;
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
                lines.layout.charset = ends.charset(end);
                return self.cut_line(chunk, lines, &more, name, value_at);
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
        lines.layout.charset = ends.charset_so_far();
        (Found::Nothing, self.interrupt(chunk, lines, &more))
    }

    /// The same for a block, wherever it turns out to lie.
    pub(crate) fn read_lines_on(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
        lines: &mut Lines,
    ) -> (Found, usize) {
        let (found, consumed) = self.read_lines(chunk, ends, lines);
        if found == Found::Nothing && consumed < chunk.len() {
            let mut rest = &chunk[consumed..];
            let found = self.next_block_slowly(&mut rest, chunk.len());
            return (found, chunk.len() - rest.len());
        }
        (found, consumed)
    }

    /// Takes the input, which is the start of a block that is cut: no try is made to read it in place.
    pub(crate) fn read_cut(&mut self, chunk: &[u8]) -> (Found, usize) {
        let mut rest = chunk;
        let mut found = self.assemble(&mut rest);
        if found == Found::Nothing && !rest.is_empty() {
            found = self.next_block_slowly(&mut rest, chunk.len());
        }
        (found, chunk.len() - rest.len())
    }

    /// Reads lines of data that follow others, as far as they lie whole in the input and there is room
    /// for them.
    #[inline(never)]
    fn read_more_data(
        &mut self,
        chunk: &[u8],
        ends: &mut LineEnds,
        lines: &mut Lines,
        more: &mut DataLines,
    ) {
        // Copies of their own, which can stay in registers.
        let (mut at, mut window) = (lines.at, *ends);
        while let Some(value_start) = data_value(&chunk[at..]) {
            let value_at = at + value_start;
            let end = window.next(chunk, value_at);
            if end == chunk.len() || !more.push(Span::new(value_at, end)) {
                window.give_back(end);
                break;
            }
            lines.used += (end - at + LINE_OVERHEAD) as u64;
            at = self.line_start.after(chunk, end);
        }
        *ends = window;
        lines.at = at;
    }

    /// Takes a line that sets the reconnection time, unless it exceeds the limit.
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

    /// Notes where an event type or an ID lies, if it is within its limit.
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

    /// Does what a blank line does, whatever comes of the block.
    #[inline(always)]
    fn end_lines(&mut self, chunk: &[u8], layout: &Layout) {
        self.meter.reset();
        commit_id(&mut self.last_event_id, layout.id.of(chunk), layout.charset);
    }

    /// Consumes the input up to `at`. The last block in it that has ended ends at `block_end`, which
    /// is 0 if there is none.
    #[inline(always)]
    pub(super) fn leave(&mut self, input: &mut &[u8], block_end: usize, at: usize) {
        if block_end > 0 {
            self.position.block_start = self.position.current + block_end as u64;
        }
        self.consume(input, at);
    }
}

impl Lines {
    /// None so far, of a block that starts there, or goes on where its lines before count so much.
    #[inline(always)]
    pub(crate) fn from(at: usize, used: usize) -> Self {
        Self { block_start: at, at, layout: Layout::EMPTY, used: used as u64 }
    }
}
