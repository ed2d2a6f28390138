//! Options of a redaction, and their effect on headers and URLs.

use crate::json_path::JsonPath;

/// Text in the place of what was redacted.
pub(crate) const REDACTED: &str = "REDACTED";

/// Last words of the names of headers and query parameters with secrets.
const SECRETS: &[&str] = &[
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "key",
    "password",
    "passwd",
    "secret",
    "signature",
    "token",
];

/// Names of query parameters with secrets.
const SECRET_PARAMETERS: &[&str] = &["auth", "code", "pass", "pwd", "sig"];

/// Headers whose value is a URL.
const URLS: &[&str] = &["content-location", "location", "origin", "referer"];

/// Redaction of secrets in headers, in URLs, and in the JSON of events (feature `recording`).
///
/// ```
/// use sse_test::Redaction;
///
/// # fn main() -> Result<(), sse_test::InvalidJsonPath> {
/// let redaction = Redaction::new()
///     .header("x-account")
///     .query_parameter("user")
///     .json_path("choices.*.delta.content".parse()?);
/// # Ok(())
/// # }
/// ```
///
/// # Headers and URLs
///
/// The following values are always replaced by `REDACTED`:
///
/// - headers and query parameters whose name is, or ends with, `authorization`, `cookie`, `key`,
///   `password`, `secret`, `signature`, `token` or the like, such as `Authorization`,
///   `Proxy-Authorization`, `Set-Cookie`, `X-API-Key`, `access_token` and `X-Amz-Signature`
/// - header values that are marked as sensitive in the HTTP client
///   (`http::HeaderValue::set_sensitive`), by a recorder
/// - query parameters with the names `auth`, `code`, `pass`, `pwd` and `sig`
/// - the query parameters of a URL in `Location`, `Content-Location`, `Origin` or `Referer`
///
/// Users, passwords and fragments are removed from URLs. The same applies to the URLs in the texts
/// of errors.
///
/// # JSON
///
/// [`json_path`](Self::json_path) applies to the data of each event, in an event stream, and
/// otherwise to the whole body if the response was rejected or is JSON. All other bytes of the body
/// stay as they are.
///
/// - A string becomes `"REDACTED"`, a number 0, and a boolean `false`; `null` stays. Objects and
///   arrays keep their keys and their shape, so that the code under test can decode them.
/// - An event may be split into chunks anywhere, also within a value. A value that is redacted is
///   then in the chunk in which it began, and a chunk with nothing else is left out. All other
///   bytes stay in their chunks, with their times.
/// - Data that is not JSON stays as it is, such as `[DONE]`. Where it starts like JSON, with `{` or
///   because its end is missing, all of it becomes `REDACTED`.
/// - A recorder writes an event after its last byte was received, and not before.
/// - A body with a `Content-Encoding` is [an error](super::RecordingErrorKind::Compressed).
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    headers: Vec<String>,
    parameters: Vec<String>,
    whole_query: bool,
    paths: Vec<JsonPath>,
}

impl Redaction {
    /// Creates the redaction of well-known secrets in headers and URLs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header of requests and responses.
    #[must_use]
    pub fn header(mut self, name: &str) -> Self {
        self.headers.push(name.to_ascii_lowercase());
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query_parameter(mut self, name: &str) -> Self {
        self.parameters.push(name.to_ascii_lowercase());
        self
    }

    /// Sets whether the whole query is removed from URLs.
    ///
    /// Defaults to `false`: only the values of parameters with secrets are redacted.
    #[must_use]
    pub fn whole_query(self, whole: bool) -> Self {
        Self { whole_query: whole, ..self }
    }

    /// Adds a path to values in the JSON of events.
    #[must_use]
    pub fn json_path(mut self, path: JsonPath) -> Self {
        self.paths.push(path);
        self
    }

    pub(crate) fn paths(&self) -> &[JsonPath] {
        &self.paths
    }

    pub(crate) fn header_value(&self, name: &str, value: &str) -> String {
        let name = name.to_ascii_lowercase();
        if is_secret(&name) || self.headers.contains(&name) {
            REDACTED.to_owned()
        } else if URLS.contains(&name.as_str()) {
            self.url(value)
        } else {
            value.to_owned()
        }
    }

    pub(crate) fn url(&self, url: &str) -> String {
        let url = url.split('#').next().unwrap_or_default();
        let (place, query) = match url.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (url, None),
        };
        let mut redacted = without_user(place);
        if let Some(query) = query.filter(|_| !self.whole_query) {
            let parameters: Vec<_> = query.split('&').map(|it| self.parameter(it)).collect();
            redacted.push('?');
            redacted.push_str(&parameters.join("&"));
        }
        redacted
    }

    /// Redacts the URLs in the text of an error.
    pub(crate) fn error(&self, text: &str) -> String {
        let mut redacted = String::new();
        let mut rest = text;
        while let Some(found) = rest.find("://") {
            let is_of_scheme =
                |it: char| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.');
            let start = rest[..found].trim_end_matches(is_of_scheme).len();
            let is_end = |it: char| it.is_whitespace() || "\"'`()<>".contains(it);
            let end = rest[found..].find(is_end).map_or(rest.len(), |length| found + length);
            redacted.push_str(&rest[..start]);
            redacted.push_str(&self.url(&rest[start..end]));
            rest = &rest[end..];
        }
        redacted + rest
    }

    fn parameter(&self, parameter: &str) -> String {
        let Some((name, _)) = parameter.split_once('=') else { return parameter.to_owned() };
        let lower = name.to_ascii_lowercase();
        let is_redacted = is_secret(&lower)
            || SECRET_PARAMETERS.contains(&lower.as_str())
            || self.parameters.contains(&lower);
        if is_redacted { format!("{name}={REDACTED}") } else { parameter.to_owned() }
    }
}

fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|word| name.ends_with(word))
}

/// Returns a URL without the user and password before its host.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("//").filter(|(scheme, _)| !scheme.contains('/'))
    else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}//{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::Redaction;

    #[test]
    fn header_with_a_secret_is_redacted_by_default() {
        for name in [
            "authorization",
            "Proxy-Authorization",
            "cookie",
            "set-cookie",
            "x-api-key",
            "api-key",
            "x-goog-api-key",
            "x-amz-security-token",
            "ocp-apim-subscription-key",
            "x-csrf-token",
        ] {
            assert_eq!(Redaction::new().header_value(name, "secret"), "REDACTED", "{name}");
        }
        for name in ["content-type", "x-ratelimit-remaining-tokens", "last-event-id", "x-account"] {
            assert_eq!(Redaction::new().header_value(name, "shown"), "shown", "{name}");
        }
        assert_eq!(Redaction::new().header("X-Account").header_value("x-account", "a"), "REDACTED");
    }

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
            ("", ""),
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
        let redaction = Redaction::new().whole_query(true);
        assert_eq!(redaction.url("http://localhost/a?b=c"), "http://localhost/a");
    }
}
