//! Masks of the last bytes of the input, which are too few for a window or a vector.

#![allow(unsafe_code)]

use super::{
    found::{Scan, WINDOW},
    vector::{MASK_BITS, Mask, Part, STEP, Seen},
};

/// Returns the masks of a window of fewer than 64 bytes, the last ones of the input. Examines no
/// others if there are more.
#[inline(always)]
pub(super) fn last_masks(window: &[u8]) -> (u64, u64) {
    let rest = window.len().min(WINDOW - 1);
    let (mut ends, mut non_ascii) = (0, 0);
    if rest < STEP {
        // SAFETY: the `rest` bytes lie in `window`, and there are fewer than 16 of them.
        let few = unsafe { Few::load(window.as_ptr(), rest) };
        let (few_ends, few_non_ascii) = few.masks(rest);
        (ends, non_ascii) = (bits(few_ends), bits(few_non_ascii));
    } else {
        // The last sixteen may have been looked at in part.
        for offset in (0..rest - STEP).step_by(STEP).chain([rest - STEP]) {
            // SAFETY: the 16 bytes lie in `window`, as `offset` is at most `rest - STEP`.
            let part = unsafe { Part::load(window.as_ptr().add(offset)) };
            ends |= bits(part.ends()) << offset;
            non_ascii |= bits(part.non_ascii()) << offset;
        }
    }
    (ends | 1 << rest, non_ascii)
}

/// Fewer than 16 bytes, in two halves that overlap.
pub(super) struct Few {
    front: u64,
    back: u64,
}

impl Few {
    /// Loads `len` bytes.
    ///
    /// # Safety
    ///
    /// `len` bytes must be readable at `bytes`, and `len` be less than 16.
    #[inline(always)]
    pub(super) unsafe fn load(bytes: *const u8, len: usize) -> Self {
        // SAFETY: no read goes beyond `len`, none needs alignment.
        unsafe {
            let (front, back) = match len {
                8.. => {
                    let back = bytes.add(len - 8).cast::<u64>().read_unaligned();
                    (bytes.cast::<u64>().read_unaligned(), back)
                }
                4.. => {
                    let back = bytes.add(len - 4).cast::<u32>().read_unaligned();
                    (bytes.cast::<u32>().read_unaligned().into(), back.into())
                }
                2.. => {
                    let back = bytes.add(len - 2).cast::<u16>().read_unaligned();
                    (bytes.cast::<u16>().read_unaligned().into(), back.into())
                }
                1 => (bytes.read().into(), bytes.read().into()),
                _ => (0, 0),
            };
            Self { front, back }
        }
    }

    /// Stores the `len` bytes.
    ///
    /// # Safety
    ///
    /// `len` bytes must be writable at `to`, `len` being what the bytes were loaded with.
    #[inline(always)]
    pub(super) unsafe fn store(&self, to: *mut u8, len: usize) {
        // SAFETY: no write goes beyond `len`, none needs alignment.
        unsafe {
            match len {
                8.. => {
                    to.cast::<u64>().write_unaligned(self.front);
                    to.add(len - 8).cast::<u64>().write_unaligned(self.back);
                }
                4.. => {
                    to.cast::<u32>().write_unaligned(self.front as u32);
                    to.add(len - 4).cast::<u32>().write_unaligned(self.back as u32);
                }
                2.. => {
                    to.cast::<u16>().write_unaligned(self.front as u16);
                    to.add(len - 2).cast::<u16>().write_unaligned(self.back as u16);
                }
                1 => to.write(self.front as u8),
                _ => {}
            }
        }
    }

    /// Returns the masks of line ends and of bytes that are not ASCII, `len` being what the bytes
    /// were loaded with.
    #[inline(always)]
    fn masks(&self, len: usize) -> (Mask, Mask) {
        let both = Part::from_halves(self.front, self.back);
        let half = match len {
            8.. => 8,
            4.. => 4,
            2.. => 2,
            _ => len,
        };
        // The bits of the second half, moved to where its bytes are.
        let middle = 8 * MASK_BITS;
        let join = |mask: Mask| {
            let back = (mask >> middle) << (MASK_BITS * (len - half) as u32);
            mask & ((1 << middle) - 1) | back
        };
        (join(both.ends()), join(both.non_ascii()))
    }

    /// Returns the first line end among the `len` bytes, which are those at `at`, or the place
    /// after them.
    #[inline(always)]
    pub(super) fn found(&self, at: usize, len: usize, seen: Seen) -> Scan {
        let (ends, non_ascii) = self.masks(len);
        let bit = (ends | 1 << (MASK_BITS * len as u32)).trailing_zeros();
        let is_ascii = seen.is_ascii_with(non_ascii & ((1 << bit) - 1));
        Scan { len: at + (bit / MASK_BITS) as usize, is_ascii }
    }
}

/// Returns one bit for each byte of a mask.
#[inline(always)]
fn bits(mask: Mask) -> u64 {
    if MASK_BITS == 1 {
        return mask.into();
    }
    // One bit of each four. Then each step joins neighbors: 2 bits, 4, 8 and 16.
    let mut bits = u64::from(mask) & 0x1111_1111_1111_1111;
    bits = (bits | bits >> 3) & 0x0303_0303_0303_0303;
    bits = (bits | bits >> 6) & 0x000f_000f_000f_000f;
    bits = (bits | bits >> 12) & 0x0000_00ff_0000_00ff;
    (bits | bits >> 24) & 0xffff
}
