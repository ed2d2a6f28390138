//! Bytes in; where a line ends, and whether all before it is ASCII, out.
//!
//! Looks at each byte once for both questions, and can copy it in the same look. Knows nothing of
//! CRLF: a CR is a line end like an LF here, and what follows it is [`crate::line`]'s.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable;
#[cfg(target_arch = "x86_64")]
mod sse2;

use alloc::vec::Vec;

use crate::layout::Charset;

#[cfg(not(target_arch = "x86_64"))]
use portable as machine;
#[cfg(target_arch = "x86_64")]
use sse2 as machine;

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

/// The same, and copies the line behind what is in `to`.
#[inline(always)]
pub(crate) fn copy_line(bytes: &[u8], from: usize, to: &mut Vec<u8>) -> Scan {
    let scan = machine::copy_line(bytes, from, to);
    #[cfg(test)]
    count::add(scan.end - from);
    scan
}

/// Copies a piece of a line behind what is in `to`, and says what is known of it. `None`, and no copy, if
/// the line ends in it, there is no room for it, or its length is none of those that take but a moment.
#[inline(always)]
pub(crate) fn copy_quickly(piece: &[u8], to: &mut Vec<u8>) -> Option<Charset> {
    let charset = machine::copy_quickly(piece, to);
    #[cfg(test)]
    count::add(piece.len());
    charset
}

/// As much as is worth copying while it is looked at. More is looked at and then copied, both in
/// larger steps.
pub(crate) const SHORT_COPY: usize = 128;

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

    use super::{SHORT_COPY, Vec, copy_line, copy_quickly, portable, scan_line};

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
            #[cfg(target_arch = "x86_64")]
            if bytes.len() - from >= super::sse2::SHORT {
                let at = from + super::sse2::SHORT;
                let expected = portable::scan_line(bytes, at);
                let found = super::sse2::scan_rest(bytes, at, 0);
                assert_eq!(found, expected, "{bytes:?} from {at} by SSE2");
            }
        });
    }

    #[test]
    fn every_way_of_copying_copies_the_same() {
        for_lines(SHORT_COPY, |bytes, from| {
            let mut expected = b"before".to_vec();
            let scan = portable::copy_line(bytes, from, &mut expected);
            for spare in [0, bytes.len(), 2 * SHORT_COPY] {
                let mut copy = Vec::with_capacity(6 + spare);
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
            let mut expected = b"before".to_vec();
            let scan = portable::copy_line(line, 0, &mut expected);
            for room in [0, line.len(), 40] {
                let mut copy = Vec::with_capacity(6 + room);
                copy.extend_from_slice(b"before");
                let capacity = copy.capacity();
                match copy_quickly(line, &mut copy) {
                    Some(charset) => {
                        assert_eq!((scan.end, scan.charset), (line.len(), charset), "{line:?}");
                        assert_eq!(copy, expected);
                        copied += 1;
                    }
                    None => assert_eq!(copy, b"before"),
                }
                assert_eq!(copy.capacity(), capacity);
            }
        });
        assert!(copied > 100);
    }
}
