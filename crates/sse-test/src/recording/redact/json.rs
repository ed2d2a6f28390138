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
    /// The text is not JSON, but may have JSON in it.
    Unreadable,
}

/// Finds the values that the paths lead to.
pub(super) fn find(paths: &[JsonPath], text: &str) -> Found {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut edits = Edits::new();
    if serde_json::from_str::<&RawValue>(json).is_err() {
        let is_plain = !may_have_values(json);
        return if is_plain { Found::Edits(edits) } else { Found::Unreadable };
    }
    for path in paths {
        let Ok(values) = path.find(json) else { return Found::Unreadable };
        for value in values {
            // The value is a part of the text.
            let start = value.as_ptr() as usize - text.as_ptr() as usize;
            for (range, replacement) in leaves(value) {
                edits.insert(start + range.start, (start + range.end, replacement));
            }
        }
    }
    Found::Edits(edits)
}

/// Returns `true` if a text that is not JSON may have JSON in it, such as a part of an object.
///
/// No path leads to a value outside of objects and arrays. Of arrays, only those with numbers or
/// booleans count here, as `[DONE]` looks like one.
fn may_have_values(text: &str) -> bool {
    let has_value = || {
        text.contains(|it: char| it.is_ascii_digit())
            || text.contains("tru")
            || text.contains("fal")
    };
    text.contains(['{', '"']) || (text.contains('[') && has_value())
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
        for text in [
            r#"{"a":"se"#,
            r#"["se"#,
            r#"{"a":1} {"a":2}"#,
            " {a",
            r#"{"\ud800":1,"a":"secret"}"#,
            r#"{"b":1,"\udfff":1,"a":"secret"}"#,
            r#"[{"a":"secret"},]"#,
            r#"[NaN,{"a":"secret"}]"#,
            r#"[{"a":"secret"}] x"#,
            r#"data: {"a":"secret"}"#,
            ")]}',\n{\"a\":1}",
            r#""a":"secret"}"#,
            "[1,2",
            "[NaN,1]",
            "[true,",
            " \u{feff}{\"a\":1}",
        ] {
            assert_eq!(redact(text, &["a"]), None, "{text}");
        }
        for text in
            ["[DONE]", " [DONE", "hello", "it's 5: (x)", "1", "-", "t", "nu", "", " \n", "[]"]
        {
            assert_eq!(redact(text, &["a"]).as_deref(), Some(text));
        }
        let redacted = redact("\u{feff}{\"a\":\"secret\"}", &["a"]);
        assert_eq!(redacted.as_deref(), Some("\u{feff}{\"a\":\"REDACTED\"}"));
        // A key that no path leads through is not decoded.
        let json = r#"{"a":1,"b":{"\ud800":1}}"#;
        assert_eq!(
            redact(json, &["a"]).as_deref(),
            Some(&*json.replace('1', "0").replacen("0}}", "1}}", 1))
        );
    }
}
