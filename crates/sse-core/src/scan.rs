//! Search for the ends of lines, which also finds out whether the bytes before them are ASCII.
//!
//! Each byte is looked at once for both questions, and can be copied at the same time. Where many lines
//! may follow each other, [`LineEnds`] finds the ends of 64 bytes at once. CRLF is not known here: a CR
//! is a line end like an LF, and [`crate::line`] decides what follows it.
//!
//! | target | module |
//! |---|---|
//! | x86-64 | `steps` over `sse2`; `avx2` for lines that are not short, where the machine has it |
//! | aarch64 | `steps` over `neon` |
//! | wasm32 compiled with `simd128` | `steps` over `simd128` |
//! | any other | `portable` |

#[cfg(target_arch = "x86_64")]
mod sse2;
#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
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

use crate::layout::Charset;

#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
use neon as vector;
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128"),
)))]
use portable as machine;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd128 as vector;
#[cfg(target_arch = "x86_64")]
use sse2 as vector;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128"),
))]
use steps as machine;

/// What was found of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Where its end is, or the length of the input if it has none there.
    pub(crate) end: usize,
    /// What is known of what stands before it.
    pub(crate) charset: Charset,
}

/// Looks for the end of the line at `from`.
#[inline(always)]
pub(crate) fn scan_line(bytes: &[u8], from: usize) -> Scan {
    let scan = machine::scan_line(bytes, from);
    #[cfg(test)]
    count::add(scan.end - from);
    scan
}

/// The line ends of some bytes, of which sixty-four are looked at in one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineEnds {
    /// Where the window is that is looked at.
    at: usize,
    /// A bit for each of its bytes: whether it is a CR or LF that has not been given yet. Where the
    /// bytes end before the window does, there is one more.
    ends: u64,
    tops: Tops,
    /// How far the bytes have been counted that are looked at.
    #[cfg(test)]
    counted: usize,
}

/// Number of bytes that [`LineEnds`] looks at in one step.
pub(crate) const WINDOW: usize = 64;

/// Number of bytes of a vector.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128"),
))]
const STEP: usize = 16;

/// What has been seen of bytes that are no ASCII.
#[derive(Debug, Clone, Copy)]
struct Tops {
    /// A bit for each byte of the window: whether it is one.
    in_window: u64,
    /// Whether there are any before the window.
    before: bool,
}

impl LineEnds {
    /// Nothing has been looked at.
    pub(crate) const NONE: Self = Self {
        at: 0,
        ends: 0,
        tops: Tops { in_window: 0, before: false },
        #[cfg(test)]
        counted: 0,
    };

    /// Starts to look at `from`.
    #[inline(always)]
    pub(crate) fn look(&mut self, bytes: &[u8], from: usize) {
        (self.at, self.ends) = machine::next_window(&mut self.tops, bytes, from);
    }

    /// The next one that is not before `from`, or the length of the bytes, which are those of the
    /// first look. Not to be asked for after that.
    #[inline(always)]
    pub(crate) fn next(&mut self, bytes: &[u8], from: usize) -> usize {
        loop {
            if self.ends == 0 {
                self.look(bytes, self.at + WINDOW);
            }
            let end = self.first();
            self.ends &= self.ends - 1;
            #[cfg(test)]
            {
                count::add(end.saturating_sub(self.counted));
                self.counted = self.counted.max(end);
            }
            // The LF of a CRLF may be one that is before.
            if end >= from {
                return end;
            }
        }
    }

    #[inline(always)]
    fn first(&self) -> usize {
        self.at + self.ends.trailing_zeros() as usize
    }

    /// Has [`next`](Self::next) give the one again that it gave last.
    #[inline(always)]
    pub(crate) fn give_back(&mut self, end: usize) {
        self.ends |= 1 << (end - self.at);
    }

    /// Whether there is none but the end of the bytes left.
    #[inline(always)]
    pub(crate) fn is_at_end(&self, bytes: &[u8]) -> bool {
        self.ends != 0 && self.first() == bytes.len()
    }

    /// What is known of all bytes that have been looked at.
    pub(crate) fn charset_so_far(&self) -> Charset {
        if !self.tops.before && self.tops.in_window == 0 {
            Charset::Ascii
        } else {
            Charset::Unknown
        }
    }

    /// What is known of the bytes from where the search has started to `end`, which was found last.
    #[inline(always)]
    pub(crate) fn charset(&self, end: usize) -> Charset {
        let tops = self.tops.in_window & ((1 << (end - self.at)) - 1);
        if !self.tops.before && tops == 0 { Charset::Ascii } else { Charset::Unknown }
    }
}

