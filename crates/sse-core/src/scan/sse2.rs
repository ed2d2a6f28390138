//! Sixteen bytes as a vector of SSE2, which every x86-64 has.

#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi8, _mm_storeu_si128,
};

/// Number of bytes of a [`Part`].
pub(super) const STEP: usize = 16;

/// Mask with [`MASK_BITS`] bits for each of 16 bytes.
pub(super) type Mask = u32;

/// Number of bits that a [`Mask`] has for each byte.
pub(super) const MASK_BITS: u32 = 1;

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(super) struct Part(__m128i);

impl Part {
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

    /// Returns the mask of the bytes that are CR or LF.
    #[inline(always)]
    pub(super) fn ends(self) -> Mask {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let lf = _mm_cmpeq_epi8(self.0, _mm_set1_epi8(b'\n' as i8));
            let cr = _mm_cmpeq_epi8(self.0, _mm_set1_epi8(b'\r' as i8));
            _mm_movemask_epi8(_mm_or_si128(lf, cr)) as u32
        }
    }

    /// Returns the mask of the bytes that are not ASCII.
    #[inline(always)]
    pub(super) fn non_ascii(self) -> Mask {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_epi8(self.0) as u32 }
    }
}

/// Bytes that were seen, of which only one question is asked.
#[derive(Clone, Copy)]
pub(super) struct Seen(Mask);

impl Seen {
    /// Returns no bytes.
    #[inline(always)]
    pub(super) fn nothing() -> Self {
        Self(0)
    }

    /// Adds 16 bytes.
    #[inline(always)]
    pub(super) fn add(&mut self, part: Part) {
        self.0 |= part.non_ascii();
    }

    /// Returns `true` if all of them are ASCII, and a mask of others that are not is empty.
    #[inline(always)]
    pub(super) fn is_ascii_with(self, non_ascii: Mask) -> bool {
        self.0 | non_ascii == 0
    }

    /// Returns `true` if all of them are ASCII.
    #[inline(always)]
    pub(super) fn is_ascii(self) -> bool {
        self.0 == 0
    }
}

/// Sixty-four bytes.
pub(super) struct Window([Part; 4]);

impl Window {
    /// Loads 64 bytes.
    ///
    /// # Safety
    ///
    /// 64 bytes must be readable at `bytes`.
    #[inline(always)]
    pub(super) unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: as the caller promises.
        Self(core::array::from_fn(|i| unsafe { Part::load(bytes.add(STEP * i)) }))
    }

    /// Returns `true` if none of the bytes is CR or LF.
    #[inline(always)]
    pub(super) fn has_no_end(&self) -> bool {
        self.ends() == 0
    }

    /// Returns `true` if all of the bytes are ASCII.
    #[inline(always)]
    pub(super) fn is_ascii(&self) -> bool {
        self.non_ascii() == 0
    }

    /// Returns a mask with one bit for each byte, which is set if the byte is CR or LF.
    #[inline(always)]
    pub(super) fn ends(&self) -> u64 {
        self.join(Part::ends)
    }

    /// Returns a mask with one bit for each byte, which is set if the byte is not ASCII.
    #[inline(always)]
    pub(super) fn non_ascii(&self) -> u64 {
        self.join(Part::non_ascii)
    }

    #[inline(always)]
    fn join(&self, mask: fn(Part) -> Mask) -> u64 {
        (0..4).fold(0, |masks, i| masks | u64::from(mask(self.0[i])) << (STEP * i))
    }
}
