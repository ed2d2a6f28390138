//! A chunk in, the way to read the block at its front out.
//!
//! To try in place what turns out to be cut is to look at it twice. Looks at the two ends of the chunk
//! only, and so may be wrong about what is cut; the events are the same whichever way is taken.

use super::{BlockReader, Stage};
use crate::{layout::Span, partial::PartialLine};

/// How the block at the front of the input is read.
pub(crate) enum Way {
    /// It may well lie whole there, and nothing is to be done before.
    InPlace,
    /// It is cut, as it seems, and nothing is to be done before.
    InPieces,
    /// There is something to be done before.
    StepByStep,
}

impl BlockReader {
    /// Whether no line is open and no block, and the input does not start with a comment.
    #[inline(always)]
    pub(crate) fn is_at_block(&self, chunk: &[u8]) -> bool {
        !self.is_in_value()
            && matches!(self.partial, PartialLine::Start)
            && matches!(self.stage, Stage::Between)
            && !matches!(chunk.first(), Some(b':') | None)
    }

    /// How to read the block that the input starts with.
    #[inline(always)]
    pub(crate) fn way(&mut self, chunk: &[u8]) -> Way {
        if !self.is_at_block(chunk) {
            return Way::StepByStep;
        }
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
