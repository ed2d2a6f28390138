//! The text of an event: bytes that are known to be UTF-8, and where in them each field lies.
//!
//! Holds a small text in itself and shares a larger one. Without `unsafe` every look at an event's
//! data would have to check its UTF-8 again, at a cost that grows with the data.

#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{mem, ops::Range};

use bytes::{Buf, Bytes};

use crate::{
    layout::{Charset, Layout, Span},
    utf8,
};

/// The text of an event's fields.
#[derive(Clone)]
pub(crate) struct Text {
    bytes: Repr,
    /// Invariant of the three: what they cut out of `bytes`, if anything, is valid UTF-8. Only
    /// `cut` and `joined` set them.
    data: Span,
    event: Span,
    id: Span,
}

/// No larger than a `Bytes`, in which there is a pointer that is never null.
#[derive(Clone)]
enum Repr {
    Shared(Bytes),
    Inline([u8; INLINE_LEN]),
}

/// As much as fits without making an event larger. To share memory takes two atomic operations,
/// which is more than to copy so few bytes.
const INLINE_LEN: usize = 24;

impl Text {
    /// Takes the text of a block, which lies at `text`, off the front of a chunk, of which the block
    /// used `consumed` bytes.
    ///
    /// `None` if it is no valid UTF-8; the chunk is then untouched.
    #[inline(always)]
    pub(crate) fn split_off(
        chunk: &mut Bytes,
        consumed: usize,
        text: Range<usize>,
        layout: &Layout,
    ) -> Option<Self> {
        let (start, len) = (text.start, text.len());
        let bytes = &chunk[text];
        if !is_valid(bytes, layout) {
            return None;
        }
        let bytes = if len <= INLINE_LEN {
            let inline = inline(&chunk[start..], len);
            chunk.advance(consumed);
            Repr::Inline(inline)
        } else if consumed == chunk.len() {
            // Nothing is left in the chunk, so its share of the memory becomes the event's.
            let mut whole = mem::take(chunk);
            whole.advance(start);
            whole.truncate(len);
            Repr::Shared(whole)
        } else {
            let shared = chunk.slice(start..start + len);
            chunk.advance(consumed);
            Repr::Shared(shared)
        };
        Some(Self::cut(bytes, layout))
    }

    /// Copies the text of a block. `None` if it is no valid UTF-8.
    #[inline]
    pub(crate) fn copied(text: &[u8], layout: &Layout) -> Option<Self> {
        if !is_valid(text, layout) {
            return None;
        }
        let bytes = if text.len() <= INLINE_LEN {
            Repr::Inline(inline(text, text.len()))
        } else {
            Repr::Shared(Bytes::copy_from_slice(text))
        };
        Some(Self::cut(bytes, layout))
    }

    /// Takes the text of a block over. Gives it back if it is no valid UTF-8.
    pub(crate) fn taken_over(text: Vec<u8>, layout: &Layout) -> Result<Self, Vec<u8>> {
        if !is_valid(&text, layout) {
            return Err(text);
        }
        Ok(Self::cut(Repr::Shared(Bytes::from(text)), layout))
    }

    /// Puts the text of fields together. They are below 4 GiB together.
    pub(crate) fn joined(data: Option<&str>, event: Option<&str>, id: Option<&str>) -> Self {
        let fields = [data, event, id];
        let len = fields.iter().flatten().map(|field| field.len()).sum();
        let mut text = Vec::with_capacity(len);
        let [data, event, id] = fields.map(|field| {
            field.map_or(Span::ABSENT, |field| {
                let start = text.len();
                text.extend_from_slice(field.as_bytes());
                Span::new(start, text.len())
            })
        });
        let bytes = if len <= INLINE_LEN {
            Repr::Inline(inline(&text, len))
        } else {
            Repr::Shared(Bytes::from(text))
        };
        Self { bytes, data, event, id }
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

    /// Cuts the fields out of a text that is valid UTF-8.
    ///
    /// Around each field there is ASCII (a colon or space, a line end, or the LF between values
    /// that were put together) or the end of the text, so that to cut there is to cut between
    /// characters.
    #[inline(always)]
    fn cut(bytes: Repr, layout: &Layout) -> Self {
        Self { bytes, data: layout.data, event: layout.event, id: layout.id }
    }

    #[inline]
    fn get(&self, span: Span) -> Option<&str> {
        let bytes = match &self.bytes {
            Repr::Shared(bytes) => &bytes[..],
            Repr::Inline(bytes) => &bytes[..],
        };
        // SAFETY: by the invariant of the spans.
        span.of(bytes).map(|field| unsafe { core::str::from_utf8_unchecked(field) })
    }
}

#[inline(always)]
fn is_valid(text: &[u8], layout: &Layout) -> bool {
    layout.charset == Charset::Ascii || utf8::is_valid(text)
}

/// Copies the first `len` bytes, and more if there are: a copy of a fixed length is one of few
/// instructions, and no field shows the rest.
#[inline(always)]
fn inline(bytes: &[u8], len: usize) -> [u8; INLINE_LEN] {
    match bytes.first_chunk() {
        Some(bytes) => *bytes,
        None => {
            let mut inline = [0; INLINE_LEN];
            inline[..len].copy_from_slice(&bytes[..len]);
            inline
        }
    }
}
