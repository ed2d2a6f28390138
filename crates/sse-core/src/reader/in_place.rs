//! Blocks that lie whole in the input in, where their fields lie out: nothing is copied.
//!
//! Knows the fields that most blocks have. A block with another, with two lines of data, or cut by
//! the end of the input, is left to [`super::carry`] and [`super::assemble`].

use super::{BlockReader, Comments, Found, Stage, commit_id};
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
        // Whether it is the end of the input that ends the reading.
        let mut is_cut = true;
        while let Some(&first) = chunk.get(at) {
            if first == b'\n' || first == b'\r' {
                at = self.line_start.after(chunk, at);
                self.position.current += (at - block_at) as u64;
                self.begin_block();
                block_at = at;
                if text_end == 0 {
                    continue;
                }
                let text = &chunk[text_start..text_end];
                commit_id(&mut self.last_event_id, layout.id.of(text), layout.charset);
                if self.surfaced.includes(&layout) {
                    self.layout = layout;
                    *input = &chunk[at..];
                    return Found::InPlace { start: text_start, end: text_end };
                }
                layout = Layout::EMPTY;
                (text_start, text_end) = (0, 0);
                continue;
            }
            let line_at = at;
            if first == b':' && self.comments == Comments::Ignored {
                let end = scan_line(chunk, at).end;
                if end == chunk.len() {
                    break;
                }
                at = self.line_start.after(chunk, end);
                continue;
            }
            let Some((name, value_at)) = common_field(chunk, at) else {
                let end = scan_line(chunk, at).end;
                if end == chunk.len() {
                    break;
                }
                at = self.line_start.after(chunk, end);
                let line = &chunk[line_at..end];
                if Field::parse(line).is_some_and(|field| self.keeps(field.name)) {
                    // One that few blocks have, or a name without a value.
                    at = line_at;
                    is_cut = false;
                    break;
                }
                continue;
            };
            let Scan { end, charset } = scan_line(chunk, value_at);
            if name == FieldName::Data && layout.data.is_present() {
                // Lines of data do not lie side by side.
                is_cut = false;
                break;
            }
            if end == chunk.len() {
                break;
            }
            at = self.line_start.after(chunk, end);
            let (len, value_len) = (end - line_at, end - value_at);
            if !self.meter.allows(name, len, value_len) {
                self.position.current += (line_at - block_at) as u64;
                *input = &chunk[line_at..];
                return self.exceed(name, self.position.current, len, value_len);
            }
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
        if block_at == chunk.len() {
            *input = &[];
            return Found::Nothing;
        }
        let is_whole_so_far = block_at > 0 || self.pending_bytes() == 0;
        let has_fields = text_end > 0 || matches!(chunk.get(at), Some(b'd' | b'e' | b'i'));
        if is_cut && is_whole_so_far && has_fields && self.carry(&chunk[block_at..]) {
            *input = &[];
            return Found::Nothing;
        }
        self.block.absorb(&chunk[text_start..text_end], &layout);
        self.position.current += (at - block_at) as u64;
        *input = &chunk[at..];
        self.stage = Stage::Assembling;
        if input.is_empty() {
            self.settle();
        }
        Found::Nothing
    }
}
