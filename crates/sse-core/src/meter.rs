//! Counts a block against its limits.
//!
//! The count is made of whole lines and of the length of the line being read, never of chunks, so
//! that the same bytes come to the same limit at the same byte however they are cut.

use crate::{
    field::FieldName,
    limits::{Limit, LimitExceeded, Limits},
};

/// The size of the open block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    /// The bytes of the block's finished lines, their ends and charges included.
    used: usize,
}

impl Meter {
    /// Whether a line that matters, of which `len` bytes have been seen, the last `value_len` of
    /// them its value, is within all limits.
    #[inline(always)]
    pub(crate) fn allows(&self, name: FieldName, len: usize, value_len: usize) -> bool {
        len <= self.max_line_len(name, len - value_len)
    }

    /// How long a line that matters may be at the most, if its value starts at `value_at` in it.
    #[inline(always)]
    pub(crate) fn max_line_len(&self, name: FieldName, value_at: usize) -> usize {
        let of_event = self.room().saturating_sub(LINE_OVERHEAD);
        match value_limit(name) {
            Some(limit) => of_event.min(value_at + self.limits.max_bytes(limit)),
            None => of_event,
        }
    }

    /// How many bytes more the block may have at the most.
    #[inline(always)]
    pub(crate) fn room(&self) -> usize {
        self.limits.max_bytes(Limit::Event).saturating_sub(self.used)
    }

    /// What a line exceeds that is [not allowed](Self::allows), its first byte at `start` in the
    /// stream.
    ///
    /// Of two limits it tells the one that is reached first, as it would if it saw byte by byte.
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
        // If only one of the two is exceeded, the other one's place is not before the line's end.
        if value.position() < line.position() { value } else { line }
    }

    /// Adds a finished line of `len` bytes to the block.
    #[inline]
    pub(crate) fn add_line(&mut self, len: usize) {
        self.used = self.used.saturating_add(len).saturating_add(LINE_OVERHEAD);
    }

    /// Removes lines that are no longer held.
    pub(crate) fn remove(&mut self, used: usize) {
        self.used = self.used.saturating_sub(used);
    }

    /// What the block's finished lines count.
    #[inline(always)]
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Goes on with a block whose lines count this much.
    pub(crate) fn start_with(&mut self, used: usize) {
        self.used = used;
    }

    /// Starts counting a new block.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.used = 0;
    }
}

/// The limit of a field's value by itself.
#[inline(always)]
fn value_limit(name: FieldName) -> Option<Limit> {
    match name {
        FieldName::Event => Some(Limit::EventType),
        FieldName::Id => Some(Limit::Id),
        FieldName::Data | FieldName::Comment | FieldName::Retry => None,
    }
}

/// What a line costs beyond its own bytes: one for its end, and the charge.
pub(crate) const LINE_OVERHEAD: usize = 1 + Limits::LINE_CHARGE;
