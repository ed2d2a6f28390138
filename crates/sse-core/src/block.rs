//! Values in, one block out: the buffers of a block that does not lie in one piece.
//!
//! A block that lies inside one chunk, with one line of data, never comes here. Decides nothing:
//! what a blank line does with a block is [`crate::reader`]'s.

use alloc::vec::Vec;
use core::mem;

use crate::{
    field::FieldName,
    layout::{Charset, Layout, Span},
    scan::{self, Scan},
};

/// The block that is being read, its values copied out of the chunks they came in.
#[derive(Debug, Clone)]
pub(crate) struct OpenBlock {
    /// The values in front of the data, and the data, with an LF between any two, so that bytes of
    /// two values never make one character. Values that were replaced are among them: that is not
    /// more than the block's lines, which are limited.
    text: Vec<u8>,
    /// Where in it the values lie that are complete.
    layout: Layout,
    /// Values that came after data, which can then grow without being moved.
    late: Vec<u8>,
    late_event: Span,
    late_id: Span,
    comments: Vec<u8>,
    /// Where in its buffer the value starts that is being read.
    open_from: usize,
    /// How long the text of the last block was.
    expected_len: usize,
}

impl Default for OpenBlock {
    fn default() -> Self {
        Self {
            text: Vec::new(),
            layout: Layout::EMPTY,
            late: Vec::new(),
            late_event: Span::ABSENT,
            late_id: Span::ABSENT,
            comments: Vec::new(),
            open_from: 0,
            expected_len: 0,
        }
    }
}

impl OpenBlock {
    pub(crate) fn is_empty(&self) -> bool {
        self.layout.is_empty() && !self.late_event.is_present() && !self.late_id.is_present()
    }

    pub(crate) fn retry(&self) -> Option<u64> {
        self.layout.rare.retry
    }

    /// Starts with what has been read of a block in place. Its data, if any, is the last of it.
    #[inline]
    pub(crate) fn start_with(&mut self, text: &[u8], layout: &Layout, room: usize) {
        self.make_room(FieldName::Data, text.len(), room);
        self.text.extend_from_slice(text);
        self.layout = *layout;
    }

    /// Opens the value of a field. Up to `room` bytes may come.
    #[inline(always)]
    pub(crate) fn begin(&mut self, name: FieldName, room: usize) {
        let is_next_line = match name {
            FieldName::Data => self.layout.data.is_present(),
            FieldName::Comment => self.layout.rare.comments.is_present(),
            FieldName::Event | FieldName::Id | FieldName::Retry => false,
        };
        if is_next_line || !self.values(name).is_empty() {
            self.make_room(name, 1, room);
            self.values(name).push(b'\n');
        }
        self.open_from = self.values(name).len();
    }

    /// Tells what is known of bytes that are added.
    #[inline(always)]
    pub(crate) fn note(&mut self, charset: Charset) {
        if charset == Charset::Unknown {
            self.layout.charset = charset;
        }
    }

    /// Adds bytes to the value that is open. After them, up to `room` more may come.
    #[inline(always)]
    pub(crate) fn extend(&mut self, name: FieldName, bytes: &[u8], room: usize) {
        self.make_room(name, bytes.len(), room);
        self.values(name).extend_from_slice(bytes);
    }

    /// Adds the start of the input to the line of data that is open, up to a line end. The same
    /// otherwise.
    #[inline(always)]
    pub(crate) fn extend_data(&mut self, input: &[u8], room: usize) -> Scan {
        self.make_room(FieldName::Data, input.len(), room);
        let scan = scan::copy_line(input, 0, &mut self.text);
        self.note(scan.charset);
        scan
    }

    /// How long the value of this field is so far, which is open.
    #[inline]
    pub(crate) fn open_len(&mut self, name: FieldName) -> usize {
        self.values(name).len() - self.open_from
    }

    /// Closes the value that is open: only now does it replace the one before it.
    #[inline(always)]
    pub(crate) fn end(&mut self, name: FieldName) {
        let from = self.open_from;
        let is_late = self.layout.data.is_present();
        let values = self.values(name);
        let span = Span::new(from, values.len());
        match name {
            FieldName::Data if is_late => self.layout.data = self.layout.data.to_end_of(span),
            FieldName::Data => self.layout.data = span,
            FieldName::Comment => self.layout.rare.comments = Span::new(0, span.end()),
            FieldName::Event => {
                let span = if span.len() == 0 { Span::ABSENT } else { span };
                self.late_event = if is_late { span } else { Span::ABSENT };
                self.layout.event = if is_late { Span::ABSENT } else { span };
            }
            FieldName::Id if is_ignored_id(&values[from..]) => {}
            FieldName::Id if is_late => self.late_id = span,
            FieldName::Id => self.layout.id = span,
            FieldName::Retry => {
                let retry = parse_retry(&values[from..]);
                self.layout.rare.retry = retry.or(self.layout.rare.retry);
            }
        }
    }

