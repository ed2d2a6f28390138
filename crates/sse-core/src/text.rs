//! Text of an event: bytes that are known to be UTF-8, and the place of each field in them.
//!
//! Holds a small text inline and shares a larger one. Without `unsafe`, every access to an event's
//! data would check its UTF-8 again, at a cost that grows with the data.

#![allow(unsafe_code)]

mod lines;

pub(crate) use lines::MAX_LINES_BYTES;

use alloc::vec::Vec;
use core::{mem, ops::Range};

use bytes::{Buf, BufMut, Bytes};

use crate::{
    buffer::Buffer,
    field::head,
    layout::{Charset, Layout, Span},
    utf8,
};

/// Text of an event's fields.
///
/// `B` is what the text is made of. If more is done before the event is constructed, `B` is a type
/// of its own that can stay in registers: moving bytes that have just been written would stall on
/// store-to-load forwarding.
#[derive(Clone)]
pub(crate) struct Text<B = Repr> {
    bytes: B,
    /// Invariant of the three: what they cut out of `bytes`, if anything, is valid UTF-8. Only
    /// `cut`, `joined`, `lines` and `without_data` set them.
    data: Span,
    event: Span,
    id: Span,
}

/// Not larger than a `Bytes`, which contains a pointer that is never null.
#[derive(Clone)]
pub(crate) enum Repr {
    Shared(Bytes),
    Inline([u8; INLINE_LEN]),
}

/// Maximum that fits without making an event larger. Sharing memory takes two atomic operations,
/// which cost more than copying so few bytes.
const INLINE_LEN: usize = 24;

impl Text {
    /// Splits the text of the block at the front of a chunk, which used `consumed` bytes, off the
    /// chunk.
    ///
    /// Returns `None` if it is not valid UTF-8; the chunk is then untouched.
    #[inline(always)]
    pub(crate) fn split_off(chunk: &mut Bytes, consumed: usize, layout: &Layout) -> Option<Self> {
        let Range { start, end } = layout.text();
        if !is_valid(&chunk[start..end], layout) {
            return None;
        }
        let len = end - start;
        if len <= INLINE_LEN {
            let inline = inline(&chunk[start..]);
            chunk.advance(consumed);
            return Some(Self::cut(Repr::Inline(inline), &layout.shift_left(start)));
        }
        // Shares the whole rest of the chunk, which takes less time than sharing a part of it and
        // keeps the same memory alive.
        let shared = if consumed == chunk.len() {
            // The event takes over the chunk's reference to the memory.
            mem::take(chunk)
        } else {
            let shared = by_words::<_, { words::<Bytes>() }>(chunk.clone());
            chunk.advance(consumed);
            shared
        };
        Some(Self::cut(Repr::Shared(shared), layout))
    }

    /// Copies the whole text of a block. Returns `None` if it is not valid UTF-8, or if much of it
    /// is outside the fields.
    #[inline]
    pub(crate) fn copied(text: &[u8], layout: &Layout) -> Option<Self> {
        if has_much_else(text, layout) || !is_valid(text, layout) {
            return None;
        }
        Some(if Self::is_short(text) {
            Self::cut(Repr::Inline(inline(text)), layout)
        } else {
            Self::cut(Repr::Shared(Bytes::copy_from_slice(text)), layout)
        })
    }

    /// Returns `true` if a text of this length is held inline.
    #[inline(always)]
    pub(crate) fn is_short(text: &[u8]) -> bool {
        text.len() <= INLINE_LEN
    }

    /// Concatenates the fields, whose total length is below 4 GiB.
    pub(crate) fn joined(data: Option<&str>, event: Option<&str>, id: Option<&str>) -> Self {
        let mut len = 0;
        let fields = [data, event, id];
        let [data_at, event_at, id_at] = fields.map(|field| {
            field.map_or(Span::ABSENT, |field| {
                let start = len;
                len += field.len();
                Span::new(start, len)
            })
        });
        let fields = fields.iter().flatten();
        let bytes = if len <= INLINE_LEN {
            let mut text = [0; INLINE_LEN];
            let mut rest = &mut text[..];
            fields.for_each(|field| rest.put_slice(field.as_bytes()));
            Repr::Inline(text)
        } else {
            let mut text = Vec::with_capacity(len);
            fields.for_each(|field| text.extend_from_slice(field.as_bytes()));
            Repr::Shared(Bytes::from(text))
        };
        Self { bytes, data: data_at, event: event_at, id: id_at }
    }

    #[inline]
    pub(crate) fn data(&self) -> Option<&str> {
        self.get(self.data)
    }

    #[inline]
    pub(crate) fn event(&self) -> Option<&str> {
        self.get(self.event)
    }

    #[inline]
    pub(crate) fn id(&self) -> Option<&str> {
        self.get(self.id)
    }

