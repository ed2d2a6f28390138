//! Scans 16 bytes at a time, with the instructions that every x86-64 has.
//!
//! Long lines are left to [`super::avx2`] if it is available. Copying a line while it is scanned
//! avoids a second pass over small chunks.

#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi8, _mm_storeu_si128,
};

use bytes::BytesMut;

use super::{LineEnds, NonAscii, Scan, WINDOW, avx2};
use crate::layout::Charset;

/// Length of a line above which larger steps are used.
pub(super) const SHORT: usize = 64;

/// Finds the end of the line at `from`.
#[inline(always)]
pub(crate) fn scan_line(bytes: &[u8], from: usize) -> Scan {
    let len = bytes.len();
    let mut at = from;
    let mut high = 0;
    while at + STEP <= len {
        // SAFETY: the 16 bytes lie in `bytes`.
        let masks = unsafe { Masks::of(load(bytes.as_ptr().add(at))) };
        if masks.ends != 0 {
            return masks.found(at, high);
        }
        high |= masks.non_ascii;
        at += STEP;
        if at - from == SHORT {
            let mut ends = LineEnds::NONE;
            ends.non_ascii.before = high != 0;
            ends.look(bytes, at);
            let end = ends.first();
            return Scan { end, charset: ends.charset(end) };
        }
    }
    scan_tail(bytes, at, high)
}

/// Finds the first window at or after `from` that has a line end, or the last window.
///
/// Returns its start and its line ends: all that the next line depends on, in two registers.
#[inline(always)]
pub(crate) fn next_window(non_ascii: &mut NonAscii, bytes: &[u8], from: usize) -> (usize, u64) {
    let from = from.min(bytes.len());
    if avx2::is_available() {
        // SAFETY: there is AVX2, and `from` is not beyond the bytes.
        unsafe { avx2::next_window(non_ascii, bytes, from) }
    } else {
        baseline_window(non_ascii, bytes, from)
    }
}

/// Like [`next_window`], without AVX2.
#[inline(never)]
pub(super) fn baseline_window(non_ascii: &mut NonAscii, bytes: &[u8], from: usize) -> (usize, u64) {
    let mut at = from.min(bytes.len());
    let mut before = non_ascii.before || non_ascii.in_window != 0;
    while at + WINDOW <= bytes.len() {
        // SAFETY: the 64 bytes lie in `bytes`.
        let parts: [Masks; 4] =
            core::array::from_fn(|i| unsafe { Masks::of(load(bytes.as_ptr().add(at + STEP * i))) });
        let join = |of: fn(&Masks) -> u32| {
            (0..4).fold(0, |mask, i| mask | u64::from(of(&parts[i])) << (STEP * i))
        };
        let (ends, in_window) = (join(|masks| masks.ends), join(|masks| masks.non_ascii));
        if ends != 0 {
            *non_ascii = NonAscii { in_window, before };
            return (at, ends);
        }
        before |= in_window != 0;
        at += WINDOW;
    }
    let (ends, in_window) = last_masks(bytes, at);
    *non_ascii = NonAscii { in_window, before };
    (at, ends)
}

/// Returns the masks of the last window, which has fewer than 64 bytes.
#[inline(always)]
pub(super) fn last_masks(bytes: &[u8], at: usize) -> (u64, u64) {
    let len = bytes.len();
    let rest = len - at;
    let (mut ends, mut non_ascii) = (0, 0);
    if rest < STEP {
        // SAFETY: the `rest` bytes lie in `bytes`.
        let masks = unsafe { Few::load(bytes.as_ptr().add(at), rest).masks(rest) };
        (ends, non_ascii) = (masks.ends.into(), masks.non_ascii.into());
    } else {
        // The last 16 bytes may overlap the ones before.
        for offset in (0..rest - STEP).step_by(STEP).chain([rest - STEP]) {
            // SAFETY: the 16 bytes lie in `bytes`.
            let masks = unsafe { Masks::of(load(bytes.as_ptr().add(at + offset))) };
            ends |= u64::from(masks.ends) << offset;
            non_ascii |= u64::from(masks.non_ascii) << offset;
        }
    }
    (ends | 1 << rest, non_ascii)
}

/// Scans the last bytes, which are fewer than 16.
#[inline(always)]
fn scan_tail(bytes: &[u8], at: usize, high: u32) -> Scan {
    let len = bytes.len() - at;
    // SAFETY: the `len` bytes lie in `bytes`.
    let masks = unsafe { Few::load(bytes.as_ptr().add(at), len).masks(len) };
    masks.found_within(at, len, high)
}

/// Finds the end of the line at `from`, and appends the line to `to`.
#[inline(always)]
pub(crate) fn copy_line(bytes: &[u8], from: usize, to: &mut BytesMut) -> Scan {
    let len = bytes.len() - from;
    if to.capacity() - to.len() < len {
        to.reserve(len);
    }
    // SAFETY: `to` has a spare capacity of `len` bytes, which no slice overlaps, and the bytes that
    // become its own have been written. AVX2 is used only if it is available, and then there are at
    // least 32 bytes.
    unsafe {
        let end = to.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        let scan = if len >= SHORT && avx2::is_available() {
            let Scan { end, charset } = avx2::copy_to(&bytes[from..], end);
            Scan { end: from + end, charset }
        } else {
            copy_to(bytes, from, end)
        };
        to.set_len(to.len() + (scan.end - from));
        scan
    }
}

