//! Request that is ready to be sent, and the one that follows a redirect of it.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING},
};

use super::refreshed::Refreshed;
use crate::{
    call::RequestHead,
    config::RequestOptions,
    failure::{BadRedirect, MAX_REDIRECTS},
    native_request::NativeRequest,
    uri,
};

/// Request that is ready to be sent.
pub(crate) struct Outgoing {
    pub(crate) head: RequestHead,
    pub(crate) body: Bytes,
    pub(crate) native: Option<Box<dyn NativeRequest>>,
    /// If `true`, the native part is missing, as it could be sent only once.
    pub(super) is_spent: bool,
    /// Number of redirects that led here.
    pub(super) redirects: u8,
    /// Time at which the head must be received, redirects included.
    pub(super) head_deadline: Option<Duration>,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.head.fmt(f)
    }
}

impl Outgoing {
    /// Returns `true` if a redirect led to this request.
    pub(crate) fn is_redirected(&self) -> bool {
        self.redirects > 0
    }

    /// Returns a copy from which to follow a redirect of this request.
    pub(super) fn to_redirect(&self) -> Self {
        let native = self.native.as_ref().map(|native| native.try_clone());
        let is_spent = matches!(native, Some(None));
        let (head, body) = (self.head.clone(), self.body.clone());
        Self { head, body, native: native.flatten(), is_spent, ..*self }
    }

    /// Returns the request in the form that transports take.
    pub(crate) fn request(&self) -> Request<Bytes> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.head.method().clone();
        *request.uri_mut() = self.head.uri().clone();
        *request.headers_mut() = self.head.to_headers();
        request
    }

    /// Returns the request that follows a redirect (RFC 9110, section 15.4).
    pub(super) fn redirected(
        &self,
        status: StatusCode,
        location: Option<&HeaderValue>,
        options: &RequestOptions,
        refreshed: Option<&Refreshed>,
    ) -> Result<Self, BadRedirect> {
        if self.redirects >= MAX_REDIRECTS {
            return Err(BadRedirect::TooMany);
        }
        let (from, mut headers) = (self.head.uri(), self.head.to_headers());
        let to = location
            .and_then(|location| location.to_str().ok())
            .and_then(|location| uri::resolve(from, location))
            .filter(|uri| uri::check(uri).is_ok())
            .ok_or(BadRedirect::Location)?;
        if from.scheme_str() == Some("https") && to.scheme_str() == Some("http") {
            return Err(BadRedirect::Downgrade);
        }
        options.destination.remove_credentials(&mut headers, from, &to);
        if let Some(refreshed) = refreshed {
            refreshed.remove_from(&mut headers, &to);
        }
        let becomes_get = match status {
            StatusCode::SEE_OTHER => !matches!(*self.head.method(), Method::GET | Method::HEAD),
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.head.method() == Method::POST,
            _ => false,
        };
        if becomes_get {
            for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
                headers.remove(name);
            }
            let head = RequestHead::new(Method::GET, to, &headers);
            let redirects = self.redirects + 1;
            return Ok(Self {
                head,
                body: Bytes::new(),
                native: None,
                is_spent: false,
                redirects,
                ..*self
            });
        }
        if self.is_spent {
            return Err(BadRedirect::NotRepeatable);
        }
        let head = RequestHead::new(self.head.method().clone(), to, &headers);
        Ok(Self { head, redirects: self.redirects + 1, ..self.to_redirect() })
    }
}

/// Returns `true` if a status redirects to its `Location`.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
