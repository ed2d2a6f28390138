//! Takes the routes of the reader, one after the other, until there is a block or the input is
//! consumed.
//!
//! Correct in every state, and does not read bytes itself.

use super::{BlockReader, Found, Route, Stage};
use crate::{layout::Span, line::Resumed};

impl BlockReader {
    /// Fast path for small chunks: appends a fragment of the open value, or skips ignored lines,
    /// without touching the rest of the state. Returns `true` if the input was consumed.
    #[inline(always)]
    pub(crate) fn read_fast(&mut self, route: Route, input: &mut &[u8]) -> bool {
        match route {
            Route::Fragment => self.read_fragment(input),
            Route::Skip => {
                self.skip(input);
                input.is_empty()
            }
            _ => false,
        }
    }

    /// Takes the next block that is to be returned from the input.
    #[inline(always)]
    pub(crate) fn next_block(&mut self, input: &mut &[u8]) -> Found {
        self.next_block_within(input, input.len())
    }

    /// Takes the next block that is to be returned from the input, whose length was `len` before
    /// the caller's work.
    #[inline(never)]
    pub(super) fn next_block_within(&mut self, input: &mut &[u8], len: usize) -> Found {
        self.read_on(input, len, Span::MAX_END)
    }

    /// Takes routes, reading at most `max_window` bytes in place at once.
    #[inline(always)]
    fn read_on(&mut self, input: &mut &[u8], len: usize, max_window: usize) -> Found {
        loop {
            let skipped = len - input.len();
            let mut found = Found::Nothing;
            match self.route(input) {
                Route::Fragment | Route::Assemble => found = self.assemble(input),
                Route::Skip => self.skip(input),
                Route::InPlace | Route::Windows => {
                    let (mut window, beyond) = input.split_at(input.len().min(max_window));
                    found = self.read_in_place(&mut window);
                    *input = &input[input.len() - beyond.len() - window.len()..];
                }
                Route::Nothing => return Found::Nothing,
                Route::Resume => self.resume(input),
                Route::SkipBlock => found = self.skip_block(input),
                Route::Fail => return Found::Excess,
            }
            if found == Found::InPlace {
                self.offset = skipped;
            }
            if found != Found::Nothing || input.is_empty() {
                return found;
            }
        }
    }

    /// Skips the bytes before a chunk's first line.
    fn resume(&mut self, input: &mut &[u8]) {
        let before = input.len();
        let resumed = self.line_start.resume(input);
        let was_at_block_start = self.pending_bytes() == 0;
        self.position.current += (before - input.len()) as u64;
        if was_at_block_start {
            self.position.block_start = self.position.current;
        }
        if resumed == Resumed::BrokenMark {
            self.position.block_start = 0;
            self.begin_unknown(0);
            self.stage = Stage::Assembling;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{BlockReader, Found};
    use crate::layout::Layout;

    /// Returns the data and the ID of each message of a stream that comes in one chunk.
    fn blocks(stream: &[u8], max_window: usize) -> Vec<[Vec<u8>; 2]> {
        let mut reader = BlockReader::default();
        let (mut input, mut blocks) = (stream, Vec::new());
        loop {
            let chunk = input;
            let (text, layout) = match reader.read_on(&mut input, chunk.len(), max_window) {
                Found::InPlace => (&chunk[reader.offset()..], reader.layout()),
                Found::InBuffer => reader.buffered(),
                _ => return blocks,
            };
            let Layout { data, id, .. } = *layout;
            blocks.push([data, id].map(|span| span.of(text).unwrap_or_default().to_vec()));
        }
    }

    /// The windows end anywhere, inside a CRLF or a comment as well.
    #[test]
    fn a_chunk_longer_than_spans_reach_is_read_in_windows() {
        let stream = b"id: 1\r\ndata: a\r\ndata: b\r\n\r\n\
            : comment\r\rid: 2\r\ndata: c\r\n\r\ndata: d\n\nevent: e\r\n\r\ndata: f\r\r\n\n";
        let expected = [["a\nb", "1"], ["c", "2"], ["d", ""], ["f", ""]];
        let expected = expected.map(|block| block.map(|value| value.as_bytes().to_vec()));
        for max_window in 1..=stream.len() {
            assert_eq!(blocks(stream, max_window), expected, "windows of {max_window}");
        }
    }
}
