//! Instructions of SSE2, which every x86-64 has.

#![allow(unsafe_code)]
#![allow(unused_unsafe, reason = "before Rust 1.87 all these intrinsics are unsafe to call")]

use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi8, _mm_storeu_si128,
};

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(super) struct Bytes(__m128i);

impl Bytes {
    /// Loads 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be readable at `bytes`.
    #[inline(always)]
    pub(super) unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: as the caller promises; the load needs no alignment, and SSE2 is part of x86-64.
        Self(unsafe { _mm_loadu_si128(bytes.cast()) })
    }

    /// Stores the 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be writable at `to`.
    #[inline(always)]
    pub(super) unsafe fn store(self, to: *mut u8) {
        // SAFETY: as the caller promises; the store needs no alignment, and SSE2 is part of x86-64.
        unsafe { _mm_storeu_si128(to.cast(), self.0) }
    }

    /// Creates the vector whose first 8 bytes are `front`, and whose last are `back`.
    #[inline(always)]
    pub(super) fn from_halves(front: u64, back: u64) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_set_epi64x(back as i64, front as i64) })
    }

    /// Returns all ones for each byte that equals `byte`.
    #[inline(always)]
    pub(super) fn equal(self, byte: u8) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_cmpeq_epi8(self.0, _mm_set1_epi8(byte as i8)) })
    }

    /// Returns the bits that are set in either vector.
    #[inline(always)]
    pub(super) fn or(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_or_si128(self.0, other.0) })
    }

    /// Returns the highest bit of each byte.
    #[inline(always)]
    pub(super) fn mask(self) -> u32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_epi8(self.0) as u32 }
    }

    /// Returns `true` if a byte is all ones, of bytes that are all ones or 0.
    #[inline(always)]
    pub(super) fn has_any(self) -> bool {
        self.mask() != 0
    }
}
