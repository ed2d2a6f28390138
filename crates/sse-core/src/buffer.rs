//! Manages the memory that blocks are assembled in and events own.
//!
//! Decides whether a text gets memory of its own or shares it with others, and what is kept for the
//! next text. Does not know fields or lines. Tracks whether the text is ASCII, so each way to
//! append bytes finds that out or takes a witness of it.

#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{mem, ops::Deref};

use bytes::{BufMut, Bytes, BytesMut};

use crate::{ascii::AsciiPrefix, layout::Span, scan};

/// Text of one block, and memory for more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffer {
    /// The text. If memory is shared, what lies before the text belongs to events.
    text: BytesMut,
    memory: Memory,
    /// `true` if a byte of the text may not be ASCII.
    may_be_non_ascii: bool,
    /// Expected length of the next text: about that of the last assembled block.
    ///
    /// 32 bits, like the next field: a parser that is 8 bytes larger would make the chunk after it
    /// in an `EventStream` straddle two cache lines.
    expected_len: u32,
    /// Size of the last allocation that texts share.
    shared_bytes: u32,
}

/// Ownership of the memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Memory {
    /// Nothing is allocated.
    #[default]
    None,
    /// The memory belongs to one block. Its event takes it over, or the text is copied and the
    /// memory is reused.
    Own,
    /// Several consecutive small blocks and their events share the memory, which saves an
    /// allocation and a copy for each.
    Shared,
}

impl Buffer {
    /// Returns the expected length of the next text.
    #[inline(always)]
    pub(crate) fn expected_len(&self) -> usize {
        self.expected_len as usize
    }

    #[inline(always)]
    pub(crate) fn spare(&self) -> usize {
        self.text.capacity() - self.text.len()
    }

    /// Returns the prefix of the text, which is all of it or nothing.
    #[inline(always)]
    pub(crate) fn ascii(&self) -> AsciiPrefix {
        if self.may_be_non_ascii {
            return AsciiPrefix::NONE;
        }
        // SAFETY: each byte of the text was appended as ASCII.
        unsafe { AsciiPrefix::new(self.text.len()) }
    }

    /// Appends bytes, given their prefix. Up to `room` bytes may follow, including these.
    #[inline(always)]
    pub(crate) fn extend(&mut self, bytes: &[u8], ascii: AsciiPrefix, room: usize) {
        self.make_room(bytes.len(), room);
        self.text.extend_from_slice(bytes);
        if !ascii.reaches(bytes.len()) {
            self.may_be_non_ascii = true;
        }
    }

