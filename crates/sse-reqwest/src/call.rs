//! The heads of the request and the response of one connection, for the caller to look at.

use std::{fmt, mem, sync::Arc};

use bytes::Bytes;
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
    /// [response](crate::SseClient::response).
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

/// The method, URL and headers of a request. Cheap to clone.
///
/// `Debug` shows neither the values of the headers nor the query of the URL: they may be secret.
#[derive(Clone)]
pub struct RequestHead {
    /// Without its body, if it has one.
    request: Arc<Request>,
}

impl RequestHead {
    pub(crate) fn of(request: &Request) -> Self {
        let whole = if request.body().is_none() { request.try_clone() } else { None };
        let copy = whole.unwrap_or_else(|| {
            let mut copy = Request::new(request.method().clone(), request.url().clone());
            copy.headers_mut().clone_from(request.headers());
            copy
        });
        Self { request: Arc::new(copy) }
    }

    /// The request that this is the head of, if that has no body.
    pub(crate) fn share(&self) -> Arc<Request> {
        self.request.clone()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        self.request.method()
    }

    /// The URL that was asked for, before any redirect.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.request.url()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method())
            .field("url", &without_secrets(self.url()).as_str())
            .field("headers", &HeaderNames(self.headers()))
            .finish()
    }
}

/// The status, headers, URL and version of a response.
///
/// `Debug` shows neither the values of the headers nor the query of the URL: they may be secret.
#[derive(Clone)]
pub struct ResponseHead {
    status: StatusCode,
    url: AnsweredUrl,
    headers: HeaderMap,
    version: HttpVersion,
}

/// The URL of a response.
#[derive(Clone)]
enum AnsweredUrl {
    /// That of its request.
    Asked(RequestHead),
    Other(Box<Url>),
}

impl ResponseHead {
    /// Takes the headers away from the response, which has no more use for them and may live for
    /// long. What it has in common with its request, if that is known, it shares.
    pub(crate) fn take_from(response: &mut Response, request: Option<&RequestHead>) -> Self {
        let headers = detached(&mem::take(response.headers_mut()));
        let url = match request.filter(|request| request.url() == response.url()) {
            Some(request) => AnsweredUrl::Asked(request.clone()),
            None => AnsweredUrl::Other(Box::new(response.url().clone())),
        };
        Self { status: response.status(), url, headers, version: http_version(response) }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The URL that answered, after all redirects.
    #[must_use]
    pub fn url(&self) -> &Url {
        match &self.url {
            AnsweredUrl::Asked(request) => request.url(),
            AnsweredUrl::Other(url) => url,
        }
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

/// The same headers, of which none is a part of the buffer that it was read into: for a few bytes
/// of them, hyper could not use its 8 KiB again. All of their values together are one piece of
/// memory.
fn detached(headers: &HeaderMap) -> HeaderMap {
    let values = headers.values().map(HeaderValue::as_bytes);
    let mut left = Bytes::from(values.collect::<Vec<_>>().concat());
    // A clone has room for just what there is.
    let mut detached = headers.clone();
    for value in detached.values_mut() {
        // No valid value becomes invalid by being copied.
        if let Ok(mut copy) = HeaderValue::from_maybe_shared(left.split_to(value.len())) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
    }
    detached
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("status", &self.status)
            .field("url", &without_secrets(self.url()).as_str())
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

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::detached;

    #[test]
    fn headers_are_the_same_when_they_are_detached() {
        let mut headers = HeaderMap::new();
        let values: [(_, &[u8]); 6] = [
            ("set-cookie", b"a=1"),
            ("content-type", b"text/event-stream"),
            ("set-cookie", b"b=2"),
            ("x-empty", b""),
            ("x-opaque", b"\xff\t\x80"),
            ("set-cookie", b"c=3"),
        ];
        for (name, value) in values {
            let mut value = HeaderValue::from_bytes(value).unwrap();
            value.set_sensitive(name == "x-opaque");
            headers.append(HeaderName::from_static(name), value);
        }
        let copy = detached(&headers);
        assert_eq!(copy, headers);
        let sensitive = copy.iter().filter(|(_, value)| value.is_sensitive());
        assert_eq!(Vec::from_iter(sensitive.map(|(name, _)| name)), ["x-opaque"]);
        assert_eq!(detached(&HeaderMap::new()), HeaderMap::new());
    }
}
