//! Finds what to replace in the JSON of an event.

use std::{collections::BTreeMap, ops::Range};

use serde_json::value::RawValue;

use crate::{json_path::JsonPath, recording::redaction::REDACTED};

/// Ranges of a text with what replaces them, in order and without overlaps.
pub(super) type Edits = BTreeMap<usize, (usize, &'static str)>;

/// Outcome of the search.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    Edits(Edits),
    /// The text is not JSON, but may be a part of it.
    Unreadable,
}

/// Finds the values that the paths lead to.
pub(super) fn find(paths: &[JsonPath], text: &str) -> Found {
    match serde_json::from_str::<&RawValue>(text) {
        Err(error) if error.is_eof() || text.trim_start().starts_with('{') => {
            return Found::Unreadable;
        }
        Err(_) => return Found::Edits(Edits::new()),
        Ok(_) => {}
    }
    let mut edits = Edits::new();
    for value in paths.iter().flat_map(|path| path.values(text)) {
        // The value is a part of the text.
        let start = value.as_ptr() as usize - text.as_ptr() as usize;
        for (range, replacement) in leaves(value) {
            edits.insert(start + range.start, (start + range.end, replacement));
        }
    }
    Found::Edits(edits)
}

/// Returns the strings, numbers and booleans in valid JSON, with what replaces them.
fn leaves(json: &str) -> Vec<(Range<usize>, &'static str)> {
    let bytes = json.as_bytes();
    let mut leaves = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                let after = bytes[at..].trim_ascii_start();
                if !after.starts_with(b":") {
                    leaves.push((start..at, "\"REDACTED\""));
                }
            }
            b'-' | b'0'..=b'9' => {
                let is_number =
                    |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                at += bytes[at..].iter().take_while(is_number).count();
                leaves.push((start..at, "0"));
            }
            b't' | b'f' | b'n' => {
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                if byte != b'n' {
                    leaves.push((start..at, "false"));
                }
            }
            _ => at += 1,
        }
    }
    leaves
}

/// Returns the end of the string that starts at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Replacement of a text that is unreadable.
pub(super) const UNREADABLE: &str = REDACTED;

#[cfg(test)]
mod tests {
    use super::{Found, find};

    fn redact(json: &str, paths: &[&str]) -> Option<String> {
        let paths: Vec<_> = paths.iter().map(|path| path.parse().unwrap()).collect();
        let Found::Edits(edits) = find(&paths, json) else { return None };
        let mut text = json.to_owned();
        for (start, (end, replacement)) in edits.into_iter().rev() {
            text.replace_range(start..end, replacement);
        }
        Some(text)
    }

    #[test]
    fn json_path_redacts_values_and_keeps_their_shape() {
        let json = r#"{"a": {"k\"": ["x\\", "\":y", -1.5e+3, true, null, {}] , "n":1}, "b" : "z"}"#;
        let cases: [(&[&str], &str); 5] = [
            (
                &["a", "a.n"],
                r#"{"a": {"k\"": ["REDACTED", "REDACTED", 0, false, null, {}] , "n":0}, "b" : "z"}"#,
            ),
            (
                &["a.k\".1"],
                r#"{"a": {"k\"": ["x\\", "REDACTED", -1.5e+3, true, null, {}] , "n":1}, "b" : "z"}"#,
            ),
            (
                &["b", "a.n"],
                r#"{"a": {"k\"": ["x\\", "\":y", -1.5e+3, true, null, {}] , "n":0}, "b" : "REDACTED"}"#,
            ),
            (&["c"], json),
            (&[], json),
        ];
        for (paths, expected) in cases {
            assert_eq!(redact(json, paths).as_deref(), Some(expected), "{paths:?}");
        }
    }

    #[test]
    fn json_that_is_incomplete_or_malformed_is_unreadable() {
        for text in [r#"{"a":"se"#, r#"["se"#, r#"{"a":1} {"a":2}"#, "", " {a"] {
            assert_eq!(redact(text, &["a"]), None, "{text}");
        }
        for text in ["[DONE]", "hello", "1"] {
            assert_eq!(redact(text, &["a"]).as_deref(), Some(text));
        }
    }
}
