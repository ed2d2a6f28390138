//! The URL that answered in, where the next request goes out, and what it may carry there.
//!
//! Redirects themselves are followed by reqwest; this is about the connections after them.

use reqwest::{
    Request, Url,
    header::{AUTHORIZATION, COOKIE, HeaderName, PROXY_AUTHORIZATION, WWW_AUTHENTICATE},
};

/// Where a session reconnects to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReconnectUrl {
    /// To the URL of its request, as if for the first time: whatever redirects, does so again. This
    /// is the default.
    #[default]
    Original,
    /// To the URL that answered, after all redirects, until an attempt there fails; then to the
    /// original one again.
    ///
    /// If that is of another origin (scheme, host and port), the request goes without
    /// `Authorization`, `Cookie`, `Proxy-Authorization` and the
    /// [headers named](crate::SseConfig::sensitive_headers).
    Final,
}

/// Where requests go, and what does not leave their origin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Destination {
    pub(crate) url: ReconnectUrl,
    pub(crate) sensitive: Vec<HeaderName>,
}

impl Destination {
    /// Sends the request to another URL, without its credentials if that is of another origin.
    pub(crate) fn redirect(&self, request: &mut Request, url: &Url) {
        if url.origin() != request.url().origin() {
            let headers = request.headers_mut();
            for name in CREDENTIALS.iter().chain(&self.sensitive) {
                headers.remove(name);
            }
        }
        request.url_mut().clone_from(url);
    }
}

/// What reqwest, too, removes when a redirect leads to another origin.
const CREDENTIALS: [HeaderName; 4] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, WWW_AUTHENTICATE];

#[cfg(test)]
mod tests {
    use reqwest::{Client, header::HeaderName};

    use super::Destination;

    #[test]
    fn credentials_stay_at_their_origin() {
        let sensitive = vec![HeaderName::from_static("x-api-key")];
        let destination = Destination { sensitive, ..Destination::default() };
        let names = ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-other"];
        for (url, kept) in [
            ("https://a.example/elsewhere", 5),
            ("https://a.example:443/", 5),
            ("http://a.example/", 1),
            ("https://a.example:444/", 1),
            ("https://b.a.example/", 1),
        ] {
            let mut builder = Client::new().get("https://a.example/");
            for name in names {
                builder = builder.header(name, "secret").header(name, "another");
            }
            let mut request = builder.build().unwrap();
            destination.redirect(&mut request, &url.parse().unwrap());
            assert_eq!(request.url().as_str(), url.replace(":443", ""));
            assert_eq!(request.headers().keys_len(), kept, "{url}");
            assert!(request.headers().contains_key("x-other"));
        }
    }
}
