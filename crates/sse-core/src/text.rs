//! Text in shared memory: bytes that are known to be UTF-8.
//!
//! The only `unsafe` of the crate is here. Without it every look at an event's data would have to
//! check its UTF-8 again, at a cost that grows with the data.

#![allow(unsafe_code)]

use alloc::string::String;

use bytes::Bytes;

/// Text that is cheap to clone and to cut.
#[derive(Clone, Default)]
pub(crate) struct Text {
    /// Invariant: valid UTF-8. Only the two constructors below set it, and nothing changes it.
    bytes: Bytes,
}

impl Text {
    /// Takes bytes if they are valid UTF-8.
    #[inline]
    pub(crate) fn from_utf8(bytes: Bytes) -> Option<Self> {
        core::str::from_utf8(&bytes).ok()?;
        Some(Self { bytes })
    }

    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        // SAFETY: by the invariant of `bytes`. A `Bytes` never changes the bytes it derefs to
        // while it is borrowed, and it has no interior that others could write through.
        unsafe { core::str::from_utf8_unchecked(&self.bytes) }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { bytes: Bytes::from(text) }
    }
}
