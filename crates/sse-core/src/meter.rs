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
    /// Checks a line that matters, of which `len` bytes have been seen, the first of them at
    /// `start` in the stream and the last `value_len` of them its value.
    ///
    /// Of two limits it tells the one that is reached first, as it would if it saw byte by byte.
    #[inline]
    pub(crate) fn check(
        &self,
        name: FieldName,
        start: u64,
        len: usize,
        value_len: usize,
    ) -> Result<(), LimitExceeded> {
        let value = self.check_value(name, value_len, start + len as u64);
        let Err(line) = self.check_line(start, len) else {
            return value;
        };
        Err(value.err().filter(|value| value.position() < line.position()).unwrap_or(line))
    }

    #[inline]
    fn check_line(&self, start: u64, len: usize) -> Result<(), LimitExceeded> {
        let max = self.limits.max_bytes(Limit::Event);
        let room = max.saturating_sub(self.used.saturating_add(LINE_OVERHEAD));
        if len <= room {
            return Ok(());
        }
        Err(LimitExceeded::new(Limit::Event, max, start + room as u64))
    }

    /// Checks a value whose last byte seen stands right before `end` in the stream.
    #[inline]
    fn check_value(&self, name: FieldName, len: usize, end: u64) -> Result<(), LimitExceeded> {
        let limit = match name {
            FieldName::Event => Limit::EventType,
            FieldName::Id => Limit::Id,
            FieldName::Data | FieldName::Comment | FieldName::Retry => return Ok(()),
        };
        let max = self.limits.max_bytes(limit);
        if len <= max {
            return Ok(());
        }
        Err(LimitExceeded::new(limit, max, end - (len - max) as u64))
    }

    /// Adds a finished line of `len` bytes to the block.
    #[inline]
    pub(crate) fn add_line(&mut self, len: usize) {
        self.used = self.used.saturating_add(len).saturating_add(LINE_OVERHEAD);
    }

    /// Starts counting a new block.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.used = 0;
    }
}

/// What a line costs beyond its own bytes: one for its end, and the charge.
const LINE_OVERHEAD: usize = 1 + Limits::LINE_CHARGE;
