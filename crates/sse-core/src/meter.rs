//! Counts the size of a block against its limits.
//!
//! The count depends on whole lines and on the length of the line being read, never on chunks, so
//! that the same bytes reach the same limit at the same byte however they are split.

use crate::{
    field::FieldName,
    limits::{Limit, LimitExceeded, Limits},
};

/// Size of the open block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    /// Size of the block's complete lines, including their ends and charges.
    used: usize,
}

impl Meter {
    /// Returns `true` if a line that is not ignored is within all limits. `len` bytes of it have
    /// been read, of which the last `value_len` are its value.
    #[inline(always)]
    pub(crate) fn allows(&self, name: FieldName, len: usize, value_len: usize) -> bool {
        len <= self.max_line_len(name, len - value_len)
    }

    /// Returns the maximum length of a line that is not ignored, if its value starts at `value_at`
    /// in it.
    #[inline(always)]
    pub(crate) fn max_line_len(&self, name: FieldName, value_at: usize) -> usize {
        let of_event = self.room().saturating_sub(LINE_OVERHEAD);
        match value_limit(name) {
            Some(limit) => of_event.min(value_at + self.limits.max_bytes(limit)),
            None => of_event,
        }
    }

    /// Returns the number of bytes that may be added to the block.
    #[inline(always)]
    pub(crate) fn room(&self) -> usize {
        self.limits.max_bytes(Limit::Event).saturating_sub(self.used)
    }

    /// Returns the error for a line that is [not allowed](Self::allows), whose first byte is at
    /// `start` in the stream.
    ///
    /// If it exceeds two limits, the error names the one that is reached first, as if it were read
    /// byte by byte.
    #[cold]
    pub(crate) fn excess(
        &self,
        name: FieldName,
        start: u64,
        len: usize,
        value_len: usize,
    ) -> LimitExceeded {
        let max = self.limits.max_bytes(Limit::Event);
        let room = max.saturating_sub(self.used.saturating_add(LINE_OVERHEAD));
        let line = LimitExceeded::new(Limit::Event, max, start + room as u64);
        let Some(limit) = value_limit(name) else {
            return line;
        };
        let max = self.limits.max_bytes(limit);
        let value_start = start + (len - value_len) as u64;
        let value = LimitExceeded::new(limit, max, value_start + max as u64);
        // If only one of the two is exceeded, the position of the other is not before the line's
        // end.
        if value.position() < line.position() { value } else { line }
    }

    /// Adds a complete line of `len` bytes to the block.
    #[inline]
    pub(crate) fn add_line(&mut self, len: usize) {
        self.used = self.used.saturating_add(len).saturating_add(LINE_OVERHEAD);
    }

    /// Removes lines that the parser has dropped.
    pub(crate) fn remove(&mut self, used: usize) {
        self.used = self.used.saturating_sub(used);
    }

    /// Returns the size of the block's complete lines.
    #[inline(always)]
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Continues a block whose lines have this size.
    pub(crate) fn start_with(&mut self, used: usize) {
        self.used = used;
    }

    /// Starts counting a new block.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.used = 0;
    }
}

/// Returns the limit that applies to a field's value by itself.
#[inline(always)]
fn value_limit(name: FieldName) -> Option<Limit> {
    match name {
        FieldName::Event => Some(Limit::EventType),
        FieldName::Id => Some(Limit::Id),
        FieldName::Data | FieldName::Comment | FieldName::Retry => None,
    }
}

/// Charge of a line beyond its own bytes: one for its end, and [`Limits::LINE_CHARGE`].
pub(crate) const LINE_OVERHEAD: usize = 1 + Limits::LINE_CHARGE;
