//! Decides where the block at the front of the input is read.
//!
//! | state | the input | route |
//! |---|---|---|
//! | a value is open | | [`Fragment`](Route::Fragment) |
//! | an ignored line is open | | [`Skip`](Route::Skip) |
//! | any other line is open | | [`Assemble`](Route::Assemble) |
//! | a block exceeded a limit, and ended the stream | | [`Fail`](Route::Fail) |
//! | between two blocks | is empty | [`Nothing`](Route::Nothing) |
//! | a CR ended the last chunk | is empty or starts with an LF | [`Resume`](Route::Resume) |
//! | a byte order mark may come, or is incomplete | | [`Resume`](Route::Resume) |
//! | between two blocks, comments are ignored | starts with a comment or a blank line | [`Skip`](Route::Skip) |
//! | between two blocks | starts with a comment, which is kept | [`Assemble`](Route::Assemble) |
//! | between two blocks | seems to hold a block | [`InPlace`](Route::InPlace), [`Windows`](Route::Windows) if it is very long |
//! | between two blocks | seems to end within a block | [`Assemble`](Route::Assemble) |
//! | within a block | | [`Assemble`](Route::Assemble) |
//! | a block exceeds a limit, and is skipped | | [`SkipBlock`](Route::SkipBlock) |
//!
//! The first row that applies decides. A block that was returned is dropped first, and then none is
//! open. A split block that was read in place first would be scanned twice, so the choice between
//! `InPlace` and `Assemble` looks at the two ends of the input. It may be wrong about whether the
//! block is split; every route yields the same events.

use super::{BlockReader, Comments, Stage};
use crate::{layout::Span, partial::PartialLine};

/// Route by which the front of the input is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// A fragment of a value, or the end of its line.
    Fragment,
    /// The rest of an ignored line, or comments and blank lines.
    Skip,
    /// A block that may well lie whole in the input.
    InPlace,
    /// A block that is split.
    Assemble,
    /// The input is empty, and nothing is open.
    Nothing,
    /// A block in an input that is longer than spans reach.
    Windows,
    /// Bytes before the first line.
    Resume,
    /// The rest of a block that is skipped.
    SkipBlock,
    /// Nothing more.
    Fail,
}

impl BlockReader {
    /// Returns the route for the front of the input.
    #[inline(always)]
    pub(crate) fn route(&mut self, input: &[u8]) -> Route {
        match self.partial {
            PartialLine::Value(_) => return Route::Fragment,
            PartialLine::Ignored => return Route::Skip,
            PartialLine::Head(_) | PartialLine::Unknown => return Route::Assemble,
            PartialLine::Start => {}
        }
        match self.stage {
            Stage::Between => self.route_between(input),
            Stage::Dispatched => {
                self.drop_returned();
                self.route_between(input)
            }
            Stage::Failed(_) => Route::Fail,
            Stage::Assembling | Stage::Skipping if !self.line_start.is_clear_before(input) => {
                Route::Resume
            }
            Stage::Assembling => Route::Assemble,
            Stage::Skipping => Route::SkipBlock,
        }
    }

    /// Drops the block in the buffers. Out of line: inlined, it would make the routes of blocks
    /// that lie in the input spill registers.
    #[inline(never)]
    fn drop_returned(&mut self) {
        self.drop_block();
    }

    /// Returns the route if no block is open.
    #[inline(always)]
    fn route_between(&mut self, input: &[u8]) -> Route {
        let (Some(first), Some(last)) = (input.first(), input.last()) else {
            return Route::Nothing;
        };
        let len = input.len();
        if !self.line_start.is_clear_before(input) {
            Route::Resume
        } else if matches!(first, b':' | b'\n' | b'\r') && self.comments == Comments::Ignored {
            Route::Skip
        } else if *first == b':' {
            // A block with a comment that is kept cannot be read in place.
            Route::Assemble
        } else if len > SPLIT_CHUNK {
            if len <= Span::MAX_END { Route::InPlace } else { Route::Windows }
        } else if matches!(last, b'\n' | b'\r')
            || len > SHORT_CHUNK && len >= self.block.expected_len()
        {
            Route::InPlace
        } else {
            Route::Assemble
        }
    }
}

/// Maximum length of a chunk that is read in place only if it ends with a line end: otherwise most
/// of its blocks are split, and the text of an event that lies whole in it is so short that it is
/// copied in any case.
pub(super) const SHORT_CHUNK: usize = 32;

/// Maximum length of a chunk that is taken to hold no whole block if it is shorter than the last
/// assembled block.
const SPLIT_CHUNK: usize = 128;
