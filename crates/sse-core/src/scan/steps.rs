//! Scans in steps of sixteen bytes, with the vectors of the machine: those of
//! [`masks`](super::masks), or those of NEON. A line is copied while it is scanned.
//!
//! On x86-64, lines that are not short are left to [`super::avx2`] where there is AVX2.

#![allow(unsafe_code)]

use bytes::BytesMut;

use super::{
    few::{Few, last_masks},
    found::{NonAscii, Scan, WINDOW},
    vector::{MASK_BITS, Mask, Part, STEP, Seen, Window},
};

/// Number of bytes up to which a line is short. The rest of a longer one is scanned in windows.
const SHORT: usize = 64;

/// Finds the end of the line that the bytes start with.
#[inline(always)]
pub(crate) fn scan_line(bytes: &[u8]) -> Scan {
    let len = bytes.len();
    let mut at = 0;
    let mut seen = Seen::nothing();
    while at + STEP <= len {
        // SAFETY: the 16 bytes lie in `bytes`.
        let part = unsafe { Part::load(bytes.as_ptr().add(at)) };
        let ends = part.ends();
        if ends != 0 {
            return found(at, ends, part, seen);
        }
        seen.add(part);
        at += STEP;
        if at == SHORT {
            let mut non_ascii = NonAscii { in_window: 0, before: !seen.is_ascii() };
            let (window, ends) = next_window(&mut non_ascii, bytes, at);
            let first = ends.trailing_zeros();
            let in_line = non_ascii.in_window & ((1 << first) - 1);
            let is_ascii = !non_ascii.before && in_line == 0;
            return Scan { len: window + first as usize, is_ascii };
        }
    }
    // SAFETY: the bytes lie in `bytes`, and there are fewer than 16 of them.
    let few = unsafe { Few::load(bytes.as_ptr().add(at), len - at) };
    few.found(at, len - at, seen)
}

/// Looks for the first window at or after `from` that has a line end, or for the last.
///
/// Returns its position and the line ends in it: all that the next line waits for, in two
/// registers.
#[inline(always)]
pub(crate) fn next_window(non_ascii: &mut NonAscii, bytes: &[u8], from: usize) -> (usize, u64) {
    let from = from.min(bytes.len());
    #[cfg(target_arch = "x86_64")]
    if super::avx2::is_available() {
        // SAFETY: there is AVX2, and `from` is not beyond the bytes.
        return unsafe { super::avx2::next_window(non_ascii, bytes, from) };
    }
    baseline_window(non_ascii, bytes, from)
}

/// Looks for the first window without AVX2.
#[inline(never)]
pub(super) fn baseline_window(non_ascii: &mut NonAscii, bytes: &[u8], from: usize) -> (usize, u64) {
    let len = bytes.len();
    let mut at = from.min(len);
    let mut before = non_ascii.before || non_ascii.in_window != 0;
    while at + WINDOW <= len {
        // SAFETY: the 64 bytes lie in `bytes`.
        let window = unsafe { Window::load(bytes.as_ptr().add(at)) };
        if !window.has_no_end() {
            *non_ascii = NonAscii { in_window: window.non_ascii(), before };
            return (at, window.ends());
        }
        before |= !window.is_ascii();
        at += WINDOW;
    }
    let (ends, in_window) = last_masks(&bytes[at..]);
    *non_ascii = NonAscii { in_window, before };
    (at, ends)
}

/// Finds the end of the line that the bytes start with, and appends the line to `to`.
#[inline(always)]
pub(crate) fn copy_line(bytes: &[u8], to: &mut BytesMut) -> Scan {
    let len = bytes.len();
    if to.capacity() - to.len() < len {
        to.reserve(len);
    }
    // SAFETY: `to` has room for `len` bytes after its own, which no slice overlaps; and what is
    // then its own has been written. AVX2 is used only if it is available, and for 32 bytes or
    // more.
    unsafe {
        let end = to.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        #[cfg(target_arch = "x86_64")]
        let scan = if len >= SHORT && super::avx2::is_available() {
            super::avx2::copy_to(bytes, end)
        } else {
            copy_to(bytes, end)
        };
        #[cfg(not(target_arch = "x86_64"))]
        let scan = copy_to(bytes, end);
        to.set_len(to.len() + scan.len);
        scan
    }
}

/// Copies a piece of 16 to 32 bytes in which no line ends, if there is room.
///
/// Most chunks of 16 bytes are such pieces, and this is small enough to become part of the caller's
/// loop.
#[inline(always)]
pub(crate) fn copy_fragment(piece: &[u8], to: &mut BytesMut) -> Option<bool> {
    let len = piece.len();
    let has_room = to.capacity() - to.len() >= len;
    if !(STEP..=2 * STEP).contains(&len) || !has_room {
        return None;
    }
    // SAFETY: the first and the last 16 bytes lie in `piece`. `to` has room for `len` bytes after
    // its own, which no slice overlaps; and what is then its own has been written.
    unsafe {
        let front = Part::load(piece.as_ptr());
        let back = Part::load(piece.as_ptr().add(len - STEP));
        if front.ends() | back.ends() != 0 {
            return None;
        }
        let end = to.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        front.store(end);
        back.store(end.add(len - STEP));
        to.set_len(to.len() + len);
        let mut seen = Seen::nothing();
        seen.add(front);
        seen.add(back);
        Some(seen.is_ascii())
    }
}

/// Copies the line that the bytes start with, and possibly bytes after it.
///
/// # Safety
///
/// As many bytes as `bytes` has must be writable at `to`, which must not overlap it.
#[inline(always)]
unsafe fn copy_to(bytes: &[u8], to: *mut u8) -> Scan {
    let len = bytes.len();
    let mut at = 0;
    let mut seen = Seen::nothing();
    while at + STEP <= len {
        // SAFETY: the 16 bytes lie in `bytes`, and there is as much room at `to`.
        let part = unsafe {
            let part = Part::load(bytes.as_ptr().add(at));
            part.store(to.add(at));
            part
        };
        let ends = part.ends();
        if ends != 0 {
            return found(at, ends, part, seen);
        }
        seen.add(part);
        at += STEP;
    }
    let rest = len - at;
    if rest == 0 {
        return Scan { len, is_ascii: seen.is_ascii() };
    }
    // SAFETY: the `rest` bytes lie in `bytes`, and there is as much room at `to`.
    let few = unsafe {
        let few = Few::load(bytes.as_ptr().add(at), rest);
        few.store(to.add(at), rest);
        few
    };
    few.found(at, rest, seen)
}

/// Returns the first of the `ends` of the 16 bytes at `at`.
#[inline(always)]
fn found(at: usize, ends: Mask, part: Part, seen: Seen) -> Scan {
    let bit = ends.trailing_zeros();
    let is_ascii = seen.is_ascii_with(part.non_ascii() & ((1 << bit) - 1));
    Scan { len: at + (bit / MASK_BITS) as usize, is_ascii }
}
