//! Formats JSON on several lines, in colors.
//!
//! Only white space between tokens changes. Parsing to values and serializing them again could
//! change numbers, escapes, and the order of keys. serde_json decides if a text is JSON.

use anstyle::Style;
use serde::de::IgnoredAny;

use super::style::Palette;

/// Returns the lines, or `None` if the text is not a JSON object or array.
pub(crate) fn lay_out(text: &str, palette: &Palette) -> Option<Vec<String>> {
    let is_container = text.trim_start().starts_with(['{', '[']);
    if !is_container || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return None;
    }
    let mut page = Page { palette, lines: Vec::new(), line: String::new(), depth: 0 };
    let mut rest = text.trim();
    while let Some(token) = first_token(rest) {
        rest = rest[token.len()..].trim_start();
        page.add(token, rest);
    }
    page.lines.push(page.line);
    Some(page.lines)
}

/// Returns the first token of valid JSON without leading white space.
fn first_token(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let len = match first {
        '{' | '}' | '[' | ']' | ',' | ':' => 1,
        '"' => string_len(text),
        _ => text.find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap_or(text.len()),
    };
    Some(&text[..len])
}

fn string_len(text: &str) -> usize {
    let mut is_escaped = true; // skips the opening quote
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

struct Page<'a> {
    palette: &'a Palette,
    lines: Vec<String>,
    line: String,
    depth: usize,
}

impl Page<'_> {
    /// Adds a token. `rest` is the text after it.
    fn add(&mut self, token: &str, rest: &str) {
        let is_empty_inside = rest.starts_with(['}', ']']);
        match token {
            "{" | "[" => {
                self.line.push_str(token);
                self.depth += 1;
                if !is_empty_inside {
                    self.break_line();
                }
            }
            "}" | "]" => {
                self.depth -= 1;
                if !self.line.ends_with(['{', '[']) {
                    self.break_line();
                }
                self.line.push_str(token);
            }
            "," => {
                self.line.push(',');
                self.break_line();
            }
            ":" => self.line.push_str(": "),
            token => {
                let style = self.style(token, rest);
                self.palette.put(&mut self.line, style, token);
            }
        }
    }

    fn style(&self, token: &str, rest: &str) -> Style {
        match token.starts_with('"') {
            true if rest.starts_with(':') => self.palette.key,
            true => self.palette.string,
            false => self.palette.literal,
        }
    }

    fn break_line(&mut self) {
        let indent = "  ".repeat(self.depth);
        self.lines.push(std::mem::replace(&mut self.line, indent));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::style::Palette, lay_out};

    #[test]
    fn pretty_changes_no_token() {
        let cases = [
            ("{}", Some("{}")),
            ("[ ]", Some("[]")),
            (r#"{"b":1,"a":[]}"#, Some("{\n  \"b\": 1,\n  \"a\": []\n}")),
            (r#" [1.10,-2e400 , null,true]"#, Some("[\n  1.10,\n  -2e400,\n  null,\n  true\n]")),
            (r#"{"a\"{,":"\u00e9\\"}"#, Some("{\n  \"a\\\"{,\": \"\\u00e9\\\\\"\n}")),
            ("{\n\"a\"\t:\n{\"é\": {}}}", Some("{\n  \"a\": {\n    \"é\": {}\n  }\n}")),
            (r#"[{"a":1},{"a":2}]"#, Some("[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2\n  }\n]")),
            ("[DONE]", None),
            ("{\"a\":}", None),
            ("12", None),
            ("\"text\"", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let lines = lay_out(text, &Palette::default()).map(|lines| lines.join("\n"));
            assert_eq!(lines.as_deref(), expected, "{text}");
        }
    }
}
