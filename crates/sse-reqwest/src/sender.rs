//! A request in, a response out: the one place where a session touches the network.
//!
//! What stands in for it may be middleware, or a test double. Looks at neither of the two.

use std::sync::Arc;

use reqwest::{Client, Request, Response};

use crate::threads::{BoxError, BoxFuture, MaybeSend, MaybeSendSync, Shared};

/// What sends the requests of a session.
#[derive(Debug, Clone, Default)]
pub(crate) enum Sender {
    /// The `reqwest::Client` that the request was made with.
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
