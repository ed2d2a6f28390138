//! Finds line ends, and whether the bytes before them are ASCII.
//!
//! Examines each byte once for both questions, and can copy it at the same time. [`LineEnds`] finds
//! the ends of many consecutive lines at once. Does not know CRLF: a CR is a line end like an LF,
//! and [`crate::line`] handles an LF after it.
//!
//! | target | module |
//! |---|---|
//! | x86-64 | `steps` over `masks` over `sse2`; `avx2` for lines that are not short, if the machine has AVX2 |
//! | aarch64 | `steps` over `neon` |
//! | wasm32 compiled with `simd128` | `steps` over `masks` over `simd128` |
//! | any other | `portable` |

#![allow(unsafe_code)]

mod found;
#[cfg(target_arch = "x86_64")]
mod sse2;
#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
mod masks;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128"),
))]
mod few;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128"),
))]
mod steps;
#[cfg(any(
    test,
    not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
        all(target_arch = "wasm32", target_feature = "simd128"),
    )),
))]
mod portable;

use bytes::BytesMut;

use self::found::NonAscii;
pub(crate) use self::found::{Scan, WINDOW};
use crate::ascii::AsciiPrefix;

#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
use masks as vector;
#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
use neon as vector;
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128"),
)))]
use portable as machine;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128"),
))]
use steps as machine;

/// Finds the end of the line that the input starts with.
///
/// A line that starts elsewhere is passed as a slice, so that all positions in a [`Scan`] are
/// relative to bytes that have been examined.
#[inline(always)]
pub(crate) fn scan_line(bytes: &[u8]) -> Scan {
    let scan = machine::scan_line(bytes);
    #[cfg(test)]
    count::add(scan.len);
    scan
}

/// Line ends of some bytes, 64 of which are examined in one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineEnds {
    /// Start of the current window.
    at: usize,
    /// Bit mask of the window's bytes that are a CR or LF and have not been returned. If the bytes
    /// end within the window, a sentinel bit marks their end.
    ends: u64,
    non_ascii: NonAscii,
    /// End of the bytes that have been counted as examined.
    #[cfg(test)]
    counted: usize,
}

impl LineEnds {
    /// Starts at `from`.
    #[inline(always)]
    pub(crate) fn of(bytes: &[u8], from: usize) -> Self {
        // Nothing is known of the bytes before `from`.
        let mut non_ascii = NonAscii { in_window: 0, before: from > 0 };
        let (at, ends) = machine::next_window(&mut non_ascii, bytes, from);
        Self {
            at,
            ends,
            non_ascii,
            #[cfg(test)]
            counted: 0,
        }
    }

    /// Returns the first line end at or after `from`, or the length of `bytes`, which must be those
    /// that the search began with. Must not be called again after that.
    #[inline(always)]
    pub(crate) fn next(&mut self, bytes: &[u8], from: usize) -> usize {
        loop {
            if self.ends == 0 {
                let next = self.at + WINDOW;
                (self.at, self.ends) = machine::next_window(&mut self.non_ascii, bytes, next);
            }
            let end = self.first();
            self.ends &= self.ends - 1;
            #[cfg(test)]
            {
                count::add(end.saturating_sub(self.counted));
                self.counted = self.counted.max(end);
            }
            // The LF of a CRLF may be one that is before `from`.
            if end >= from {
                return end;
            }
        }
    }

    /// Like [`next`](Self::next), but also returns the prefix that ends there.
    ///
    /// Both at once, so that no caller passes a position that has not been examined.
    #[inline(always)]
    pub(crate) fn next_with_ascii(&mut self, bytes: &[u8], from: usize) -> (usize, AsciiPrefix) {
        let end = self.next(bytes, from);
        let before_end = (1 << (end - self.at)) - 1;
        (end, self.prefix(end, self.non_ascii.in_window & before_end))
    }

    #[inline(always)]
    fn first(&self) -> usize {
        self.at + self.ends.trailing_zeros() as usize
    }

    /// Makes [`next`](Self::next) return its last result again.
    #[inline(always)]
    pub(crate) fn unread(&mut self, end: usize) {
        self.ends |= 1 << (end - self.at);
    }

    /// Returns `true` if only the end of the bytes is left.
    #[inline(always)]
    pub(crate) fn is_at_end(&self, bytes: &[u8]) -> bool {
        self.ends != 0 && self.first() == bytes.len()
    }

    /// Returns the prefix of all bytes that have been examined.
    pub(crate) fn ascii_so_far(&self, bytes: &[u8]) -> AsciiPrefix {
        self.prefix(bytes.len().min(self.at + WINDOW), self.non_ascii.in_window)
    }

    /// Returns the prefix that ends at `end`, given the mask of the bytes before it that are in the
    /// window and not ASCII.
    #[inline(always)]
    fn prefix(&self, end: usize, non_ascii: u64) -> AsciiPrefix {
        if self.non_ascii.before || non_ascii != 0 {
            return AsciiPrefix::NONE;
        }
        // SAFETY: all bytes before the window have been examined, and those in it before `end`.
        unsafe { AsciiPrefix::new(end) }
    }
}

/// Finds the end of the line that the input starts with, and appends the line to `to`.
#[inline(always)]
pub(crate) fn copy_line(bytes: &[u8], to: &mut BytesMut) -> Scan {
    let scan = machine::copy_line(bytes, to);
    #[cfg(test)]
    count::add(scan.len);
    scan
}