/// Copies a fragment of 16 to 32 bytes in which no line ends, if there is room.
///
/// Most chunks of 16 bytes are such fragments, and this function is small enough to be inlined into
/// the caller's loop.
#[inline(always)]
pub(crate) fn copy_fragment(piece: &[u8], to: &mut BytesMut) -> Option<Charset> {
    let len = piece.len();
    let has_room = to.capacity() - to.len() >= len;
    if !(STEP..=2 * STEP).contains(&len) || !has_room {
        return None;
    }
    // SAFETY: the first and the last 16 bytes lie in `piece`. `to` has a spare capacity of `len`
    // bytes, which no slice overlaps, and the bytes that become its own have been written.
    unsafe {
        let (front, back) = (load(piece.as_ptr()), load(piece.as_ptr().add(len - STEP)));
        let (front_masks, back_masks) = (Masks::of(front), Masks::of(back));
        if front_masks.ends | back_masks.ends != 0 {
            return None;
        }
        let end = to.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        _mm_storeu_si128(end.cast(), front);
        _mm_storeu_si128(end.add(len - STEP).cast(), back);
        to.set_len(to.len() + len);
        Some(charset(front_masks.non_ascii | back_masks.non_ascii))
    }
}

/// Copies the line at `from`, and possibly bytes after it.
///
/// # Safety
///
/// As many bytes as `bytes` has from `from` on must be writable at `to`, which must not overlap
/// them.
#[inline(always)]
unsafe fn copy_to(bytes: &[u8], from: usize, to: *mut u8) -> Scan {
    let len = bytes.len();
    let mut at = from;
    let mut high = 0;
    while at + STEP <= len {
        // SAFETY: the 16 bytes lie in `bytes`, and there is as much room at `to`.
        let masks = unsafe {
            let part = load(bytes.as_ptr().add(at));
            _mm_storeu_si128(to.add(at - from).cast(), part);
            Masks::of(part)
        };
        if masks.ends != 0 {
            return masks.found(at, high);
        }
        high |= masks.non_ascii;
        at += STEP;
    }
    let rest = len - at;
    if rest == 0 {
        return Scan { end: len, charset: charset(high) };
    }
    // SAFETY: the `rest` bytes lie in `bytes`, and there is as much room at `to`.
    let masks = unsafe {
        let few = Few::load(bytes.as_ptr().add(at), rest);
        few.store(to.add(at - from), rest);
        few.masks(rest)
    };
    masks.found_within(at, rest, high)
}

const STEP: usize = 16;

/// Bit masks of 16 bytes: which are a CR or LF, and which are not ASCII.
struct Masks {
    ends: u32,
    non_ascii: u32,
}

impl Masks {
    #[inline(always)]
    fn of(part: __m128i) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let lf = _mm_cmpeq_epi8(part, _mm_set1_epi8(b'\n' as i8));
            let cr = _mm_cmpeq_epi8(part, _mm_set1_epi8(b'\r' as i8));
            let ends = _mm_movemask_epi8(_mm_or_si128(lf, cr));
            Self { ends: ends as u32, non_ascii: _mm_movemask_epi8(part) as u32 }
        }
    }

    /// Returns the scan of a line that ends among these bytes, which start at `at`.
    #[inline(always)]
    fn found(&self, at: usize, high: u32) -> Scan {
        let offset = self.ends.trailing_zeros();
        let high = high | self.non_ascii & ((1 << offset) - 1);
        Scan { end: at + offset as usize, charset: charset(high) }
    }

    /// Returns the scan of a line that ends among the first `len` bytes, or right after them.
    #[inline(always)]
    fn found_within(&self, at: usize, len: usize, high: u32) -> Scan {
        Self { ends: self.ends | 1 << len, ..*self }.found(at, high)
    }
}

#[inline(always)]
fn charset(high: u32) -> Charset {
    if high == 0 { Charset::Ascii } else { Charset::Unknown }
}

/// # Safety
///
/// 16 bytes must be readable at `bytes`.
#[inline(always)]
unsafe fn load(bytes: *const u8) -> __m128i {
    // SAFETY: as the caller promises; the load needs no alignment, and SSE2 is part of x86-64.
    unsafe { _mm_loadu_si128(bytes.cast()) }
}

/// Fewer than 16 bytes, in two halves that overlap.
struct Few {
    front: u64,
    back: u64,
}

impl Few {
    /// # Safety
    ///
    /// `len` bytes must be readable at `bytes`, and `len` be less than 16.
    #[inline(always)]
    unsafe fn load(bytes: *const u8, len: usize) -> Self {
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

    /// # Safety
    ///
    /// `len` bytes must be writable at `to`, and `len` must be the one that the bytes were loaded
    /// with.
    #[inline(always)]
    unsafe fn store(&self, to: *mut u8, len: usize) {
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

    /// Returns the masks of the `len` bytes; `len` must be the one that they were loaded with.
    #[inline(always)]
    fn masks(&self, len: usize) -> Masks {
        // SAFETY: SSE2 is part of x86-64.
        let both = Masks::of(unsafe { _mm_set_epi64x(self.back as i64, self.front as i64) });
        let half = match len {
            8.. => 8,
            4.. => 4,
            2.. => 2,
            _ => len,
        };
        let join = |mask: u32| (mask & 0xff) | ((mask >> 8) << (len - half));
        Masks { ends: join(both.ends), non_ascii: join(both.non_ascii) }
    }
}
