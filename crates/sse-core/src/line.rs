//! Bytes in, lines out: where a line ends and what stands before the first one.
//!
//! Knows CR, LF, CRLF and the byte order mark. Does not look into a line, and does not keep one
//! whose end has not arrived: that is [`crate::partial`]'s.

use memchr::memchr2;

/// What has to be remembered between two chunks to cut an event stream into lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineDecoder {
    start: StreamStart,
    last_byte: LastByte,
}

/// How much of the byte order mark has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamStart {
    /// This many bytes of the stream so far, all of them the mark's.
    Matched(usize),
    Passed,
}

/// Whether the chunk before ended in a CR, whose LF may still come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum LastByte {
    Cr,
    #[default]
    Other,
}

/// What [`LineDecoder::resume`] found in front of the lines of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resumed {
    /// The input stands where the chunk before it ended.
    Ready,
    /// One or two bytes of a byte order mark were swallowed that turned out to be none. They open
    /// the first line, which therefore has no known field name.
    BrokenMark,
}

const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

impl LineDecoder {
    /// Steps over what belongs to no line: the byte order mark at the start of the stream, and
    /// the LF of a CRLF that the chunk before has cut in two.
    #[inline]
    pub(crate) fn resume(&mut self, input: &mut &[u8]) -> Resumed {
        if self.start != StreamStart::Passed {
            return self.match_mark(input);
        }
        if self.last_byte == LastByte::Cr && !input.is_empty() {
            self.last_byte = LastByte::Other;
            if let Some(rest) = input.strip_prefix(b"\n") {
                *input = rest;
            }
        }
        Resumed::Ready
    }

    /// Takes the next line without its end, or leaves the input untouched if it holds none.
    ///
    /// A CR ends its line at once, whatever comes after it: "a single U+000D CARRIAGE RETURN (CR)
    /// character not followed by a U+000A LINE FEED (LF) character" is a line end, and waiting
    /// for the byte that would tell them apart would hold back a finished event.
    #[inline]
    pub(crate) fn next_line<'i>(&mut self, input: &mut &'i [u8]) -> Option<&'i [u8]> {
        let bytes = *input;
        let end = memchr2(b'\n', b'\r', bytes)?;
        let (line, rest) = bytes.split_at(end);
        *input = match rest {
            [b'\r', b'\n', rest @ ..] => rest,
            [b'\r'] => {
                self.last_byte = LastByte::Cr;
                &[]
            }
            rest => &rest[1..],
        };
        Some(line)
    }

    #[cold]
    fn match_mark(&mut self, input: &mut &[u8]) -> Resumed {
        while let StreamStart::Matched(seen) = self.start {
            let Some((first, rest)) = input.split_first() else {
                return Resumed::Ready;
            };
            if *first != BYTE_ORDER_MARK[seen] {
                self.start = StreamStart::Passed;
                return if seen == 0 { Resumed::Ready } else { Resumed::BrokenMark };
            }
            *input = rest;
            self.start = match seen + 1 {
                3 => StreamStart::Passed,
                seen => StreamStart::Matched(seen),
            };
        }
        Resumed::Ready
    }
}

impl Default for StreamStart {
    fn default() -> Self {
        Self::Matched(0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{LineDecoder, Resumed};

    /// The lines of the chunks, those that a chunk leaves open excluded.
    fn lines<'a>(chunks: &[&'a str]) -> Vec<&'a [u8]> {
        let mut decoder = LineDecoder::default();
        let mut lines = Vec::new();
        for chunk in chunks {
            let mut input = chunk.as_bytes();
            assert_eq!(decoder.resume(&mut input), Resumed::Ready);
            while let Some(line) = decoder.next_line(&mut input) {
                lines.push(line);
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
    fn a_crlf_cut_in_two_is_one_line_end() {
        assert_eq!(lines(&["a\r", "", "\nb\n"]), [b"a", b"b"]);
        assert_eq!(lines(&["a\r", "\n\nb\n"]), [&b"a"[..], b"", b"b"]);
        assert_eq!(lines(&["a\r", "\r", "b\n"]), [&b"a"[..], b"", b"b"]);
    }

    #[test]
    fn a_mark_is_swallowed_once_however_it_is_cut() {
        let mut decoder = LineDecoder::default();
        for byte in [0xEF, 0xBB, 0xBF] {
            let mut input: &[u8] = &[byte];
            assert_eq!(decoder.resume(&mut input), Resumed::Ready);
            assert!(input.is_empty());
        }
        let mut second: &[u8] = &[0xEF, 0xBB, 0xBF, b'\n'];
        decoder.resume(&mut second);
        assert_eq!(decoder.next_line(&mut second), Some(&[0xEF, 0xBB, 0xBF][..]));
    }

    #[test]
    fn half_a_mark_is_told_apart() {
        let mut decoder = LineDecoder::default();
        assert_eq!(decoder.resume(&mut &[0xEF, 0xBB][..]), Resumed::Ready);
        let mut input: &[u8] = b"data: x\n";
        assert_eq!(decoder.resume(&mut input), Resumed::BrokenMark);
        assert_eq!(input, b"data: x\n");
    }
}
