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

/// A line that matters: its field and the bytes of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) name: FieldName,
    pub(crate) value: &'a [u8],
}

impl<'a> Field<'a> {
    /// Reads a line that is not empty; `None` if its name is unknown, so that it is ignored.
    ///
    /// The name ends at the first colon. One space after it is no part of the value; a second
    /// one is, and so is a tab. A line without a colon is a name with an empty value.
    #[inline]
    pub(crate) fn parse(line: &'a [u8]) -> Option<Self> {
        // A known name is short, so a colon further on can only end an unknown one.
        let head = &line[..line.len().min(FieldName::MAX_LEN + 1)];
        let Some(colon) = head.iter().position(|&byte| byte == b':') else {
            return FieldName::parse(line).map(|name| Self { name, value: &[] });
        };
        let name = FieldName::parse(&line[..colon])?;
        Some(Self { name, value: without_one_space(&line[colon + 1..]) })
    }
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
        let field = Field::parse(line.as_bytes()).map(|field| (field.name, field.value));
        assert_eq!(field, expected.map(|(name, value)| (name, value.as_bytes())), "{line:?}");
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
