//! Portable implementation, which the others are tested against.

use bytes::BytesMut;

use super::{NonAscii, Scan, WINDOW};

/// Finds the end of the line that the input starts with.
#[inline]
pub(crate) fn scan_line(bytes: &[u8]) -> Scan {
    let len = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
    Scan { len, is_ascii: bytes[..len].is_ascii() }
}

/// Like [`scan_line`], but also appends the line to `to`.
#[inline]
pub(crate) fn copy_line(bytes: &[u8], to: &mut BytesMut) -> Scan {
    let scan = scan_line(bytes);
    to.extend_from_slice(&bytes[..scan.len]);
    scan
}

/// Copies a fragment in which no line ends, if there is room.
#[cfg_attr(test, allow(dead_code))] // where the others are only compared with it
#[inline]
pub(crate) fn copy_fragment(piece: &[u8], to: &mut BytesMut) -> Option<bool> {
    let has_room = to.capacity() - to.len() >= piece.len();
    let Scan { len, is_ascii } = scan_line(piece);
    if len < piece.len() || !has_room {
        return None;
    }
    to.extend_from_slice(piece);
    Some(is_ascii)
}

/// Finds the first line end at or after `from`, and returns the window that starts there.
#[inline]
pub(crate) fn next_window(non_ascii: &mut NonAscii, bytes: &[u8], from: usize) -> (usize, u64) {
    let from = from.min(bytes.len());
    let Scan { len, is_ascii } = scan_line(&bytes[from..]);
    let end = from + len;
    let window = &bytes[end..bytes.len().min(end + WINDOW)];
    let (mut ends, mut in_window) = (0, 0);
    for (i, part) in window.chunks(8).enumerate() {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        let word = u64::from_le_bytes(word);
        ends |= mask(equal(word, b'\n') | equal(word, b'\r')) << (8 * i);
        in_window |= mask(word) << (8 * i);
    }
    if window.len() < WINDOW {
        ends |= 1 << window.len();
    }
    let before = non_ascii.before || non_ascii.in_window != 0 || !is_ascii;
    *non_ascii = NonAscii { in_window, before };
    (end, ends)
}

/// Returns the highest bit of each byte that equals `byte`.
fn equal(word: u64, byte: u8) -> u64 {
    const LOW_BITS: u64 = u64::from_ne_bytes([0x7f; 8]);
    let other = word ^ u64::from_ne_bytes([byte; 8]);
    // In each byte that is not 0, either the highest bit is set, or adding 0x7f to the rest sets
    // it.
    !(((other & LOW_BITS) + LOW_BITS) | other | LOW_BITS)
}

/// Packs the highest bit of each byte into one byte.
fn mask(word: u64) -> u64 {
    // Moves the bit of each byte to its place in the highest byte.
    const MOVES: u64 = 0x0102_0408_1020_4080;
    (word >> 7 & u64::from_ne_bytes([1; 8])).wrapping_mul(MOVES) >> 56
}
