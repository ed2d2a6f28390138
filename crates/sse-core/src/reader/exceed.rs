//! Handles a block that exceeds a limit: skips it or ends the stream.
//!
//! Searches only for the end of the block, and holds nothing of it.

use super::{BlockReader, Ended, Found, Stage};
use crate::{field::FieldName, limits::ExcessPolicy, partial::PartialLine, scan::scan_line};

impl BlockReader {
    /// Abandons the block at a line that exceeds a limit. Parameters are those of
    /// [`Meter::excess`].
    ///
    /// Returns [`Found::Nothing`] if reading continues: the line, of which nothing may have been
    /// kept, is still to be consumed.
    ///
    /// [`Meter::excess`]: crate::meter::Meter::excess
    #[cold]
    pub(super) fn exceed(
        &mut self,
        name: FieldName,
        start: u64,
        len: usize,
        value_len: usize,
    ) -> Found {
        let excess = self.meter.excess(name, start, len, value_len);
        self.block.clear();
        match self.meter.limits.policy() {
            ExcessPolicy::Fail => {
                self.block.release_memory();
                self.stage = Stage::Failed(excess);
                self.partial = PartialLine::Start;
                Found::Excess
            }
            ExcessPolicy::Skip => {
                self.skipped.add(excess);
                if !self.partial.is_start() {
                    self.partial = PartialLine::Ignored;
                }
                self.stage = Stage::Skipping;
                Found::Nothing
            }
        }
    }

    /// Skips the rest of the block, as far as it has been received.
    #[cold]
    pub(super) fn skip_block(&mut self, input: &mut &[u8]) -> Found {
        while !input.is_empty() {
            let chunk = *input;
            let end = scan_line(chunk).len();
            if end == chunk.len() {
                self.partial = PartialLine::Ignored;
                self.consume(input, end);
                break;
            }
            let is_blank = end == 0 && self.partial.is_start();
            let next = self.line_start.after(chunk, end);
            self.partial = PartialLine::Start;
            self.consume(input, next);
            if is_blank {
                self.end_block(Ended::WithoutFields, 0);
                self.stage = Stage::Between;
                break;
            }
        }
        Found::Nothing
    }
}
