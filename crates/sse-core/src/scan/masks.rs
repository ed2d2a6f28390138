//! Sixteen and 64 bytes, for instruction sets that move one bit of each byte to a mask.
//!
//! Has what such sets have in common. The file of a set has the instructions, as [`Bytes`].

#![allow(unsafe_code)]

#[cfg(target_arch = "wasm32")]
use super::simd128::Bytes;
#[cfg(target_arch = "x86_64")]
use super::sse2::Bytes;

/// Number of bytes of a [`Part`].
pub(super) const STEP: usize = 16;

/// Mask with [`MASK_BITS`] bits for each of 16 bytes.
pub(super) type Mask = u32;

/// Number of bits that a [`Mask`] has for each byte.
pub(super) const MASK_BITS: u32 = 1;

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(super) struct Part(Bytes);

impl Part {
    /// Loads 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be readable at `bytes`.
    #[inline(always)]
    pub(super) unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: as the caller promises.
        Self(unsafe { Bytes::load(bytes) })
    }

    /// Stores the 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be writable at `to`.
    #[inline(always)]
    pub(super) unsafe fn store(self, to: *mut u8) {
        // SAFETY: as the caller promises.
        unsafe { self.0.store(to) }
    }

    /// Creates the vector whose first 8 bytes are `front`, and whose last are `back`.
    #[inline(always)]
    pub(super) fn from_halves(front: u64, back: u64) -> Self {
        Self(Bytes::from_halves(front, back))
    }

    /// Returns the mask of the bytes that are CR or LF.
    #[inline(always)]
    pub(super) fn ends(self) -> Mask {
        self.are_ends().mask()
    }

    /// Returns the mask of the bytes that are not ASCII.
    #[inline(always)]
    pub(super) fn non_ascii(self) -> Mask {
        self.0.mask()
    }

    /// Returns all ones for each byte that is CR or LF.
    #[inline(always)]
    fn are_ends(self) -> Bytes {
        self.0.equal(b'\n').or(self.0.equal(b'\r'))
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
        let [a, b, c, d] = self.0.map(Part::are_ends);
        !a.or(b).or(c.or(d)).has_any()
    }

    /// Returns `true` if all of the bytes are ASCII.
    #[inline(always)]
    pub(super) fn is_ascii(&self) -> bool {
        let [a, b, c, d] = self.0.map(|part| part.0);
        a.or(b).or(c.or(d)).mask() == 0
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