/// Appends a fragment of a line to `to` and returns `true` if it is ASCII. Returns `None` without
/// copying if a line ends in it, if it does not fit, or if its length has no fast copy.
#[inline(always)]
pub(crate) fn copy_fragment(piece: &[u8], to: &mut BytesMut) -> Option<bool> {
    let is_ascii = machine::copy_fragment(piece, to);
    #[cfg(test)]
    count::add(piece.len());
    is_ascii
}

/// Number of bytes that this thread has examined.
#[cfg(test)]
pub(crate) mod count {
    extern crate std;

    use core::cell::Cell;

    std::thread_local! {
        static BYTES: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(len: usize) {
        BYTES.set(BYTES.get() + len);
    }

    pub(crate) fn take() -> usize {
        BYTES.take()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::{
        BytesMut, LineEnds, NonAscii, copy_fragment, copy_line, machine, portable, scan_line,
    };

    #[cfg(not(target_arch = "x86_64"))]
    use super::machine::next_window as baseline;
    /// Function for machines without AVX2.
    #[cfg(target_arch = "x86_64")]
    use super::steps::baseline_window as baseline;

    type NextWindow = fn(&mut NonAscii, &[u8], usize) -> (usize, u64);

    /// Calls `check` with lines of many lengths at many places that contain one byte unlike the
    /// others.
    fn for_lines(max_len: usize, mut check: impl FnMut(&[u8], usize)) {
        let lens = (0..36_usize).chain([64, 65, 127, 128, 129, 200, 230, 256, 350]);
        // Miri is slow: some lengths of each kind suffice there.
        let is_taken =
            |len: &usize| !cfg!(miri) || [0, 7, 8, 16, 17, 33, 65, 129, 200].contains(len);
        let specials: &[u8] =
            if cfg!(miri) { b"\r\x80" } else { &[0, b'\n', b'\r', b'\t', 0x80, 0x8a, 0x8d, 0xff] };
        let step = if cfg!(miri) { 13 } else { 1 };
        for len in lens.filter(|len| *len <= max_len && is_taken(len)) {
            for from in (0..=len.min(4)).step_by(step).chain([len / 2, len]) {
                for end in (from..len).step_by(step).chain([len]) {
                    for &special in specials {
                        // The special byte is before the line, in it, at its end, and after it.
                        for place in [0, from, usize::saturating_sub(end, 1), end, end + 1] {
                            let mut bytes = vec![b'x'; len];
                            if let Some(byte) = bytes.get_mut(place) {
                                *byte = special;
                            }
                            if let Some(byte) = bytes.get_mut(end) {
                                *byte = b'\n';
                            }
                            check(&bytes, from);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_scan_implementation_finds_the_same() {
        for_lines(usize::MAX, |bytes, from| {
            let rest = &bytes[from..];
            let expected = portable::scan_line(rest);
            assert_eq!(scan_line(rest), expected, "{bytes:?} from {from}");
            let windows: [(&str, NextWindow); 3] = [
                ("best", machine::next_window),
                ("baseline", baseline),
                ("portable", portable::next_window),
            ];
            for (way, next_window) in windows {
                let mut non_ascii = NonAscii { in_window: 0, before: false };
                let (at, ends) = next_window(&mut non_ascii, rest, 0);
                let mut ends = LineEnds { at, ends, non_ascii, counted: 0 };
                let (end, ascii) = ends.next_with_ascii(rest, 0);
                assert_eq!(end, expected.len, "{bytes:?} from {from}, {way}");
                assert_eq!(ascii, expected.ascii(), "{bytes:?} from {from}, {way}");
                assert_eq!(next_window(&mut non_ascii, bytes, from).0, from + at);
            }
            assert_eq!(LineEnds::of(bytes, from).next(bytes, from), from + expected.len);
        });
    }

    #[test]
    fn every_copy_implementation_copies_the_same() {
        for_lines(usize::MAX, |bytes, from| {
            let line = &bytes[from..];
            let mut expected = BytesMut::from("before");
            let scan = portable::copy_line(line, &mut expected);
            for spare in [0, bytes.len(), 2 * bytes.len()] {
                let mut copy = BytesMut::with_capacity(6 + spare);
                copy.extend_from_slice(b"before");
                assert_eq!(copy_line(line, &mut copy), scan, "{bytes:?} from {from}");
                assert_eq!(copy, expected, "{bytes:?} from {from}");
            }
        });
    }

    #[test]
    fn copy_fragment_copies_the_same_or_nothing() {
        let mut copied = 0;
        for_lines(40, |bytes, from| {
            let line = &bytes[from..];
            let mut expected = BytesMut::from("before");
            let scan = portable::copy_line(line, &mut expected);
            for room in [0, line.len(), 40] {
                let mut copy = BytesMut::with_capacity(6 + room);
                copy.extend_from_slice(b"before");
                let capacity = copy.capacity();
                match copy_fragment(line, &mut copy) {
                    Some(is_ascii) => {
                        assert_eq!((scan.len, scan.is_ascii), (line.len(), is_ascii), "{line:?}");
                        assert_eq!(copy, expected);
                        copied += 1;
                    }
                    None => assert_eq!(copy, "before"),
                }
                assert_eq!(copy.capacity(), capacity);
            }
        });
        assert!(copied > if cfg!(miri) { 0 } else { 100 });
    }
}
