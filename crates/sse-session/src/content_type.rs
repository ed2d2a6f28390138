//! Content type of a response, as the Fetch standard extracts it from its headers.

use http::{HeaderMap, header::CONTENT_TYPE};

/// Content type of a response, as far as it matters to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentType {
    EventStream,
    /// There is no `Content-Type` header.
    Missing,
    /// Another content type, or a header that has none.
    Other,
}

impl ContentType {
    /// Extracts the content type: the last value that is one counts, over all lines of the header.
    /// Proxies that join two responses, or servers that set a default, send several.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(CONTENT_TYPE).iter().peekable();
        if values.peek().is_none() {
            return Self::Missing;
        }
        let values = values.flat_map(|value| split(value.as_bytes()));
        let essences = values.filter_map(essence).filter(|essence| *essence != b"*/*");
        match essences.last() {
            Some(essence) if essence.eq_ignore_ascii_case(b"text/event-stream") => {
                Self::EventStream
            }
            _ => Self::Other,
        }
    }
}

/// Splits a header at its commas, except within quoted strings.
fn split(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value.split(move |&byte| {
        if is_escaped {
            is_escaped = false;
        } else {
            is_escaped = is_quoted && byte == b'\\';
            is_quoted ^= byte == b'"';
        }
        byte == b',' && !is_quoted
    })
}

/// Returns the type and the subtype of a value, or `None` if it is not a MIME type.
fn essence(value: &[u8]) -> Option<&[u8]> {
    let essence = value.split(|&byte| byte == b';').next()?.trim_ascii();
    let slash = essence.iter().position(|&byte| byte == b'/')?;
    let is_valid = is_token(&essence[..slash]) && is_token(&essence[slash + 1..]);
    is_valid.then_some(essence)
}

/// Returns `true` if bytes are a token (RFC 9110, section 5.6.2).
fn is_token(bytes: &[u8]) -> bool {
    let is_token_byte =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(is_token_byte)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};

    use super::ContentType::{self, EventStream, Missing, Other};

    #[test]
    fn the_last_valid_content_type_counts() {
        let cases: [(&[&str], ContentType); 22] = [
            (&["text/event-stream"], EventStream),
            (&["Text/Event-Stream"], EventStream),
            (&["text/event-stream;"], EventStream),
            (&["text/event-stream; charset=utf-8"], EventStream),
            (&["text/event-stream ;charset=windows-1252"], EventStream),
            (&["text/event-stream;x=bogus"], EventStream),
            (&["text/event-stream, text/event-stream"], EventStream),
            (&["text/event-stream", "text/event-stream"], EventStream),
            (&["application/json, text/event-stream"], EventStream),
            (&["text/event-stream, */*"], EventStream),
            (&["text/event-stream, bogus"], EventStream),
            (&["text/event-stream, "], EventStream),
            (&["text/plain;x=\"a, text/html\", text/event-stream"], EventStream),
            (&["text/event-stream;x=\"a\\\", text/html\""], EventStream),
            (&["text/event-stream, application/json"], Other),
            (&["text/event-stream", "text/html"], Other),
            (&["text/event-stream x bogus"], Other),
            (&["text/event-streams"], Other),
            (&["text/html"], Other),
            (&["text/"], Other),
            (&[""], Other),
            (&[], Missing),
        ];
        for (values, expected) in cases {
            let value = |&value| (CONTENT_TYPE, HeaderValue::from_static(value));
            let headers: HeaderMap = values.iter().map(value).collect();
            assert_eq!(ContentType::of(&headers), expected, "{values:?}");
        }
    }
}
