//! Options of a redaction, and their effect on headers and URLs.

mod name;
mod url;

use self::name::is_secret;
use crate::json_path::JsonPath;

/// Text in the place of what was redacted.
pub(crate) const REDACTED: &str = "REDACTED";

/// Headers whose value is a URL.
const URLS: &[&str] = &["content-location", "location", "origin", "referer"];

/// Headers whose value has URLs in it, which may be relative.
const LINKS: &[&str] = &["link", "refresh"];

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
/// - headers and query parameters whose name contains `authorization`, `authentication`, `cookie`,
///   `token`, `secret`, `password`, `passphrase`, `credential`, `signature`, `apikey`, `jwt`,
///   `assertion`, `session`, `bearer` or `oidc`, or ends with `key`, `auth`, `pwd` or `sig`, such
///   as `Proxy-Authorization`, `X-API-Key`, `Mcp-Session-Id`, `access_token` and `X-Amz-Signature`;
///   counters of `tokens` are not among them
/// - header values that are marked as sensitive in the HTTP client
///   (`http::HeaderValue::set_sensitive`), by a recorder
/// - query parameters with the names `code` and `pass`
/// - the query parameters of a URL in `Location`, `Content-Location`, `Origin`, `Referer`, `Link`
///   or `Refresh`, and of a URL with a scheme in any other header or in a query parameter
///
/// A name in a query is compared without its percent-encoding and its index, as in `token[]`.
/// Users, passwords and fragments are removed from URLs. The same applies to the URLs in the texts
/// of errors.
///
/// # JSON
///
/// [`json_path`](Self::json_path) applies to the data of each event, in an event stream. Lines that
/// are not fields of events are redacted like the data of an event. In any other body it applies to
/// the whole: if the response was rejected or has a `Content-Type` of JSON, and if the body begins
/// like JSON, with `{` or `[`. All other bytes of the body stay as they are.
///
/// - A string becomes `"REDACTED"`, a number 0, and a boolean `false`; `null` stays. Objects and
///   arrays keep their keys and their shape, so that the code under test can decode them.
/// - An event may be split into chunks anywhere, also within a value. A value that is redacted is
///   then in the chunk in which it began, and a chunk with nothing else is left out. All other
///   bytes stay in their chunks, with their times.
/// - Data that is not JSON stays as it is, such as `[DONE]`. If it may have JSON in it, all of it
///   becomes `REDACTED`: if it contains `{` or `"`, or `[` with numbers or booleans. An example is
///   JSON whose end is missing.
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

    /// Returns `true` if the values of a header are redacted.
    ///
    /// A program can hide the same values in what it prints.
    #[must_use]
    pub fn hides_header(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        is_secret(&name) || self.headers.contains(&name)
    }

    pub(crate) fn header_value(&self, name: &str, value: &str) -> String {
        let lower = name.to_ascii_lowercase();
        if self.hides_header(name) {
            REDACTED.to_owned()
        } else if URLS.contains(&lower.as_str()) {
            self.url(value)
        } else {
            self.urls_in(value, LINKS.contains(&lower.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Redaction;

    #[test]
    fn header_with_urls_has_no_secrets_in_them() {
        let cases = [
            (
                "Link",
                r#"<https://u:p@a/x?key=1>; rel="next", </y?page=2&token=3>; title="a""#,
                r#"<https://a/x?key=REDACTED>; rel="next", </y?page=2&token=REDACTED>; title="a""#,
            ),
            ("refresh", "5; url=/x?token=1", "5; url=/x?token=REDACTED"),
            ("refresh", "5;url='http://u:p@a/?sig=1'", "5;url='http://a/?sig=REDACTED'"),
            ("x-next", "see http://a/?sig=1, ok", "see http://a/?sig=REDACTED, ok"),
            ("x-next", "what? a=1&key=2", "what? a=1&key=2"),
        ];
        for (name, value, expected) in cases {
            assert_eq!(Redaction::new().header_value(name, value), expected, "{name}");
        }
    }

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
            "X-Auth",
            "Authentication",
            "Cf-Access-Jwt-Assertion",
            "X-Session-Id",
            "Mcp-Session-Id",
            "X-Amzn-Oidc-Data",
            "X-Token-V2",
            "x-api-key-2",
            "X_Pass_Phrase",
        ] {
            assert_eq!(Redaction::new().header_value(name, "secret"), "REDACTED", "{name}");
        }
        for name in [
            "content-type",
            "x-ratelimit-remaining-tokens",
            "anthropic-ratelimit-tokens-limit",
            "last-event-id",
            "x-account",
            "www-authenticate",
            "access-control-allow-credentials",
        ] {
            assert_eq!(Redaction::new().header_value(name, "shown"), "shown", "{name}");
        }
        assert_eq!(Redaction::new().header("X-Account").header_value("x-account", "a"), "REDACTED");
    }
}
