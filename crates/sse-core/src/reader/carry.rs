//! A small block that a chunk has cut, and the chunks after it in, the block in one piece out.
//!
//! Keeps the bytes as they came until the block ends, and then has them read in place like any
//! other: less work than to put the values together, as long as the block is small. What is large,
//! or has a field that cannot wait for the end of its block, goes to [`super::assemble`].

use core::mem;

use super::{BlockReader, Comments, Found, Stage};
use crate::{limits::Limit, line::LineStart, scan::scan_line};

impl BlockReader {
    /// Keeps the start of a block, if it is small and no limit can be exceeded by it.
    #[inline(never)]
    pub(super) fn carry(&mut self, block: &[u8]) -> bool {
        let limits = &self.meter.limits;
        let cannot_exceed = limits.max_bytes(Limit::Event) >= MAX_COUNTED_LEN
            && limits.max_bytes(Limit::Id) >= MAX_LEN
            && limits.max_bytes(Limit::EventType) >= MAX_LEN;
        if block.len() > MAX_LEN / 2 || !cannot_exceed {
            return false;
        }
        self.carried.clear();
        self.keep(block);
        self.carried_line = line_start(block);
        self.meter.reset();
        self.stage = Stage::Carrying;
        true
    }

    /// Adds the input up to the end of the block that is kept, and reads that.
    #[inline(always)]
    pub(super) fn read_carried(&mut self, input: &mut &[u8]) -> Found {
        let chunk = *input;
        let mut at = 0;
        loop {
            let end = scan_line(chunk, at).end;
            let kept = self.carried.len();
            if kept + end > MAX_LEN {
                return self.assemble_carried();
            }
            if end == chunk.len() {
                self.keep(chunk);
                if at > 0 {
                    self.carried_line = kept + at;
                }
                *input = &[];
                return Found::Nothing;
            }
            let in_pieces = at == 0 && self.carried_line < kept;
            if at == end && !in_pieces {
                let next = self.line_start.after(chunk, end);
                self.carried.extend_from_slice(&chunk[..next]);
                *input = &chunk[next..];
                return self.read_whole_carried();
            }
            let first = if in_pieces { self.carried[self.carried_line] } else { chunk[at] };
            if first == b'r' || (first == b':' && self.comments == Comments::Kept) {
                // It may set the reconnection time, which has its effect at once.
                return self.assemble_carried();
            }
            at = self.line_start.after(chunk, end);
        }
    }

    /// Keeps bytes that end a chunk.
    #[inline(always)]
    fn keep(&mut self, bytes: &[u8]) {
        self.carried.extend_from_slice(bytes);
        if let Some(end @ b'\r') = self.carried.last_mut() {
            // Its line has ended, and an LF after it will be stepped over: no other LF may seem to
            // belong to it.
            *end = b'\n';
        }
    }

    /// Reads the block that is kept, which has ended.
    fn read_whole_carried(&mut self) -> Found {
        // Whether the input goes on with half a CRLF was found where the block was cut.
        let line_start = mem::replace(&mut self.line_start, LineStart::Clear);
        self.stage = Stage::Between;
        let carried = mem::take(&mut self.carried);
        let found = self.read_on(&mut &carried[..], carried.len());
        self.carried = carried;
        self.line_start = line_start;
        match found {
            Found::InPlace { start, end } => {
                self.carried_text = start..end;
                Found::InBuffer
            }
            found => found,
        }
    }

    /// Puts the values together of what is kept, which has not ended.
    #[cold]
    fn assemble_carried(&mut self) -> Found {
        self.stage = Stage::Assembling;
        let carried = mem::take(&mut self.carried);
        let found = self.read_on(&mut &carried[..], carried.len());
        self.carried = carried;
        self.line_start = LineStart::Clear;
        found
    }
}

/// Where the last line starts, which has not ended.
fn line_start(block: &[u8]) -> usize {
    block.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |end| end + 1)
}

/// The longest block that is kept as it came.
const MAX_LEN: usize = 512;

/// More than any such block can count, be it made of lines of one byte.
const MAX_COUNTED_LEN: usize = 16 * MAX_LEN;
