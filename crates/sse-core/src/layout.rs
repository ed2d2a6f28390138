//! Places of a block's fields in the bytes that hold them.
//!
//! A few small numbers, cheap to move, in place of the bytes themselves.

use core::ops::Range;

use crate::ascii::AsciiPrefix;

/// Place of a value, if it is present.
///
/// One number rather than two, so that it is written and read as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(u64);

impl Span {
    /// Absent value. Selects nothing from at most [`MAX_END`](Self::MAX_END) bytes.
    pub(crate) const ABSENT: Self = Self(u32::MAX as u64);

    /// Maximum length of the bytes that spans can refer to.
    pub(crate) const MAX_END: usize = u32::MAX as usize - 1;

    /// Creates the span from `start` to `end`, which is at most [`MAX_END`](Self::MAX_END).
    #[inline(always)]
    pub(crate) fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end && end <= Self::MAX_END);
        Self(start as u64 | ((end - start) as u64) << 32)
    }

    #[inline(always)]
    pub(crate) fn is_present(self) -> bool {
        self.0 as u32 != u32::MAX
    }

    #[inline(always)]
    pub(crate) fn start(self) -> usize {
        self.0 as u32 as usize
    }

    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        (self.0 >> 32) as usize
    }

    #[inline(always)]
    pub(crate) fn end(self) -> usize {
        self.start() + self.len()
    }

    /// Returns the span from the start of this one to the end of the other.
    #[inline(always)]
    pub(crate) fn to_end_of(self, other: Self) -> Self {
        Self::new(self.start(), other.end())
    }

    #[inline(always)]
    pub(crate) fn of(self, bytes: &[u8]) -> Option<&[u8]> {
        debug_assert!(bytes.len() <= Self::MAX_END);
        // Two steps, each of which fits: `start + len` might not, where a `usize` has 32 bits.
        bytes.get(self.start()..)?.get(..self.len())
    }

    /// Returns the span in bytes that have `offset` more in front.
    pub(crate) fn shift_right(self, offset: usize) -> Self {
        if self.is_present() { Self(self.0 + offset as u64) } else { self }
    }

    /// Returns the span in bytes that have `offset` fewer in front.
    #[inline(always)]
    pub(crate) fn shift_left(self, offset: usize) -> Self {
        if self.is_present() { Self(self.0 - offset as u64) } else { self }
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::ABSENT
    }
}

/// Places of a block's lines of data after the first one, up to a fixed number.
#[derive(Debug, Clone, Default)]
pub(crate) struct DataLines {
    spans: [Span; 16],
    len: usize,
}

impl DataLines {
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a line, and returns `true` if there was room for it.
    #[inline(always)]
    pub(crate) fn push(&mut self, line: Span) -> bool {
        let Some(free) = self.spans.get_mut(self.len) else {
            return false;
        };
        *free = line;
        self.len += 1;
        true
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Span> {
        self.spans.iter().copied().take(self.len)
    }
}

/// Place of each value of a block in the block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) data: Span,
    pub(crate) event: Span,
    pub(crate) id: Span,
    /// Prefix of the text that needs no check of its UTF-8.
    pub(crate) ascii: AsciiPrefix,
    pub(crate) rare: RareFields,
}

/// Fields that few blocks have. A block with comments that are kept is always assembled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RareFields {
    pub(crate) comments: Span,
    /// In milliseconds.
    pub(crate) retry: Option<u64>,
}

impl Layout {
    /// Empty block.
    pub(crate) const EMPTY: Self = Self {
        data: Span::ABSENT,
        event: Span::ABSENT,
        id: Span::ABSENT,
        ascii: AsciiPrefix::NONE,
        rare: RareFields::NONE,
    };

    /// Returns the range from the first to the last of the data, the event type and the ID.
    #[inline(always)]
    pub(crate) fn text(&self) -> Range<usize> {
        let (mut start, mut end) = (usize::MAX, 0);
        for span in [self.data, self.event, self.id] {
            if span.is_present() {
                start = start.min(span.start());
                end = end.max(span.end());
            }
        }
        start.min(end)..end
    }

    /// Returns the total length of the data, the event type and the ID.
    #[inline(always)]
    pub(crate) fn values_len(&self) -> usize {
        self.data.len() + self.event.len() + self.id.len()
    }

    /// Returns the layout in a text that has `offset` bytes fewer in front. Not for rare fields.
    #[inline(always)]
    pub(crate) fn shift_left(&self, offset: usize) -> Self {
        let [data, event, id] =
            [self.data, self.event, self.id].map(|span| span.shift_left(offset));
        Self { data, event, id, ascii: self.ascii.without_first(offset), ..*self }
    }

    /// Returns `true` if nothing in the block has any effect.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        let Self { data, event, id, rare, .. } = self;
        ![data, event, id].iter().any(|span| span.is_present()) && rare.is_none()
    }
}

impl RareFields {
    pub(crate) const NONE: Self = Self { comments: Span::ABSENT, retry: None };

    #[inline(always)]
    pub(crate) fn is_none(&self) -> bool {
        !self.comments.is_present() && self.retry.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn a_span_selects_its_bytes() {
        let bytes = b"0123456789";
        assert_eq!(Span::new(2, 5).of(bytes), Some(&b"234"[..]));
        assert_eq!(Span::new(10, 10).of(bytes), Some(&b""[..]));
        assert_eq!(Span::new(5, 7).shift_left(3).shift_right(1).of(bytes), Some(&b"34"[..]));
        for beyond in [Span::new(9, 11), Span::new(11, 11), Span::ABSENT] {
            assert_eq!(beyond.of(bytes), None);
        }
    }
}
