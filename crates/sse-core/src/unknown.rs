//! Lines whose field name is unknown: their number, and the start of the first one.
//!
//! The standard ignores them. Servers write errors this way, without `data:` before them, so a
//! stream without events may still say what went wrong.

use alloc::vec::Vec;
use core::fmt;

/// Lines of an event stream whose field name is not one that the standard knows, returned by
/// [`Parser::unknown_lines`](crate::Parser::unknown_lines).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UnknownLines {
    count: u64,
    first: Vec<u8>,
    /// Position of the stream before which every line has been counted.
    counted_until: u64,
}

impl UnknownLines {
    /// Returns the number of lines.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the start of the first line, at most 256 bytes, without its line end; empty if the
    /// stream has none.
    #[must_use]
    pub fn first(&self) -> &[u8] {
        &self.first
    }

    /// Counts the line that starts at this position of the stream. Returns `true` if its text is to
    /// be [added](Self::extend).
    #[cold]
    pub(crate) fn begin(&mut self, line_start: u64) -> bool {
        // The lines of a block that exceeds a limit are read twice.
        if line_start < self.counted_until {
            return false;
        }
        self.counted_until = line_start + 1;
        self.count += 1;
        self.count == 1
    }

    /// Adds bytes to the first line. Returns `true` if there is room for more.
    #[cold]
    pub(crate) fn extend(&mut self, bytes: &[u8]) -> bool {
        let room = MAX_FIRST_BYTES - self.first.len();
        self.first.extend_from_slice(&bytes[..bytes.len().min(room)]);
        bytes.len() < room
    }
}

impl fmt::Debug for UnknownLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownLines")
            .field("count", &self.count)
            .field("first", &format_args!("\"{}\"", self.first.escape_ascii()))
            .finish()
    }
}

/// Number of bytes that are kept of the first line.
const MAX_FIRST_BYTES: usize = 256;
