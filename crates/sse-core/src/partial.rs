//! State of a line whose end has not arrived.
//!
//! Holds not the value, only the first bytes needed to decide whether the line is ignored. An
//! ignored line takes no memory, however long it is.

use crate::field::{Field, FieldName, common_head, head};

/// Progress within a line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum PartialLine {
    /// No byte of a line has been read: the stream is at the start of a line.
    #[default]
    Start,
    /// Too few bytes to identify the field.
    Head(Head),
    /// In the value, or right before it.
    Value(FieldName),
    /// The line is ignored.
    Ignored,
    /// The name is unknown, and the first bytes are kept for diagnosis.
    Unknown,
}

impl PartialLine {
    pub(crate) fn is_start(self) -> bool {
        matches!(self, Self::Start)
    }

    /// Returns the field that the line is if it ends here.
    pub(crate) fn field(self) -> Option<FieldName> {
        match self {
            Self::Value(name) => Some(name),
            Self::Head(head) => Field::parse(&head.bytes()[..head.len()]).map(|field| field.name),
            Self::Start | Self::Ignored | Self::Unknown => None,
        }
    }
}

/// First bytes of a line, as many as it takes to find its name and where its value starts.
///
/// Stored in a number, the first byte in the lowest bits: narrow stores followed by a wide load
/// would defeat store-to-load forwarding.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Head {
    bytes: u64,
    len: usize,
}

impl Head {
    /// Length of the longest name, the colon, the space, and one more byte: a known name is found
    /// within that length.
    pub(crate) const MAX_LEN: usize = 8;

    /// Returns the line at `at`, if the chunk ends before a colon or a line end. `None` means that
    /// the slow path must decide.
    #[inline(always)]
    pub(crate) fn without_colon(chunk: &[u8], at: usize) -> Option<Self> {
        let (bytes, len) = (head(chunk, at), chunk.len() - at);
        let ends_soon = len < Self::MAX_LEN;
        let has_more = [b':', b'\n', b'\r'].iter().any(|byte| has_byte(bytes, *byte));
        (ends_soon && !has_more).then_some(Self { bytes, len })
    }

    /// Returns the field of a line that continues in the chunk, and where in the chunk its value
    /// starts, if it has a common name. `None` means that the slow path must decide.
    #[inline(always)]
    pub(crate) fn common_field(self, chunk: &[u8]) -> Option<(FieldName, usize)> {
        let bytes = self.bytes | head(chunk, 0) << (8 * self.len);
        let (name, len) = common_head(bytes, self.len + chunk.len())?;
        Some((name, len - self.len))
    }

    /// Takes as many of the next bytes as fit, and returns their number.
    pub(crate) fn extend(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(Self::MAX_LEN - self.len);
        for byte in &bytes[..taken] {
            self.bytes |= u64::from(*byte) << (8 * self.len);
            self.len += 1;
        }
        taken
    }

    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// Returns the bytes, of which the first [`len`](Self::len) are meaningful.
    pub(crate) fn bytes(self) -> [u8; Self::MAX_LEN] {
        self.bytes.to_le_bytes()
    }

    /// Returns `true` if the name may turn out to be a known one.
    pub(crate) fn may_be_known(self) -> bool {
        let bytes = self.bytes();
        FieldName::may_start_with(&bytes[..self.len])
    }
}

/// Returns `true` if one of the eight bytes of a number equals `byte`.
#[inline(always)]
fn has_byte(bytes: u64, byte: u8) -> bool {
    const LOW: u64 = u64::from_le_bytes([1; 8]);
    let differences = bytes ^ (LOW * byte as u64);
    differences.wrapping_sub(LOW) & !differences & (LOW << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::Head;
    use crate::field::{FieldName, common_field};

    #[test]
    fn a_head_that_continues_in_a_chunk_is_read_like_a_whole_line() {
        for line in ["data: a value", "data:a value", "event: x  y", "id: 123456", "id:123456"] {
            let line = line.as_bytes();
            let (name, value_at) = common_field(line, 0).unwrap();
            for at in 1..=value_at.min(line.len() - 1) {
                let mut head = Head::default();
                assert_eq!(head.extend(&line[..at]), at);
                let found = head.common_field(&line[at..]);
                assert_eq!(found, Some((name, value_at - at)), "{line:?} cut at {at}");
            }
        }
    }

    #[test]
    fn without_colon_returns_a_head_or_none() {
        let chunk = b"12345678data";
        let head = Head::without_colon(chunk, 8).unwrap();
        assert_eq!((&head.bytes()[..head.len()], head.len()), (&b"data"[..], 4));
        assert_eq!(head.common_field(b": 456789"), Some((FieldName::Data, 2)));
        for end in ["d:", "da\n", "\rda", ":", "\n", "12345678"] {
            let chunk = [b"12345678", end.as_bytes()].concat();
            assert!(Head::without_colon(&chunk, 8).is_none(), "{end:?}");
        }
        for end in ["d", "\x0b\x0c\x1a", "\u{3a3a}", "\0", "data\u{8d}"] {
            let chunk = [b"12345678", end.as_bytes()].concat();
            assert!(Head::without_colon(&chunk, 8).is_some(), "{end:?}");
        }
    }

    #[test]
    fn a_head_holds_as_much_as_it_may() {
        let mut head = Head::default();
        assert_eq!(head.extend(b"id"), 2);
        assert_eq!(head.extend(b": 1234567"), 6);
        assert_eq!(head.extend(b"x"), 0);
        assert_eq!((&head.bytes(), head.len()), (b"id: 1234", Head::MAX_LEN));
    }
}
