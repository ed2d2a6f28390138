//! Decoding of UTF-8, with U+FFFD in place of ill-formed bytes.

#![allow(unsafe_code)]

use alloc::{borrow::Cow, string::String};

use crate::layout::{Charset, Span};

/// Returns `true` if the bytes are well-formed UTF-8.
#[inline]
pub(crate) fn is_valid(bytes: &[u8]) -> bool {
    if bytes.len() < SHORT {
        return core::str::from_utf8(bytes).is_ok();
    }
    simdutf8::basic::from_utf8(bytes).is_ok()
}

/// Returns bytes as text, without a check unless debug assertions are on.
///
/// # Safety
///
/// The bytes must be well-formed UTF-8.
#[inline(always)]
pub(crate) unsafe fn unchecked(bytes: &[u8]) -> &str {
    debug_assert!(is_valid(bytes), "text is not UTF-8");
    // SAFETY: the caller's promise.
    unsafe { core::str::from_utf8_unchecked(bytes) }
}

/// Decodes a whole value: "UTF-8 decode" never fails.
///
/// Decoding each value separately has the same result as decoding the whole stream: a value is
/// surrounded by CR, LF, colon or space, which are never part of a multi-byte sequence.
#[inline]
pub(crate) fn decode(value: &[u8], charset: Charset) -> Cow<'_, str> {
    if charset == Charset::Ascii || is_valid(value) {
        // SAFETY: ASCII is valid UTF-8, and anything else has just been found to be.
        return Cow::Borrowed(unsafe { unchecked(value) });
    }
    replaced(value)
}

/// Decodes the field that lies at `span` in the text of a block, if the block has it.
#[inline]
pub(crate) fn decode_field(text: &[u8], span: Span, charset: Charset) -> Option<Cow<'_, str>> {
    span.of(text).map(|value| decode(value, charset))
}

#[cold]
fn replaced(value: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(value)
}

/// Length below which the standard library's check is faster.
const SHORT: usize = 64;
