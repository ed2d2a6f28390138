//! Decoding of UTF-8, with U+FFFD in place of ill-formed bytes.

#![allow(unsafe_code)]

use alloc::{borrow::Cow, string::String};

use crate::{ascii::AsciiPrefix, layout::Span};

/// Returns `true` if the bytes are well-formed UTF-8.
#[inline]
fn is_valid(bytes: &[u8]) -> bool {
    if bytes.len() < SHORT {
        return core::str::from_utf8(bytes).is_ok();
    }
    simdutf8::basic::from_utf8(bytes).is_ok()
}

/// Returns bytes as text if they are well-formed UTF-8.
#[inline]
pub(crate) fn validate(bytes: &[u8]) -> Option<&str> {
    // SAFETY: they have just been found to be well-formed.
    is_valid(bytes).then(|| unsafe { unchecked(bytes) })
}

/// Returns bytes as text, without a check unless debug assertions are on.
///
/// # Safety
///
/// The bytes must be well-formed UTF-8.
#[inline(always)]
pub(crate) unsafe fn unchecked(bytes: &[u8]) -> &str {
    debug_assert!(core::str::from_utf8(bytes).is_ok(), "text is not UTF-8");
    // SAFETY: the caller's promise.
    unsafe { core::str::from_utf8_unchecked(bytes) }
}

/// Decodes a whole value: "UTF-8 decode" never fails.
///
/// Decoding each value separately has the same result as decoding the whole stream: a value is
/// surrounded by CR, LF, colon or space, which are never part of a multi-byte sequence.
#[inline]
fn decode(value: &[u8]) -> Cow<'_, str> {
    validate(value).map_or_else(|| replaced(value), Cow::Borrowed)
}

/// Decodes the field that lies at `span` in the text of a block, if the block has it.
#[inline]
pub(crate) fn decode_field(text: &[u8], span: Span, ascii: AsciiPrefix) -> Option<Cow<'_, str>> {
    let value = span.of(text)?;
    if ascii.reaches(span.end()) {
        // SAFETY: the value lies in the prefix, and ASCII is well-formed UTF-8.
        return Some(Cow::Borrowed(unsafe { unchecked(value) }));
    }
    Some(decode(value))
}

#[cold]
fn replaced(value: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(value)
}

/// Length below which the standard library's check is faster.
const SHORT: usize = 64;
