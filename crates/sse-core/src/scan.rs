//! Bytes in; where a line ends, and whether all before it is ASCII, out.
//!
//! Looks at each byte once for both questions. Knows nothing of CRLF: a CR is a line end like an
//! LF here, and what follows it is [`crate::line`]'s.

#![allow(unsafe_code)]

use crate::layout::Charset;

/// What was found of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Where its end is, or the length of the input if it has none there.
    pub(crate) end: usize,
    /// What is known of what stands before it.
    pub(crate) charset: Charset,
}

#[cfg(target_arch = "x86_64")]
pub(crate) use sse2::scan_line;

#[cfg(not(target_arch = "x86_64"))]
pub(crate) use portable::scan_line;

/// Lines longer than this are scanned in larger steps.
#[cfg(target_arch = "x86_64")]
const SHORT: usize = 64;

/// Lines longer than this are left to memchr, which picks the widest instructions at run time.
#[cfg(target_arch = "x86_64")]
const LONG: usize = 1024;

/// The rest of a long line.
#[cfg(target_arch = "x86_64")]
#[cold]
#[inline(never)]
fn scan_long(bytes: &[u8], from: usize) -> Scan {
    let end = memchr::memchr2(b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |at| from + at);
    Scan { end, charset: Charset::Unknown }
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use core::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };

    use super::{LONG, SHORT, Scan, scan_long};
    use crate::layout::Charset;

    #[inline(always)]
    pub(crate) fn scan_line(bytes: &[u8], from: usize) -> Scan {
        let len = bytes.len();
        let mut at = from;
        let mut high = 0_u32;
        while at + 16 <= len {
            // SAFETY: the 16 bytes lie in `bytes`, and SSE2 is part of x86_64.
            let (ends, tops) = unsafe { masks(bytes.as_ptr().add(at)) };
            if ends != 0 {
                let offset = ends.trailing_zeros();
                high |= tops & ((1 << offset) - 1);
                return Scan { end: at + offset as usize, charset: charset(high) };
            }
            high |= tops;
            at += 16;
            if at - from == SHORT {
                return scan_rest(bytes, at, high);
            }
        }
        scan_tail(bytes, at, high)
    }

    /// The same for a line that is not short, of which all before `at` has been looked at.
    #[inline(never)]
    fn scan_rest(bytes: &[u8], from: usize, mut high: u32) -> Scan {
        let len = bytes.len();
        let mut at = from;
        while at + 64 <= len {
            if at - from >= LONG {
                return scan_long(bytes, at);
            }
            // SAFETY: the 64 bytes lie in `bytes`, and SSE2 is part of x86_64.
            let (has_end, tops) = unsafe { has_end(bytes.as_ptr().add(at)) };
            if has_end {
                break;
            }
            high |= tops;
            at += 64;
        }
        while at + 16 <= len {
            // SAFETY: the 16 bytes lie in `bytes`, and SSE2 is part of x86_64.
            let (ends, tops) = unsafe { masks(bytes.as_ptr().add(at)) };
            if ends != 0 {
                let offset = ends.trailing_zeros();
                high |= tops & ((1 << offset) - 1);
                return Scan { end: at + offset as usize, charset: charset(high) };
            }
            high |= tops;
            at += 16;
        }
        scan_tail(bytes, at, high)
    }

    /// The same for the last bytes, of which there are less than 16.
    #[inline(always)]
    fn scan_tail(bytes: &[u8], from: usize, mut high: u32) -> Scan {
        let len = bytes.len();
        let mut at = from;
        if at < len && len >= 16 {
            // SAFETY: the last 16 bytes of `bytes`, and SSE2 is part of x86_64.
            let (ends, tops) = unsafe { masks(bytes.as_ptr().add(len - 16)) };
            let seen = at + 16 - len;
            let (ends, tops) = (ends >> seen, tops >> seen);
            let offset = if ends == 0 { (len - at) as u32 } else { ends.trailing_zeros() };
            high |= tops & ((1 << offset) - 1);
            return Scan { end: at + offset as usize, charset: charset(high) };
        }
        while at < len && bytes[at] != b'\n' && bytes[at] != b'\r' {
            high |= u32::from(bytes[at] & 0x80);
            at += 1;
        }
        Scan { end: at, charset: charset(high) }
    }

    #[inline(always)]
    fn charset(high: u32) -> Charset {
        if high == 0 { Charset::Ascii } else { Charset::Unknown }
    }

    /// For each of 16 bytes a bit: whether it is a CR or LF, and whether it is no ASCII.
    ///
    /// # Safety
    ///
    /// 16 bytes must be readable at `bytes`.
    #[inline(always)]
    unsafe fn masks(bytes: *const u8) -> (u32, u32) {
        // SAFETY: as the caller promises; the load needs no alignment.
        unsafe {
            let bytes: __m128i = _mm_loadu_si128(bytes.cast());
            let lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\n' as i8));
            let cr = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\r' as i8));
            let ends = _mm_movemask_epi8(_mm_or_si128(lf, cr));
            (ends as u32, _mm_movemask_epi8(bytes) as u32)
        }
    }

    /// Whether there is a CR or LF among 64 bytes, and something other than zero if one of them is
    /// no ASCII.
    ///
    /// # Safety
    ///
    /// 64 bytes must be readable at `bytes`.
    #[inline(always)]
    unsafe fn has_end(bytes: *const u8) -> (bool, u32) {
        // SAFETY: as the caller promises; the loads need no alignment.
        unsafe {
            let (lf, cr) = (_mm_set1_epi8(b'\n' as i8), _mm_set1_epi8(b'\r' as i8));
            let parts: [__m128i; 4] =
                core::array::from_fn(|i| _mm_loadu_si128(bytes.add(16 * i).cast()));
            let ends =
                parts.map(|part| _mm_or_si128(_mm_cmpeq_epi8(part, lf), _mm_cmpeq_epi8(part, cr)));
            let any = |[a, b, c, d]: [__m128i; 4]| {
                _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) as u32
            };
            (any(ends) != 0, any(parts))
        }
    }
}

