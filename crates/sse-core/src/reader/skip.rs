//! Skips comments that are not kept, and the blank lines between them.
//!
//! A server without events may send many comments as keep-alives, each with a blank line after it.

use super::{BlockReader, Comments, Stage};
use crate::{
    partial::PartialLine,
    scan::{LineEnds, WINDOW, scan_line},
};

/// Extent of comments and the blank lines between them.
pub(super) struct Skipped {
    /// The end of the last block that ended, or 0.
    pub(super) block_end: usize,
    pub(super) at: usize,
}

impl BlockReader {
    /// Consumes the rest of an ignored line, if one is open, and the comments after it.
    #[inline(never)]
    pub(super) fn skip(&mut self, input: &mut &[u8]) {
        let chunk = *input;
        let mut at = 0;
        if !self.partial.is_start() {
            let end = scan_line(chunk, 0).end();
            if end == chunk.len() {
                self.consume(input, end);
                return;
            }
            at = self.line_start.after(chunk, end);
            self.partial = PartialLine::Start;
        }
        let mut skipped = Skipped { block_end: 0, at };
        if self.comments == Comments::Ignored {
            skipped = self.skip_comments(chunk, at, !matches!(self.stage, Stage::Between));
        }
        self.leave(input, skipped.block_end, skipped.at);
    }

    /// Skips the comments at `at`, and the blank lines between them unless they end an open block.
    #[inline(always)]
    pub(super) fn skip_comments(&mut self, chunk: &[u8], at: usize, is_open: bool) -> Skipped {
        if chunk.len() - at <= WINDOW {
            return self.skip_lines(chunk, at, is_open, |at| scan_line(chunk, at).end());
        }
        let mut ends = LineEnds::of(chunk, at);
        self.skip_lines(chunk, at, is_open, |at| ends.next(chunk, at))
    }

    /// Like [`skip_comments`](Self::skip_comments), with a function that returns the end of the
    /// line at a place.
    #[inline(always)]
    fn skip_lines(
        &mut self,
        chunk: &[u8],
        at: usize,
        is_open: bool,
        mut line_end: impl FnMut(usize) -> usize,
    ) -> Skipped {
        let (mut block_end, mut at) = (0, at);
        loop {
            match chunk.get(at) {
                Some(b':') => {
                    let end = line_end(at);
                    if !is_open && chunk[end..].starts_with(b"\n\n") {
                        // Fast path: most keep-alives end like this.
                        at = end + 2;
                        block_end = at;
                        self.meter.reset();
                        continue;
                    }
                    if end == chunk.len() {
                        self.partial = PartialLine::Ignored;
                        at = end;
                        break;
                    }
                    at = self.line_start.after(chunk, end);
                }
                Some(b'\n' | b'\r') if !is_open => {
                    at = self.line_start.after(chunk, at);
                    block_end = at;
                    self.meter.reset();
                }
                _ => break,
            }
        }
        Skipped { block_end, at }
    }
}