    /// The buffer for values of the field.
    #[inline(always)]
    fn values(&mut self, name: FieldName) -> &mut Vec<u8> {
        match name {
            FieldName::Data => &mut self.text,
            FieldName::Comment => &mut self.comments,
            FieldName::Event | FieldName::Id | FieldName::Retry => {
                if self.layout.data.is_present() { &mut self.late } else { &mut self.text }
            }
        }
    }

    #[inline(always)]
    fn make_room(&mut self, name: FieldName, additional: usize, room: usize) {
        let values = self.values(name);
        if values.capacity() - values.len() < additional {
            self.grow(name, additional, room);
        }
    }

    /// Makes room for twice as much, or as much as the last block was, so that a byte is moved once
    /// at the average. But not for more than the limit allows.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, name: FieldName, additional: usize, room: usize) {
        let expected = self.expected_len.max(FIRST_BYTES);
        let values = self.values(name);
        let ahead = values.len().max(expected.saturating_sub(values.len() + additional));
        values.reserve_exact(additional + ahead.min(room));
    }

    /// Puts all values side by side, which ends the block, and tells where each of them lies.
    pub(crate) fn seal(&mut self) -> Layout {
        let has_late = self.late_event.is_present() || self.late_id.is_present();
        if has_late || !self.comments.is_empty() {
            self.append_late();
        }
        let len = self.text.len();
        self.expected_len = (len + len / 8).min(MAX_EXPECTED_LEN);
        self.layout
    }

    #[cold]
    fn append_late(&mut self) {
        let len = self.late.len() + self.comments.len() + 2;
        if self.text.capacity() - self.text.len() < len {
            // What is set aside for more is given back first, so that twice the limit is enough.
            self.late.shrink_to_fit();
            self.comments.shrink_to_fit();
            self.text.reserve_exact(len);
        }
        self.text.push(b'\n');
        if self.late_event.is_present() {
            self.layout.event = self.late_event.behind(self.text.len());
        }
        if self.late_id.is_present() {
            self.layout.id = self.late_id.behind(self.text.len());
        }
        self.text.append(&mut self.late);
        self.text.push(b'\n');
        self.layout.rare.comments = self.layout.rare.comments.behind(self.text.len());
        self.text.append(&mut self.comments);
    }

    /// The bytes of a block that is sealed.
    #[inline]
    pub(crate) fn sealed(&self) -> &[u8] {
        &self.text
    }

    /// Gives the bytes of a block that is sealed away.
    pub(crate) fn take_sealed(&mut self) -> Vec<u8> {
        mem::take(&mut self.text)
    }

    /// Forgets the block, and keeps memory for the next one.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.layout = Layout::EMPTY;
        self.late_event = Span::ABSENT;
        self.late_id = Span::ABSENT;
        clear_and_keep(&mut self.text, KEPT_BYTES);
        clear_and_keep(&mut self.late, KEPT_LATE_BYTES);
        clear_and_keep(&mut self.comments, KEPT_LATE_BYTES);
    }

    /// Gives memory back of which no use may come for long, if it is much. The block is empty.
    #[inline(always)]
    pub(crate) fn rest(&mut self) {
        let kept = self.text.capacity() + self.late.capacity() + self.comments.capacity();
        if kept > KEPT_AT_REST_BYTES {
            self.forget();
        }
    }

    #[cold]
    fn forget(&mut self) {
        *self = Self { expected_len: self.expected_len, ..Self::default() };
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

#[inline(always)]
fn clear_and_keep(bytes: &mut Vec<u8>, max_bytes: usize) {
    bytes.clear();
    if bytes.capacity() > max_bytes {
        *bytes = Vec::new();
    }
}

/// What the text keeps for the next block, so that a small one after a big one does not inherit its
/// memory. (Less under a lower limit: it never had more.)
const KEPT_BYTES: usize = 4096;

/// The same for each of the other buffers, which few blocks need.
const KEPT_LATE_BYTES: usize = 64;

/// What a buffer starts with: most events fit.
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
