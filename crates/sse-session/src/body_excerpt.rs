//! Excerpts of response bodies: one short line that is safe to print.
//!
//! A server explains in the body why it rejects a request. Printed as it is, that text could fill a
//! log, forge lines of it, or send commands to a terminal.

/// Returns the start of a body in one line; `None` if the body is blank, or is not text.
pub(crate) fn excerpt(content_type: Option<&[u8]>, body: &[u8]) -> Option<String> {
    let is_text = content_type.map_or_else(|| std::str::from_utf8(body).is_ok(), is_textual);
    if !is_text {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let mut excerpt = String::new();
    let mut chars_left = MAX_CHARS;
    for (index, word) in text.split_whitespace().enumerate() {
        let space = (index > 0).then_some(' ');
        for c in space.into_iter().chain(word.chars()) {
            if chars_left == 0 {
                excerpt.push('…');
                return Some(excerpt);
            }
            chars_left -= 1;
            if c.is_control() || is_layout(c) {
                excerpt.extend(c.escape_unicode());
            } else {
                excerpt.push(c);
            }
        }
    }
    (!excerpt.is_empty()).then_some(excerpt)
}

/// Number of characters of the body that an excerpt has at most, escapes counted as one.
const MAX_CHARS: usize = 200;

/// Returns `true` if a person can read bodies of this content type.
fn is_textual(content_type: &[u8]) -> bool {
    let essence = content_type.split(|&byte| byte == b';').next().unwrap_or_default();
    let essence = essence.trim_ascii().to_ascii_lowercase();
    let subtype = essence.rsplit(|&byte| matches!(byte, b'/' | b'+')).next().unwrap_or_default();
    essence.starts_with(b"text/")
        || matches!(subtype, b"json" | b"xml" | b"javascript" | b"x-www-form-urlencoded")
}

/// Returns `true` if a character is invisible but affects where or in which direction others are
/// shown.
fn is_layout(c: char) -> bool {
    // Zero-width characters, line separators, and all with Unicode's property `Bidi_Control`.
    matches!(
        c,
        '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::{MAX_CHARS, excerpt};

    #[test]
    fn body_excerpt_is_one_line_that_is_safe_to_print() {
        let long = "x".repeat(MAX_CHARS);
        let cases = [
            ("no such feed", Some("no such feed")),
            (r#"{"error": "it's\n"}"#, Some(r#"{"error": "it's\n"}"#)),
            ("  two\r\n\tlines \n", Some("two lines")),
            ("\u{1b}[2J\u{7f}", Some("\\u{1b}[2J\\u{7f}")),
            ("a\u{202e}b\u{feff}", Some("a\\u{202e}b\\u{feff}")),
            ("Zoë 👩\u{200d}💻", Some("Zoë 👩\u{200d}💻")),
            (" \n ", None),
            ("", None),
            (&long, Some(&*long)),
        ];
        for (body, expected) in cases {
            assert_eq!(
                excerpt(Some(b"text/plain"), body.as_bytes()).as_deref(),
                expected,
                "{body:?}"
            );
        }
        assert_eq!(excerpt(Some(b"text/plain"), b"\xff1").as_deref(), Some("\u{fffd}1"));
        let cut = excerpt(Some(b"text/plain"), format!("{long} ").as_bytes());
        assert_eq!(cut, Some(long.clone()));
        let cut = excerpt(Some(b"text/plain"), format!("{long} y").as_bytes());
        assert_eq!(cut, Some(format!("{long}…")));
    }

    #[test]
    fn body_excerpt_is_of_textual_content_types_only() {
        let textual = [
            "text/html; charset=utf-8",
            "Text/Plain",
            "application/json",
            "application/problem+json;x",
            "application/xml",
            "image/svg+xml",
            "application/x-www-form-urlencoded",
        ];
        let binary =
            ["application/octet-stream", "image/png", "application/jsonlines", "", "json5"];
        for (content_types, expected) in [(&textual[..], Some("body")), (&binary, None)] {
            for content_type in content_types {
                let excerpt = excerpt(Some(content_type.as_bytes()), b"body");
                assert_eq!(excerpt.as_deref(), expected, "{content_type:?}");
            }
        }
        assert_eq!(excerpt(None, b"body").as_deref(), Some("body"));
        assert_eq!(excerpt(None, b"\xffbody"), None);
    }
}