/// Without instructions of any one machine.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    use super::Scan;
    use crate::layout::Charset;

    #[inline]
    pub(crate) fn scan_line(bytes: &[u8], from: usize) -> Scan {
        let rest = &bytes[from..];
        let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let charset = if rest[..len].is_ascii() { Charset::Ascii } else { Charset::Unknown };
        Scan { end: from + len, charset }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::{portable, scan_line};
    use crate::layout::Charset;

    #[test]
    fn every_way_of_scanning_finds_the_same() {
        for len in (0..70_usize).chain([127, 128, 129, 1023, 1090, 1200]) {
            for from in (0..=len.min(20)).chain([len / 2, len]) {
                for end in from..=len.min(from + 70) {
                    for odd in [0, b'\n', b'\r', 0x80, 0xff] {
                        // The odd byte stands before the line, in it, at its end, and after it.
                        for place in [0, from, usize::saturating_sub(end, 1), end, end + 1] {
                            let mut bytes = vec![b'x'; len];
                            if let Some(byte) = bytes.get_mut(place) {
                                *byte = odd;
                            }
                            if let Some(byte) = bytes.get_mut(end) {
                                *byte = b'\n';
                            }
                            let expected = portable::scan_line(&bytes, from);
                            let found = scan_line(&bytes, from);
                            assert_eq!(found.end, expected.end, "{bytes:?} from {from}");
                            if found.charset == Charset::Ascii {
                                assert_eq!(
                                    expected.charset,
                                    Charset::Ascii,
                                    "{bytes:?} from {from}"
                                );
                            } else if found.end - from < 1024 {
                                assert_eq!(found, expected, "{bytes:?} from {from}");
                            }
                        }
                    }
                }
            }
        }
    }
}
