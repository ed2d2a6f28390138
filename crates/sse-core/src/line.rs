//! Starts of lines where a chunk begins: skips a byte order mark at the start of the stream, and
//! the LF of a CRLF after a CR at the end of the chunk before.
//!
//! [`crate::scan`] finds line ends. Nothing here holds a line.

/// Bytes that may have to be skipped before the lines of the next chunk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LineStart {
    /// The stream starts with this many bytes of a byte order mark, or may start with one.
    Mark(u8),
    /// The LF of a CRLF: the previous chunk ended in a CR.
    Lf,
    /// Nothing.
    #[default]
    Clear,
}

/// Result of [`LineStart::resume`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resumed {
    /// The input continues where the previous chunk ended.
    Ready,
    /// One or two bytes were consumed that turned out not to be a byte order mark. They start the
    /// first line, which therefore has no known field name.
    BrokenMark,
}

const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

impl LineStart {
    pub(crate) const OF_STREAM: Self = Self::Mark(0);

    /// Returns `true` within a byte order mark.
    pub(crate) fn is_in_mark(self) -> bool {
        matches!(self, Self::Mark(1..))
    }

    /// Returns `true` if nothing has to be skipped at the front of the input. Clears the state
    /// after a CR if no LF follows.
    #[inline(always)]
    pub(crate) fn is_clear_before(&mut self, input: &[u8]) -> bool {
        if matches!(self, Self::Lf) && input.first().is_some_and(|first| *first != b'\n') {
            *self = Self::Clear;
        }
        matches!(self, Self::Clear)
    }

    /// Skips bytes that belong to no line.
    #[cold]
    pub(crate) fn resume(&mut self, input: &mut &[u8]) -> Resumed {
        while let Some((&first, rest)) = input.split_first() {
            match *self {
                Self::Clear => break,
                Self::Lf => {
                    *self = Self::Clear;
                    if first == b'\n' {
                        *input = rest;
                    }
                }
                Self::Mark(seen) if first == BYTE_ORDER_MARK[usize::from(seen)] => {
                    *self = if seen == 2 { Self::Clear } else { Self::Mark(seen + 1) };
                    *input = rest;
                }
                Self::Mark(seen) => {
                    *self = Self::Clear;
                    return if seen == 0 { Resumed::Ready } else { Resumed::BrokenMark };
                }
            }
        }
        Resumed::Ready
    }

    /// Returns the start of the line after the one that ends at `end`.
    ///
    /// A CR ends its line at once, whatever follows: "a single U+000D CARRIAGE RETURN (CR)
    /// character not followed by a U+000A LINE FEED (LF) character" is a line end, and waiting for
    /// the next byte would delay a complete event.
    #[inline(always)]
    pub(crate) fn after(&mut self, chunk: &[u8], end: usize) -> usize {
        let next = end + 1;
        if chunk[end] == b'\n' {
            return next;
        }
        match chunk.get(next) {
            Some(b'\n') => next + 1,
            Some(_) => next,
            None => {
                *self = Self::Lf;
                next
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{LineStart, Resumed};
    use crate::scan::scan_line;

    /// Returns the complete lines of the chunks.
    fn lines<'a>(chunks: &[&'a str]) -> Vec<&'a [u8]> {
        let mut start = LineStart::OF_STREAM;
        let mut lines = Vec::new();
        for chunk in chunks {
            let mut input = chunk.as_bytes();
            assert_eq!(start.resume(&mut input), Resumed::Ready);
            let mut at = 0;
            loop {
                let end = at + scan_line(&input[at..]).len();
                if end == input.len() {
                    break;
                }
                lines.push(&input[at..end]);
                at = start.after(input, end);
            }
        }
        lines
    }

    #[test]
    fn each_line_end_of_the_standard_ends_a_line_and_nothing_else_does() {
        let expected: [&[u8]; 4] = [b"a", b"b", b"c\x0b\x0c\x1c", b""];
        assert_eq!(lines(&["a\nb\rc\x0b\x0c\x1c\r\n\r\nd\u{2028}\u{85}"]), expected);
    }

    #[test]
    fn a_split_crlf_is_one_line_end() {
        assert_eq!(lines(&["a\r", "", "\nb\n"]), [b"a", b"b"]);
        assert_eq!(lines(&["a\r", "\n\nb\n"]), [&b"a"[..], b"", b"b"]);
        assert_eq!(lines(&["a\r", "\r", "b\n"]), [&b"a"[..], b"", b"b"]);
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once_for_every_split() {
        let mut start = LineStart::OF_STREAM;
        for byte in [0xEF, 0xBB, 0xBF] {
            let mut input: &[u8] = &[byte];
            assert_eq!(start.resume(&mut input), Resumed::Ready);
            assert!(input.is_empty());
        }
        let mut second: &[u8] = &[0xEF, 0xBB, 0xBF, b'\n'];
        start.resume(&mut second);
        assert_eq!(second.len(), 4);
    }

    #[test]
    fn half_a_byte_order_mark_is_part_of_the_first_line() {
        let mut start = LineStart::OF_STREAM;
        assert_eq!(start.resume(&mut &[0xEF, 0xBB][..]), Resumed::Ready);
        let mut input: &[u8] = b"data: x\n";
        assert_eq!(start.resume(&mut input), Resumed::BrokenMark);
        assert_eq!(input, b"data: x\n");
    }
}
