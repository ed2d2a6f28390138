//! Targets of sessions: a URL, the parts of one, or a request builder.
//!
//! The headers of an event stream are added later, by [`crate::template`].

use std::fmt;

use reqwest::{Client, Request, RequestBuilder, Url};

use crate::failure::Failure;

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

/// Request and the client that sends it, or the reason why there is none.
#[derive(Debug)]
#[allow(unnameable_types)] // It is in the signature of a sealed trait.
pub struct Target(pub(crate) Result<(Client, Request), Failure>);

pub(crate) mod sealed {
    /// Seals [`IntoSseRequest`](super::IntoSseRequest).
    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {
        /// The client, if there is one, sends what brings none.
        fn into_target(self, client: Option<&reqwest::Client>) -> super::Target;
    }
}

impl From<RequestBuilder> for Target {
    fn from(builder: RequestBuilder) -> Self {
        let (client, request) = builder.build_split();
        let request = request
            .map_err(|error| Failure::InvalidRequest(error.without_url()))
            // reqwest would report it only when it sends the request.
            .and_then(|request| check_scheme(request.url()).map(|()| request));
        Self(request.map(|request| (client, request)))
    }
}

impl sealed::Sealed for RequestBuilder {
    fn into_target(self, _: Option<&Client>) -> Target {
        self.into()
    }
}

impl sealed::Sealed for &str {
    fn into_target(self, client: Option<&Client>) -> Target {
        match Url::parse(self) {
            Ok(url) => url.into_target(client),
            Err(error) => Target(Err(unusable(error))),
        }
    }
}

impl sealed::Sealed for &String {
    fn into_target(self, client: Option<&Client>) -> Target {
        self.as_str().into_target(client)
    }
}

impl sealed::Sealed for String {
    fn into_target(self, client: Option<&Client>) -> Target {
        self.as_str().into_target(client)
    }
}

impl sealed::Sealed for &Url {
    fn into_target(self, client: Option<&Client>) -> Target {
        self.clone().into_target(client)
    }
}

impl sealed::Sealed for Url {
    fn into_target(self, client: Option<&Client>) -> Target {
        match (check_scheme(&self), client) {
            (Ok(()), Some(client)) => client.get(self).into(),
            (Ok(()), None) => Target(Err(Failure::InvalidUrl(NO_CLIENT.to_owned()))),
            (Err(failure), _) => Target(Err(failure)),
        }
    }
}

impl sealed::Sealed for UrlParts {
    fn into_target(self, client: Option<&Client>) -> Target {
        match self.to_url() {
            Ok(url) => url.into_target(client),
            Err(reason) => Target(Err(Failure::InvalidUrl(reason))),
        }
    }
}

/// Checks that a URL has a scheme of HTTP.
fn check_scheme(url: &Url) -> Result<(), Failure> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        scheme if url.has_host() => Err(unusable(format_args!("unsupported scheme {scheme}"))),
        // For example `localhost:8080`. Its scheme is not shown: it may be the name of a user.
        _ => Err(unusable("no scheme, or no host")),
    }
}

fn unusable(reason: impl fmt::Display) -> Failure {
    Failure::InvalidUrl(format!("{reason}{SCHEME_HINT}"))
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
