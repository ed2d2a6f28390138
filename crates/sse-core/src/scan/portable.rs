//! The same without instructions of any one machine: what the others are tested against.

use alloc::vec::Vec;

use super::Scan;
use crate::layout::Charset;

/// Looks for the end of the line at `from`.
#[inline]
pub(crate) fn scan_line(bytes: &[u8], from: usize) -> Scan {
    let rest = &bytes[from..];
    let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let charset = if rest[..len].is_ascii() { Charset::Ascii } else { Charset::Unknown };
    Scan { end: from + len, charset }
}

/// The same, and copies the line.
#[inline]
pub(crate) fn copy_line(bytes: &[u8], from: usize, to: &mut Vec<u8>) -> Scan {
    let scan = scan_line(bytes, from);
    to.extend_from_slice(&bytes[from..scan.end]);
    scan
}

/// Copies a piece in which no line ends, if there is room.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(crate) fn copy_quickly(piece: &[u8], to: &mut Vec<u8>) -> Option<Charset> {
    let has_room = to.capacity() - to.len() >= piece.len();
    let Scan { end, charset } = scan_line(piece, 0);
    if end < piece.len() || !has_room {
        return None;
    }
    to.extend_from_slice(piece);
    Some(charset)
}
