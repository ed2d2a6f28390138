//! Splits Rust code into words and punctuation, without comments and the contents of literals.

/// Word, `::`, `..`, or another character of punctuation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
}

impl Token<'_> {
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            '\'' => char_or_lifetime(rest),
            'r' | 'b' | 'c' if prefixed(rest).is_some() => prefixed(rest).unwrap_or(1),
            ':' if rest.starts_with("::") => 2,
            '.' if rest.starts_with("..") => 2,
            '0'..='9' => word(rest),
            c if c.is_alphabetic() || c == '_' => word(rest),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        let is_literal =
            matches!(first, '"' | '\'' | '0'..='9') || token.ends_with(['"', '\'', '#']);
        let is_comment = first == '/' && length > 1;
        if token == "#" || !(is_literal || is_comment || first.is_whitespace()) {
            tokens.push(Token { line, text: token });
        }
        line += token.matches('\n').count();
        rest = after;
    }
    tokens
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
}

/// Length of a comment in which comments may be nested.
fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < rest.len() {
        let (step, nested) = match rest.get(at..at + 2) {
            Some("/*") => (2, depth + 1),
            Some("*/") => (2, depth - 1),
            _ => (1, depth),
        };
        (at, depth) = (at + step, nested);
        if depth == 0 {
            break;
        }
    }
    at
}

/// Length of a string with escapes.
fn string(rest: &str) -> usize {
    let mut is_escaped = false;
    let end = rest[1..].find(|c| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    });
    end.map_or(rest.len(), |end| end + 2)
}

fn char_or_lifetime(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, c))) => {
            let after = at + c.len_utf8();
            rest[after..].find('\'').map_or(rest.len(), |end| after + end + 1)
        }
        (_, Some((at, '\''))) => at + 1,
        _ => 1 + word(&rest[1..]),
    }
}

/// Length of a literal with a prefix, such as `r#"…"#` and `b'x'`, or `None` if it is a word.
fn prefixed(rest: &str) -> Option<usize> {
    let start = rest.find(|c| !matches!(c, 'r' | 'b' | 'c'))?;
    let (prefix, quoted) = rest.split_at(start);
    let raw = prefix.ends_with('r');
    match quoted.chars().next()? {
        '"' if !raw => Some(start + string(quoted)),
        '\'' if prefix == "b" => Some(start + char_or_lifetime(quoted)),
        '"' | '#' if raw => {
            let hashes = &quoted[..quoted.find(|c| c != '#')?];
            let body = quoted[hashes.len()..].strip_prefix('"')?;
            let end = body.find(&format!("\"{hashes}"))?;
            Some(start + 2 * hashes.len() + end + 2)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn only_words_and_punctuation_of_the_code_are_left() {
        let cases: [(&str, &[&str]); 13] = [
            ("use a::b;", &["use", "a", "::", "b", ";"]),
            ("x // y\nz", &["x", "z"]),
            ("x /* y /* z */ y */ z", &["x", "z"]),
            ("f(\"a \\\" b\\\\\") c", &["f", "(", ")", "c"]),
            ("r#\"a \" b\"# c", &["c"]),
            ("br\"a\\\" c", &["c"]),
            ("b\"a\" rb c", &["rb", "c"]),
            ("'\"' '\\'' '\\u{1f}' b'\\\\' c", &["c"]),
            ("&'a str", &["&", "str"]),
            ("#[a] 1_u8 + 0x1f", &["#", "[", "a", "]", "+"]),
            ("r#type \"ü\"", &["r", "#", "type"]),
            ("a / b", &["a", "/", "b"]),
            ("a.0.b..c", &["a", ".", ".", "b", "..", "c"]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = tokens(text).into_iter().map(|it| it.text).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_token_has_its_line() {
        let found: Vec<_> =
            tokens("a\n\"b\n\"\n/* c\n */ d").iter().map(|it| (it.text, it.line)).collect();
        assert_eq!(found, [("a", 1), ("d", 5)]);
    }
}
