//! Sender of requests: the only place where a session uses the network.
//!
//! A function of the caller's can replace the `reqwest::Client`: middleware, or a test double.

use std::sync::Arc;

use reqwest::{Client, Request, Response};

use crate::threads::{BoxError, BoxFuture, MaybeSend, MaybeSendSync, Shared};

/// Sender of a session's requests.
#[derive(Debug, Clone, Default)]
pub(crate) enum Sender {
    /// Sends with the `reqwest::Client` that the request was made with.
    #[default]
    Client,
    Custom(Shared<dyn SendRequest>),
}

pub(crate) trait SendRequest:
    Fn(Request) -> BoxFuture<Result<Response, BoxError>> + MaybeSendSync
{
}

impl<F> SendRequest for F where
    F: Fn(Request) -> BoxFuture<Result<Response, BoxError>> + MaybeSendSync
{
}

impl Sender {
    pub(crate) fn custom<F, Fut, E>(send: F) -> Self
    where
        F: Fn(Request) -> Fut + MaybeSendSync + 'static,
        Fut: Future<Output = Result<Response, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        Self::Custom(Shared(Arc::new(move |request| -> BoxFuture<_> {
            let response = send(request);
            Box::pin(async { response.await.map_err(Into::into) })
        })))
    }

    pub(crate) fn send(
        &self,
        client: &Client,
        request: Request,
    ) -> BoxFuture<Result<Response, BoxError>> {
        match self {
            Self::Client => {
                let response = client.execute(request);
                Box::pin(async { response.await.map_err(Into::into) })
            }
            Self::Custom(send) => (send.0)(request),
        }
    }
}
