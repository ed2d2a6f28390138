//! The `Last-Event-ID` header: whether a request carries an ID, and which IDs a header can carry.
//!
//! The value of a field has no spaces and tabs at its ends (RFC 9110, section 5.5). Over HTTP/1.1 a
//! recipient removes those that were sent; over HTTP/2 they make the whole request malformed (RFC
//! 9113, section 8.2.1). They are therefore removed here, whatever the version, so that every
//! server receives what it would over HTTP/1.1, from a browser too.

use std::fmt;

use http::header::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Rules of the header for one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdHeader {
    /// If `false`, requests carry no ID.
    pub(crate) is_sent: bool,
    /// If `true`, the transport can send ASCII only.
    pub(crate) ascii_only: bool,
}

impl IdHeader {
    /// Returns `true` if a request omits an ID that it should carry.
    pub(crate) fn omits(self, id: &str) -> bool {
        self.check(id).is_err()
    }

    /// Checks that a request can carry an ID that it should carry.
    pub(crate) fn check(self, id: &str) -> Result<(), Unsendable> {
        if self.is_sent && !id.is_empty() { self.value(id).map(|_| ()) } else { Ok(()) }
    }

    /// Returns the ID to start a session from, which may be one that was stored. An ID that
    /// consists of spaces and tabs counts as absent: a server may have sent it, and no header
    /// carries it.
    pub(crate) fn seed(self, id: String) -> Result<String, Unsendable> {
        match self.check(&id) {
            Ok(()) => Ok(id),
            Err(Unsendable::Blank) => Ok(String::new()),
            Err(why) => Err(why),
        }
    }

    /// Sets the header to the ID, whatever the caller has set it to. The header is absent if the ID
    /// is empty or cannot be sent: nothing a server sends may break the next request.
    pub(crate) fn set(self, headers: &mut HeaderMap, id: &str) {
        headers.remove(LAST_EVENT_ID);
        if self.is_sent && !id.is_empty() {
            headers.extend(self.value(id).map(|value| (LAST_EVENT_ID, value)).ok());
        }
    }

    /// Returns the ID as the value of a header: in UTF-8, without spaces and tabs at its ends.
    fn value(self, id: &str) -> Result<HeaderValue, Unsendable> {
        let id = id.trim_matches([' ', '\t']);
        if id.is_empty() {
            return Err(Unsendable::Blank);
        }
        if id.len() > MAX_BYTES {
            return Err(Unsendable::TooLong);
        }
        if self.ascii_only && !id.is_ascii() {
            return Err(Unsendable::NotAscii);
        }
        // Other than control characters, all of UTF-8 is valid.
        HeaderValue::from_bytes(id.as_bytes()).map_err(|_| Unsendable::ControlCharacter)
    }
}

/// Reason why a header cannot carry an ID. It does not show the ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsendable {
    Blank,
    TooLong,
    ControlCharacter,
    NotAscii,
}

impl fmt::Display for Unsendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "contains nothing but spaces and tabs, which HTTP removes",
            Self::TooLong => "longer than 4 KiB",
            Self::ControlCharacter => "contains a control character, such as a trailing line break",
            Self::NotAscii => "contains characters other than ASCII, which a browser cannot send",
        })
    }
}

/// Longest ID that is sent: servers commonly reject more than 8 KiB of headers.
const MAX_BYTES: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use http::header::HeaderMap;

    use super::{IdHeader, LAST_EVENT_ID, Unsendable};

    #[track_caller]
    fn check(header: IdHeader, id: &str, expected: Option<&[u8]>) {
        let mut headers = HeaderMap::new();
        headers.append(LAST_EVENT_ID, "old".parse().unwrap());
        headers.append(LAST_EVENT_ID, "older".parse().unwrap());
        header.set(&mut headers, id);
        let values: Vec<_> =
            headers.get_all(LAST_EVENT_ID).iter().map(|id| id.as_bytes()).collect();
        assert_eq!(values, Vec::from_iter(expected));
        let is_omitted = header.is_sent && !id.is_empty() && expected.is_none();
        assert_eq!(header.omits(id), is_omitted);
    }

    #[test]
    fn the_last_event_id_is_replaced_and_absent_if_it_is_none_or_unfit() {
        for (id, expected) in [
            ("1", Some(&b"1"[..])),
            ("\u{2026}", Some(&[0xE2, 0x80, 0xA6])),
            ("a\tb", Some(b"a\tb")),
            (" a b", Some(b"a b")),
            ("a\t ", Some(b"a")),
            ("\t \u{2026} \t", Some(&[0xE2, 0x80, 0xA6])),
            // Other white space is part of the ID.
            ("\u{a0}a\u{3000}", Some("\u{a0}a\u{3000}".as_bytes())),
            ("", None),
            (" ", None),
            ("\t\t ", None),
            ("a\u{7}b", None),
            ("a\u{7f}b", None),
            (&"x".repeat(4096), Some("x".repeat(4096).as_bytes())),
            (&"x".repeat(4097), None),
            (&format!(" {} ", "x".repeat(4096)), Some("x".repeat(4096).as_bytes())),
        ] {
            let sent = IdHeader { is_sent: true, ascii_only: false };
            check(sent, id, expected);
            check(IdHeader { is_sent: false, ..sent }, id, None);
            let ascii = expected.filter(|id| id.is_ascii());
            check(IdHeader { ascii_only: true, ..sent }, id, ascii);
        }
    }

    #[test]
    fn seed_of_spaces_and_tabs_is_none_and_another_that_cannot_be_sent_is_an_error() {
        let sent = IdHeader { is_sent: true, ascii_only: false };
        for (id, expected) in [
            ("", Ok("")),
            (" ", Ok("")),
            ("\t \t", Ok("")),
            (" 7", Ok(" 7")),
            ("7\n", Err(Unsendable::ControlCharacter)),
            (&"x".repeat(4097), Err(Unsendable::TooLong)),
        ] {
            assert_eq!(sent.seed(id.to_owned()), expected.map(str::to_owned));
            // A factory sends it in a way of its own.
            let other = IdHeader { is_sent: false, ..sent };
            assert_eq!(other.seed(id.to_owned()).as_deref(), Ok(id));
        }
    }
}