    /// Starts to append values that lie in a chunk with this prefix.
    #[inline(always)]
    pub(crate) fn append_from<'a>(
        &'a mut self,
        chunk: &'a [u8],
        ascii: AsciiPrefix,
    ) -> Appending<'a> {
        Appending { to: self, chunk, ascii }
    }

    /// Appends an LF, for which there must be room.
    #[inline(always)]
    pub(crate) fn push_line_feed(&mut self) {
        self.text.put_u8(b'\n');
    }

    /// Appends the input up to a line end, and returns the number of bytes appended. There must be
    /// room for the whole input.
    #[inline(always)]
    pub(crate) fn copy_line(&mut self, input: &[u8]) -> usize {
        let line = scan::copy_line(input, &mut self.text);
        if !line.is_ascii() {
            self.may_be_non_ascii = true;
        }
        line.len()
    }

    /// Appends a fragment of a line if its length has a fast copy, and returns `true` if it did.
    #[inline(always)]
    pub(crate) fn try_extend(&mut self, piece: &[u8]) -> bool {
        let is_ascii = scan::copy_fragment(piece, &mut self.text);
        if is_ascii == Some(false) {
            self.may_be_non_ascii = true;
        }
        is_ascii.is_some()
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
    }

    /// Reserves memory if there is too little. Up to `room` bytes may follow, including the
    /// additional ones.
    #[inline(always)]
    pub(crate) fn make_room(&mut self, additional: usize, room: usize) {
        if self.spare() < additional {
            self.grow(additional, room);
        }
    }

    /// Doubles the capacity, or grows it to the length of the last block: each byte then moves once
    /// on average. Never grows beyond what the limit allows.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, additional: usize, room: usize) {
        let len = self.text.len();
        if self.may_share(len + additional) {
            return self.share_more(additional);
        }
        let expected = self.expected_len().max(FIRST_BYTES);
        let ahead = len.max(expected.saturating_sub(len + additional));
        let wanted = additional + ahead.min(room.saturating_sub(additional));
        let doubled = 2 * self.text.capacity();
        if self.memory == Memory::Own && doubled <= len + room.min(wanted + additional) {
            // A `Vec` at least doubles its capacity here.
            self.text.reserve(wanted);
        } else {
            self.reserve_exact(wanted);
        }
    }

    /// Reserves memory for a text of exactly this length. The buffer is empty.
    pub(crate) fn make_room_for_all(&mut self, len: usize) {
        if self.spare() >= len {
            return;
        }
        if self.may_share(len) { self.share_more(len) } else { self.reserve_exact(len) }
    }

    /// Returns `true` if a text of this length goes to shared memory.
    fn may_share(&self, len: usize) -> bool {
        self.memory == Memory::Shared && len <= MAX_SHARING_LEN
    }

    /// Allocates twice as much as the last time, as the number of texts that will share it is not
    /// known. At the maximum, reuses the buffer if all events in it have been dropped.
    #[inline(never)]
    fn share_more(&mut self, additional: usize) {
        let last = self.shared_bytes as usize;
        if last == SHARED_BYTES && self.text.try_reclaim(additional) {
            return;
        }
        let len = self.expected_len().max(self.text.len() + additional);
        let bytes = (2 * len.max(last)).min(SHARED_BYTES);
        self.shared_bytes = bytes as u32;
        let text = mem::replace(&mut self.text, BytesMut::with_capacity(bytes));
        self.text.extend_from_slice(&text);
    }

    #[inline(never)]
    fn reserve_exact(&mut self, additional: usize) {
        let len = self.text.len();
        if self.memory != Memory::Own || len == 0 {
            let text = mem::replace(&mut self.text, BytesMut::with_capacity(len + additional));
            self.text.extend_from_slice(&text);
            self.memory = Memory::Own;
            return;
        }
        // A `Vec` can grow in place, and by exactly this amount.
        let mut text = Vec::from(mem::take(&mut self.text));
        text.reserve_exact(additional);
        self.text = Bytes::from(text).into();
    }

    /// Marks the text as complete.
    #[inline(always)]
    pub(crate) fn end(&mut self) {
        let len = self.text.len();
        self.expected_len = (len + len / 8).min(MAX_EXPECTED_LEN) as u32;
    }

    /// Returns the whole text and nothing else, and leaves the buffer without it.
    #[inline(always)]
    pub(crate) fn take(&mut self) -> Bytes {
        match self.memory {
            Memory::Shared => self.text.split().freeze(),
            Memory::None | Memory::Own => self.take_own(),
        }
    }

    #[inline(never)]
    fn take_own(&mut self) -> Bytes {
        let (len, unused) = (self.text.len(), self.spare());
        if len < COPIED_LEN && unused > 0 {
            return Bytes::copy_from_slice(&self.text);
        }
        self.memory = Memory::None;
        if unused == 0 {
            return mem::take(&mut self.text).freeze();
        }
        let mut text = Vec::from(mem::take(&mut self.text));
        if unused > len / 8 && len < UNTOUCHED_LEN {
            text.shrink_to_fit();
        }
        text.into()
    }

    /// Clears the text, and keeps memory for the next one.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.may_be_non_ascii = false;
        if self.text.capacity() > KEPT_BYTES {
            self.release();
        }
    }

    /// Makes the next texts share memory, if a text of length `len` may and the input holds more
    /// blocks. An event may take up to `limit` bytes.
    #[inline(always)]
    pub(crate) fn share(&mut self, len: usize, limit: usize) {
        let is_shared = self.memory == Memory::Shared;
        if !is_shared && len <= MAX_SHARING_LEN && limit >= MIN_SHARING_LIMIT {
            self.release();
            self.memory = Memory::Shared;
            // Starts with half the size of the last time, and doubles only if that is too small.
            self.shared_bytes /= 4;
        }
    }

    #[inline(always)]
    pub(crate) fn has_memory(&self) -> bool {
        self.memory != Memory::None
    }

    /// Drops the text and releases its memory.
    #[inline(never)]
    pub(crate) fn release(&mut self) {
        self.text = BytesMut::new();
        self.memory = Memory::None;
    }
}

