//! Witness that bytes are ASCII, so that they need no check of their UTF-8.
//!
//! Bytes become `&str` in two ways: [`crate::utf8`] validates them, or an [`AsciiPrefix`] reaches
//! to their end. [`AsciiPrefix::find`] examines a text. To create a prefix without that is
//! `unsafe`, and only two modules do: [`crate::scan`], which has examined the bytes, and
//! [`crate::buffer`], which knows of every byte that it was given whether it is ASCII.
//! [`crate::text`] keeps the places of fields only if they are within such a prefix, or are
//! character boundaries of validated bytes.
//!
//! A prefix has a length, so it does not become wrong when more is read: a field that was added
//! after the prefix was determined lies beyond it, and is validated. Likewise, a place that is
//! wrong, or is not a character boundary, makes the text be validated and copied.
//!
//! The type does not express which bytes a prefix belongs to, because a chunk cannot be split off
//! while a layout borrows it. A prefix is part of a [`Layout`](crate::layout::Layout),
//! all of whose places belong to the same text as it does. With debug assertions, each field of an
//! event is validated when the event is created.

#![allow(unsafe_code)]

/// Number of bytes at the start of a text that are ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AsciiPrefix(usize);

impl AsciiPrefix {
    /// Prefix of a text of which nothing is known.
    pub(crate) const NONE: Self = Self(0);

    /// Creates the prefix of this length.
    ///
    /// # Safety
    ///
    /// The first `len` bytes of the text that the prefix is for must be ASCII.
    #[inline(always)]
    pub(crate) unsafe fn new(len: usize) -> Self {
        Self(len)
    }

    /// Creates the prefix of a whole text if it is ASCII, and an empty one otherwise.
    pub(crate) fn find(text: &[u8]) -> Self {
        if text.is_ascii() { Self(text.len()) } else { Self::NONE }
    }

    /// Returns `true` if the text is ASCII up to `end`.
    #[inline(always)]
    pub(crate) fn reaches(self, end: usize) -> bool {
        end <= self.0
    }

    /// Returns the prefix of the text without its first `len` bytes.
    #[inline(always)]
    pub(crate) fn without_first(self, len: usize) -> Self {
        Self(self.0.saturating_sub(len))
    }
}

#[cfg(test)]
mod tests {
    use super::AsciiPrefix;

    #[test]
    fn a_prefix_reaches_to_its_end_and_no_further() {
        let text = b"0123456789";
        let prefix = AsciiPrefix::find(text);
        assert!(prefix.reaches(10) && !prefix.reaches(11));
        let rest = prefix.without_first(4);
        assert!(rest.reaches(6) && !rest.reaches(7));
        assert_eq!(prefix.without_first(11), AsciiPrefix::NONE);
        assert!(AsciiPrefix::NONE.reaches(0) && !AsciiPrefix::NONE.reaches(1));
    }

    #[test]
    fn a_text_that_is_not_ascii_has_no_prefix() {
        assert_eq!(AsciiPrefix::find(b"01\x8034"), AsciiPrefix::NONE);
    }
}
