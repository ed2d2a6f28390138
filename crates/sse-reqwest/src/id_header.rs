//! The last event ID in, the header that tells it out, if it is one that a header can carry.
//!
//! Knows no request but its headers, and nothing of where the ID comes from.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::platform::is_sendable;

pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Whether requests tell the last event ID in the header that is meant for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum IdHeader {
    #[default]
    Sent,
    Omitted,
}

impl IdHeader {
    /// Whether a request goes without an ID that it should carry.
    pub(crate) fn loses(self, id: &str) -> bool {
        self.check(id).is_err()
    }

    /// Why a request goes without an ID that it should carry, if it does.
    pub(crate) fn check(self, id: &str) -> Result<(), Unsendable> {
        match self {
            Self::Sent => value(id).map(|_| ()),
            Self::Omitted => Ok(()),
        }
    }

    /// Sets the header to the ID, whatever the caller has set it to. It is absent where there is no
    /// ID, and where the ID is none that a header can carry: nothing a server says may break the
    /// next request.
    pub(crate) fn set(self, headers: &mut HeaderMap, id: &str) {
        headers.remove(LAST_EVENT_ID);
        if self == Self::Sent && !id.is_empty() {
            headers.extend(value(id).map(|value| (LAST_EVENT_ID, value)).ok());
        }
    }
}

/// Why a header cannot carry an ID. Does not tell the ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error("longer than 4 KiB")]
    TooLong,
    #[error("contains a control character, such as a trailing line break")]
    ControlCharacter,
    #[error("contains characters other than ASCII, which a browser cannot send")]
    NotAscii,
}

/// The ID as the value of a header, in UTF-8, if it is one that a header can carry.
fn value(id: &str) -> Result<HeaderValue, Unsendable> {
    if id.len() > MAX_BYTES {
        return Err(Unsendable::TooLong);
    }
    // What else is UTF-8 is fit for a header.
    let value = HeaderValue::from_bytes(id.as_bytes()).map_err(|_| Unsendable::ControlCharacter)?;
    if is_sendable(&value) { Ok(value) } else { Err(Unsendable::NotAscii) }
}

/// Servers answer larger headers with an error; 8 KiB for all of them is a common limit.
const MAX_BYTES: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::{IdHeader, LAST_EVENT_ID};

    #[track_caller]
    fn check(header: IdHeader, id: &str, expected: Option<&[u8]>) {
        let mut headers = HeaderMap::new();
        headers.append(LAST_EVENT_ID, "old".parse().unwrap());
        headers.append(LAST_EVENT_ID, "older".parse().unwrap());
        header.set(&mut headers, id);
        let values: Vec<_> =
            headers.get_all(LAST_EVENT_ID).iter().map(|id| id.as_bytes()).collect();
        assert_eq!(values, Vec::from_iter(expected));
        let is_lost = header == IdHeader::Sent && !id.is_empty() && expected.is_none();
        assert_eq!(header.loses(id), is_lost);
    }

    #[test]
    fn the_last_event_id_is_replaced_and_absent_if_it_is_none_or_unfit() {
        for (id, expected) in [
            ("1", Some(&b"1"[..])),
            ("\u{2026}", Some(&[0xE2, 0x80, 0xA6])),
            ("a\tb", Some(b"a\tb")),
            ("", None),
            ("a\u{7}b", None),
            ("a\u{7f}b", None),
            (&"x".repeat(4096), Some("x".repeat(4096).as_bytes())),
            (&"x".repeat(4097), None),
        ] {
            check(IdHeader::Sent, id, expected);
            check(IdHeader::Omitted, id, None);
        }
    }
}
