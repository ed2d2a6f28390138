//! Requests that sessions are opened with, and what can be one.

use std::{error::Error, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};

use crate::{
    call::RequestHead, failure::Failure, native_request::NativeRequest, threads::BoxError, uri,
};

/// Request that a session sends, and sends again when it reconnects.
///
/// It is made from a URI, or from an `http::Request<Bytes>`; a transport with requests of its own
/// adds a [native](Self::native) part.
pub struct SessionRequest {
    pub(crate) head: RequestHead,
    pub(crate) body: Bytes,
    pub(crate) native: Option<Box<dyn NativeRequest>>,
    pub(crate) total_timeout: Option<Duration>,
}

impl SessionRequest {
    /// Creates a request from its head and a body that can be sent any number of times.
    #[must_use]
    pub fn new(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let head = RequestHead::new(parts.method, parts.uri, &parts.headers);
        Self { head, body, native: None, total_timeout: None }
    }

    /// Creates a GET request.
    #[must_use]
    pub fn get(uri: Uri) -> Self {
        let head = RequestHead::new(Method::GET, uri, &HeaderMap::new());
        Self { head, body: Bytes::new(), native: None, total_timeout: None }
    }

    /// Adds a part that only its transport understands, in place of an earlier one.
    #[must_use]
    pub fn native(mut self, native: Box<dyn NativeRequest>) -> Self {
        self.native = Some(native);
        self
    }

    /// Takes note of the total timeout that the request has in its transport. If the session
    /// [lifts](crate::SseConfig::lift_total_timeout) that timeout, it still limits the time until
    /// the head of the response, unless there is a
    /// [`head_timeout`](crate::SseConfig::head_timeout).
    #[must_use]
    pub fn total_timeout(mut self, time: Duration) -> Self {
        self.total_timeout = Some(time);
        self
    }

    /// Returns a copy, or `None` if the request can be sent only once.
    pub(crate) fn try_clone(&self) -> Option<Self> {
        let native = match &self.native {
            Some(native) => Some(native.try_clone()?),
            None => None,
        };
        let (head, body) = (self.head.clone(), self.body.clone());
        Some(Self { head, body, native, total_timeout: self.total_timeout })
    }
}

impl fmt::Debug for SessionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head.fmt(f)
    }
}

/// Reason why a request is invalid, from a transport with requests of its own.
///
/// A session that is opened with it fails with an [`SseError`](crate::SseError) of the kind
/// [`InvalidRequest`](crate::SseErrorKind::InvalidRequest).
#[derive(Debug)]
pub struct InvalidRequest {
    failure: Failure,
}

impl InvalidRequest {
    /// Creates the reason from an error, which becomes the source of the session's error.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self { failure: Failure::InvalidRequest(source.into()) }
    }

    /// Creates the reason for a URL that cannot be requested. It must not show secrets.
    pub fn url(reason: impl Into<String>) -> Self {
        Self { failure: Failure::InvalidUrl(reason.into()) }
    }

    pub(crate) fn into_failure(self) -> Failure {
        self.failure
    }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl Error for InvalidRequest {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure.source()
    }
}

/// Target that a session can be opened with: a URI (as text or parsed), an `http::Request<Bytes>`,
/// a [`SessionRequest`], or a `Result` of one, whose error becomes that of the session.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "a session cannot be opened with `{Self}`",
    label = "not a URI or a request",
    note = "expected a URI as text, an `http::Uri`, or an `http::Request<bytes::Bytes>`"
)]
pub trait IntoSessionRequest: sealed::Sealed {}

impl<T: sealed::Sealed> IntoSessionRequest for T {}

pub(crate) mod sealed {
    use super::{InvalidRequest, SessionRequest};

    /// Seals [`IntoSessionRequest`](super::IntoSessionRequest).
    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {
        fn into_request(self) -> Result<SessionRequest, InvalidRequest>;
    }
}

impl sealed::Sealed for SessionRequest {
    fn into_request(self) -> Result<SessionRequest, InvalidRequest> {
        uri::check(self.head.uri()).map_err(InvalidRequest::url)?;
        Ok(self)
    }
}

impl sealed::Sealed for Result<SessionRequest, InvalidRequest> {
    fn into_request(self) -> Self {
        self
    }
}

impl sealed::Sealed for Request<Bytes> {
    fn into_request(self) -> Result<SessionRequest, InvalidRequest> {
        SessionRequest::new(self).into_request()
    }
}

impl sealed::Sealed for Uri {
    fn into_request(self) -> Result<SessionRequest, InvalidRequest> {
        SessionRequest::get(self).into_request()
    }
}

impl sealed::Sealed for &Uri {
    fn into_request(self) -> Result<SessionRequest, InvalidRequest> {
        self.clone().into_request()
    }
}

impl sealed::Sealed for &str {
    fn into_request(self) -> Result<SessionRequest, InvalidRequest> {
        uri::parse(self).map(SessionRequest::get).map_err(InvalidRequest::url)
    }
}

impl sealed::Sealed for &String {
    fn into_request(self) -> Result<SessionRequest, InvalidRequest> {
        self.as_str().into_request()
    }
}

impl sealed::Sealed for String {
    fn into_request(self) -> Result<SessionRequest, InvalidRequest> {
        self.as_str().into_request()
    }
}
