//! Where the fields of a block lie in the bytes that hold them.
//!
//! A few small numbers, cheap to move, in place of the bytes themselves.

use core::ops::Range;

/// Where a value lies, if there is one.
///
/// One number rather than two, so that it is written and read as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(u64);

impl Span {
    /// No value. It cuts nothing out of bytes that are at most [`MAX_END`](Self::MAX_END).
    pub(crate) const ABSENT: Self = Self(u32::MAX as u64);

    /// The most bytes that spans are made for.
    pub(crate) const MAX_END: usize = u32::MAX as usize - 1;

    /// From `start` to `end`, which is at most [`MAX_END`](Self::MAX_END).
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

    /// From where this one starts to where the other ends.
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

    /// The same place, in bytes that have `offset` more in front.
    pub(crate) fn behind(self, offset: usize) -> Self {
        if self.is_present() { Self(self.0 + offset as u64) } else { self }
    }

    /// The same place, in bytes that have `offset` less in front.
    #[inline(always)]
    pub(crate) fn before(self, offset: usize) -> Self {
        if self.is_present() { Self(self.0 - offset as u64) } else { self }
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::ABSENT
    }
}

/// Where the lines of data of a block lie, but for the first one. There is no room for many.
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

    /// Adds one, if there is room for it.
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

/// Where each value of a block lies in the block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) data: Span,
    pub(crate) event: Span,
    pub(crate) id: Span,
    /// What is known of the text.
    pub(crate) charset: Charset,
    pub(crate) rare: RareFields,
}

/// The fields that few blocks have. A block with comments that are kept is always assembled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RareFields {
    pub(crate) comments: Span,
    /// In milliseconds.
    pub(crate) retry: Option<u64>,
}

/// What is known of the bytes of a text. It has no default: text is taken from bytes without a check
/// where they are known to be ASCII, so only the scanner says that of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    Ascii,
    /// They may be any.
    Unknown,
}

impl Layout {
    /// A block of nothing, which is ASCII as far as it goes.
    pub(crate) const EMPTY: Self = Self {
        data: Span::ABSENT,
        event: Span::ABSENT,
        id: Span::ABSENT,
        charset: Charset::Ascii,
        rare: RareFields::NONE,
    };

    /// From the first to the last of the data, the event type and the ID.
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

    /// How long the data, the event type and the ID are together.
    #[inline(always)]
    pub(crate) fn values_len(&self) -> usize {
        self.data.len() + self.event.len() + self.id.len()
    }

    /// The same places, in a text that has `offset` bytes less in front. Not for rare fields.
    #[inline(always)]
    pub(crate) fn before(&self, offset: usize) -> Self {
        let [data, event, id] = [self.data, self.event, self.id].map(|span| span.before(offset));
        Self { data, event, id, ..*self }
    }

    /// Whether nothing in the block is of any meaning.
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
    fn a_span_cuts_out_what_lies_there() {
        let bytes = b"0123456789";
        assert_eq!(Span::new(2, 5).of(bytes), Some(&b"234"[..]));
        assert_eq!(Span::new(10, 10).of(bytes), Some(&b""[..]));
        assert_eq!(Span::new(5, 7).before(3).behind(1).of(bytes), Some(&b"34"[..]));
        for beyond in [Span::new(9, 11), Span::new(11, 11), Span::ABSENT] {
            assert_eq!(beyond.of(bytes), None);
        }
    }
}
