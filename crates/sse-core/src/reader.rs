//! Finds the blocks of an event stream in its chunks.
//!
//! Owns the state of the stream. [`route`] decides where a block is read: [in place](in_place) if
//! it lies whole in the input, or seems to, and otherwise [value by value](assemble), in buffers.
//! The caller takes the fast routes itself; [`stages`] takes any. Nothing is queued: each call
//! takes one block from the input and leaves the rest of the input where it is. Events are built by
//! [`crate::parser`].
//!
//! # States
//!
//! ```text
//!       ┌─────────────▶ Between ──────────────────────┐ lines of data are joined
//!       │                │   ▲                        ▼
//!       │ a blank line   │   │ no field counts,   Dispatched ──▶ Between, in the next call
//!       │         a line │   │ or no event            ▲
//!       │                ▼   │                        │
//!   Skipping           Assembling ────────────────────┘ a blank line: Found::InBuffer
//!       ▲                │
//!       └────────────────┤ a limit is exceeded: its policy decides
//!                        └──▶ Failed
//! ```
//!
//! [`Parser::restart`](crate::Parser::restart) leads from each state to `Between`.
//!
//! A block that lies whole in the input, [`Found::InPlace`], has no state of its own. If it has
//! several lines of data, they are joined in the buffers. Within a state, [`PartialLine`] is the
//! progress within a line.
//!
//! # How to change a rule
//!
//! | rule | place |
//! |---|---|
//! | what a line means: its name, where its value starts | [`Field::parse`](crate::field::Field::parse), and `common_field` for the fast path |
//! | which `retry` counts | [`parse_retry`](crate::field::parse_retry) |
//! | when a `retry` takes effect: when its line ends | `take_retry` in [`in_place`], `end_value` in [`assemble`] |
//! | which IDs are ignored | [`is_ignored_id`](crate::field::is_ignored_id) |
//! | when an ID takes effect: when its block ends | [`BlockReader::end_block`] |
//! | which comments are ignored | [`BlockReader::ignores`] |
//! | which blocks are returned | [`DispatchFilter`] |
//! | what the end of a block does | [`BlockReader::end_block`] |
//! | where a block is read | [`route`] |

mod skip;
mod route;
mod in_place;
mod join;
mod assemble;
mod exceed;
mod stages;
mod ends;

pub(crate) use in_place::{Lines, Message};
pub(crate) use route::Route;

use alloc::{boxed::Box, string::String};

use crate::{
    block::OpenBlock,
    buffer::Buffer,
    layout::Layout,
    limits::{Limit, LimitExceeded, Skipped},
    line::LineStart,
    meter::Meter,
    partial::PartialLine,
    unknown::UnknownLines,
    utf8,
};

/// Reader that takes blocks from the chunks of an event stream.
#[derive(Debug, Clone)]
pub(crate) struct BlockReader {
    stage: Stage,
    line_start: LineStart,
    pub(crate) comments: Comments,
    pub(crate) dispatch_filter: DispatchFilter,
    partial: PartialLine,
    pub(crate) meter: Meter,
    position: Position,
    /// Layout of the block in the input that was found last.
    layout: Layout,
    /// Length of the input before that block that was not part of it.
    offset: usize,
    block: OpenBlock,
    pub(crate) last_event_id: String,
    /// In milliseconds.
    pub(crate) reconnection_time: Option<u64>,
    pub(crate) skipped: Skipped,
    /// Number of comment lines that have ended, if comments are kept. Wraps around.
    ///
    /// 32 bits, so that the field takes no extra room: see [`Buffer`](crate::buffer::Buffer).
    pub(crate) comment_lines: u32,
    /// Lines of this stream with an unknown field name; few streams have any.
    unknown: Option<Box<UnknownLines>>,
}

/// State of the reader between two calls.
#[derive(Debug, Clone, Copy)]
#[repr(u8)] // so that it is found out by one comparison
enum Stage {
    /// No block is open: the next one may lie whole in the input.
    Between,
    /// A block is open, and is in the buffers.
    Assembling,
    /// The block in the buffers has been returned, and the next call drops it.
    Dispatched,
    /// A limit was exceeded: everything before the next blank line is ignored.
    Skipping,
    /// A limit was exceeded: nothing more is read.
    Failed(LimitExceeded),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comments {
    Ignored,
    Kept,
}

/// Filter of the blocks that are returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DispatchFilter {
    Messages,
    AllBlocks,
}

