//! Content type of a response, as the Fetch standard extracts it from the values of its header.
//!
//! Responsible for which type counts. Parameters do not matter: an event stream is always UTF-8.

/// Returns `true` if the values of a `Content-Type` header say that a response is an event stream:
/// `text/event-stream` in any letter case, with any parameters, such as `charset=utf-8`.
///
/// It takes the value of each line of the header: proxies that join two responses, and servers that
/// set a default, send several. A line may also have several values, with commas between them. As
/// the [Fetch standard](https://fetch.spec.whatwg.org/#concept-header-extract-mime-type) says, the
/// last one that is a MIME type counts. A comma or the end of a line within a quoted string
/// separates nothing. Without a value, the result is `false`.
///
/// Does not check the status, which must be 200.
///
/// ```
/// use sse_core::is_event_stream_type;
///
/// assert!(is_event_stream_type(["Text/Event-Stream; charset=\"UTF-8\""]));
/// assert!(!is_event_stream_type(["text/event-stream", "text/html"]));
/// // With the crate `http`: `headers.get_all("content-type")`.
/// assert!(!is_event_stream_type(None::<&[u8]>));
/// ```
#[must_use]
pub fn is_event_stream_type(values: impl IntoIterator<Item = impl AsRef<[u8]>>) -> bool {
    let (mut is_event_stream, mut is_quoted) = (false, false);
    for value in values {
        // Fetch joins the lines before it splits them, so a quoted string that is open at the end
        // of one line continues in the next.
        let continued = usize::from(is_quoted);
        let essences = split(value.as_ref(), &mut is_quoted).skip(continued).filter_map(essence);
        if let Some(last) = essences.filter(|essence| *essence != b"*/*").last() {
            is_event_stream = last.eq_ignore_ascii_case(b"text/event-stream");
        }
    }
    is_event_stream
}

/// Splits a line of a header at its commas, except within quoted strings. `is_quoted` is the state
/// at the start of the line, and then the one at its end.
fn split<'a>(line: &'a [u8], is_quoted: &mut bool) -> impl Iterator<Item = &'a [u8]> {
    // A backslash at the end of a line escapes only the comma that joins the lines.
    let mut is_escaped = false;
    line.split(move |&byte| {
        if is_escaped {
            is_escaped = false;
        } else {
            is_escaped = *is_quoted && byte == b'\\';
            *is_quoted ^= byte == b'"';
        }
        byte == b',' && !*is_quoted
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
    use super::is_event_stream_type;

    #[test]
    fn is_event_stream_type_goes_by_the_last_value_that_is_a_type() {
        let cases: [(&[&str], bool); 31] = [
            (&["text/event-stream"], true),
            (&["Text/Event-Stream"], true),
            (&["text/event-stream;"], true),
            (&["text/event-stream; charset=utf-8"], true),
            (&["text/event-stream;charset=UTF-8"], true),
            (&["text/event-stream; Charset=\"Utf-8\""], true),
            (&["text/event-stream ;charset=windows-1252"], true),
            (&["text/event-stream;x=bogus"], true),
            (&["\t text/event-stream "], true),
            (&["text/event-stream, text/event-stream"], true),
            (&["text/event-stream", "text/event-stream"], true),
            (&["application/json, text/event-stream"], true),
            (&["text/event-stream, */*"], true),
            (&["text/event-stream, bogus"], true),
            (&["text/event-stream, "], true),
            (&["text/plain;x=\"a, text/html\", text/event-stream"], true),
            (&["text/event-stream;x=\"a\\\", text/html\""], true),
            (&["text/event-stream;x=\"", "text/html"], true),
            (&["text/html;x=\"\\", "\", text/event-stream"], true),
            (&["text/html;x=\"", "a\\\"", "b\"", "text/event-stream"], true),
            (&["text/html;x=\"", "text/event-stream"], false),
            (&["text/html;\"", "text/event-stream"], false),
            (&["text/html;\" \\\"", "text/event-stream"], false),
            (&["text/event-stream, application/json"], false),
            (&["text/event-stream", "text/html"], false),
            (&["text/event-stream x bogus"], false),
            (&["text/event-streams"], false),
            (&["text/html"], false),
            (&["text/"], false),
            (&[""], false),
            (&[], false),
        ];
        for (values, expected) in cases {
            assert_eq!(is_event_stream_type(values), expected, "{values:?}");
        }
    }
}
