//! Chooses the route by which the block at the front of a chunk is read.
//!
//! Reading a split block in place first would scan it twice. The choice looks only at the two ends
//! of the chunk and may be wrong about whether the block is split; every route yields the same
//! events.

use super::{BlockReader, Comments, Stage};
use crate::{layout::Span, partial::PartialLine};

/// Start of the input, relative to the state of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputStart {
    /// A fragment of a value, or the end of its line.
    Fragment,
    /// The rest of an ignored line, or comments and blank lines.
    Skippable,
    /// A block, with nothing open before it.
    Block,
    /// The input is empty, and nothing is open.
    Nothing,
    /// Anything else, or what is not worth distinguishing.
    Other,
}

/// Route by which the block at the front of the input is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// The block may well lie whole in the input, and nothing has to be done first.
    InPlace,
    /// The block seems to be split, and nothing has to be done first.
    Split,
    /// Something has to be done first.
    StepByStep,
}

impl BlockReader {
    /// Classifies the front of the input.
    #[inline(always)]
    pub(crate) fn input_start(&self, input: &[u8]) -> InputStart {
        match self.partial {
            PartialLine::Value(_) => InputStart::Fragment,
            PartialLine::Ignored if !input.is_empty() => InputStart::Skippable,
            PartialLine::Start if matches!(self.stage, Stage::Between) => match input.first() {
                Some(b':' | b'\n' | b'\r') if self.skips_comments() => InputStart::Skippable,
                Some(b':' | b'\n' | b'\r') => InputStart::Other,
                Some(_) => InputStart::Block,
                None => InputStart::Nothing,
            },
            PartialLine::Start
            | PartialLine::Head(_)
            | PartialLine::Unknown
            | PartialLine::Ignored => InputStart::Other,
        }
    }

    #[inline(always)]
    fn skips_comments(&self) -> bool {
        self.comments == Comments::Ignored && self.line_start.is_clear()
    }

    /// Returns the route for the block at the front of the input.
    #[inline(always)]
    pub(crate) fn route(&mut self, chunk: &[u8]) -> Route {
        self.line_start.clear_unless_lf(chunk);
        if !self.line_start.is_clear() || chunk.len() > Span::MAX_END {
            Route::StepByStep
        } else if self.may_hold_a_block(chunk) || matches!(chunk.last(), Some(b'\n' | b'\r')) {
            Route::InPlace
        } else {
            Route::Split
        }
    }

    /// Returns `true` if a block may well lie whole in the input: the input is as long as the last
    /// assembled block, or so long that trying is worth it in any case.
    #[inline(always)]
    pub(super) fn may_hold_a_block(&self, chunk: &[u8]) -> bool {
        chunk.len() > SHORT_CHUNK
            && (chunk.len() > SPLIT_CHUNK || chunk.len() >= self.block.expected_len())
    }
}

/// Maximum length of a chunk that is read in place only if it ends with a line end: otherwise most
/// of its blocks are split, and the text of an event that lies whole in it is so short that it is
/// copied in any case.
pub(super) const SHORT_CHUNK: usize = 32;

/// Maximum length of a chunk that is taken to hold no whole block if it is shorter than the last
/// assembled block.
const SPLIT_CHUNK: usize = 128;
