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
    layout::{Layout, Span},
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
    /// `cut`, `joined`, `lines` and `without_data` set them. For `cut`, [`has_fields`] is the
    /// proof.
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
        if !has_fields(chunk, start..end, layout) {
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
        if has_much_else(text, layout) || !has_fields(text, 0..text.len(), layout) {
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
        // SAFETY: by the invariant of the spans.
        span.of(self.bytes.as_ref()).map(|field| unsafe { utf8::unchecked(field) })
    }
}

impl AsRef<[u8]> for Repr {
    #[inline(always)]
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Shared(bytes) => bytes,
            Self::Inline(bytes) => bytes,
        }
    }
}

impl Text<[u8; INLINE_LEN]> {
    /// Copies the text of a short block. Returns `None` if it is not valid UTF-8.
    #[inline(always)]
    pub(crate) fn short(text: &[u8], layout: &Layout) -> Option<Self> {
        debug_assert!(Text::is_short(text));
        has_fields(text, 0..text.len(), layout).then(|| Self::cut(inline(text), layout))
    }
}

impl Text<Bytes> {
    /// Takes over the text of a block. Returns `None` if it is not valid UTF-8 or if much of it is
    /// outside the fields; the buffer is then untouched.
    #[inline(always)]
    pub(crate) fn taken(buffer: &mut Buffer, layout: &Layout) -> Option<Self> {
        if has_much_else(buffer, layout) || !has_fields(buffer, 0..buffer.len(), layout) {
            return None;
        }
        Some(Self::cut(by_words::<_, { words::<Bytes>() }>(buffer.take()), layout))
    }
}

impl<B: AsRef<[u8]>> Text<B> {
    /// Creates a text from bytes that [have the fields](has_fields), followed by any others.
    #[inline(always)]
    fn cut(bytes: B, layout: &Layout) -> Self {
        let Layout { data, event, id, .. } = *layout;
        debug_assert!(
            [data, event, id]
                .into_iter()
                .filter_map(|span| span.of(bytes.as_ref()))
                .all(|field| utf8::validate(field).is_some()),
            "a field is not UTF-8"
        );
        Self { bytes, data, event, id }
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

/// Returns `true` if the fields that lie in this part of the bytes are valid UTF-8.
#[inline(always)]
fn has_fields(bytes: &[u8], part: Range<usize>, layout: &Layout) -> bool {
    if layout.ascii.reaches(part.end) {
        return true;
    }
    // By value: a layout that is referred to would have to be in memory.
    let Layout { data, event, id, .. } = *layout;
    has_valid_fields(&bytes[part.clone()], part.start, [data, event, id])
}

/// Returns `true` if bytes at `start` are valid UTF-8, and the ends of the fields are character
/// boundaries. They are: next to each field is ASCII, or the end of the text.
#[inline(always)]
fn has_valid_fields(bytes: &[u8], start: usize, [data, event, id]: [Span; 3]) -> bool {
    let is_whole = data.start() == start && data.len() == bytes.len();
    if is_whole && !event.is_present() && !id.is_present() {
        // The whole text, as of most blocks.
        return utf8::validate(bytes).is_some();
    }
    has_valid_parts(bytes, start, data, event, id)
}

#[inline(never)]
fn has_valid_parts(bytes: &[u8], start: usize, data: Span, event: Span, id: Span) -> bool {
    let Some(text) = utf8::validate(bytes) else {
        return false;
    };
    [data, event, id].into_iter().all(|span| {
        let (from, to) = (span.start().wrapping_sub(start), span.end().wrapping_sub(start));
        !span.is_present() || text.get(from..to).is_some()
    })
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
    // them. It is not used afterward. Each word is read and written as what it is, in part or
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

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;

    use bytes::Bytes;

    use super::Text;
    use crate::{
        ascii::AsciiPrefix,
        event::ServerSentEvent,
        layout::{Layout, Span},
    };

    /// Checks that a layout with a mistake in it yields valid text all the same.
    #[track_caller]
    fn check(text: &'static str, data: Span, known: &[u8], expected: &str) {
        let layout = Layout { data, ascii: AsciiPrefix::find(known), ..Layout::EMPTY };
        let mut chunk = Bytes::from_static(text.as_bytes());
        let event = ServerSentEvent::split_off(&mut chunk, text.len(), &layout);
        assert_eq!(event.data(), expected);
        assert!(core::str::from_utf8(event.data().as_bytes()).is_ok());
        let copy = ServerSentEvent::copied_whole(text.as_bytes(), &layout);
        assert_eq!(copy.data(), expected);
    }

    #[test]
    fn text_beyond_the_ascii_prefix_is_validated() {
        check("data: caf\u{e9}", Span::new(6, 11), b"data: caf", "caf\u{e9}");
        check("data: caf\u{e9}", Span::new(6, 11), b"", "caf\u{e9}");
    }

    #[test]
    fn a_field_whose_ends_are_no_character_boundaries_is_replaced() {
        check("data: caf\u{e9}", Span::new(6, 10), b"data: caf", "caf\u{fffd}");
        let long = "data: a value that is too long to be held in the event itself, caf\u{e9}";
        let expected = [&long[6..long.len() - 2], "\u{fffd}"].concat();
        check(long, Span::new(6, long.len() - 1), b"data: ", &expected);
    }

    #[test]
    fn a_field_that_ends_beyond_the_text_is_absent() {
        let layout = Layout { data: Span::new(0, 9), ..Layout::EMPTY };
        assert!(Text::copied(b"12345678", &layout).is_none());
        let event = ServerSentEvent::copied_whole(b"12345678", &layout);
        assert_eq!((event.data().to_owned(), event.has_data()), ("".to_owned(), false));
    }
}
