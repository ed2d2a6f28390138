//! Bytes in, the memory of an event out: where a block is put together, and whose that becomes.
//!
//! Knows neither fields nor lines.

use alloc::vec::Vec;
use core::{mem, ops::Deref};

use bytes::{BufMut, Bytes, BytesMut};

/// The text of one block, and memory for more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffer {
    /// Where the memory is shared, what lies before it is of events.
    text: BytesMut,
    memory: Memory,
    /// About how long the text of the last block was that was read piece by piece.
    ///
    /// In 32 bits, as the next: with a parser of 8 bytes more, the chunk behind it in an `EventStream`
    /// lay across two cache lines, and one of 16 bytes took up to a fifth more time.
    expected_len: u32,
    /// How much was set aside last for texts to share.
    shared_bytes: u32,
}

/// Whose the memory is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Memory {
    /// There is none.
    #[default]
    None,
    /// That of one block. It goes to its event, or its text is copied and it is used again.
    Own,
    /// That of several small blocks, one behind the other, and of their events: it is not set aside for
    /// each, nor is the text copied. Of an event of 330 B in chunks of 128 bytes, 1362 instructions
    /// became 1205 with it.
    Shared,
}

impl Buffer {
    /// How long the next text may be, from the last one.
    #[inline(always)]
    pub(crate) fn expected_len(&self) -> usize {
        self.expected_len as usize
    }

    #[inline(always)]
    pub(crate) fn spare(&self) -> usize {
        self.text.capacity() - self.text.len()
    }

    /// The bytes, to write into the room there is.
    #[inline(always)]
    pub(crate) fn bytes_mut(&mut self) -> &mut BytesMut {
        &mut self.text
    }

    /// Adds bytes. Up to `room` may come, with these.
    #[inline(always)]
    pub(crate) fn extend(&mut self, bytes: &[u8], room: usize) {
        self.make_room(bytes.len(), room);
        self.text.extend_from_slice(bytes);
    }

    /// Adds a byte, for which there is room.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8) {
        self.text.put_u8(byte);
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
    }

    /// Makes room for bytes, if there is none. Up to `room` may come, with these.
    #[inline(always)]
    pub(crate) fn make_room(&mut self, additional: usize, room: usize) {
        if self.spare() < additional {
            self.grow(additional, room);
        }
    }

    /// Makes room for twice as much, or as much as the last block was, so that a byte is moved once
    /// at the average. But not for more than the limit allows.
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
            // What it makes room for is at least twice as much.
            self.text.reserve(wanted);
        } else {
            self.reserve_exact(wanted);
        }
    }

    /// Makes room for a text of just this length, where there is none.
    pub(crate) fn make_room_for_all(&mut self, len: usize) {
        if self.spare() >= len {
            return;
        }
        if self.may_share(len) { self.share_more(len) } else { self.reserve_exact(len) }
    }

    /// Whether a text of this length gets memory that is shared.
    fn may_share(&self, len: usize) -> bool {
        self.memory == Memory::Shared && len <= MAX_SHARING_LEN
    }

    /// Sets twice as much aside as the last time, as it is not known how many texts there will be to
    /// share it; in the end the same once more, if all events in it are gone.
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
        // A `Vec` can grow where it is, and by no more than that.
        let mut text = Vec::from(mem::take(&mut self.text));
        text.reserve_exact(additional);
        self.text = Bytes::from(text).into();
    }

    /// Notes that the text is complete.
    #[inline(always)]
    pub(crate) fn end(&mut self) {
        let len = self.text.len();
        self.expected_len = (len + len / 8).min(MAX_EXPECTED_LEN) as u32;
    }

    /// Gives the text away, all of it and nothing else.
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

    /// Forgets the text, and keeps memory for the next one.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        if self.text.capacity() > KEPT_BYTES {
            self.give_back();
        }
    }

    /// Has the next texts share their memory, if one that was this long may, as there are more to come at
    /// once. An event may take up to `limit` bytes.
    #[inline(always)]
    pub(crate) fn share(&mut self, len: usize, limit: usize) {
        let is_shared = self.memory == Memory::Shared;
        if !is_shared && len <= MAX_SHARING_LEN && limit >= MIN_SHARING_LIMIT {
            self.give_back();
            self.memory = Memory::Shared;
            // To begin with half as much as the last time, and as much again only if that is not enough.
            self.shared_bytes /= 4;
        }
    }

    #[inline(always)]
    pub(crate) fn has_memory(&self) -> bool {
        self.memory != Memory::None
    }

    /// Forgets the text, and gives its memory back.
    #[inline(never)]
    pub(crate) fn give_back(&mut self) {
        self.text = BytesMut::new();
        self.memory = Memory::None;
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        &self.text
    }
}

/// The most that several blocks share. With half as much, events of 1.2 KB take a fifth more time.
const SHARED_BYTES: usize = 4096;

/// A text that grows longer is moved to memory of its own, if there is no room for it as it is: too much
/// would be moved too often.
const MAX_SHARING_LEN: usize = SHARED_BYTES / 2;

/// Where an event may take less, what is shared would be more than the limit lets be held.
const MIN_SHARING_LIMIT: usize = SHARED_BYTES;

/// A text with memory of its own that is shorter than this is copied once more, into memory of just
/// its length, so that the buffer can be used again.
const COPIED_LEN: usize = 4096;

/// From this length on, what is set aside and was never touched is left as it is: it takes no memory
/// that is real, and to give it back makes the next allocation slow. With glibc's allocator, events of
/// 8 MiB took four times as long.
const UNTOUCHED_LEN: usize = 1024 * 1024;

/// What is kept for the next block, so that a small one after a big one does not inherit its memory.
/// (Less under a lower limit: it never had more.)
const KEPT_BYTES: usize = 4096;

/// What a buffer starts with: most events fit.
const FIRST_BYTES: usize = 512;

/// The most that is set aside because the event before was as long.
const MAX_EXPECTED_LEN: usize = 64 * 1024;