/// Positions in the stream, in bytes from its start.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    current: u64,
    block_start: u64,
    /// Start of the line that is split.
    line_start: u64,
    /// Maximum end of that line, once its value has begun.
    line_max: u64,
}

/// Result of reading the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A block that lies in the input as it was before the call: see [`BlockReader::offset`].
    InPlace,
    /// A block whose text is in a buffer: see [`BlockReader::buffered`].
    InBuffer,
    /// No end of a block that is to be returned. The input was consumed.
    Nothing,
    /// A limit was exceeded: see [`BlockReader::failure`].
    Excess,
}

/// Block that ends.
#[derive(Clone, Copy)]
enum Ended<'a> {
    /// A block that lies in the input.
    InInput(&'a [u8], &'a Layout),
    /// The block in the buffers.
    InBuffer,
    /// A block of which nothing counts: ignored comments, or what exceeds a limit.
    WithoutFields,
}

impl Default for BlockReader {
    fn default() -> Self {
        Self {
            stage: Stage::Between,
            line_start: LineStart::OF_STREAM,
            comments: Comments::Ignored,
            dispatch_filter: DispatchFilter::Messages,
            partial: PartialLine::Start,
            meter: Meter::default(),
            position: Position::default(),
            layout: Layout::EMPTY,
            offset: 0,
            block: OpenBlock::default(),
            last_event_id: String::new(),
            reconnection_time: None,
            skipped: Skipped::default(),
            comment_lines: 0,
            unknown: None,
        }
    }
}

impl BlockReader {
    /// Returns the error that ended the stream.
    #[cold]
    pub(crate) fn failure(&self) -> Option<LimitExceeded> {
        match self.stage {
            Stage::Failed(error) => Some(error),
            Stage::Between | Stage::Assembling | Stage::Dispatched | Stage::Skipping => None,
        }
    }

    /// Returns the offset in the input that the layout of the last block is relative to.
    #[inline(always)]
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the layout of the last block that was found in the input.
    #[inline(always)]
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the text and the layout of the last block that was found in the buffers.
    #[inline(always)]
    pub(crate) fn buffered(&self) -> (&[u8], &Layout) {
        self.block.sealed()
    }

    /// Like [`buffered`](Self::buffered), but lets an event take ownership of the text.
    #[inline(always)]
    pub(crate) fn buffered_mut(&mut self) -> (&mut Buffer, &Layout) {
        self.block.sealed_mut()
    }

    /// Drops the last block from the buffers, after an event of length `len` took ownership of its
    /// text. `input` is the rest of the chunk after the block.
    #[inline(always)]
    pub(crate) fn drop_taken(&mut self, len: usize, input: &[u8]) {
        if !input.is_empty() {
            self.block.expect_more(len, self.meter.limits.max_bytes(Limit::Event));
        }
        self.drop_copied(input);
    }

    /// Drops the last block from the buffers, after its text was copied. `input` is the rest of the
    /// chunk after the block.
    #[inline(always)]
    pub(crate) fn drop_copied(&mut self, input: &[u8]) {
        self.drop_block();
        if input.is_empty() {
            self.block.release_memory();
        }
    }

    /// Releases memory at the end of the available input.
    #[inline]
    pub(crate) fn release_memory(&mut self) {
        if let Stage::Dispatched = self.stage {
            self.drop_block();
        }
        if let Stage::Between = self.stage {
            self.block.release_memory();
        }
    }

    /// Like [`release_memory`](Self::release_memory), after a block that was read in place: nothing
    /// is in the buffers.
    #[inline(always)]
    pub(crate) fn release_memory_in_place(&mut self) {
        self.block.release_memory();
    }

    /// Returns the number of bytes since the end of the last block.
    pub(crate) fn pending_bytes(&self) -> u64 {
        self.position.current - self.position.block_start
    }

    /// Returns the number of bytes of the stream that have been consumed.
    pub(crate) fn position(&self) -> u64 {
        self.position.current
    }

    /// Resets the state of the stream, and keeps the settings and what outlives a connection.
    pub(crate) fn restart(&mut self) {
        self.line_start = LineStart::OF_STREAM;
        self.stage = Stage::Between;
        self.partial = PartialLine::Start;
        self.block.clear();
        self.block.release_memory();
        self.meter.reset();
        self.position = Position::default();
        self.unknown = None;
    }

