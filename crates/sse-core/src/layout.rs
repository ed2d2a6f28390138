//! Where the fields of a block lie in the bytes that hold them.
//!
//! A few small numbers, cheap to move, in place of the bytes themselves.

/// Where a value lies, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// No value. It cuts nothing out of any bytes, as none that spans are made for reach so far.
    pub(crate) const ABSENT: Self = Self { start: u32::MAX, len: 0 };

    /// The most bytes that spans are made for.
    pub(crate) const MAX_END: usize = u32::MAX as usize - 1;

    /// From `start` to `end`, which is at most [`MAX_END`](Self::MAX_END).
    #[inline(always)]
    pub(crate) fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end && end <= Self::MAX_END);
        Self { start: start as u32, len: (end - start) as u32 }
    }

    #[inline(always)]
    pub(crate) fn is_present(self) -> bool {
        self.start != u32::MAX
    }

    #[inline(always)]
    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        self.len as usize
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
        // Two steps, each of which fits: `start + len` might not, where a `usize` has 32 bits.
        bytes.get(self.start()..)?.get(..self.len())
    }

    /// The same place, in bytes that have `offset` more in front.
    pub(crate) fn behind(self, offset: usize) -> Self {
        if self.is_present() { Self { start: self.start + offset as u32, ..self } } else { self }
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::ABSENT
    }
}

/// Where each value of a block lies in the block's text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) data: Span,
    pub(crate) event: Span,
    pub(crate) id: Span,
    /// What is known of the text.
    pub(crate) charset: Charset,
    pub(crate) rare: RareFields,
}

/// The fields that few blocks have. One that has them is always put together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RareFields {
    pub(crate) comments: Span,
    /// In milliseconds.
    pub(crate) retry: Option<u64>,
}

/// What is known of the bytes of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Charset {
    #[default]
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
