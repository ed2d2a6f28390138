//! Destinations of requests after a redirect, and the headers that do not leave their origin.

use http::{
    HeaderMap, HeaderName, Uri,
    header::{AUTHORIZATION, COOKIE, HOST, PROXY_AUTHORIZATION, WWW_AUTHENTICATE},
};

use crate::uri::same_origin;

/// URL that a session reconnects to, if its request was redirected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReconnectUrl {
    /// The URL of the request, which may be redirected again. This is the default.
    #[default]
    Original,
    /// The URL that responded, after all redirects, until an attempt there fails; then the original
    /// one again.
    ///
    /// If its origin (scheme, host and port) is another one, the request is sent without
    /// `Authorization`, `Cookie`, `Proxy-Authorization` and the
    /// [sensitive headers](crate::SseConfig::sensitive_headers).
    Final,
}

/// Destination options of a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Destination {
    pub(crate) url: ReconnectUrl,
    pub(crate) sensitive: Vec<HeaderName>,
}

impl Destination {
    /// Removes credentials from the headers of a request that goes from one URI to another, if
    /// their origins differ.
    pub(crate) fn remove_credentials(&self, headers: &mut HeaderMap, from: &Uri, to: &Uri) {
        if !same_origin(from, to) {
            for name in CREDENTIALS.iter().chain([&HOST]).chain(&self.sensitive) {
                headers.remove(name);
            }
        }
    }
}

/// Headers that HTTP defines for credentials.
const CREDENTIALS: [HeaderName; 4] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, WWW_AUTHENTICATE];

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::Destination;

    #[test]
    fn sensitive_headers_and_credentials_stay_at_their_origin() {
        let sensitive = vec![HeaderName::from_static("x-api-key")];
        let destination = Destination { sensitive, ..Destination::default() };
        let names = ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-other"];
        for (uri, kept) in [
            ("https://a.example/elsewhere", 5),
            ("https://a.example:443/", 5),
            ("http://a.example/", 1),
            ("https://a.example:444/", 1),
            ("https://b.a.example/", 1),
        ] {
            let mut headers = HeaderMap::new();
            for name in names {
                headers.append(name, HeaderValue::from_static("secret"));
                headers.append(name, HeaderValue::from_static("another"));
            }
            let from = "https://a.example/".parse().unwrap();
            destination.remove_credentials(&mut headers, &from, &uri.parse().unwrap());
            assert_eq!(headers.keys_len(), kept, "{uri}");
            assert!(headers.contains_key("x-other"));
        }
    }
}
