//! A chunk in, what stands at its front and the way to read that out.
//!
//! To try in place what turns out to be cut is to look at it twice. Looks at the two ends of the chunk
//! only, and so may be wrong about what is cut; the events are the same whichever way is taken.

use super::{BlockReader, Comments, Stage};
use crate::{layout::Span, partial::PartialLine};

/// What stands at the front of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Front {
    /// A piece of a value, or the end of its line.
    Piece,
    /// The rest of a line that does not matter, or comments and blank lines.
    Skippable,
    /// A block, with nothing before it that is open.
    Block,
    /// The input is empty, and nothing is open.
    Nothing,
    /// Anything else, or what is not worth telling apart.
    Other,
}

/// How the block at the front of the input is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It may well lie whole there, and nothing is to be done before.
    InPlace,
    /// It is cut, as it seems, and nothing is to be done before.
    InPieces,
    /// There is something to be done before.
    StepByStep,
}

impl BlockReader {
    /// What the input starts with.
    #[inline(always)]
    pub(crate) fn front(&self, input: &[u8]) -> Front {
        match self.partial {
            PartialLine::Value(_) => Front::Piece,
            PartialLine::Ignored if !input.is_empty() => Front::Skippable,
            PartialLine::Start if matches!(self.stage, Stage::Between) => match input.first() {
                Some(b':' | b'\n' | b'\r') if self.skips_comments() => Front::Skippable,
                Some(b':' | b'\n' | b'\r') => Front::Other,
                Some(_) => Front::Block,
                None => Front::Nothing,
            },
            PartialLine::Start
            | PartialLine::Head(_)
            | PartialLine::Unknown
            | PartialLine::Ignored => Front::Other,
        }
    }

    #[inline(always)]
    fn skips_comments(&self) -> bool {
        self.comments == Comments::Ignored && self.line_start.is_clear()
    }

    /// How to read the block that the input starts with.
    #[inline(always)]
    pub(crate) fn way(&mut self, chunk: &[u8]) -> Way {
        self.line_start.clear_unless_lf(chunk);
        if !self.line_start.is_clear() || chunk.len() > Span::MAX_END {
            Way::StepByStep
        } else if self.may_hold_a_block(chunk) || matches!(chunk.last(), Some(b'\n' | b'\r')) {
            Way::InPlace
        } else {
            Way::InPieces
        }
    }

    /// Whether a block may well lie whole in the input: one that is as long as the last one that was put
    /// together. A longer chunk is worth a look in any case.
    #[inline(always)]
    pub(super) fn may_hold_a_block(&self, chunk: &[u8]) -> bool {
        chunk.len() > SHORT_CHUNK
            && (chunk.len() > CUT_CHUNK || chunk.len() >= self.block.expected_len())
    }
}

/// A chunk that is not longer is read in place only if it ends with a line: otherwise, most of its blocks
/// are cut, and the text of an event that lies in it whole is so short that it is copied in any case.
pub(super) const SHORT_CHUNK: usize = 32;

/// A chunk that is not longer, and shorter than the last block that was put together, is taken to hold
/// none that is whole.
const CUT_CHUNK: usize = 128;
