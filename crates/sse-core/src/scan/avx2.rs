//! Scans 64 bytes at a time, on machines with AVX2.

#![allow(unsafe_code)]
#![allow(unused_unsafe, reason = "before Rust 1.87 all these intrinsics are unsafe to call")]

use core::arch::x86_64::{
    __m256i, _mm_setr_epi8, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_storeu_si256,
};

use super::{
    few,
    found::{NonAscii, Scan},
};

/// Returns `true` if this machine has AVX2: determined at run time if there is a standard library
/// to ask, and at compile time otherwise.
#[inline(always)]
pub(super) fn is_available() -> bool {
    #[cfg(feature = "std")]
    return std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(feature = "std"))]
    return cfg!(target_feature = "avx2");
}

/// Finds the first window at or after `from` that has a line end.
///
/// # Safety
///
/// The machine must have AVX2, and `from` must be within `bytes` or at their end.
#[target_feature(enable = "avx2")]
#[inline(never)]
pub(super) unsafe fn next_window(
    non_ascii: &mut NonAscii,
    bytes: &[u8],
    from: usize,
) -> (usize, u64) {
    let len = bytes.len();
    let mut at = from;
    let mut before = non_ascii.before || non_ascii.in_window != 0;
    // SAFETY: `at` starts at `from` and is never beyond `len`. Each load lies in `bytes`, the last
    // being that of its last 64.
    unsafe {
        while at + 128 <= len {
            // No closure: before Rust 1.86 those are compiled without AVX2.
            let (a, b) = (is_unusual(load(bytes, at)), is_unusual(load(bytes, at + 32)));
            let (c, d) = (is_unusual(load(bytes, at + 64)), is_unusual(load(bytes, at + 96)));
            let all = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
            if _mm256_movemask_epi8(all) != 0 {
                break;
            }
            at += 128;
        }
        while at + 64 <= len {
            let (a, b) = (load(bytes, at), load(bytes, at + 32));
            let (ends, in_window) = (mask(line_ends(a), line_ends(b)), mask(a, b));
            if ends != 0 {
                *non_ascii = NonAscii { in_window, before };
                return (at, ends);
            }
            before |= in_window != 0;
            at += 64;
        }
        let rest = len - at;
        if len >= 64 {
            let (a, b) = (load(bytes, len - 64), load(bytes, len - 32));
            let (ends, in_window) = (mask(line_ends(a), line_ends(b)), mask(a, b));
            // Two steps, as a shift by 64 would overflow.
            let shift = |mask: u64| mask >> (63 - rest) >> 1;
            *non_ascii = NonAscii { in_window: shift(in_window), before };
            return (at, shift(ends) | 1 << rest);
        }
        // Unchecked: the branch to a panic would make this function save registers.
        let (ends, in_window) = few::last_masks(bytes.get_unchecked(at..));
        *non_ascii = NonAscii { in_window, before };
        (at, ends)
    }
}

/// Copies the line at the start of `bytes`, and possibly bytes after it.
///
/// # Safety
///
/// The machine must have AVX2. `bytes` must have at least 32 bytes, and as many as it has must be
/// writable at `to`, which must not overlap it.
#[target_feature(enable = "avx2")]
#[inline(never)]
pub(super) unsafe fn copy_to(bytes: &[u8], to: *mut u8) -> Scan {
    let len = bytes.len();
    let mut at = 0;
    // SAFETY: each load and each store of 32 bytes ends at `len` at the latest, and both sides have
    // `len` bytes.
    unsafe {
        let mut seen = _mm256_setzero_si256();
        while at + 64 <= len {
            let (a, b) = (load(bytes, at), load(bytes, at + 32));
            _mm256_storeu_si256(to.add(at).cast(), a);
            _mm256_storeu_si256(to.add(at + 32).cast(), b);
            let (ends_a, ends_b) = (line_ends(a), line_ends(b));
            if _mm256_movemask_epi8(_mm256_or_si256(ends_a, ends_b)) != 0 {
                return found(at, mask(ends_a, ends_b), mask(a, b), seen);
            }
            seen = _mm256_or_si256(seen, _mm256_or_si256(a, b));
            at += 64;
        }
        while at < len {
            // The last 32 bytes, which overlap the ones before if fewer than 32 are left.
            at = at.min(len - 32);
            let part = load(bytes, at);
            _mm256_storeu_si256(to.add(at).cast(), part);
            let ends = _mm256_movemask_epi8(line_ends(part)) as u32;
            if ends != 0 {
                let non_ascii = _mm256_movemask_epi8(part) as u32;
                return found(at, ends.into(), non_ascii.into(), seen);
            }
            seen = _mm256_or_si256(seen, part);
            at += 32;
        }
        found(len, 1, 0, seen)
    }
}

/// Returns the first line end of a window at `at`, given the bytes before the window.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn found(at: usize, ends: u64, non_ascii: u64, seen: __m256i) -> Scan {
    let offset = ends.trailing_zeros();
    // SAFETY: the caller runs on AVX2.
    let high = unsafe { _mm256_movemask_epi8(seen) } as u32;
    let is_ascii = high == 0 && non_ascii & ((1 << offset) - 1) == 0;
    Scan { len: at + offset as usize, is_ascii }
}

/// # Safety
///
/// The 32 bytes at `at` must lie in `bytes`.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn load(bytes: &[u8], at: usize) -> __m256i {
    debug_assert!(at + 32 <= bytes.len());
    // SAFETY: as the caller promises; the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().add(at).cast()) }
}

/// Returns all ones for each byte that is a control character up to CR, among them CR and LF, or
/// not ASCII.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn is_unusual(part: __m256i) -> __m256i {
    // SAFETY: the caller runs on AVX2. (The comparison is one of signed numbers.)
    unsafe { _mm256_cmpgt_epi8(_mm256_set1_epi8(b'\r' as i8 + 1), part) }
}

/// Returns all ones for each CR and LF: the only bytes that equal the table entry for their low
/// four bits. (The entry for a byte that is not ASCII is 0.)
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn line_ends(part: __m256i) -> __m256i {
    let (lf, cr) = (b'\n' as i8, b'\r' as i8);
    // SAFETY: the caller runs on AVX2.
    unsafe {
        // The entry for 0 is not 0; all other entries are 0, which no other byte equals.
        let table = _mm_setr_epi8(-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, lf, 0, 0, cr, 0, 0);
        _mm256_cmpeq_epi8(part, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), part))
    }
}

/// Returns a bit mask of the highest bits of 64 bytes.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn mask(front: __m256i, back: __m256i) -> u64 {
    // SAFETY: the caller runs on AVX2.
    let [front, back] = unsafe { [_mm256_movemask_epi8(front), _mm256_movemask_epi8(back)] };
    u64::from(front as u32) | u64::from(back as u32) << 32
}
