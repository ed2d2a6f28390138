//! The heads of the request and the response of one connection, for the caller to look at.

use std::{fmt, mem, sync::Arc};

use reqwest::{
    Method, Request, Response, StatusCode, Url,
    header::{HeaderMap, HeaderValue},
};

use crate::platform::{HttpVersion, http_version};

/// The request and the response head of one connection. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Call {
    heads: Arc<Heads>,
}

#[derive(Debug)]
struct Heads {
    request: Option<RequestHead>,
    response: ResponseHead,
}

impl Call {
    pub(crate) fn new(request: Option<RequestHead>, response: ResponseHead) -> Self {
        Self { heads: Arc::new(Heads { request, response }) }
    }

    /// The request as it was given to reqwest, which adds default headers and those of the
    /// protocol, and follows redirects; `None` if the session did not make it, and began with its
    /// [response](crate::SseClient::with_response).
    #[must_use]
    pub fn request(&self) -> Option<&RequestHead> {
        self.heads.request.as_ref()
    }

    /// The head of the response.
    #[must_use]
    pub fn response(&self) -> &ResponseHead {
        &self.heads.response
    }
}

/// The method, URL and headers of a request.
///
/// `Debug` shows neither the values of the headers nor the query of the URL: they may be secret.
#[derive(Clone)]
pub struct RequestHead {
    method: Method,
    url: Url,
    headers: HeaderMap,
}

impl RequestHead {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            url: request.url().clone(),
            headers: request.headers().clone(),
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL that was asked for, before any redirect.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &self.method)
            .field("url", &without_secrets(&self.url).as_str())
            .field("headers", &HeaderNames(&self.headers))
            .finish()
    }
}

/// The status, headers, URL and version of a response.
///
/// `Debug` shows neither the values of the headers nor the query of the URL: they may be secret.
#[derive(Clone)]
pub struct ResponseHead {
    status: StatusCode,
    url: Url,
    headers: HeaderMap,
    version: HttpVersion,
}

impl ResponseHead {
    /// Takes the headers away from the response, which has no more use for them and may live for
    /// long.
    pub(crate) fn take_from(response: &mut Response) -> Self {
        let mut headers = mem::take(response.headers_mut());
        headers.values_mut().for_each(detach);
        Self {
            status: response.status(),
            url: response.url().clone(),
            headers,
            version: http_version(response),
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The URL that answered, after all redirects.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// What can be shown of the HTTP version.
    #[cfg(feature = "tracing")]
    pub(crate) fn http_version(&self) -> HttpVersion {
        self.version
    }

    /// The HTTP version. Browsers do not tell: there is no such method there.
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
    #[must_use]
    pub fn version(&self) -> reqwest::Version {
        self.version
    }
}

/// Lets go of the buffer that the value was read into, of which it is a part: for a few bytes of
/// headers, hyper could not use its 8 KiB again.
fn detach(value: &mut HeaderValue) {
    // No valid value becomes invalid by being copied.
    if let Ok(mut copy) = HeaderValue::from_bytes(value.as_bytes()) {
        copy.set_sensitive(value.is_sensitive());
        *value = copy;
    }
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("status", &self.status)
            .field("url", &without_secrets(&self.url).as_str())
            .field("headers", &HeaderNames(&self.headers))
            .field("version", &self.version)
            .finish()
    }
}

/// The URL without what may be secret in it: user, password, query and fragment.
pub(crate) fn without_secrets(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // These fail for URLs that cannot have them, and then there is nothing to remove.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

struct HeaderNames<'a>(&'a HeaderMap);

impl fmt::Debug for HeaderNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys().map(|name| name.as_str())).finish()
    }
}