/// Buffer to which values of a chunk are appended.
pub(crate) struct Appending<'a> {
    to: &'a mut Buffer,
    chunk: &'a [u8],
    /// Prefix of the chunk.
    ascii: AsciiPrefix,
}

impl Appending<'_> {
    /// Appends the value, if it is present.
    #[inline(always)]
    pub(crate) fn append(&mut self, span: Span) {
        if let Some(value) = span.of(self.chunk) {
            self.copy(value, span);
        }
    }

    /// Appends an LF, for which there must be room, and the value, and returns the value's place.
    /// Appends nothing if the value is absent.
    #[inline(always)]
    pub(crate) fn append_line(&mut self, span: Span) -> Span {
        let Some(value) = span.of(self.chunk) else {
            return Span::ABSENT;
        };
        self.to.push_line_feed();
        let start = self.to.len();
        self.copy(value, span);
        Span::new(start, self.to.len())
    }

    /// Returns the length of the buffer's text.
    pub(crate) fn len(&self) -> usize {
        self.to.len()
    }

    /// Copies a value, given its place in the chunk.
    #[inline(always)]
    fn copy(&mut self, value: &[u8], span: Span) {
        let to = &mut *self.to;
        if !self.ascii.reaches(span.end()) {
            to.may_be_non_ascii = true;
        }
        match self.chunk[span.start()..].first_chunk() {
            Some(wide) if value.len() <= WIDE && to.spare() >= WIDE => {
                let wide: &[u8; WIDE] = wide;
                let start = to.len();
                to.text.extend_from_slice(wide);
                to.text.truncate(start + value.len());
            }
            _ => {
                to.make_room(value.len(), 0);
                to.text.extend_from_slice(value);
            }
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        &self.text
    }
}

/// Maximum size of the memory that several blocks share. A smaller one is allocated too often for
/// events of about a kilobyte.
const SHARED_BYTES: usize = 4096;

/// Maximum length of a text in shared memory. A longer one moves to memory of its own unless it
/// fits as it is: too much would be moved too often.
const MAX_SHARING_LEN: usize = SHARED_BYTES / 2;

/// Number of bytes that are copied for a shorter value, if there is room, with the excess
/// truncated: a copy of constant length is faster than one of variable length.
const WIDE: usize = 64;

/// Minimum limit of an event's size for sharing: below it, shared memory would exceed what the
/// limit allows to be held.
const MIN_SHARING_LIMIT: usize = SHARED_BYTES;

/// A text with memory of its own that is shorter than this is copied into memory of exactly its
/// length, so that the buffer can be reused.
const COPIED_LEN: usize = 4096;

/// From this length on, spare memory is not released: pages that were never touched take no
/// physical memory, and some allocators make the next allocation slow after a large shrink.
const UNTOUCHED_LEN: usize = 1024 * 1024;

/// Capacity that is kept for the next block, so that a small block after a big one does not inherit
/// its memory. (Less under a lower limit: it never had more.)
const KEPT_BYTES: usize = 4096;

/// Initial capacity. Most events fit.
const FIRST_BYTES: usize = 512;

/// Maximum that is allocated in advance because the last event was as long.
const MAX_EXPECTED_LEN: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::{AsciiPrefix, Buffer, Span};

    #[test]
    fn append_from_copies_a_value_beyond_the_ascii_prefix_as_non_ascii() {
        let chunk = "data: caf\u{e9}".as_bytes();
        for (known, end, is_ascii) in [(9, 9, true), (9, 11, false), (0, 9, false)] {
            let mut buffer = Buffer::default();
            let ascii = AsciiPrefix::find(&chunk[..known]);
            buffer.append_from(chunk, ascii).append(Span::new(6, end));
            assert_eq!(&*buffer, &chunk[6..end]);
            assert_eq!(buffer.ascii().reaches(end - 6), is_ascii, "{known} known, up to {end}");
        }
    }
}
