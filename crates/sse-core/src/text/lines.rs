//! Text in the form in which it is sent: the lines of a block, as the encoder writes them.
//!
//! Responsible for laying out the text of a built event in this form, and for finding such lines in
//! the memory of any event, above all in a received chunk. Text in this form is sent without being
//! encoded again.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use memchr::memchr;

use super::{INLINE_LEN, Repr, Text};
use crate::{
    field::{DATA, EVENT, ID},
    layout::Span,
};

impl Text {
    /// Writes fields as the lines of a block, in one allocation. Fields short enough to be stored
    /// inline are concatenated without names.
    ///
    /// Each field must be one line, and their total length at most [`MAX_LINES_BYTES`].
    pub(crate) fn lines(data: Option<&str>, event: Option<&str>, id: Option<&str>) -> Self {
        let fields = [(EVENT, event), (ID, id), (DATA, data)];
        let values = fields.iter().filter_map(|(name, value)| Some((name, (*value)?)));
        let values_len: usize = values.clone().map(|(_, value)| value.len()).sum();
        if values_len <= INLINE_LEN {
            return Self::joined(data, event, id);
        }
        let names_len: usize = values.map(|(name, _)| name.len() + 1).sum();
        let mut text = Vec::with_capacity(names_len + values_len + 1);
        let [event, id, data] = fields.map(|(name, value)| {
            let Some(value) = value else { return Span::ABSENT };
            text.extend_from_slice(name.as_bytes());
            let start = text.len();
            text.extend_from_slice(value.as_bytes());
            let span = Span::new(start, text.len());
            text.push(LF);
            span
        });
        text.push(LF);
        Self { bytes: Repr::Shared(Bytes::from(text)), data, event, id }
    }

    /// Returns the place in [its memory](Self::memory) of a block that consists of these fields,
    /// byte by byte as the encoder writes it. `None` if the fields are not within such a block.
    ///
    /// The bytes alone decide, so it does not matter how they came there.
    #[inline]
    pub(crate) fn block(&self) -> Option<Range<usize>> {
        let bytes = self.memory();
        let mut block: Option<Range<usize>> = None;
        for (name, field) in [(EVENT, self.event), (ID, self.id), (DATA, self.data)] {
            if !field.is_present() {
                continue;
            }
            let start = field.start().checked_sub(name.len())?;
            let is_next = block.as_ref().is_none_or(|block| block.end == start);
            let has_name = bytes.get(start..)?.starts_with(name.as_bytes());
            if !is_next || !has_name || bytes.get(field.end()) != Some(&LF) {
                return None;
            }
            block = Some(block.map_or(start, |block| block.start)..field.end() + 1);
        }
        let block = block?;
        let is_one_line = self.data.of(bytes).is_none_or(|data| memchr(LF, data).is_none());
        let has_end = bytes.get(block.end) == Some(&LF);
        (is_one_line && has_end).then_some(block.start..block.end + 1)
    }

    /// Returns the memory that the text shares, nothing if the text is held in the event itself.
    #[inline]
    pub(crate) fn memory(&self) -> &[u8] {
        match &self.bytes {
            Repr::Shared(bytes) => bytes,
            Repr::Inline(_) => &[],
        }
    }

    /// Like [`memory`](Self::memory), as what shares it.
    #[inline]
    pub(crate) fn into_memory(self) -> Bytes {
        match self.bytes {
            Repr::Shared(bytes) => bytes,
            Repr::Inline(_) => Bytes::new(),
        }
    }
}

const LF: u8 = b'\n';

/// Length of the fields above which spans might not reach to the end of their lines.
pub(crate) const MAX_LINES_BYTES: usize = Span::MAX_END - 64;
