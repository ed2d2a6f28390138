//! Request factories and credential refreshes: the caller's functions that supply what a request
//! needs.
//!
//! When they are called is decided elsewhere.

use std::{fmt, sync::Arc};

use reqwest::{RequestBuilder, header::HeaderMap};

use crate::{
    error::SseError,
    threads::{BoxError, BoxFuture, MaybeSend, MaybeSendSync, Shared},
};

/// Context of a request that is about to be made, for a
/// [request factory](crate::SseClient::request_factory).
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub(crate) attempt: u32,
    pub(crate) last_event_id: String,
    pub(crate) cause: Option<SseError>,
}

impl RequestContext {
    /// Returns the number of the attempt to reconnect, counted since the last healthy connection; 0
    /// for the first request of a session.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns the last event ID, empty if there is none. The session itself sends it as a header.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Returns the cause of the disconnect before this request; `None` for the first request.
    #[must_use]
    pub fn cause(&self) -> Option<&SseError> {
        self.cause.as_ref()
    }
}

/// Function that makes requests.
#[derive(Debug, Clone)]
pub(crate) struct Factory {
    make: Shared<dyn MakeRequest>,
}

pub(crate) trait MakeRequest:
    Fn(RequestContext) -> BoxFuture<Result<RequestBuilder, BoxError>> + MaybeSendSync
{
}

impl<F> MakeRequest for F where
    F: Fn(RequestContext) -> BoxFuture<Result<RequestBuilder, BoxError>> + MaybeSendSync
{
}

impl Factory {
    pub(crate) fn new<F, Fut, E>(make: F) -> Self
    where
        F: Fn(RequestContext) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<RequestBuilder, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        let make = move |context| -> BoxFuture<_> {
            let request = make(context);
            Box::pin(async { request.await.map_err(Into::into) })
        };
        Self { make: Shared(Arc::new(make)) }
    }

    pub(crate) fn make(
        &self,
        context: RequestContext,
    ) -> BoxFuture<Result<RequestBuilder, BoxError>> {
        (self.make.0)(context)
    }
}

/// Function that obtains new credentials when a server responds 401, and its limit.
#[derive(Clone)]
pub(crate) struct Refresh {
    hook: Option<Shared<dyn RefreshHook>>,
    pub(crate) max_refreshes: u32,
}

/// Number of refreshes in a row.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Refreshes {
    in_a_row: u32,
}

pub(crate) trait RefreshHook:
    Fn(SseError) -> BoxFuture<Result<HeaderMap, BoxError>> + MaybeSendSync
{
}

impl<F> RefreshHook for F where
    F: Fn(SseError) -> BoxFuture<Result<HeaderMap, BoxError>> + MaybeSendSync
{
}

impl Refresh {
    pub(crate) fn set_hook<F, Fut, E>(&mut self, hook: F)
    where
        F: Fn(SseError) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<HeaderMap, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        self.hook = Some(Shared(Arc::new(move |refusal| -> BoxFuture<_> {
            let headers = hook(refusal);
            Box::pin(async { headers.await.map_err(Into::into) })
        })));
    }
}

impl Default for Refresh {
    fn default() -> Self {
        Self { hook: None, max_refreshes: 1 }
    }
}

impl Refreshes {
    /// Starts a refresh, if there is a hook and it was not called too often.
    pub(crate) fn after(
        &mut self,
        refresh: &Refresh,
        refusal: &SseError,
    ) -> Option<BoxFuture<Result<HeaderMap, BoxError>>> {
        let hook = refresh.hook.as_ref().filter(|_| self.in_a_row < refresh.max_refreshes)?;
        self.in_a_row += 1;
        Some((hook.0)(refusal.clone()))
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
            .field("max_refreshes", &self.max_refreshes)
            .finish()
    }
}
