//! Instructions of WebAssembly, where a program is compiled with `simd128`.

#![allow(unsafe_code)]

use core::arch::wasm32::{
    u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, v128, v128_any_true, v128_load, v128_or,
    v128_store,
};

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(super) struct Bytes(v128);

impl Bytes {
    /// Loads 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be readable at `bytes`.
    #[inline(always)]
    pub(super) unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: as the caller promises; the load needs no alignment.
        Self(unsafe { v128_load(bytes.cast()) })
    }

    /// Stores the 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be writable at `to`.
    #[inline(always)]
    pub(super) unsafe fn store(self, to: *mut u8) {
        // SAFETY: as the caller promises; the store needs no alignment.
        unsafe { v128_store(to.cast(), self.0) }
    }

    /// Creates the vector whose first 8 bytes are `front`, and whose last are `back`.
    #[inline(always)]
    pub(super) fn from_halves(front: u64, back: u64) -> Self {
        Self(u64x2(front, back))
    }

    /// Returns all ones for each byte that equals `byte`.
    #[inline(always)]
    pub(super) fn equal(self, byte: u8) -> Self {
        Self(u8x16_eq(self.0, u8x16_splat(byte)))
    }

    /// Returns the bits that are set in either vector.
    #[inline(always)]
    pub(super) fn or(self, other: Self) -> Self {
        Self(v128_or(self.0, other.0))
    }

    /// Returns the highest bit of each byte.
    #[inline(always)]
    pub(super) fn mask(self) -> u32 {
        u8x16_bitmask(self.0).into()
    }

    /// Returns `true` if a byte is all ones, of bytes that are all ones or 0.
    #[inline(always)]
    pub(super) fn has_any(self) -> bool {
        v128_any_true(self.0)
    }
}
