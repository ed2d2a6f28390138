//! A line whose end has not arrived: pieces of it in, pieces of its value out.
//!
//! Decides as early as it can whether a line matters, so that one that does not takes no memory
//! however long it is. Holds no value, only the few bytes of a name that is still growing.

use crate::field::{FieldName, without_one_space};

/// How far a line has come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum PartialLine {
    /// No byte of it has been seen: the stream stands at the start of a line.
    #[default]
    Start,
    /// Its bytes so far may still become a known name.
    Name(NameStart),
    /// The colon has been seen and nothing after it: a space to be dropped may come.
    Colon(FieldName),
    /// Inside its value.
    Value(FieldName),
    /// Nothing in it matters.
    Ignored,
}

/// How a line turned out that came in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// A field without a value: not a byte of one was seen.
    Bare(FieldName),
    /// A field whose value has been seen in pieces.
    Field(FieldName),
    /// Nothing that matters.
    Ignored,
}

impl PartialLine {
    pub(crate) fn is_start(self) -> bool {
        matches!(self, Self::Start)
    }

    /// The name of the line's field, once it is known.
    pub(crate) fn name(self) -> Option<FieldName> {
        match self {
            Self::Colon(name) | Self::Value(name) => Some(name),
            Self::Start | Self::Name(_) | Self::Ignored => None,
        }
    }

    /// Takes the next bytes of the line, without its end, and returns those with which its value
    /// begins. A value that has begun is not looked at any more.
    pub(crate) fn extend<'i>(&mut self, bytes: &'i [u8]) -> Option<&'i [u8]> {
        let mut bytes = bytes;
        while !bytes.is_empty() {
            match *self {
                Self::Start => *self = Self::Name(NameStart::default()),
                Self::Name(name) => {
                    let len;
                    (*self, len) = name.followed_by(bytes);
                    bytes = &bytes[len..];
                }
                Self::Colon(name) => {
                    *self = Self::Value(name);
                    return Some(without_one_space(bytes));
                }
                Self::Value(_) | Self::Ignored => return None,
            }
        }
        None
    }

    /// Ends the line, and stands at the start of the next one.
    pub(crate) fn end(&mut self) -> LineKind {
        match core::mem::take(self) {
            Self::Name(name) => name.name().map_or(LineKind::Ignored, LineKind::Bare),
            Self::Colon(name) => LineKind::Bare(name),
            Self::Value(name) => LineKind::Field(name),
            Self::Start | Self::Ignored => LineKind::Ignored,
        }
    }
}

/// The first bytes of a line, no colon among them and not more than the longest name has.
///
/// They stand in a number, the first in its lowest bits: to write bytes one by one and then read them
/// together makes the processor wait.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NameStart {
    bytes: u64,
    len: usize,
}

impl NameStart {
    fn name(self) -> Option<FieldName> {
        FieldName::parse(&self.bytes.to_le_bytes()[..self.len])
    }

    /// How far the line has come with the bytes after these, and how many of them it took to tell.
    fn followed_by(mut self, bytes: &[u8]) -> (PartialLine, usize) {
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b':' {
                return (self.name().map_or(PartialLine::Ignored, PartialLine::Colon), at + 1);
            }
            if self.len == FieldName::MAX_LEN {
                return (PartialLine::Ignored, at);
            }
            self.bytes |= u64::from(*byte) << (8 * self.len);
            self.len += 1;
        }
        (PartialLine::Name(self), bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{LineKind, PartialLine};
    use crate::field::{Field, FieldName};

    /// The field of a line that comes in the given pieces.
    fn by_pieces(pieces: &[&[u8]]) -> Option<(FieldName, Vec<u8>)> {
        let mut line = PartialLine::Start;
        let mut value = Vec::new();
        for piece in pieces {
            match line {
                PartialLine::Value(_) => value.extend_from_slice(piece),
                _ => value.extend_from_slice(line.extend(piece).unwrap_or_default()),
            }
        }
        match line.end() {
            LineKind::Bare(name) => Some((name, Vec::new())),
            LineKind::Field(name) => Some((name, value)),
            LineKind::Ignored => None,
        }
    }

    #[test]
    fn a_line_in_pieces_is_read_as_a_whole_one_is() {
        for line in [
            "data: x",
            "data:x",
            "data:  x",
            "data",
            "data:",
            "data: ",
            "dat",
            "datum",
            ":",
            ": c",
            "event: a:b",
            "retry:10",
            "id",
            "id:",
            "identity: x",
            "xxxxxxxxxxxxxx: y",
            " data: x",
        ] {
            let bytes = line.as_bytes();
            let whole = Field::parse(bytes);
            let whole = whole.map(|field| (field.name, bytes[field.value_start..].to_vec()));
            for at in 0..=bytes.len() {
                let (head, tail) = bytes.split_at(at);
                assert_eq!(by_pieces(&[head, &[], tail]), whole, "{line:?} cut at {at}");
            }
            let bytewise: Vec<_> = bytes.chunks(1).collect();
            assert_eq!(by_pieces(&bytewise), whole, "{line:?} byte by byte");
        }
    }

    #[test]
    fn a_line_that_cannot_matter_is_known_at_once() {
        let mut line = PartialLine::Start;
        assert_eq!(line.extend(b"events"), None);
        assert!(matches!(line, PartialLine::Ignored));
        assert_eq!(line.extend(b": x"), None);
        assert_eq!(line.end(), LineKind::Ignored);
    }
}
