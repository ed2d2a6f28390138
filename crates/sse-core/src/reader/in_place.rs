//! Blocks that lie whole in the input in, where their fields lie out: nothing is copied.
//!
//! Knows the fields that most blocks have. A block with another, with two lines of data, or cut by
//! the end of the input, is left to [`super::assemble`].

use core::ops::Range;

use super::{BlockReader, Comments, Found, commit_id};
use crate::{
    block::is_ignored_id,
    field::{Field, FieldName, common_field, data_value},
    layout::{Charset, Layout, Span},
    scan::{Scan, scan_line},
};

/// A line with one of the fields that most blocks have, or the start of one.
struct Line {
    name: FieldName,
    value_at: usize,
    scan: Scan,
}

impl BlockReader {
    /// Reads the block at the front of the input, of which the layout then tells if it is to be
    /// given out. A block that does not lie whole, or not in one piece, is moved to the buffers;
    /// the input is then used up, or to be read on there.
    #[inline(always)]
    pub(super) fn read_in_place(&mut self, input: &mut &[u8]) -> Found {
        let chunk = *input;
        // Often there is nothing but a line of data.
        let Some(value_at) = data_value(chunk) else {
            return self.read_fields(input, None);
        };
        let scan = scan_line(chunk, value_at);
        let Scan { end, charset } = scan;
        let next = match chunk[end..] {
            [b'\n', b'\n', ..] => end + 2,
            [b'\r', b'\n', b'\r', b'\n', ..] => end + 4,
            _ => 0,
        };
        if next == 0 || !self.meter.allows(FieldName::Data, end, 0) {
            let line = Line { name: FieldName::Data, value_at, scan };
            return self.read_fields(input, Some(line));
        }
        let data = Span::new(0, end - value_at);
        self.layout = Layout { data, charset, ..Layout::EMPTY };
        self.meter.reset();
        self.leave(input, next, next);
        Found::InPlace { start: value_at, end }
    }

    /// The same for any block, of which the first line may have been looked at.
    ///
    /// Apart from the above, which needs so little that it would have to save all that this one uses.
    #[inline(never)]
    fn read_fields(&mut self, input: &mut &[u8], mut seen: Option<Line>) -> Found {
        let chunk = *input;
        let mut layout = Layout::EMPTY;
        // From the first value to the last.
        let (mut text_start, mut text_end) = (0, 0);
        let mut at = 0;
        while let Some(&first) = chunk.get(at) {
            let line = match seen.take() {
                Some(line) => line,
                None => {
                    if first == b'\n' || first == b'\r' {
                        let next = self.line_start.after(chunk, at);
                        return self.end_in_place(input, next, text_start..text_end, &layout);
                    }
                    let Some((name, value_at)) = common_field(chunk, at) else {
                        match self.step_over(chunk, at, text_end > 0) {
                            Some(next) => at = next,
                            None => break,
                        }
                        if !self.partial.is_start() {
                            break;
                        }
                        continue;
                    };
                    if name == FieldName::Data && layout.data.is_present() {
                        // Lines of data do not lie side by side.
                        break;
                    }
                    Line { name, value_at, scan: scan_line(chunk, value_at) }
                }
            };
            let Line { name, value_at, scan: Scan { end, charset } } = line;
            let (len, value_len) = (end - at, end - value_at);
            if end == chunk.len() {
                self.consume(input, at);
                self.absorb(&chunk[text_start..text_end], &layout);
                return self.open_line(input, name, value_at - at, charset);
            }
            if !self.meter.allows(name, len, value_len) {
                self.consume(input, at);
                return self.exceed(name, self.position.current, len, value_len);
            }
            at = self.line_start.after(chunk, end);
            self.meter.add_line(len);
            if text_end == 0 {
                text_start = value_at;
            }
            text_end = end;
            let value = Span::new(value_at - text_start, end - text_start);
            match name {
                FieldName::Data => layout.data = value,
                FieldName::Event if value_len == 0 => layout.event = Span::ABSENT,
                FieldName::Event => layout.event = value,
                _ if is_ignored_id(&chunk[value_at..end]) => {}
                _ => layout.id = value,
            }
            if charset == Charset::Unknown {
                layout.charset = charset;
            }
        }
        self.consume(input, at);
        if text_end > 0 || !input.is_empty() {
            self.absorb(&chunk[text_start..text_end], &layout);
        }
        Found::Nothing
    }

    /// Ends the block whose fields are these, with the blank line that ends at `next`.
    #[inline(always)]
    fn end_in_place(
        &mut self,
        input: &mut &[u8],
        next: usize,
        text: Range<usize>,
        layout: &Layout,
    ) -> Found {
        let chunk = *input;
        self.meter.reset();
        self.leave(input, next, next);
        commit_id(&mut self.last_event_id, layout.id.of(&chunk[text.clone()]), layout.charset);
        if !self.surfaced.includes(layout) {
            return Found::Nothing;
        }
        self.layout = *layout;
        Found::InPlace { start: text.start, end: text.end }
    }

    /// Where the lines end that start at `at` and do not matter. `None` if the first does, or has no
    /// end: it is then to be put together.
    #[inline(never)]
    fn step_over(&mut self, chunk: &[u8], at: usize, is_open: bool) -> Option<usize> {
        if chunk[at] == b':' && self.comments == Comments::Ignored {
            let skipped = self.skip_comments(chunk, at, is_open);
            if skipped.block_end > 0 {
                self.position.block_start = self.position.current + skipped.block_end as u64;
            }
            return Some(skipped.at);
        }
        let end = scan_line(chunk, at).end;
        if end == chunk.len() || Field::parse(&chunk[at..end]).is_some() {
            return None;
        }
        Some(self.line_start.after(chunk, end))
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
