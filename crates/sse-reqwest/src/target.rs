//! What the caller names in, a request out: a URL, the parts of one, or a request builder.
//!
//! Adds nothing to the request; what an event stream needs is added by [`crate::template`].

use std::fmt;

use reqwest::{Client, Request, RequestBuilder, Url};

use crate::failure::Failure;

/// What a session can be opened with: a URL (as text or parsed), its [parts](UrlParts), or a
/// `reqwest::RequestBuilder`, which is sent by the `reqwest::Client` that made it.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "a session cannot be opened with `{Self}`",
    label = "no URL and no request",
    note = "give a URL as text, a `reqwest::Url`, `UrlParts`, or a `reqwest::RequestBuilder`",
    note = "a session begins with a `reqwest::Response` by `SseClient::response`"
)]
pub trait IntoSseRequest: sealed::Sealed {}

impl<T: sealed::Sealed> IntoSseRequest for T {}

/// A request and who sends it, or why there is none.
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
            // reqwest would say so only when it sends the request.
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

/// Whether HTTP is spoken with the host of a URL, if it has one.
fn check_scheme(url: &Url) -> Result<(), Failure> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        scheme if url.has_host() => Err(unusable(format_args!("unsuitable scheme {scheme}"))),
        // `localhost:8080`, for one. What is taken for its scheme may be the name of a user.
        _ => Err(unusable("neither scheme nor host can be told")),
    }
}

fn unusable(reason: impl fmt::Display) -> Failure {
    Failure::InvalidUrl(format!("{reason}{SCHEME_HINT}"))
}

/// A response does not know the client that it came by.
const NO_CLIENT: &str =
    "there is no client to send it with (give a reqwest::RequestBuilder, or use an SseClient)";

const SCHEME_HINT: &str = " (a URL of an event stream starts with http:// or https://)";

/// The parts of a URL, each with a default.
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

    /// Sets the scheme. The default is `http`.
    #[must_use]
    pub fn scheme(mut self, scheme: impl Into<String>) -> Self {
        self.scheme = scheme.into();
        self
    }

    /// Sets the host: a name or an address. The default is `localhost`.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Sets the port. The default is that of the scheme.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets the path. What cannot stand in one, `?` among it, is percent-encoded.
    ///
    /// The default is `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The URL, or what is wrong with it.
    fn to_url(&self) -> Result<Url, String> {
        let is_bare_ipv6 = self.host.parse::<std::net::Ipv6Addr>().is_ok();
        let host = if is_bare_ipv6 { format!("[{}]", self.host) } else { self.host.clone() };
        let mut url = Url::parse("http://localhost").map_err(|error| error.to_string())?;
        url.set_scheme(&self.scheme).map_err(|()| format!("unsuitable scheme {}", self.scheme))?;
        url.set_host(Some(&host)).map_err(|error| error.to_string())?;
        url.set_port(self.port).map_err(|()| "unsuitable port".to_owned())?;
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
        check(&parts.scheme("ftp2"), Err("unsuitable scheme ftp2"));
    }
}
