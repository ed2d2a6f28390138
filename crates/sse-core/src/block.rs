//! Pieces of values in, one block out: the buffers of a block that does not lie in one piece.
//!
//! A block that lies inside one chunk, with one line of data, never comes here. Decides nothing:
//! what a blank line does with a block is [`crate::reader`]'s.

use alloc::vec::Vec;
use core::mem;

use crate::{
    field::FieldName,
    layout::{Charset, Layout, RareFields, Span},
};

/// The fields of the block that is being read, copied out of the chunks they came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenBlock {
    data: Lines,
    comments: Lines,
    /// The values of the other fields with an LF between them, replaced ones too: that is not more
    /// than the block's lines, which are limited.
    values: Vec<u8>,
    event: Span,
    id: Span,
    retry: Option<u64>,
    /// Where in `values` the value starts that is being read.
    open_from: usize,
    /// What is known of all that was added.
    charset: Charset,
    /// How long the text of the last block was that was long.
    expected_len: usize,
}

impl OpenBlock {
    pub(crate) fn is_empty(&self) -> bool {
        self.data.count == 0
            && self.comments.count == 0
            && !self.event.is_present()
            && !self.id.is_present()
            && self.retry.is_none()
    }

    pub(crate) fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// Takes over what has been read of a block in place.
    pub(crate) fn absorb(&mut self, text: &[u8], layout: &Layout) {
        self.note(layout.charset);
        let fields = [
            (FieldName::Data, layout.data),
            (FieldName::Event, layout.event),
            (FieldName::Id, layout.id),
        ];
        for (name, span) in fields {
            if let Some(value) = span.of(text) {
                self.push(name, value);
            }
        }
    }

    /// Adds a field that is there as a whole.
    #[inline(always)]
    pub(crate) fn push(&mut self, name: FieldName, value: &[u8]) {
        self.begin(name);
        self.extend(name, value);
        self.end(name);
    }

    /// Opens the value of a field.
    #[inline(always)]
    pub(crate) fn begin(&mut self, name: FieldName) {
        match name {
            FieldName::Data => {
                if self.data.count == 0 {
                    self.data.bytes.reserve(self.expected_len.max(FIRST_BYTES));
                }
                self.data.begin_line();
            }
            FieldName::Comment => self.comments.begin_line(),
            FieldName::Event | FieldName::Id | FieldName::Retry => {
                push_separator(&mut self.values);
                self.open_from = self.values.len();
            }
        }
    }

    /// Tells what is known of bytes that are added.
    #[inline(always)]
    pub(crate) fn note(&mut self, charset: Charset) {
        if charset == Charset::Unknown {
            self.charset = charset;
        }
    }

    /// Adds bytes to the value that is open.
    #[inline(always)]
    pub(crate) fn extend(&mut self, name: FieldName, bytes: &[u8]) {
        match name {
            FieldName::Data => self.data.bytes.extend_from_slice(bytes),
            FieldName::Comment => self.comments.bytes.extend_from_slice(bytes),
            FieldName::Event | FieldName::Id | FieldName::Retry => {
                self.values.extend_from_slice(bytes);
            }
        }
    }

    /// How long the open value is so far, if it is one of which the last counts.
    #[inline]
    pub(crate) fn open_len(&self) -> usize {
        self.values.len() - self.open_from
    }

    /// Closes the value that is open: only now does it replace the one before it.
    #[inline(always)]
    pub(crate) fn end(&mut self, name: FieldName) {
        let value = &self.values[self.open_from..];
        let span = Span::new(self.open_from, self.values.len());
        match name {
            FieldName::Data | FieldName::Comment => return,
            FieldName::Event if value.is_empty() => self.event = Span::ABSENT,
            FieldName::Event => self.event = span,
            FieldName::Id if is_ignored_id(value) => {}
            FieldName::Id => self.id = span,
            FieldName::Retry => self.retry = parse_retry(value).or(self.retry),
        }
        self.open_from = self.values.len();
    }

