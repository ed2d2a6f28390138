//! Targets of sessions: a URL, the parts of one, or a request builder.
//!
//! The headers of an event stream are added later, by the session.

use std::fmt;

use bytes::Bytes;
use reqwest::{Client, Request, RequestBuilder, Url};
use sse_session::{InvalidRequest, SessionRequest};

use crate::{platform::has_own_parts, transport::Native};

/// Target that a session can be opened with: a URL (as text or parsed), its [parts](UrlParts), or a
/// `reqwest::RequestBuilder`, which is sent by the `reqwest::Client` that created it.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "a session cannot be opened with `{Self}`",
    label = "not a URL or a request",
    note = "expected a URL as text, a `reqwest::Url`, `UrlParts`, or a `reqwest::RequestBuilder`",
    note = "for a `reqwest::Response`, use `SseClient::response`"
)]
pub trait IntoSseRequest: sealed::Sealed {}

impl<T: sealed::Sealed> IntoSseRequest for T {}

pub(crate) mod sealed {
    use sse_session::{InvalidRequest, SessionRequest};

    /// Seals [`IntoSseRequest`](super::IntoSseRequest).
    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {
        /// Creates the request, which `client` sends if the target brings no client of its own.
        fn into_request(
            self,
            client: Option<&reqwest::Client>,
        ) -> Result<SessionRequest, InvalidRequest>;
    }
}

impl sealed::Sealed for RequestBuilder {
    fn into_request(self, _: Option<&Client>) -> Result<SessionRequest, InvalidRequest> {
        let (client, request) = self.build_split();
        let request = request.map_err(|error| InvalidRequest::new(error.without_url()))?;
        // reqwest would report it only when it sends the request.
        check_scheme(request.url())?;
        from_reqwest(client, request)
    }
}

impl sealed::Sealed for &str {
    fn into_request(self, client: Option<&Client>) -> Result<SessionRequest, InvalidRequest> {
        Url::parse(self).map_err(unusable)?.into_request(client)
    }
}

impl sealed::Sealed for &String {
    fn into_request(self, client: Option<&Client>) -> Result<SessionRequest, InvalidRequest> {
        self.as_str().into_request(client)
    }
}

impl sealed::Sealed for String {
    fn into_request(self, client: Option<&Client>) -> Result<SessionRequest, InvalidRequest> {
        self.as_str().into_request(client)
    }
}

impl sealed::Sealed for &Url {
    fn into_request(self, client: Option<&Client>) -> Result<SessionRequest, InvalidRequest> {
        self.clone().into_request(client)
    }
}

impl sealed::Sealed for Url {
    fn into_request(self, client: Option<&Client>) -> Result<SessionRequest, InvalidRequest> {
        check_scheme(&self)?;
        match client {
            // The builder converts credentials in the URL to a header.
            Some(client) => client.get(self).into_request(None),
            None => Err(InvalidRequest::url(NO_CLIENT)),
        }
    }
}

impl sealed::Sealed for UrlParts {
    fn into_request(self, client: Option<&Client>) -> Result<SessionRequest, InvalidRequest> {
        self.to_url().map_err(InvalidRequest::url)?.into_request(client)
    }
}

/// Splits a request of reqwest's into what sessions understand, and the rest.
fn from_reqwest(client: Client, mut request: Request) -> Result<SessionRequest, InvalidRequest> {
    let mut head = http::Request::new(Bytes::new());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.url().as_str().parse().map_err(InvalidRequest::new)?;
    *head.headers_mut() = std::mem::take(request.headers_mut());
    let total_timeout = request.timeout().copied();
    let request = has_own_parts(&request).then(|| Box::new(request));
    let session = SessionRequest::new(head).native(Box::new(Native { client, request }));
    Ok(match total_timeout {
        Some(time) => session.total_timeout(time),
        None => session,
    })
}

/// Checks that a URL has a scheme of HTTP.
fn check_scheme(url: &Url) -> Result<(), InvalidRequest> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        scheme if url.has_host() => Err(unusable(format_args!("unsupported scheme {scheme}"))),
        // For example `localhost:8080`. Its scheme is not shown: it may be the name of a user.
        _ => Err(unusable("no scheme, or no host")),
    }
}

fn unusable(reason: impl fmt::Display) -> InvalidRequest {
    InvalidRequest::url(format!("{reason}{SCHEME_HINT}"))
}

/// A response does not know the client that received it.
const NO_CLIENT: &str =
    "no client to send it with (use a reqwest::RequestBuilder, or an SseClient)";

const SCHEME_HINT: &str = " (expected a URL with http:// or https://)";

/// Parts of a URL, each with a default.
///
/// ```
/// # use sse_reqwest::{SseClient, SseRequest, UrlParts};
/// # fn request(client: &SseClient) -> SseRequest {
/// // https://example.org:8443/events
/// client.request(UrlParts::new().scheme("https").host("example.org").port(8443).path("/events"))
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UrlParts {
    scheme: String,
    host: String,
    port: Option<u16>,
    path: String,
}

impl UrlParts {
    /// Creates the parts of `http://localhost/`.
    #[must_use]
    pub fn new() -> Self {
        Self { scheme: "http".into(), host: "localhost".into(), port: None, path: "/".into() }
    }

    /// Sets the scheme. Defaults to `http`.
    #[must_use]
    pub fn scheme(mut self, scheme: impl Into<String>) -> Self {
        self.scheme = scheme.into();
        self
    }

    /// Sets the host: a name or an address. Defaults to `localhost`.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Sets the port. Defaults to that of the scheme.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets the path. Characters that a path cannot contain, such as `?`, are percent-encoded.
    ///
    /// Defaults to `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Returns the URL, or what is wrong with it.
    fn to_url(&self) -> Result<Url, String> {
        let is_bare_ipv6 = self.host.parse::<std::net::Ipv6Addr>().is_ok();
        let host = if is_bare_ipv6 { format!("[{}]", self.host) } else { self.host.clone() };
        let mut url = Url::parse("http://localhost").map_err(|error| error.to_string())?;
        url.set_scheme(&self.scheme).map_err(|()| format!("unsupported scheme {}", self.scheme))?;
        url.set_host(Some(&host)).map_err(|error| error.to_string())?;
        url.set_port(self.port).map_err(|()| "unsupported port".to_owned())?;
        url.set_path(&self.path);
        Ok(url)
    }
}

impl Default for UrlParts {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::UrlParts;

    #[track_caller]
    fn check(parts: &UrlParts, expected: Result<&str, &str>) {
        let url = parts.to_url();
        let url = url.as_ref().map(|url| url.as_str()).map_err(String::as_str);
        assert_eq!(url, expected);
    }

    #[test]
    fn parts_make_a_url() {
        let parts = UrlParts::new();
        check(&parts, Ok("http://localhost/"));
        check(&parts.clone().port(8080).path("events"), Ok("http://localhost:8080/events"));
        check(&parts.clone().scheme("https").port(443), Ok("https://localhost/"));
        check(&parts.clone().path("/a b?c#d"), Ok("http://localhost/a%20b%3Fc%23d"));
        check(&parts.clone().host("::1").port(1), Ok("http://[::1]:1/"));
        check(&parts.clone().host("[::1]"), Ok("http://[::1]/"));
        check(&parts.clone().host("a b"), Err("invalid international domain name"));
        check(&parts.scheme("ftp2"), Err("unsupported scheme ftp2"));
    }
}