    /// Returns the lines of the stream with an unknown field name. An incomplete line counts once
    /// its name cannot become a known one.
    pub(crate) fn unknown_lines(&self) -> UnknownLines {
        let mut unknown = self.unknown.as_deref().cloned().unwrap_or_default();
        if let PartialLine::Head(head) = self.partial {
            if !head.may_be_known() && unknown.begin(self.position.line_start) {
                unknown.extend(&head.bytes()[..head.len()]);
            }
        }
        unknown
    }

    /// Counts a whole line in the input whose field name is unknown.
    #[cold]
    #[inline(never)] // kept out of the fast path
    fn note_unknown(&mut self, line: &[u8], at: usize) {
        let unknown = self.unknown.get_or_insert_default();
        if unknown.begin(self.position.current + at as u64) {
            unknown.extend(line);
        }
    }

    /// Ends a block: does what every blank line does, whether or not the block is returned. The
    /// blank line ends at `end` in the input.
    ///
    /// "Set the last event ID string of the event source to the value of the last event ID buffer."
    #[inline(always)]
    fn end_block(&mut self, block: Ended<'_>, end: usize) {
        self.meter.reset();
        self.position.block_start = self.position.current + end as u64;
        let (text, layout) = match block {
            Ended::InInput(input, layout) => (input, layout),
            Ended::InBuffer => self.block.sealed(),
            Ended::WithoutFields => return,
        };
        if let Some(id) = utf8::decode_field(text, layout.id, layout.ascii) {
            self.last_event_id.clear();
            self.last_event_id.push_str(&id);
        }
    }

    /// Returns `true` if a line with this first byte is a comment that is ignored.
    #[inline(always)]
    fn ignores(&self, first: u8) -> bool {
        first == b':' && self.comments == Comments::Ignored
    }
}

impl DispatchFilter {
    #[inline(always)]
    fn includes(self, layout: &Layout) -> bool {
        match self {
            Self::Messages => layout.data.is_present(),
            Self::AllBlocks => !layout.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::{BlockReader, Comments, Found};
    use crate::{limits::Limits, scan::count};

    /// Returns the number of bytes that are examined to read the stream in chunks of this length.
    fn looked_at(stream: &[u8], chunk_len: usize, comments: Comments) -> usize {
        let mut reader = BlockReader { comments, ..BlockReader::default() };
        reader.meter.limits = Limits::highest();
        count::take();
        for mut input in stream.chunks(chunk_len) {
            while !input.is_empty() {
                let route = reader.route(input);
                if !reader.read_fast(route, &mut input) {
                    assert_ne!(reader.next_block(&mut input), Found::Excess);
                }
            }
        }
        count::take()
    }

    #[test]
    fn no_byte_of_a_comment_that_is_kept_is_looked_at_twice() {
        let stream = b": keep-alive\n\n";
        assert!(looked_at(stream, stream.len(), Comments::Kept) <= stream.len());
    }

    #[test]
    fn no_byte_is_looked_at_more_than_twice() {
        // Miri takes hours for as much as takes seconds otherwise.
        let (long, times) = if cfg!(miri) { (8 << 10, 10) } else { (8 << 20, 10_000) };
        let line = |len| [b"data: ", &*vec![b'x'; len], b"\n\n"].concat();
        let streams: [Vec<u8>; 8] = [
            line(long),
            line(100).repeat(times / 10),
            b"data\n".repeat(times),
            b"data: x\nid: 1\nevent: e\n".repeat(times),
            b": comment\n".repeat(times),
            b"unknown: line\ndata: line\n\n".repeat(times),
            b"id: 1\r\nretry: 10\r\ndata: x\r\ndata: y\r\n\r\n".repeat(times),
            b"event: e\rdata: some data\r\r".repeat(times),
        ];
        for stream in &streams {
            for chunk_len in [1, 3, 16, 100, 1460, 16384, usize::MAX] {
                let count = looked_at(stream, chunk_len, Comments::Ignored);
                let max = 2 * stream.len();
                assert!(count <= max, "{count} of {max}, in chunks of {chunk_len}");
            }
        }
    }
}
