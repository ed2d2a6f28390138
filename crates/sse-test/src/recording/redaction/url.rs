//! Removes secrets from URLs, and from the URLs in a text.

use super::{REDACTED, Redaction, name::is_secret};

/// Names of query parameters with secrets, besides those that headers have too.
const SECRET_PARAMETERS: &[&str] = &["code", "pass"];

/// Number of times that a URL can be encoded within another one and still be read.
const MAX_DEPTH: usize = 4;

impl Redaction {
    pub(crate) fn url(&self, url: &str) -> String {
        self.nested_url(url, 0)
    }

    /// Redacts the URLs in the text of an error.
    pub(crate) fn error(&self, text: &str) -> String {
        self.urls_in(text, false)
    }

    /// Redacts the URLs in a text, and if wanted the relative ones too, if they have a query.
    pub(super) fn urls_in(&self, text: &str, are_relative: bool) -> String {
        let is_end = |it: char| it.is_whitespace() || "\"`<>".contains(it);
        let is_of_scheme = |it: char| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.');
        let mut redacted = String::new();
        for piece in text.split_inclusive(is_end) {
            // These may be a part of the URL, but at its end are rather that of the text.
            let word = piece.trim_end_matches(is_end).trim_end_matches([')', '\'', ':', '.', ',']);
            let start = match word.find("://") {
                Some(found) => word[..found].trim_end_matches(is_of_scheme).len(),
                None if are_relative && word.contains('?') => 0,
                None => word.len(),
            };
            redacted.push_str(&word[..start]);
            redacted.push_str(&self.url(&word[start..]));
            redacted.push_str(&piece[word.len()..]);
        }
        redacted
    }

    fn nested_url(&self, url: &str, depth: usize) -> String {
        let url = url.split('#').next().unwrap_or_default();
        let (place, query) = match url.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (url, None),
        };
        let mut redacted = without_users(place);
        if let Some(query) = query.filter(|_| !self.whole_query) {
            redacted.push('?');
            // A question mark begins the query of a URL that is not encoded.
            for piece in query.split_inclusive(['&', ';', '?']) {
                let parameter = piece.trim_end_matches(['&', ';', '?']);
                redacted.push_str(&self.parameter(parameter, depth));
                redacted.push_str(&piece[parameter.len()..]);
            }
        }
        redacted
    }

    fn parameter(&self, parameter: &str, depth: usize) -> String {
        let Some((name, value)) = parameter.split_once('=') else {
            return without_users(parameter);
        };
        let lower = decoded(name).to_ascii_lowercase();
        let whole = lower.split('[').next().unwrap_or_default();
        let is_redacted = is_secret(whole)
            || SECRET_PARAMETERS.contains(&whole)
            || self.parameters.iter().any(|it| it == whole || *it == lower);
        let value = if is_redacted { REDACTED.to_owned() } else { self.value(value, depth) };
        format!("{name}={value}")
    }

    /// Redacts the value of a parameter, which may be a URL.
    fn value(&self, value: &str, depth: usize) -> String {
        let text = decoded(value);
        if text == value {
            return without_users(value);
        }
        if !text.contains("//") && !text.contains('?') && !text.contains('%') {
            return value.to_owned();
        }
        if depth == MAX_DEPTH {
            return REDACTED.to_owned();
        }
        let redacted = if text.contains("//") || text.contains('?') {
            self.nested_url(&text, depth + 1)
        } else {
            self.value(&text, depth + 1)
        };
        if redacted == text { without_users(value) } else { encoded(&redacted) }
    }
}

