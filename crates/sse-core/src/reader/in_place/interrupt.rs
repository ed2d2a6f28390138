//! Moves a block that cannot be read in place to the buffers, with the lines that have been read.

use super::Lines;
use crate::{
    field::FieldName,
    layout::DataLines,
    partial::PartialLine,
    reader::{BlockReader, Found, Stage},
};

impl BlockReader {
    /// Moves a block to the buffers, up to the last line that was read, and returns the end of that
    /// line.
    #[inline(never)]
    pub(super) fn interrupt(&mut self, chunk: &[u8], lines: &Lines, more: &DataLines) -> usize {
        let mut rest = chunk;
        if self.exceeds(lines.used) {
            // The slow path finds the exact position of the excess line by line.
            self.consume(&mut rest, lines.block_start);
            self.stage = Stage::Assembling;
            self.partial = PartialLine::Start;
            return lines.block_start;
        }
        self.consume(&mut rest, lines.at);
        if !lines.layout.is_empty() || !rest.is_empty() || lines.used > 0 {
            self.meter.start_with(lines.used as usize);
            self.absorb_lines(chunk, lines, more);
        }
        lines.at
    }

    /// Like [`interrupt`](Self::interrupt), for a block with one more line that has begun.
    #[inline(never)]
    pub(super) fn interrupt_in_line(
        &mut self,
        chunk: &[u8],
        lines: &Lines,
        more: &DataLines,
        name: FieldName,
        value_at: usize,
    ) -> (Found, usize) {
        let consumed = self.interrupt(chunk, lines, more);
        if consumed != lines.at {
            return (Found::Nothing, consumed);
        }
        let mut rest = &chunk[consumed..];
        let ascii = lines.layout.ascii.without_first(lines.at);
        let found = self.open_line(&mut rest, name, value_at - lines.at, ascii);
        (found, chunk.len() - rest.len())
    }

    fn absorb_lines(&mut self, chunk: &[u8], Lines { layout, used, .. }: &Lines, more: &DataLines) {
        let text = layout.text();
        // Copies the bytes between the fields too, unless they exceed the lines that count: nothing
        // of a long comment may be held.
        if more.is_empty() && text.len() as u64 <= *used {
            self.absorb(&chunk[text.clone()], &layout.shift_left(text.start));
            return;
        }
        self.stage = Stage::Assembling;
        let room = self.meter.room();
        self.block.set_retry(layout.rare.retry);
        let others = [(FieldName::Event, layout.event), (FieldName::Id, layout.id)];
        let lines = more.iter().map(|line| (FieldName::Data, line));
        let fields = others.into_iter().chain([(FieldName::Data, layout.data)]).chain(lines);
        for (name, span) in fields {
            if let Some(value) = span.of(chunk) {
                self.block.begin(name, room);
                self.block.extend(value, layout.ascii.without_first(span.start()), room);
                self.block.end(name, room);
            }
        }
    }
}
