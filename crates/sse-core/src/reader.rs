//! Bytes in, blocks out: the state of an event stream.
//!
//! Where a block lies whole in the input it is read [in place](in_place); a small one that is cut is
//! [carried over](carry), and any other put together [value by value](assemble); one that exceeds a
//! limit is [given up](exceed). All count and commit with the code here. Nothing is queued: each call
//! takes one block out of the input and leaves the rest where it is.

mod in_place;
mod carry;
mod assemble;
mod exceed;

use alloc::{string::String, vec::Vec};
use core::ops::Range;

use crate::{
    block::OpenBlock,
    event::ServerSentEvent,
    field::FieldName,
    layout::{Charset, Layout, Span},
    limits::{LimitExceeded, Skipped},
    line::{LineStart, Resumed},
    meter::Meter,
    partial::PartialLine,
    utf8,
};

/// Takes blocks out of the chunks of an event stream.
#[derive(Debug, Clone)]
pub(crate) struct BlockReader {
    stage: Stage,
    line_start: LineStart,
    pub(crate) comments: Comments,
    pub(crate) surfaced: Surfaced,
    partial: PartialLine,
    pub(crate) meter: Meter,
    position: Position,
    /// Of the block that was found last.
    layout: Layout,
    /// The bytes of a small block that is cut, as they came, and where its last line starts.
    carried: Vec<u8>,
    carried_line: usize,
    /// Where in it the text lies of a block that was found in it.
    carried_text: Range<usize>,
    block: OpenBlock,
    pub(crate) last_event_id: String,
    /// In milliseconds.
    pub(crate) reconnection_time: Option<u64>,
    pub(crate) skipped: Skipped,
}

/// Where the reader stands between two calls.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// No block is open: the next one may lie whole in the input.
    Between,
    /// A small block is open, and kept as it came.
    Carrying,
    /// A block is open, and in the buffers.
    Assembling,
    /// The block in the buffers has been given out, and is dropped by the next call.
    Dispatched,
    /// A limit was exceeded: what comes before the next blank line does not matter.
    Skipping,
    /// A limit was exceeded: nothing more is read.
    Failed(LimitExceeded),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comments {
    Ignored,
    Kept,
}

/// Which blocks are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surfaced {
    Messages,
    AllBlocks,
}

/// Places in the stream, in bytes from its start.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    current: u64,
    block_start: u64,
    /// Of the line in pieces.
    line_start: u64,
}

/// What was found in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A block whose text lies there, in the input as it was before the call.
    InPlace { start: usize, end: usize },
    /// A block whose text is in a buffer: see [`BlockReader::buffered`].
    InBuffer,
    /// No end of a block that is to be given out. The input is used up.
    Nothing,
    /// More than a limit allows: see [`BlockReader::failure`].
    Excess,
}

impl Default for BlockReader {
    fn default() -> Self {
        Self {
            stage: Stage::Between,
            line_start: LineStart::OF_STREAM,
            comments: Comments::Ignored,
            surfaced: Surfaced::Messages,
            partial: PartialLine::Start,
            meter: Meter::default(),
            position: Position::default(),
            layout: Layout::EMPTY,
            carried: Vec::new(),
            carried_line: 0,
            carried_text: 0..0,
            block: OpenBlock::default(),
            last_event_id: String::new(),
            reconnection_time: None,
            skipped: Skipped::default(),
        }
    }
}

impl BlockReader {
    /// Takes the next block that is to be given out off the input.
    #[inline(always)]
    pub(crate) fn next_block(&mut self, input: &mut &[u8]) -> Found {
        let len = input.len();
        if self.line_start == LineStart::Clear && len <= Span::MAX_END {
            match self.stage {
                Stage::Between => {
                    let found = self.read_in_place(input);
                    if input.is_empty() || found != Found::Nothing {
                        return found;
                    }
                    // The rest of the input has to be put together.
                }
                Stage::Assembling => {
                    if self.read_middle_of_data(input) {
                        return Found::Nothing;
                    }
                }
                Stage::Carrying | Stage::Dispatched | Stage::Skipping | Stage::Failed(_) => {}
            }
        }
        self.next_block_slowly(input, len)
    }

    /// Why nothing more comes.
    #[cold]
    pub(crate) fn failure(&self) -> Option<LimitExceeded> {
        match self.stage {
            Stage::Failed(error) => Some(error),
            Stage::Between
            | Stage::Carrying
            | Stage::Assembling
            | Stage::Dispatched
            | Stage::Skipping => None,
        }
    }

