//! Search in steps of sixty-four bytes, on machines that have AVX2.

#![allow(unsafe_code)]
#![allow(unused_unsafe, reason = "before Rust 1.87 all these intrinsics are unsafe to call")]

use core::arch::x86_64::{
    __m256i, _mm_setr_epi8, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_storeu_si256,
};

use super::{Scan, Tops, steps};
use crate::layout::Charset;

/// Whether this machine has AVX2: known when the program runs, if there is a standard library to ask,
/// and when it is compiled otherwise.
#[inline(always)]
pub(super) fn is_available() -> bool {
    #[cfg(feature = "std")]
    return std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(feature = "std"))]
    return cfg!(target_feature = "avx2");
}

/// Looks for the first window at `from` or behind that has a line end.
///
/// # Safety
///
/// The machine must have AVX2, and `from` lie in `bytes` or right behind.
#[target_feature(enable = "avx2")]
#[inline(never)]
pub(super) unsafe fn next_window(tops: &mut Tops, bytes: &[u8], from: usize) -> (usize, u64) {
    let len = bytes.len();
    let mut at = from;
    let mut before = tops.before || tops.in_window != 0;
    // SAFETY: each load lies in `bytes`, the last being that of its last 64.
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
                *tops = Tops { in_window, before };
                return (at, ends);
            }
            before |= in_window != 0;
            at += 64;
        }
        let rest = len - at;
        if len >= 64 {
            let (a, b) = (load(bytes, len - 64), load(bytes, len - 32));
            let (ends, in_window) = (mask(line_ends(a), line_ends(b)), mask(a, b));
            // Two steps, as one of 64 would be none.
            let shift = |mask: u64| mask >> (63 - rest) >> 1;
            *tops = Tops { in_window: shift(in_window), before };
            return (at, shift(ends) | 1 << rest);
        }
        let (ends, in_window) = steps::last_masks(bytes, at);
        *tops = Tops { in_window, before };
        (at, ends)
    }
}

/// Copies the line at the start of `bytes`, and perhaps more.
///
/// # Safety
///
/// The machine must have AVX2. There must be at least 32 bytes, and as many be writable at `to`, which
/// does not overlap them.
#[target_feature(enable = "avx2")]
#[inline(never)]
pub(super) unsafe fn copy_to(bytes: &[u8], to: *mut u8) -> Scan {
    let len = bytes.len();
    let mut at = 0;
    // SAFETY: each 32 bytes that are loaded and stored end at `len` at the latest, which both sides have.
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
            // The last 32 bytes, some of them for the second time, if there are no other 32.
            at = at.min(len - 32);
            let part = load(bytes, at);
            _mm256_storeu_si256(to.add(at).cast(), part);
            let ends = _mm256_movemask_epi8(line_ends(part)) as u32;
            if ends != 0 {
                let tops = _mm256_movemask_epi8(part) as u32;
                return found(at, ends.into(), tops.into(), seen);
            }
            seen = _mm256_or_si256(seen, part);
            at += 32;
        }
        found(len, 1, 0, seen)
    }
}

/// The first end of a window at `at`, with what was seen before the window.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn found(at: usize, ends: u64, tops: u64, seen: __m256i) -> Scan {
    let offset = ends.trailing_zeros();
    // SAFETY: the caller runs on AVX2.
    let high = unsafe { _mm256_movemask_epi8(seen) } as u32;
    let is_ascii = high == 0 && tops & ((1 << offset) - 1) == 0;
    let charset = if is_ascii { Charset::Ascii } else { Charset::Unknown };
    Scan { end: at + offset as usize, charset }
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

/// All ones where there is a CR, an LF, another control character of those up to CR, or no ASCII.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn is_unusual(part: __m256i) -> __m256i {
    // SAFETY: the caller runs on AVX2. (The comparison is one of signed numbers.)
    unsafe { _mm256_cmpgt_epi8(_mm256_set1_epi8(b'\r' as i8 + 1), part) }
}

/// All ones where there is a CR or LF: the only bytes that are equal to what is looked up for their
/// low four bits. (Nothing is looked up for those that are no ASCII, which gives 0.)
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn line_ends(part: __m256i) -> __m256i {
    let (lf, cr) = (b'\n' as i8, b'\r' as i8);
    // SAFETY: the caller runs on AVX2.
    unsafe {
        // For 0, something that it is not; for all others 0, which they are not.
        let table = _mm_setr_epi8(-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, lf, 0, 0, cr, 0, 0);
        _mm256_cmpeq_epi8(part, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), part))
    }
}

/// A bit for the highest bit of each of 64 bytes.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn mask(front: __m256i, back: __m256i) -> u64 {
    // SAFETY: the caller runs on AVX2.
    let [front, back] = unsafe { [_mm256_movemask_epi8(front), _mm256_movemask_epi8(back)] };
    u64::from(front as u32) | u64::from(back as u32) << 32
}
