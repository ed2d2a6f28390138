//! Splits a complete line into field name and value, as the standard defines.
//!
//! Knows which values of `id` and `retry` are ignored. [`crate::block`] decides what a value does,
//! and when.

/// Start of a line with the event type, in the form that is written.
pub(crate) const EVENT: &str = "event: ";
/// Start of a line with the ID, in the form that is written.
pub(crate) const ID: &str = "id: ";
/// Start of each line of data, in the form that is written.
pub(crate) const DATA: &str = "data: ";

/// Name of a field that the standard defines. The empty name is that of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldName {
    Comment,
    Data,
    Event,
    Id,
    Retry,
}

impl FieldName {
    /// Returns `true` if a line that starts with these bytes may have a known name.
    pub(crate) fn may_start_with(bytes: &[u8]) -> bool {
        let names: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];
        names.iter().any(|name| name.starts_with(bytes)) || Field::parse(bytes).is_some()
    }

    /// Returns `true` if the field is a part of an event and has no effect before the event ends.
    pub(crate) fn is_of_event(self) -> bool {
        matches!(self, Self::Data | Self::Event | Self::Id)
    }
}

/// Line that is not ignored: its field, and the start of the value in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: FieldName,
    pub(crate) value_start: usize,
}

impl Field {
    /// Parses a line that is not empty. Returns `None` if its name is unknown, so that the line is
    /// ignored.
    ///
    /// The name ends at the first colon. One space after the colon is not part of the value; a
    /// second one is, and so is a tab. A line without a colon is a name with an empty value.
    #[inline(always)]
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        // "Field names must be compared literally, with no case folding performed." The first byte
        // selects the one name to compare with.
        let (name, len) = match line.first()? {
            b'd' if line.starts_with(b"data") => (FieldName::Data, 4),
            b'e' if line.starts_with(b"event") => (FieldName::Event, 5),
            b'i' if line.starts_with(b"id") => (FieldName::Id, 2),
            b':' => (FieldName::Comment, 0),
            b'r' if line.starts_with(b"retry") => (FieldName::Retry, 5),
            _ => return None,
        };
        let value_start = match line[len..] {
            [] => len,
            [b':', b' ', ..] => len + 2,
            [b':', ..] => len + 1,
            _ => return None,
        };
        Some(Self { name, value_start })
    }
}

/// Fast path for the names that most lines have: one comparison of a number for each.
///
/// Returns the name of the line at `at`, and where its value starts. `None` means that the slow
/// path must decide: the line may have any other name, lack a colon, or be too close to the end of
/// the chunk.
#[inline(always)]
pub(crate) fn common_field(chunk: &[u8], at: usize) -> Option<(FieldName, usize)> {
    let (name, len) = common_head(head(chunk, at), chunk.len() - at)?;
    Some((name, at + len))
}

/// Returns the first eight bytes of the line at `at`, the first byte in the lowest bits. Bytes
/// beyond the end of the chunk are zero.
#[inline(always)]
pub(crate) fn head(chunk: &[u8], at: usize) -> u64 {
    let rest = &chunk[at..];
    match (rest.first_chunk(), chunk.last_chunk()) {
        (Some(first), _) => u64::from_le_bytes(*first),
        (None, Some(last)) if !rest.is_empty() => {
            u64::from_le_bytes(*last) >> (8 * (8 - rest.len()))
        }
        _ => few(rest),
    }
}

/// Returns fewer than eight bytes as a number. Loads overlap in the middle.
#[inline(always)]
fn few(bytes: &[u8]) -> u64 {
    let last_at = |len| 8 * (bytes.len() - len) as u32;
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [first, last] = [first, last].map(|half| u64::from(u32::from_le_bytes(*half)));
        first | last << last_at(4)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [first, last] = [first, last].map(|half| u64::from(u16::from_le_bytes(*half)));
        first | last << last_at(2)
    } else {
        bytes.first().map_or(0, |byte| u64::from(*byte))
    }
}

/// Returns the name of a line that starts with `head`, whose first `available` bytes are known, and
/// the length of the name with the colon and the space.
#[inline(always)]
pub(crate) fn common_head(head: u64, available: usize) -> Option<(FieldName, usize)> {
    const fn start(name: &[u8; 8], len: u32) -> (u64, u64) {
        let mask = (1 << (8 * len)) - 1;
        (u64::from_le_bytes(*name) & mask, mask)
    }
    const DATA: (u64, u64) = start(b"data:   ", 5);
    const EVENT: (u64, u64) = start(b"event:  ", 6);
    const ID: (u64, u64) = start(b"id:     ", 3);

    let (name, len) = if head & DATA.1 == DATA.0 {
        (FieldName::Data, 5)
    } else if head & EVENT.1 == EVENT.0 {
        (FieldName::Event, 6)
    } else if head & ID.1 == ID.0 {
        (FieldName::Id, 3)
    } else {
        return None;
    };
    if len == available {
        // A space to be dropped may follow.
        return None;
    }
    let space = (head >> (8 * len)) as u8 == b' ';
    Some((name, len + usize::from(space)))
}