/// Looks for the end of the line at `from`, and copies the line behind what is in `to`.
#[inline(always)]
pub(crate) fn copy_line(bytes: &[u8], from: usize, to: &mut BytesMut) -> Scan {
    let scan = machine::copy_line(bytes, from, to);
    #[cfg(test)]
    count::add(scan.end - from);
    scan
}

/// Copies a piece of a line behind what is in `to`, and says what is known of it. `None`, and no copy, if
/// the line ends in it, there is no room for it, or its length is none of those that take but a moment.
#[inline(always)]
pub(crate) fn copy_quickly(piece: &[u8], to: &mut BytesMut) -> Option<Charset> {
    let charset = machine::copy_quickly(piece, to);
    #[cfg(test)]
    count::add(piece.len());
    charset
}

/// How many bytes were looked at, by this thread.
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
        BytesMut, LineEnds, Scan, Tops, copy_line, copy_quickly, machine, portable, scan_line,
    };

    #[cfg(not(target_arch = "x86_64"))]
    use super::machine::next_window as baseline;
    /// Function for machines without AVX2.
    #[cfg(target_arch = "x86_64")]
    use super::steps::baseline_window as baseline;

    type NextWindow = fn(&mut Tops, &[u8], usize) -> (usize, u64);

    /// Calls back with lines of many lengths at many places, with a byte in them that is not like
    /// the others.
    fn for_lines(max_len: usize, mut check: impl FnMut(&[u8], usize)) {
        let lens = (0..36_usize).chain([64, 65, 127, 128, 129, 200, 230, 256, 350]);
        for len in lens.filter(|len| *len <= max_len) {
            for from in (0..=len.min(4)).chain([len / 2, len]) {
                for end in from..=len {
                    for odd in [0, b'\n', b'\r', b'\t', 0x80, 0x8a, 0x8d, 0xff] {
                        // The odd byte stands before the line, in it, at its end, and after it.
                        for place in [0, from, usize::saturating_sub(end, 1), end, end + 1] {
                            let mut bytes = vec![b'x'; len];
                            if let Some(byte) = bytes.get_mut(place) {
                                *byte = odd;
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
    fn every_way_of_scanning_finds_the_same() {
        for_lines(usize::MAX, |bytes, from| {
            let expected = portable::scan_line(bytes, from);
            assert_eq!(scan_line(bytes, from), expected, "{bytes:?} from {from}");
            let windows: [(&str, NextWindow); 3] = [
                ("best", machine::next_window),
                ("baseline", baseline),
                ("portable", portable::next_window),
            ];
            for (way, next_window) in windows {
                let mut ends = LineEnds::NONE;
                (ends.at, ends.ends) = next_window(&mut ends.tops, bytes, from);
                let end = ends.next(bytes, from);
                let found = Scan { end, charset: ends.charset(end) };
                assert_eq!(found, expected, "{bytes:?} from {from}, {way}");
            }
        });
    }

    #[test]
    fn every_way_of_copying_copies_the_same() {
        for_lines(usize::MAX, |bytes, from| {
            let mut expected = BytesMut::from("before");
            let scan = portable::copy_line(bytes, from, &mut expected);
            for spare in [0, bytes.len(), 2 * bytes.len()] {
                let mut copy = BytesMut::with_capacity(6 + spare);
                copy.extend_from_slice(b"before");
                assert_eq!(copy_line(bytes, from, &mut copy), scan, "{bytes:?} from {from}");
                assert_eq!(copy, expected, "{bytes:?} from {from}");
            }
        });
    }

    #[test]
    fn a_quick_copy_is_the_same_or_none() {
        let mut copied = 0;
        for_lines(40, |bytes, from| {
            let line = &bytes[from..];
            let mut expected = BytesMut::from("before");
            let scan = portable::copy_line(line, 0, &mut expected);
            for room in [0, line.len(), 40] {
                let mut copy = BytesMut::with_capacity(6 + room);
                copy.extend_from_slice(b"before");
                let capacity = copy.capacity();
                match copy_quickly(line, &mut copy) {
                    Some(charset) => {
                        assert_eq!((scan.end, scan.charset), (line.len(), charset), "{line:?}");
                        assert_eq!(copy, expected);
                        copied += 1;
                    }
                    None => assert_eq!(copy, "before"),
                }
                assert_eq!(copy.capacity(), capacity);
            }
        });
        assert!(copied > 100);
    }
}