/// Returns a URL without the user and password before its host, and before that of any URL in its
/// path.
fn without_users(url: &str) -> String {
    let mut text = String::new();
    let mut rest = url;
    loop {
        let is_after_scheme = rest.starts_with("//") && (text.is_empty() || text.ends_with(':'));
        let found = if is_after_scheme { Some(0) } else { rest.find("://").map(|at| at + 1) };
        let Some(found) = found else { return text + rest };
        let (before, after) = rest.split_at(found + 2);
        let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
        text.push_str(before);
        text.push_str(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
        rest = path;
    }
}

/// Decodes what is percent-encoded. Bytes that are not UTF-8 are replaced.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let digits = if *byte == b'%' { after.first_chunk::<2>() } else { None };
        let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok());
        let encoded = digits.and_then(|[high, low]| Some(hex(*high)? << 4 | hex(*low)?));
        bytes.push(encoded.unwrap_or(*byte));
        rest = if encoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes everything but letters, digits, and the marks that are never encoded.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::Redaction;

    #[test]
    fn url_is_without_user_and_secret_query_parameters() {
        let cases = [
            ("http://u:p@localhost:1/a/@b?c=d", "http://localhost:1/a/@b?c=d"),
            ("https://localhost?key=1#f", "https://localhost?key=REDACTED"),
            (
                "https://[::1]/a?model=m&API_KEY=1&x-amz-signature=2&sig=3&flag&user=u",
                "https://[::1]/a?model=m&API_KEY=REDACTED&x-amz-signature=REDACTED&sig=REDACTED&flag&user=REDACTED",
            ),
            ("/there?access_token=1", "/there?access_token=REDACTED"),
            ("//u@host/", "//host/"),
            ("/a//u@host/", "/a//u@host/"),
            ("/b@c//d@e", "/b@c//d@e"),
            ("", ""),
            (
                "/?token[]=1&jwt=2&%6bey=3&api%5Fkey=4&token%5B0%5D=5&max_tokens=6;sig=7",
                "/?token[]=REDACTED&jwt=REDACTED&%6bey=REDACTED&api%5Fkey=REDACTED&token%5B0%5D=REDACTED&max_tokens=6;sig=REDACTED",
            ),
            ("/?q=(x)&'key=1", "/?q=(x)&'key=REDACTED"),
            // URLs within URLs.
            (
                "/?to=http://u:p@a/?key=1&b=2&too=https://u:p@b",
                "/?to=http://a/?key=REDACTED&b=2&too=https://b",
            ),
            ("http://a/http://u:p@b/?c", "http://a/http://b/?c"),
            ("/?to=http%3A%2F%2Fu%3Ap%40a%2F", "/?to=http%3A%2F%2Fa%2F"),
            (
                "/?to=%2Fa%3Fb%3D1%26key%3D2&c=%2Fd%3F",
                "/?to=%2Fa%3Fb%3D1%26key%3DREDACTED&c=%2Fd%3F",
            ),
            ("/?c=%23fff&d=%%3&e=%zz", "/?c=%23fff&d=%%3&e=%zz"),
        ];
        let redaction = Redaction::new().query_parameter("User");
        for (url, expected) in cases {
            assert_eq!(redaction.url(url), expected, "{url}");
            assert_eq!(redaction.header_value("location", url), expected, "{url}");
        }
        let text = "error sending request (http://u:p@a/?key=1): `https://b/?sig=2#f`, no b://";
        let expected =
            "error sending request (http://a/?key=REDACTED): `https://b/?sig=REDACTED`, no b://";
        assert_eq!(redaction.error(text), expected);
        for (text, expected) in [
            (
                "GET http://localhost/?q=(x)&key=secret failed",
                "GET http://localhost/?q=(x)&key=REDACTED failed",
            ),
            ("http://u:p(w@localhost/.", "http://localhost/."),
            ("(see 'http://u:p'w@a/?key=(1)'): no", "(see 'http://a/?key=REDACTED)'): no"),
            (
                "<http://u:p@a> http://b,https://u:p@c?sig=1",
                "<http://a> http://b,https://c?sig=REDACTED",
            ),
            ("a: b://", "a: b://"),
        ] {
            assert_eq!(redaction.error(text), expected);
        }
        // However often it is encoded, and however long it is.
        let mut nested = "http://u:secret@a/?key=secret".to_owned();
        for depth in 0..10 {
            let name = if depth == 0 { "" } else { "/?to=" };
            nested = format!("{name}{nested}");
            assert!(!redaction.url(&nested).contains("secret"), "{nested}");
            nested = nested.replace('%', "%25").replace('/', "%2F").replace('?', "%3F");
            nested = nested.replace(':', "%3A").replace('=', "%3D").replace('@', "%40");
        }
        let long = "http://u:secret@a/?b=".repeat(50_000);
        assert!(!redaction.error(&long).contains("secret"));
        let redaction = Redaction::new().whole_query(true);
        assert_eq!(redaction.url("http://localhost/a?b=c"), "http://localhost/a");
    }
}
