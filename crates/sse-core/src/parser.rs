//! Lines in, events out: the state of an event stream.
//!
//! Where a block lies whole in the input it is read in place; where it is cut, or has several
//! lines of data, it is put together in an [`OpenBlock`]. Both ways end in one `commit`. Nothing
//! is queued: each call takes one event out of the input and leaves the rest where it is.

use alloc::string::String;
use core::time::Duration;

use bytes::{Buf, Bytes};

use crate::{
    block::{OpenBlock, parse_retry},
    event::ServerSentEvent,
    event_ref::EventRef,
    field::{Field, FieldName},
    limits::{LimitExceeded, Limits},
    line::{LineDecoder, Resumed},
    meter::Meter,
    partial::{LineKind, PartialLine, Piece},
};

/// Parses an event stream, in chunks of any size.
///
/// [`next`](Self::next) takes [`Bytes`] and gives events that share them; [`next_ref`](Self::next_ref)
/// takes a slice and gives events that borrow. Both can be used on the same parser. The same bytes
/// give the same events however they are cut into chunks, and each event is given out as soon as
/// the last byte it needs is there.
///
/// ```
/// use sse_core::Parser;
///
/// let mut parser = Parser::new();
/// for chunk in ["data: hel", "lo\n\ndata: wor", "ld\n\n"] {
///     let mut input = chunk.into();
///     while let Some(event) = parser.next(&mut input)? {
///         println!("{}", event.data());
///     }
/// }
/// # Ok::<(), sse_core::LimitExceeded>(())
/// ```
///
/// # Errors
///
/// No content is an error: unknown fields are ignored, ill-formed UTF-8 is replaced. The one
/// error there is says that an event is larger than [`Limits`] allow. After it the parser gives
/// the same error until it is [restarted](Self::restart).
///
/// # Memory
///
/// A parser holds the fields of the block that is incomplete, never more than its limits allow,
/// and the last event ID. Of lines that cannot matter it holds nothing.
#[derive(Debug, Clone, Default)]
pub struct Parser {
    lines: LineDecoder,
    stage: Stage,
    partial: PartialLine,
    block: OpenBlock,
    meter: Meter,
    comments: Comments,
    surfaced: Surfaced,
    position: Position,
    last_event_id: String,
    /// In milliseconds.
    reconnection_time: Option<u64>,
}

/// Where the parser stands between two calls.
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
enum Comments {
    #[default]
    Ignored,
    Kept,
}

/// Which blocks are given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Surfaced {
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

/// Where an event was found.
enum Found<'i> {
    InPlace(EventRef<'i>),
    Assembled,
}

impl Parser {
    /// Creates a parser at the start of an event stream, with the default [`Limits`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.meter.limits = limits;
        self
    }

    /// Keeps comments: an event then has those of its block.
    ///
    /// The default is to ignore them, as the standard does; they then take no memory.
    #[must_use]
    pub fn with_comments(mut self) -> Self {
        self.comments = Comments::Kept;
        self
    }

    /// Gives out blocks without data too, as long as they hold an event type, an ID, a
    /// reconnection time or, where comments are [kept](Self::with_comments), a comment.
    ///
    /// The default is to give out messages only, as the standard does. A block that is not given
    /// out still sets the last event ID and the reconnection time.
    #[must_use]
    pub fn with_dataless_blocks(mut self) -> Self {
        self.surfaced = Surfaced::AllBlocks;
        self
    }

    /// Sets the last event ID to start with, such as one that was stored.
    ///
    /// The default is the empty string, which means none.
    #[must_use]
    pub fn with_last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = id.into();
        self
    }

    /// Sets the reconnection time to start with, counted in whole milliseconds.
    ///
    /// The default is none.
    #[must_use]
    pub fn with_reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection_time = Some(saturating_millis(time));
        self
    }

    /// Takes the next event out of `input` and advances it; `None` once `input` is used up.
    ///
    /// The event shares the memory of `input` if it lies in it whole, and has its own otherwise.
    ///
    /// # Errors
    ///
    /// If the event is larger than the [`Limits`] allow. What is left in `input` is then of no use.
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let mut rest: &[u8] = input;
        let found = self.advance(&mut rest)?;
        let consumed = input.len() - rest.len();
        let event = found.map(|found| match found {
            Found::InPlace(event) => ServerSentEvent::shared(input, &event),
            Found::Assembled => self.block.view().to_event(),
        });
        input.advance(consumed);
        Ok(event)
    }

    /// Takes the next event out of `input` and advances it, without copying or checking what it
    /// need not; `None` once `input` is used up.
    ///
    /// # Errors
    ///
    /// If the event is larger than the [`Limits`] allow. What is left in `input` is then of no use.
    pub fn next_ref<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<EventRef<'a>>, LimitExceeded> {
        Ok(self.advance(input)?.map(|found| match found {
            Found::InPlace(event) => event,
            Found::Assembled => self.block.view(),
        }))
    }

    /// The last event ID: what a client sends as `Last-Event-ID` when it reconnects. Empty means
    /// that there is none.
    ///
    /// It moves with the blank line that ends a block, whether or not the block is given out; an
    /// incomplete block never moves it.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The time to wait before reconnecting, as the server has last set it, or the one the parser
    /// was created with.
    ///
    /// It moves as soon as the line that sets it is complete. A number of milliseconds that does
    /// not fit 64 bits counts as the largest that does.
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time.map(Duration::from_millis)
    }

    /// How many bytes have come since the end of the last block. At the end of a stream these are
    /// lost: "any pending data must be discarded".
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.position.current - self.position.block_start
    }

    /// How many bytes of the stream have been taken.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position.current
    }

    /// Makes the parser ready for the stream of a new connection.
    ///
    /// An incomplete block is dropped, as is a failure; the last event ID, the reconnection time
    /// and all settings stay.
    pub fn restart(&mut self) {
        self.lines = LineDecoder::default();
        self.stage = Stage::Between;
        self.partial = PartialLine::Start;
        self.block.clear();
        self.meter.reset();
        self.position = Position::default();
    }

    fn advance<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Found<'i>>, LimitExceeded> {
        let found = self.find_block(input);
        if let Err(error) = found {
            self.stage = Stage::Failed(error);
        }
        found
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

/// A duration in whole milliseconds, the largest number if it does not fit.
pub(crate) fn saturating_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
