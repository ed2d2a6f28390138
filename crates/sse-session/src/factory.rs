//! Request factories and credential refreshes: the caller's functions that supply what a request
//! needs.
//!
//! When they are called is decided elsewhere.

use std::{fmt, sync::Arc};

use http::HeaderMap;

use crate::{
    context::RequestContext,
    error::SseError,
    failure::Failure,
    session_request::{InvalidRequest, SessionRequest},
    threads::{BoxError, BoxFuture, MaybeSend, MaybeSendSync, Shared},
};

/// Function that makes requests.
#[derive(Debug, Clone)]
pub(crate) struct Factory {
    make: Shared<dyn MakeRequest>,
}

/// Request that a factory has made, or the reason why it has not.
pub(crate) type Made = Result<SessionRequest, Failure>;

pub(crate) trait MakeRequest: Fn(RequestContext) -> BoxFuture<Made> + MaybeSendSync {}

impl<F> MakeRequest for F where F: Fn(RequestContext) -> BoxFuture<Made> + MaybeSendSync {}

impl Factory {
    pub(crate) fn new<F, Fut>(make: F) -> Self
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Made> + MaybeSend + 'static,
    {
        let make = move |context| -> BoxFuture<_> { Box::pin(make(context)) };
        Self { make: Shared(Arc::new(make)) }
    }

    /// Creates a factory whose function may fail with an error of its own.
    pub(crate) fn fallible<F, Fut, E>(make: F) -> Self
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<SessionRequest, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        Self::new(move |context| {
            let making = make(context);
            async {
                making.await.map_err(|error| match error.into().downcast::<InvalidRequest>() {
                    Ok(invalid) => invalid.into_failure(),
                    Err(error) => Failure::Factory(error),
                })
            }
        })
    }

    pub(crate) fn make(&self, context: RequestContext) -> BoxFuture<Made> {
        (self.make.0)(context)
    }
}

/// Function that obtains new credentials, the rejections for which it is called, and its limit.
#[derive(Clone, Default)]
pub(crate) struct Refresh {
    hook: Option<Shared<dyn RefreshHook>>,
    /// `None` for status 401.
    rejections: Option<Shared<dyn RejectionPredicate>>,
    /// `None` if it was not set.
    max_refreshes: Option<u32>,
}

/// Number of refreshes in a row.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Refreshes {
    in_a_row: u32,
}

/// Refresh that is in progress.
pub(crate) type Refreshing = BoxFuture<Result<HeaderMap, BoxError>>;

pub(crate) trait RefreshHook:
    Fn(SseError) -> BoxFuture<Result<HeaderMap, BoxError>> + MaybeSendSync
{
}

impl<F> RefreshHook for F where
    F: Fn(SseError) -> BoxFuture<Result<HeaderMap, BoxError>> + MaybeSendSync
{
}

pub(crate) trait RejectionPredicate: Fn(&SseError) -> bool + MaybeSendSync {}

impl<F: Fn(&SseError) -> bool + MaybeSendSync> RejectionPredicate for F {}

impl Refresh {
    pub(crate) fn set_max_refreshes(&mut self, times: u32) {
        self.max_refreshes = Some(times);
    }

    /// Returns the number of refreshes in a row that are allowed.
    fn max_refreshes(&self) -> u32 {
        self.max_refreshes.unwrap_or(1)
    }

    /// Returns `true` if the number of refreshes is limited, but no function refreshes.
    pub(crate) fn has_limit_without_hook(&self) -> bool {
        self.max_refreshes.is_some() && self.hook.is_none()
    }

    /// Returns `true` if the caller has said which rejections ask for new credentials, and there is
    /// no function that obtains them.
    pub(crate) fn has_predicate_without_hook(&self) -> bool {
        self.rejections.is_some() && self.hook.is_none()
    }

    pub(crate) fn set_hook<F, Fut, E>(&mut self, hook: F)
    where
        F: Fn(SseError) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<HeaderMap, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.hook = Some(Shared(Arc::new(move |rejection| -> BoxFuture<_> {
            let headers = hook(rejection);
            Box::pin(async { headers.await.map_err(Into::into) })
        })));
    }
}

impl Refresh {
    pub(crate) fn set_rejections(&mut self, asks: impl RejectionPredicate + 'static) {
        self.rejections = Some(Shared(Arc::new(asks)));
    }

    /// Returns `true` if this rejected response asks for new credentials, and there is a function
    /// for them.
    pub(crate) fn applies_to(&self, rejection: &SseError) -> bool {
        self.hook.is_some()
            && match &self.rejections {
                Some(asks) => (asks.0)(rejection),
                None => rejection.is_unauthorized(),
            }
    }

    /// Starts to obtain new credentials.
    pub(crate) fn call(&self, rejection: SseError) -> Option<Refreshing> {
        self.hook.as_ref().map(|hook| (hook.0)(rejection))
    }
}

impl Refreshes {
    /// Counts a refresh, unless there were too many.
    pub(crate) fn begin(&mut self, refresh: &Refresh) -> bool {
        let may_begin = self.in_a_row < refresh.max_refreshes();
        self.in_a_row += u32::from(may_begin);
        may_begin
    }

    /// Uncounts a refresh that failed: its credentials were not tried.
    pub(crate) fn failed(&mut self) {
        self.in_a_row = self.in_a_row.saturating_sub(1);
    }

    /// Resets the count: the server accepted the credentials.
    pub(crate) fn succeeded(&mut self) {
        self.in_a_row = 0;
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh")
            .field("hook", &self.hook)
            .field("rejections", &self.rejections)
            .field("max_refreshes", &self.max_refreshes)
            .finish()
    }
}
