//! Blocks that lie whole in the input in, where their fields lie out: nothing is copied.
//!
//! Knows the fields that most blocks have. A block with another, with two lines of data, or cut by
//! the end of the input, is left to [`super::assemble`].

use super::{BlockReader, Comments, Found, commit_id};
use crate::{
    block::is_ignored_id,
    field::{Field, FieldName, common_field},
    layout::{Charset, Layout, Span},
    scan::{Scan, scan_line},
};

impl BlockReader {
    /// Reads blocks that lie whole in the input, up to the first that is to be given out, of which
    /// the layout then tells. A block that does not lie whole, or not in one piece, is moved to the
    /// buffers; the input is then used up, or to be read on there.
    #[inline(always)]
    pub(super) fn read_in_place(&mut self, input: &mut &[u8]) -> Found {
        let chunk = *input;
        let mut layout = Layout::EMPTY;
        // From the first value to the last.
        let (mut text_start, mut text_end) = (0, 0);
        let mut block_at = 0;
        let mut at = 0;
        while let Some(&first) = chunk.get(at) {
            if first == b'\n' || first == b'\r' {
                at = self.line_start.after(chunk, at);
                block_at = at;
                self.meter.reset();
                if text_end == 0 {
                    continue;
                }
                let text = &chunk[text_start..text_end];
                commit_id(&mut self.last_event_id, layout.id.of(text), layout.charset);
                if self.surfaced.includes(&layout) {
                    self.layout = layout;
                    self.leave(input, block_at, at);
                    return Found::InPlace { start: text_start, end: text_end };
                }
                layout = Layout::EMPTY;
                (text_start, text_end) = (0, 0);
                continue;
            }
            if first == b':' && self.comments == Comments::Ignored {
                let skipped = self.skip_comments(chunk, at, text_end > 0);
                if skipped.block_end > 0 {
                    block_at = skipped.block_end;
                }
                at = skipped.at;
                if !self.partial.is_start() {
                    break;
                }
                continue;
            }
            let line_at = at;
            let Some((name, value_at)) = common_field(chunk, at) else {
                let end = scan_line(chunk, at).end;
                if end == chunk.len() {
                    break;
                }
                if Field::parse(&chunk[line_at..end]).is_some() {
                    // One that few blocks have, or a name without a value.
                    break;
                }
                at = self.line_start.after(chunk, end);
                continue;
            };
            if name == FieldName::Data && layout.data.is_present() {
                // Lines of data do not lie side by side.
                break;
            }
            let Scan { end, charset } = scan_line(chunk, value_at);
            if end == chunk.len() {
                self.leave(input, block_at, line_at);
                self.absorb(&chunk[text_start..text_end], &layout);
                return self.open_line(input, name, value_at - line_at, charset);
            }
            let (len, value_len) = (end - line_at, end - value_at);
            if !self.meter.allows(name, len, value_len) {
                self.leave(input, block_at, line_at);
                return self.exceed(name, self.position.current, len, value_len);
            }
            if text_end == 0 && name == FieldName::Data {
                // Often there is nothing but a line of data.
                let next = match chunk[end..] {
                    [b'\n', b'\n', ..] => end + 2,
                    [b'\r', b'\n', b'\r', b'\n', ..] => end + 4,
                    _ => 0,
                };
                if next > 0 {
                    let data = Span::new(0, value_len);
                    self.layout = Layout { data, charset, ..Layout::EMPTY };
                    self.meter.reset();
                    self.leave(input, next, next);
                    return Found::InPlace { start: value_at, end };
                }
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
        self.leave(input, block_at, at);
        if text_end > 0 || !input.is_empty() {
            self.absorb(&chunk[text_start..text_end], &layout);
        }
        Found::Nothing
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