    pub(crate) fn without_data(self) -> Self {
        Self { data: Span::ABSENT, ..self }
    }

    #[inline]
    fn get(&self, span: Span) -> Option<&str> {
        let bytes = match &self.bytes {
            Repr::Shared(bytes) => &bytes[..],
            Repr::Inline(bytes) => &bytes[..],
        };
        // SAFETY: by the invariant of the spans.
        span.of(bytes).map(|field| unsafe { utf8::unchecked(field) })
    }
}

impl Text<[u8; INLINE_LEN]> {
    /// Copies the text of a short block. Returns `None` if it is not valid UTF-8.
    #[inline(always)]
    pub(crate) fn short(text: &[u8], layout: &Layout) -> Option<Self> {
        debug_assert!(Text::is_short(text));
        is_valid(text, layout).then(|| Self::cut(inline(text), layout))
    }
}

impl Text<Bytes> {
    /// Takes over the text of a block. Returns `None` if it is not valid UTF-8 or if much of it is
    /// outside the fields; the buffer is then untouched.
    #[inline(always)]
    pub(crate) fn taken(buffer: &mut Buffer, layout: &Layout) -> Option<Self> {
        if has_much_else(buffer, layout) || !is_valid(buffer, layout) {
            return None;
        }
        Some(Self::cut(by_words::<_, { words::<Bytes>() }>(buffer.take()), layout))
    }
}

impl<B> Text<B> {
    /// Creates a text from bytes that are valid UTF-8.
    ///
    /// Each field is delimited by ASCII (a colon or space, a line end, or the LF between assembled
    /// values) or by the end of the text, so that its ends are character boundaries.
    #[inline(always)]
    fn cut(bytes: B, layout: &Layout) -> Self {
        Self { bytes, data: layout.data, event: layout.event, id: layout.id }
    }

    #[inline(always)]
    fn held_in(self, repr: impl FnOnce(B) -> Repr) -> Text {
        let Self { bytes, data, event, id } = self;
        Text { bytes: repr(bytes), data, event, id }
    }
}

impl From<Text<[u8; INLINE_LEN]>> for Text {
    #[inline(always)]
    fn from(text: Text<[u8; INLINE_LEN]>) -> Self {
        text.held_in(Repr::Inline)
    }
}

impl From<Text<Bytes>> for Text {
    #[inline(always)]
    fn from(text: Text<Bytes>) -> Self {
        text.held_in(Repr::Shared)
    }
}

#[inline(always)]
fn is_valid(text: &[u8], layout: &Layout) -> bool {
    layout.charset == Charset::Ascii || utf8::is_valid(text)
}

/// Returns `true` if so much of the text is outside the three fields that a copy of the fields is
/// better: values that were replaced, comments, and ignored lines.
#[inline(always)]
fn has_much_else(text: &[u8], layout: &Layout) -> bool {
    let len = layout.values_len();
    text.len() > len + len / 8 + NAMES_LEN
}

/// Approximate size of the field names and line ends.
const NAMES_LEN: usize = 64;

/// Copies the bytes, or as many as there is room for: no field extends to the rest.
///
/// Copies by words: a copy of variable length would be narrow stores followed by a wide load, which
/// defeats store-to-load forwarding.
#[inline(always)]
fn inline(bytes: &[u8]) -> [u8; INLINE_LEN] {
    if let Some(bytes) = bytes.first_chunk() {
        return *bytes;
    }
    let mut inline = [0; INLINE_LEN];
    for (word, from) in inline.chunks_exact_mut(8).zip((0..).step_by(8)) {
        word.copy_from_slice(&head(bytes, bytes.len().min(from)).to_le_bytes());
    }
    inline
}

/// Moves a value as single words.
///
/// The compiler moves two words at a time. If they have just been written one by one, such a load
/// defeats store-to-load forwarding, and the next atomic operation on a reference count waits for
/// it. A volatile load keeps the words separate.
#[inline(always)]
pub(crate) fn by_words<T, const WORDS: usize>(value: T) -> T {
    type Word = mem::MaybeUninit<*const ()>;
    const { assert!(size_of::<[Word; WORDS]>() == size_of::<T>()) };
    const { assert!(align_of::<Word>() <= align_of::<T>()) };
    let value = mem::ManuallyDrop::new(value);
    let from = (&raw const value).cast::<Word>();
    // SAFETY: by the assertions, the value consists of exactly `WORDS` words and is aligned for
    // them. It is not used afterwards. Each word is read and written as what it is, in part or
    // whole: a pointer, a number, or uninitialized.
    unsafe {
        let words: [Word; WORDS] = core::array::from_fn(|i| from.add(i).read_volatile());
        mem::transmute_copy(&words)
    }
}

/// Number of words of a type.
pub(crate) const fn words<T>() -> usize {
    size_of::<T>() / size_of::<usize>()
}
