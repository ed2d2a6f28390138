//! Lines in, blocks out: the state of an event stream.
//!
//! Where a block lies whole in the input it is read in place; where it is cut, or has several
//! lines of data, it is put together in an [`OpenBlock`]. Both ways read fields, count and commit
//! with the same code. Nothing is queued: each call takes one block out of the input and leaves
//! the rest where it is.

use alloc::string::String;

use crate::{
    block::{OpenBlock, parse_retry},
    event_ref::EventRef,
    field::{Field, FieldName},
    limits::LimitExceeded,
    line::{LineDecoder, Resumed},
    meter::Meter,
    partial::{LineKind, PartialLine, Piece},
};

/// Takes blocks out of the chunks of an event stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct BlockReader {
    lines: LineDecoder,
    stage: Stage,
    partial: PartialLine,
    block: OpenBlock,
    pub(crate) meter: Meter,
    pub(crate) comments: Comments,
    pub(crate) surfaced: Surfaced,
    position: Position,
    pub(crate) last_event_id: String,
    /// In milliseconds.
    pub(crate) reconnection_time: Option<u64>,
}

/// Where the reader stands between two calls.
#[derive(Debug, Clone, Copy, Default)]
enum Stage {
    /// No block is open: the next one may lie whole in the input.
    #[default]
    Between,
    /// A block is open, and in the buffers.
    Assembling,
    /// The block in the buffers has been given out, and is dropped by the next call.
    Dispatched,
    /// A limit was exceeded.
    Failed(LimitExceeded),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Comments {
    #[default]
    Ignored,
    Kept,
}

/// Which blocks are given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Surfaced {
    #[default]
    Messages,
    AllBlocks,
}

/// Places in the stream, in bytes from its start.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    current: u64,
    block_start: u64,
    line_start: u64,
}

/// Where a block was found.
pub(crate) enum Found<'i> {
    InPlace(EventRef<'i>),
    /// In the buffers: see [`BlockReader::assembled`].
    Assembled,
}

