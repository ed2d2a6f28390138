//! Skips comments that are not kept, and the blank lines between them.
//!
//! A server without events may send many comments as keep-alives, each with a blank line after it.

use super::{BlockReader, Comments, Ended, Stage};
use crate::{
    partial::PartialLine,
    scan::{LineEnds, WINDOW, scan_line},
};

impl BlockReader {
    /// Consumes the rest of an ignored line, if one is open, and the comments after it.
    #[inline(never)]
    pub(super) fn skip(&mut self, input: &mut &[u8]) {
        let chunk = *input;
        let mut at = 0;
        if !self.partial.is_start() {
            let end = scan_line(chunk).len();
            if end == chunk.len() {
                self.consume(input, end);
                return;
            }
            at = self.line_start.after(chunk, end);
            self.partial = PartialLine::Start;
        }
        if self.comments == Comments::Ignored {
            at = self.skip_comments(chunk, at, !matches!(self.stage, Stage::Between));
        }
        self.consume(input, at);
    }

    /// Skips the comments at `at`, and the blank lines between them unless they end an open block.
    /// Returns the end of what was skipped.
    #[inline(always)]
    fn skip_comments(&mut self, chunk: &[u8], at: usize, is_open: bool) -> usize {
        if chunk.len() - at <= WINDOW {
            return self.skip_lines(chunk, at, is_open, |at| at + scan_line(&chunk[at..]).len());
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
        mut at: usize,
        is_open: bool,
        mut line_end: impl FnMut(usize) -> usize,
    ) -> usize {
        loop {
            match chunk.get(at) {
                Some(b':') => {
                    let end = line_end(at);
                    if !is_open && chunk[end..].starts_with(b"\n\n") {
                        // Fast path: most keep-alives end like this.
                        at = end + 2;
                        self.end_block(Ended::WithoutFields, at);
                        continue;
                    }
                    if end == chunk.len() {
                        self.partial = PartialLine::Ignored;
                        return end;
                    }
                    at = self.line_start.after(chunk, end);
                }
                Some(b'\n' | b'\r') if !is_open => {
                    at = self.line_start.after(chunk, at);
                    self.end_block(Ended::WithoutFields, at);
                }
                _ => return at,
            }
        }
    }
}