/// Returns where the value starts if the chunk starts with a line of data. `None` means that the
/// slow path must decide, as for [`common_field`].
#[inline(always)]
pub(crate) fn data_value(chunk: &[u8]) -> Option<usize> {
    const DATA: &[u8] = b"data:";
    let space = *chunk.strip_prefix(DATA)?.first()? == b' ';
    Some(DATA.len() + usize::from(space))
}

/// "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the
/// field value. Otherwise, ignore the field."
#[inline]
pub(crate) fn is_ignored_id(value: &[u8]) -> bool {
    if value.len() < 16 {
        return value.contains(&0);
    }
    // A loop without an early exit is vectorized, and so is faster than the library's search unless
    // the value is short.
    value.iter().fold(false, |has_null, byte| has_null | (*byte == 0))
}

/// Parses the value of a `retry` field, in milliseconds: "if the field value consists of only ASCII
/// digits". Returns `None` if it does not. A number that does not fit becomes the largest one.
pub(crate) fn parse_retry(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let millis = value.iter().fold(0_u64, |millis, digit| {
        millis.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    });
    Some(millis)
}

#[cfg(test)]
mod tests {
    use super::{Field, FieldName, head, is_ignored_id, parse_retry};

    #[track_caller]
    fn check(line: &str, expected: Option<(FieldName, &str)>) {
        let field = Field::parse(line.as_bytes());
        let field = field.map(|field| (field.name, &line[field.value_start..]));
        assert_eq!(field, expected, "{line:?}");
    }

    #[test]
    fn the_first_bytes_are_read_wherever_the_chunk_ends() {
        let bytes = b"0123456789abcdefgh";
        for len in 0..bytes.len() {
            for at in 0..=len {
                let mut expected = [0; 8];
                let rest = &bytes[at..len.min(at + 8)];
                expected[..rest.len()].copy_from_slice(rest);
                assert_eq!(head(&bytes[..len], at).to_le_bytes(), expected, "{at} of {len}");
            }
        }
    }

    #[test]
    fn the_first_colon_ends_the_name() {
        check("data: a: b", Some((FieldName::Data, "a: b")));
        check("event:e", Some((FieldName::Event, "e")));
        check("id: 1", Some((FieldName::Id, "1")));
        check("retry:10", Some((FieldName::Retry, "10")));
        check(": hi", Some((FieldName::Comment, "hi")));
        check("::", Some((FieldName::Comment, ":")));
    }

    #[test]
    fn only_one_space_is_dropped() {
        check("data:  a ", Some((FieldName::Data, " a ")));
        check("data:\ta", Some((FieldName::Data, "\ta")));
        check("data: ", Some((FieldName::Data, "")));
    }

    #[test]
    fn a_line_without_a_colon_is_a_name() {
        check("data", Some((FieldName::Data, "")));
        check("retry", Some((FieldName::Retry, "")));
        check("dat", None);
        check("data of a kind", None);
    }

    #[test]
    fn names_are_compared_literally() {
        for line in ["Data: x", " data: x", "data : x", "data\0: x", "\0data: x", "da-ta: x", " "] {
            check(line, None);
        }
        check("\u{feff}data: x", None);
        check("lastEventId: x", None);
    }

    #[test]
    fn an_id_is_ignored_wherever_the_null_stands_in_it() {
        for len in 0..70 {
            let id = alloc::vec![b'x'; len];
            assert!(!is_ignored_id(&id), "{len}");
            for at in 0..len {
                let mut id = id.clone();
                id[at] = 0;
                assert!(is_ignored_id(&id), "{at} of {len}");
            }
        }
    }

    #[test]
    fn retry_is_ascii_digits_and_nothing_else() {
        assert_eq!(parse_retry(b"0"), Some(0));
        assert_eq!(parse_retry(b"0010"), Some(10));
        assert_eq!(parse_retry(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_retry(b"99999999999999999999999"), Some(u64::MAX));
        for value in ["", "1000x", "-1", "+5", " 5", "5 ", "1_000", "1.5", "\u{0665}"] {
            assert_eq!(parse_retry(value.as_bytes()), None, "{value:?}");
        }
    }
}