impl BlockReader {
    /// Takes the next block that is to be given out off the input.
    pub(crate) fn next_block<'i>(
        &mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Found<'i>>, LimitExceeded> {
        let found = self.find_block(input);
        if let Err(error) = found {
            self.stage = Stage::Failed(error);
        }
        found
    }

    /// The block in the buffers that was found last.
    pub(crate) fn assembled(&self) -> EventRef<'_> {
        self.block.view()
    }

    /// How many bytes have come since the end of the last block.
    pub(crate) fn pending_bytes(&self) -> u64 {
        self.position.current - self.position.block_start
    }

    /// How many bytes of the stream have been taken.
    pub(crate) fn position(&self) -> u64 {
        self.position.current
    }

    /// Forgets the stream, and keeps the settings and what outlives a connection.
    pub(crate) fn restart(&mut self) {
        self.lines = LineDecoder::default();
        self.stage = Stage::Between;
        self.partial = PartialLine::Start;
        self.block.clear();
        self.meter.reset();
        self.position = Position::default();
    }

    fn find_block<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Found<'i>>, LimitExceeded> {
        match self.stage {
            Stage::Failed(error) => return Err(error),
            Stage::Dispatched => self.drop_block(),
            Stage::Between | Stage::Assembling => {}
        }
        self.resume(input);
        while !input.is_empty() {
            let found = match self.stage {
                Stage::Assembling => self.assemble(input)?.then_some(Found::Assembled),
                _ => self.read_in_place(input)?.map(Found::InPlace),
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Steps over what stands in front of a chunk's lines.
    fn resume(&mut self, input: &mut &[u8]) {
        let before = *input;
        let resumed = self.lines.resume(input);
        let was_at_block_start = self.pending_bytes() == 0;
        self.position.current += (before.len() - input.len()) as u64;
        if was_at_block_start {
            self.position.block_start = self.position.current;
        }
        if resumed == Resumed::BrokenMark {
            self.position.block_start = 0;
            self.partial = PartialLine::Ignored;
            self.stage = Stage::Assembling;
        }
    }

    /// Reads blocks that lie whole in the input, up to the first that is to be given out. A block
    /// that does not lie whole, or not in one piece, is moved to the buffers.
    fn read_in_place<'i>(
        &mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<EventRef<'i>>, LimitExceeded> {
        let mut event = EventRef::default();
        let mut rest = *input;
        loop {
            let line_start = self.position.current + (input.len() - rest.len()) as u64;
            let Some(line) = self.lines.next_line(&mut rest) else {
                break;
            };
            if line.is_empty() {
                self.consume(input, rest);
                self.commit(event.id);
                if self.surfaced.includes(&event) {
                    return Ok(Some(event));
                }
                event = EventRef::default();
                continue;
            }
            let Some(field) = self.read_field(line, line_start)? else {
                continue;
            };
            if event.try_push(field).is_err() {
                self.block.absorb(&event);
                self.block.push(field);
                self.consume(input, rest);
                self.stage = Stage::Assembling;
                return Ok(None);
            }
        }
        self.block.absorb(&event);
        self.consume(input, rest);
        self.read_piece(input)?;
        self.stage = Stage::Assembling;
        self.settle();
        Ok(None)
    }

    /// Reads lines into the open block. Says whether it has ended and is to be given out; returns
    /// also when the input is used up, or nothing is left that has to be put together.
    fn assemble(&mut self, input: &mut &[u8]) -> Result<bool, LimitExceeded> {
        while let Stage::Assembling = self.stage {
            let mut rest = *input;
            let Some(line) = self.lines.next_line(&mut rest) else {
                self.read_piece(input)?;
                return Ok(false);
            };
            if !self.partial.is_start() {
                self.end_line(line)?;
            } else if line.is_empty() {
                self.consume(input, rest);
                return Ok(self.dispatch_assembled());
            } else if let Some(field) = self.read_field(line, self.position.current)? {
                self.block.push(field);
            }
            self.consume(input, rest);
            self.settle();
        }
        Ok(false)
    }

    /// Reads a whole line that is not empty, and gives its field if it matters.
    #[inline]
    fn read_field<'i>(
        &mut self,
        line: &'i [u8],
        line_start: u64,
    ) -> Result<Option<Field<'i>>, LimitExceeded> {
        let Some(field) = Field::parse(line).filter(|field| self.keeps(field.name)) else {
            return Ok(None);
        };
        self.meter.check(field.name, line_start, line.len(), field.value.len())?;
        self.meter.add_line(line.len());
        if field.name == FieldName::Retry {
            self.reconnection_time = parse_retry(field.value).or(self.reconnection_time);
        }
        Ok(Some(field))
    }

    /// Takes the rest of the input, which holds no line end.
    fn read_piece(&mut self, input: &mut &[u8]) -> Result<(), LimitExceeded> {
        if self.partial.is_start() {
            self.position.line_start = self.position.current;
        }
        self.extend_line(input)?;
        self.consume(input, &[]);
        Ok(())
    }

    /// Adds bytes to the line in pieces. They are still to be consumed.
    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), LimitExceeded> {
        let piece = self.partial.extend(bytes);
        let Some(name) = self.partial.name() else {
            return Ok(());
        };
        if !self.keeps(name) {
            self.partial = PartialLine::Ignored;
            return Ok(());
        }
        let (start, len) = (self.position.line_start, self.line_len(bytes));
        let value = match piece {
            None => return self.meter.check(name, start, len, 0),
            Some(Piece::First(value)) => {
                self.block.begin(name);
                value
            }
            Some(Piece::Next(value)) => value,
        };
        self.meter.check(name, start, len, self.block.pending().len() + value.len())?;
        self.block.extend(name, value);
        Ok(())
    }

    /// Adds the last bytes to the line in pieces and ends it. They are still to be consumed.
    fn end_line(&mut self, bytes: &[u8]) -> Result<(), LimitExceeded> {
        self.extend_line(bytes)?;
        let len = self.line_len(bytes);
        let name = match self.partial.end() {
            LineKind::Ignored => return Ok(()),
            LineKind::Bare(name) => {
                self.meter.check(name, self.position.line_start, len, 0)?;
                self.block.push(Field { name, value: &[] });
                name
            }
            LineKind::Field(name) => {
                self.block.end(name);
                name
            }
        };
        self.meter.add_line(len);
        if name == FieldName::Retry {
            self.reconnection_time = self.block.view().retry.or(self.reconnection_time);
        }
        Ok(())
    }

    /// The length of the line in pieces with `bytes`, which are still to be consumed.
    fn line_len(&self, bytes: &[u8]) -> usize {
        (self.position.current - self.position.line_start) as usize + bytes.len()
    }

    /// Ends the block in the buffers. Says whether it is to be given out.
    fn dispatch_assembled(&mut self) -> bool {
        let event = self.block.view();
        let surfaced = self.surfaced.includes(&event);
        commit_id(&mut self.last_event_id, event.id);
        self.begin_block();
        if surfaced {
            self.stage = Stage::Dispatched;
        } else {
            self.drop_block();
        }
        surfaced
    }

    /// Ends a block that was read in place.
    #[inline]
    fn commit(&mut self, id: Option<&[u8]>) {
        commit_id(&mut self.last_event_id, id);
        self.begin_block();
    }

    #[inline]
    fn begin_block(&mut self) {
        self.meter.reset();
        self.position.block_start = self.position.current;
    }

    fn drop_block(&mut self) {
        self.block.clear();
        self.stage = Stage::Between;
    }

    /// Goes back to reading in place if nothing has been put together.
    fn settle(&mut self) {
        if self.partial.is_start() && self.block.is_empty() {
            self.stage = Stage::Between;
        }
    }

    #[inline]
    fn consume<'i>(&mut self, input: &mut &'i [u8], rest: &'i [u8]) {
        self.position.current += (input.len() - rest.len()) as u64;
        *input = rest;
    }

    #[inline]
    fn keeps(&self, name: FieldName) -> bool {
        name != FieldName::Comment || self.comments == Comments::Kept
    }
}

impl Surfaced {
    #[inline]
    fn includes(self, event: &EventRef<'_>) -> bool {
        match self {
            Self::Messages => event.has_data(),
            Self::AllBlocks => !event.is_empty(),
        }
    }
}

/// "Set the last event ID string of the event source to the value of the last event ID buffer":
/// at the end of every block, dispatched or not.
#[inline]
fn commit_id(last_event_id: &mut String, id: Option<&[u8]>) {
    if let Some(id) = id {
        last_event_id.clear();
        last_event_id.push_str(&String::from_utf8_lossy(id));
    }
}