    /// Puts all values side by side, which ends the block, and tells where each of them lies.
    ///
    /// There is an LF between any two, so that bytes of two values never make one character.
    pub(crate) fn seal(&mut self) -> Layout {
        let bytes = &mut self.data.bytes;
        let data = Span::new(0, bytes.len());
        if !self.values.is_empty() {
            push_separator(bytes);
        }
        let values = bytes.len();
        bytes.extend_from_slice(&self.values);
        if self.comments.count > 0 {
            push_separator(bytes);
        }
        let comments = bytes.len();
        bytes.extend_from_slice(&self.comments.bytes);
        let all = bytes.len();
        self.expected_len = all.min(MAX_EXPECTED_LEN);
        let present = |lines: &Lines, span| if lines.count > 0 { span } else { Span::ABSENT };
        Layout {
            data: present(&self.data, data),
            event: self.event.behind(values),
            id: self.id.behind(values),
            charset: self.charset,
            rare: RareFields {
                comments: present(&self.comments, Span::new(comments, all)),
                retry: self.retry,
            },
        }
    }

    /// The bytes of a block that is sealed.
    #[inline]
    pub(crate) fn sealed(&self) -> &[u8] {
        &self.data.bytes
    }

    /// Gives the bytes of a block that is sealed away.
    pub(crate) fn take_sealed(&mut self) -> Vec<u8> {
        mem::take(&mut self.data.bytes)
    }

    /// Forgets the block, and keeps memory for the next one.
    pub(crate) fn clear(&mut self) {
        self.data.clear();
        self.comments.clear();
        clear_and_keep(&mut self.values, KEPT_BYTES);
        self.event = Span::ABSENT;
        self.id = Span::ABSENT;
        self.retry = None;
        self.open_from = 0;
        self.charset = Charset::Ascii;
    }

    /// Gives memory back of which no use may come for long, if it is much. The block is empty.
    #[inline(always)]
    pub(crate) fn rest(&mut self) {
        let Self { data, comments, values, .. } = self;
        let kept = data.bytes.capacity() + comments.bytes.capacity() + values.capacity();
        if kept > KEPT_AT_REST_BYTES {
            *self = Self::default();
        }
    }
}

/// "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the
/// field value. Otherwise, ignore the field."
#[inline]
pub(crate) fn is_ignored_id(value: &[u8]) -> bool {
    value.contains(&0)
}

/// Reads the value of a `retry` field, in milliseconds: "if the field value consists of only
/// ASCII digits"; `None` if it does not. A number too large for its type becomes the largest.
pub(crate) fn parse_retry(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let millis = value.iter().fold(0_u64, |millis, digit| {
        millis.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    });
    Some(millis)
}

/// The values of the lines of one field, with an LF between them.
#[derive(Debug, Clone, Default)]
struct Lines {
    bytes: Vec<u8>,
    count: usize,
}

impl Lines {
    #[inline(always)]
    fn begin_line(&mut self) {
        if self.count > 0 {
            self.bytes.push(b'\n');
        }
        self.count += 1;
    }

    fn clear(&mut self) {
        clear_and_keep(&mut self.bytes, KEPT_BYTES);
        self.count = 0;
    }
}

fn push_separator(bytes: &mut Vec<u8>) {
    if !bytes.is_empty() {
        bytes.push(b'\n');
    }
}

fn clear_and_keep(bytes: &mut Vec<u8>, max_bytes: usize) {
    bytes.clear();
    if bytes.capacity() > max_bytes {
        *bytes = Vec::new();
    }
}

/// What each buffer keeps for the next block, so that a small one after a big one does not inherit
/// its memory.
const KEPT_BYTES: usize = 4096;

/// What the data starts with: most events fit.
const FIRST_BYTES: usize = 512;

/// The most that is set aside because the event before was as long.
const MAX_EXPECTED_LEN: usize = 64 * 1024;

/// What all buffers together keep while nothing comes.
const KEPT_AT_REST_BYTES: usize = 192;

#[cfg(test)]
mod tests {
    use super::parse_retry;

    #[test]
    fn retry_is_ascii_digits_and_nothing_else() {
        assert_eq!(parse_retry(b"0"), Some(0));
        assert_eq!(parse_retry(b"0010"), Some(10));
        assert_eq!(parse_retry(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_retry(b"99999999999999999999999"), Some(u64::MAX));
        for value in ["", "1000x", "-1", "+5", " 5", "5 ", "1_000", "1.5", "\u{0665}"] {
            assert_eq!(parse_retry(value.as_bytes()), None, "{value:?}");
        }
    }
}
