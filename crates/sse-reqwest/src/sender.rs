//! Sender of requests: a `reqwest::Client`, or a function of the caller's.

use std::{fmt, sync::Arc};

use reqwest::{Client, Request, Response};
use sse_session::{BoxError, BoxFuture, MaybeSend, MaybeSendSync};

/// Sender of a session's requests.
#[derive(Clone, Default)]
pub(crate) enum Sender {
    /// Sends with the `reqwest::Client` of the request.
    #[default]
    Client,
    Custom(Arc<dyn SendRequest>),
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
        Self::Custom(Arc::new(move |request| -> BoxFuture<_> {
            let response = send(request);
            Box::pin(async { response.await.map_err(Into::into) })
        }))
    }

    pub(crate) async fn send(
        &self,
        client: &Client,
        request: Request,
    ) -> Result<Response, BoxError> {
        match self {
            Self::Client => client.execute(request).await.map_err(Into::into),
            Self::Custom(send) => send(request).await,
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "Client",
            Self::Custom(_) => "Custom",
        })
    }
}
