//! Result of a scan: the length of a line, and bytes that are not ASCII.

#![allow(unsafe_code)]

use crate::ascii::AsciiPrefix;

/// Number of bytes that are examined in one step.
pub(crate) const WINDOW: usize = 64;

/// Result of scanning a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Length of the line, or of the input if the line does not end in it.
    pub(super) len: usize,
    /// `true` if the line is ASCII.
    pub(super) is_ascii: bool,
}

impl Scan {
    /// Returns the length of the line, or of the input if the line does not end in it.
    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// Returns `true` if the line is ASCII.
    #[inline(always)]
    pub(crate) fn is_ascii(self) -> bool {
        self.is_ascii
    }

    /// Returns the prefix of the line that was scanned.
    #[inline(always)]
    pub(crate) fn ascii(self) -> AsciiPrefix {
        if self.is_ascii {
            // SAFETY: all bytes of the line have been examined.
            return unsafe { AsciiPrefix::new(self.len) };
        }
        AsciiPrefix::NONE
    }
}

/// Non-ASCII bytes that have been found.
#[derive(Debug, Clone, Copy)]
pub(super) struct NonAscii {
    /// Bit mask of the window's bytes that are not ASCII.
    pub(super) in_window: u64,
    /// `true` if a byte before the window is not ASCII.
    pub(super) before: bool,
}