    /// Where the fields lie of the block that was found last.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The text of the block in a buffer that was found last.
    pub(crate) fn buffered(&self) -> &[u8] {
        match self.stage {
            Stage::Dispatched => self.block.sealed(),
            _ => &self.carried[self.carried_text.clone()],
        }
    }

    /// An event of the block in a buffer that was found last.
    pub(crate) fn take_buffered(&mut self) -> ServerSentEvent {
        let text = self.buffered();
        let len = text.len();
        if len < COPIED_LEN {
            return ServerSentEvent::copied(text, &self.layout);
        }
        let mut bytes = self.block.take_sealed();
        if bytes.capacity() - len > len / 8 {
            bytes.shrink_to_fit();
        }
        ServerSentEvent::taken_over(bytes, &self.layout)
    }

    /// Gives memory back when there is nothing more to read, until more comes.
    #[inline]
    pub(crate) fn rest(&mut self) {
        if let Stage::Dispatched = self.stage {
            self.drop_block();
        }
        if let Stage::Between = self.stage {
            self.block.rest();
            if self.carried.capacity() > KEPT_AT_REST_BYTES {
                self.drop_carried();
            }
        }
    }

    #[cold]
    fn drop_carried(&mut self) {
        self.carried = Vec::new();
    }

    /// How many bytes have come since the end of the last block.
    pub(crate) fn pending_bytes(&self) -> u64 {
        self.position() - self.position.block_start
    }

    /// How many bytes of the stream have been taken.
    pub(crate) fn position(&self) -> u64 {
        // What is kept as it came is counted when it is read.
        match self.stage {
            Stage::Carrying => self.position.current + self.carried.len() as u64,
            _ => self.position.current,
        }
    }

    /// Forgets the stream, and keeps the settings and what outlives a connection.
    pub(crate) fn restart(&mut self) {
        self.line_start = LineStart::OF_STREAM;
        self.stage = Stage::Between;
        self.partial = PartialLine::Start;
        self.block.clear();
        self.meter.reset();
        self.position = Position::default();
    }

    /// The same wherever the reader stands. The input was `len` bytes long before the call.
    #[inline(never)]
    fn next_block_slowly(&mut self, input: &mut &[u8], len: usize) -> Found {
        match self.stage {
            Stage::Failed(_) => return Found::Excess,
            Stage::Dispatched => self.drop_block(),
            Stage::Between | Stage::Carrying | Stage::Assembling | Stage::Skipping => {}
        }
        if self.line_start != LineStart::Clear {
            self.resume(input);
        }
        self.read_on(input, len)
    }

    /// Reads from where the reader stands.
    fn read_on(&mut self, input: &mut &[u8], len: usize) -> Found {
        while !input.is_empty() {
            let skipped = len - input.len();
            let found = match self.stage {
                Stage::Carrying => self.read_carried(input),
                Stage::Assembling => self.assemble(input),
                Stage::Skipping => self.skip_block(input),
                Stage::Between | Stage::Dispatched | Stage::Failed(_) => {
                    let (mut window, beyond) = input.split_at(input.len().min(Span::MAX_END));
                    let found = self.read_in_place(&mut window);
                    *input = &input[input.len() - beyond.len() - window.len()..];
                    found
                }
            };
            match found {
                Found::Nothing => {}
                Found::InPlace { start, end } => {
                    return Found::InPlace { start: start + skipped, end: end + skipped };
                }
                found => return found,
            }
        }
        Found::Nothing
    }

    /// Steps over what stands in front of a chunk's lines.
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
            self.partial = PartialLine::Ignored;
            self.stage = Stage::Assembling;
        }
    }

    #[inline(always)]
    fn begin_block(&mut self) {
        self.meter.reset();
        self.position.block_start = self.position.current;
    }

    #[inline]
    fn keeps(&self, name: FieldName) -> bool {
        name != FieldName::Comment || self.comments == Comments::Kept
    }
}

impl Surfaced {
    #[inline(always)]
    fn includes(self, layout: &Layout) -> bool {
        match self {
            Self::Messages => layout.data.is_present(),
            Self::AllBlocks => !layout.is_empty(),
        }
    }
}

/// "Set the last event ID string of the event source to the value of the last event ID buffer":
/// at the end of every block, dispatched or not.
#[inline(always)]
fn commit_id(last_event_id: &mut String, id: Option<&[u8]>, charset: Charset) {
    if let Some(id) = id {
        last_event_id.clear();
        last_event_id.push_str(&utf8::decode(id, charset));
    }
}

/// A block that was put together and is shorter than this is copied once more, into memory of just
/// its length, so that the buffer can be used again.
const COPIED_LEN: usize = 4096;

/// What is kept of the memory for small blocks while nothing comes.
const KEPT_AT_REST_BYTES: usize = 64;
