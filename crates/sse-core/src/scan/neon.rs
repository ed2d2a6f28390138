//! Sixteen bytes as a vector of NEON, which nearly every aarch64 has.
//!
//! NEON has no instruction that moves one bit of each byte to a mask. Narrowing each pair of bytes
//! by 4 bits is one instruction, and leaves 4 bits of each byte. For a window, three additions of
//! pairs make a mask with one bit for each of 64 bytes.

#![allow(unsafe_code)]
#![allow(unused_unsafe, reason = "before Rust 1.87 all these intrinsics are unsafe to call")]

use core::arch::aarch64::{
    uint8x16_t, vandq_u8, vceqq_u8, vcltzq_s8, vcombine_u64, vcreate_u64, vdupq_n_u8,
    vget_lane_u64, vgetq_lane_u64, vld1q_u8, vmaxvq_u8, vorrq_u8, vpaddq_u8, vreinterpret_u64_u8,
    vreinterpretq_s8_u8, vreinterpretq_u8_u64, vreinterpretq_u16_u8, vreinterpretq_u64_u8,
    vshrn_n_u16, vst1q_u8,
};

/// Number of bytes of a [`Part`].
pub(super) const STEP: usize = 16;

/// Mask with [`MASK_BITS`] bits for each of 16 bytes.
pub(super) type Mask = u64;

/// Number of bits that a [`Mask`] has for each byte.
pub(super) const MASK_BITS: u32 = 4;

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(super) struct Part(uint8x16_t);

impl Part {
    /// Loads 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be readable at `bytes`.
    #[inline(always)]
    pub(super) unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: as the caller promises; the load needs no alignment, and there is NEON.
        Self(unsafe { vld1q_u8(bytes) })
    }

    /// Stores the 16 bytes.
    ///
    /// # Safety
    ///
    /// 16 bytes must be writable at `to`.
    #[inline(always)]
    pub(super) unsafe fn store(self, to: *mut u8) {
        // SAFETY: as the caller promises; the store needs no alignment, and there is NEON.
        unsafe { vst1q_u8(to, self.0) }
    }

    /// Creates the vector whose first 8 bytes are `front`, and whose last are `back`.
    #[inline(always)]
    pub(super) fn from_halves(front: u64, back: u64) -> Self {
        // SAFETY: there is NEON.
        Self(unsafe { vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(front), vcreate_u64(back))) })
    }

    /// Returns the mask of the bytes that are CR or LF.
    #[inline(always)]
    pub(super) fn ends(self) -> Mask {
        mask(self.are_ends())
    }

    /// Returns the mask of the bytes that are not ASCII.
    #[inline(always)]
    pub(super) fn non_ascii(self) -> Mask {
        mask(self.are_non_ascii())
    }

    /// Returns all ones for each byte that is CR or LF.
    #[inline(always)]
    fn are_ends(self) -> uint8x16_t {
        // SAFETY: there is NEON.
        unsafe {
            let lf = vceqq_u8(self.0, vdupq_n_u8(b'\n'));
            vorrq_u8(lf, vceqq_u8(self.0, vdupq_n_u8(b'\r')))
        }
    }

    /// Returns all ones for each byte that is not ASCII.
    #[inline(always)]
    fn are_non_ascii(self) -> uint8x16_t {
        // SAFETY: there is NEON.
        unsafe { vcltzq_s8(vreinterpretq_s8_u8(self.0)) }
    }
}

/// Returns 4 bits of each byte.
#[inline(always)]
fn mask(bytes: uint8x16_t) -> Mask {
    // SAFETY: there is NEON.
    unsafe { vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(bytes), 4)), 0) }
}

/// Bytes that were seen, of which only one question is asked.
#[derive(Clone, Copy)]
pub(super) struct Seen(uint8x16_t);

impl Seen {
    /// Returns no bytes.
    #[inline(always)]
    pub(super) fn nothing() -> Self {
        // SAFETY: there is NEON.
        Self(unsafe { vdupq_n_u8(0) })
    }

    /// Adds 16 bytes.
    #[inline(always)]
    pub(super) fn add(&mut self, part: Part) {
        // SAFETY: there is NEON.
        self.0 = unsafe { vorrq_u8(self.0, part.0) };
    }

    /// Returns `true` if all of them are ASCII, and a mask of others that are not is empty.
    #[inline(always)]
    pub(super) fn is_ascii_with(self, non_ascii: Mask) -> bool {
        non_ascii == 0 && is_ascii(self.0)
    }

    /// Returns `true` if all of them are ASCII.
    #[inline(always)]
    pub(super) fn is_ascii(self) -> bool {
        is_ascii(self.0)
    }
}

#[inline(always)]
fn is_ascii(bytes: uint8x16_t) -> bool {
    // SAFETY: there is NEON.
    unsafe { vmaxvq_u8(bytes) < 0x80 }
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
        mask(self.any(Part::are_ends)) == 0
    }

    /// Returns `true` if all of the bytes are ASCII.
    #[inline(always)]
    pub(super) fn is_ascii(&self) -> bool {
        is_ascii(self.any(|part| part.0))
    }

    /// Returns a mask with one bit for each byte, which is set if the byte is CR or LF.
    #[inline(always)]
    pub(super) fn ends(&self) -> u64 {
        self.join(Part::are_ends)
    }

    /// Returns a mask with one bit for each byte, which is set if the byte is not ASCII.
    #[inline(always)]
    pub(super) fn non_ascii(&self) -> u64 {
        if self.is_ascii() { 0 } else { self.join(Part::are_non_ascii) }
    }

    #[inline(always)]
    fn any(&self, of: fn(Part) -> uint8x16_t) -> uint8x16_t {
        let [a, b, c, d] = self.0.map(of);
        // SAFETY: there is NEON.
        unsafe { vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d)) }
    }

    #[inline(always)]
    fn join(&self, of: fn(Part) -> uint8x16_t) -> u64 {
        // One bit of each byte, another for each of eight.
        let bits = Part::from_halves(0x8040_2010_0804_0201, 0x8040_2010_0804_0201).0;
        // SAFETY: there is NEON.
        unsafe {
            let [a, b, c, d] = self.0.map(|part| vandq_u8(of(part), bits));
            let all = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
            vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0)
        }
    }
}
