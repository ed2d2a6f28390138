//! One complete line in, one field out.
//!
//! Splits a line into name and value as the standard says. Does not interpret a value: what
//! `retry: 10` or an `id` with a NUL in it means is decided where it takes effect.

/// The field names that mean something; the empty name is a comment's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldName {
    Comment,
    Data,
    Event,
    Id,
    Retry,
}

impl FieldName {
    /// The length in bytes of the longest name.
    pub(crate) const MAX_LEN: usize = 5;

    /// "Field names must be compared literally, with no case folding performed."
    #[inline]
    pub(crate) fn parse(name: &[u8]) -> Option<Self> {
        match name {
            b"" => Some(Self::Comment),
            b"data" => Some(Self::Data),
            b"event" => Some(Self::Event),
            b"id" => Some(Self::Id),
            b"retry" => Some(Self::Retry),
            _ => None,
        }
    }
}

/// A line that matters: its field, and where in the line its value starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: FieldName,
    pub(crate) value_start: usize,
}

impl Field {
    /// Reads a line that is not empty; `None` if its name is unknown, so that it is ignored.
    ///
    /// The name ends at the first colon. One space after it is no part of the value; a second
    /// one is, and so is a tab. A line without a colon is a name with an empty value.
    #[inline(always)]
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        // Told apart by the first byte, each name is compared once. `FieldName::parse` is the same
        // for names that are alone.
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

/// The names that most lines have, found by one comparison of a number.
///
/// Gives the name of the line at `at`, where there is one, and where its value starts. `None` says nothing: the line
/// may be any other, one of these without a colon, or too near to the end to tell.
#[inline(always)]
pub(crate) fn common_field(chunk: &[u8], at: usize) -> Option<(FieldName, usize)> {
    const fn start(name: &[u8; 8], len: u32) -> (u64, u64) {
        let mask = (1 << (8 * len)) - 1;
        (u64::from_le_bytes(*name) & mask, mask)
    }
    const DATA: (u64, u64) = start(b"data:   ", 5);
    const EVENT: (u64, u64) = start(b"event:  ", 6);
    const ID: (u64, u64) = start(b"id:     ", 3);

    let rest = chunk.len() - at;
    let head = if rest >= 8 {
        u64::from_le_bytes(*chunk.get(at..)?.first_chunk()?)
    } else {
        // The last bytes, with as many zeros behind them as are missing.
        u64::from_le_bytes(*chunk.last_chunk()?) >> (8 * (8 - rest))
    };
    let (name, len) = if head & DATA.1 == DATA.0 {
        (FieldName::Data, 5)
    } else if head & EVENT.1 == EVENT.0 {
        (FieldName::Event, 6)
    } else if head & ID.1 == ID.0 {
        (FieldName::Id, 3)
    } else {
        return None;
    };
    if len == rest {
        // A space to be dropped may come.
        return None;
    }
    let space = (head >> (8 * len)) as u8 == b' ';
    Some((name, at + len + usize::from(space)))
}

/// Where the value of the line starts that the chunk starts with, if that is one of data. `None`
/// says nothing, as above.
#[inline(always)]
pub(crate) fn data_value(chunk: &[u8]) -> Option<usize> {
    const DATA: &[u8] = b"data:";
    let space = *chunk.strip_prefix(DATA)?.first()? == b' ';
    Some(DATA.len() + usize::from(space))
}

/// "If value starts with a U+0020 SPACE character, remove it from value."
#[inline]
pub(crate) fn without_one_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{Field, FieldName};

    #[track_caller]
    fn check(line: &str, expected: Option<(FieldName, &str)>) {
        let field = Field::parse(line.as_bytes());
        let field = field.map(|field| (field.name, &line[field.value_start..]));
        assert_eq!(field, expected, "{line:?}");
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
}
