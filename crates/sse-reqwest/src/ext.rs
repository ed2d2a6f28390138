//! Extension traits that open a session on a `reqwest::RequestBuilder` or a `reqwest::Response`,
//! without an `SseClient`.

use std::sync::Arc;

use reqwest::{RequestBuilder, Response};
use sse_session::{ClientSseSession, OpenSession, SseConfig, SseError, is_event_stream};

use crate::{
    request::{Origin, SseRequest},
    target::{IntoSseRequest, sealed::Sealed as _},
    transport::ReqwestTransport,
};

/// Extension of `reqwest::RequestBuilder` that opens sessions, without an
/// [`SseClient`](crate::SseClient).
///
/// ```no_run
/// # async fn example(client: reqwest::Client) -> Result<(), sse_reqwest::SseError> {
/// use sse_reqwest::RequestBuilderExt;
///
/// let mut session = client.post("https://example.org/chat").body("hello").sse_session().await?;
/// while let Some(event) = session.next().await {
///     println!("{}", event?.data());
/// }
/// # Ok(())
/// # }
/// ```
///
/// This trait is sealed.
pub trait RequestBuilderExt: Sized + IntoSseRequest {
    /// Configures the session of this request.
    ///
    /// Options that can have no effect for this request are an
    /// [error](crate::SseErrorKind::InvalidConfig) when the session is opened, as those of
    /// [`SseRequest::configure`] are: a policy for reconnection needs [`SseConfig::resume`] for a
    /// POST.
    fn with_sse_config(self, config: SseConfig) -> SseRequest;

    /// Opens a session with the default configuration; see [`SseRequest::sse_session`].
    fn sse_session(self) -> OpenSession {
        self.with_sse_config(SseConfig::new()).sse_session()
    }

    /// Opens a session with the default configuration and runs `block` with it; see
    /// [`SseRequest::sse`].
    fn sse<R>(
        self,
        block: impl AsyncFnOnce(&mut ClientSseSession) -> Result<R, SseError>,
    ) -> impl Future<Output = Result<R, SseError>> {
        self.with_sse_config(SseConfig::new()).sse(block)
    }
}

impl RequestBuilderExt for RequestBuilder {
    fn with_sse_config(self, config: SseConfig) -> SseRequest {
        configured(origin().request(self.into_request(None)), config)
    }
}

/// Extension of `reqwest::Response` that opens sessions, without an
/// [`SseClient`](crate::SseClient): for requests that may be answered by an event stream or by
/// something else.
///
/// [`SseClient::response`](crate::SseClient::response) documents such a session. A session that is
/// opened here knows no client, so the request to [resume with](SseRequest::resume_request) must be
/// a `reqwest::RequestBuilder`, which brings its own.
///
/// ```
/// use futures_util::TryStreamExt;
/// use sse_reqwest::{ResponseExt, reqwest::Response};
/// # use sse_test::{Reply, ScriptedServer};
///
/// async fn answer(response: Response) -> Result<String, Box<dyn std::error::Error>> {
///     if !response.is_event_stream() {
///         return Ok(response.error_for_status()?.text().await?);
///     }
///     let events = response.sse_session().await?;
///     Ok(events.map_ok(|event| event.data().to_owned()).try_collect().await?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let json = Reply::status(200).header("content-type", "application/json").send("12");
/// # let server = ScriptedServer::start([json, Reply::messages(["1", "2"])]).await;
/// # let (http, url) = (reqwest::Client::builder().no_proxy().build()?, server.url("/"));
/// // From a server that responds with JSON or with an event stream.
/// assert_eq!(answer(http.post(&url).send().await?).await?, "12");
/// assert_eq!(answer(http.post(&url).send().await?).await?, "12");
/// # Ok(())
/// # }
/// ```
///
/// This trait is sealed.
pub trait ResponseExt: Sized + sealed::Sealed {
    /// Returns `true` if the head of the response says that it is an event stream: its status is
    /// 200, and its content type `text/event-stream`, with whatever parameters.
    fn is_event_stream(&self) -> bool;

    /// Configures the session that begins with this response.
    fn with_sse_config(self, config: SseConfig) -> SseRequest;

    /// Opens a session with the default configuration, under which it does not reconnect; see
    /// [`SseRequest::sse_session`].
    fn sse_session(self) -> OpenSession {
        self.with_sse_config(SseConfig::new()).sse_session()
    }

    /// Opens a session with the default configuration and runs `block` with it; see
    /// [`SseRequest::sse`].
    fn sse<R>(
        self,
        block: impl AsyncFnOnce(&mut ClientSseSession) -> Result<R, SseError>,
    ) -> impl Future<Output = Result<R, SseError>> {
        self.with_sse_config(SseConfig::new()).sse(block)
    }
}

impl ResponseExt for Response {
    fn is_event_stream(&self) -> bool {
        is_event_stream(self.status(), self.headers())
    }

    fn with_sse_config(self, config: SseConfig) -> SseRequest {
        configured(origin().response(self), config)
    }
}

/// Returns the origin of requests that bring their own client.
fn origin() -> Origin {
    Origin::new(Arc::new(ReqwestTransport::new(None)), Arc::new(SseConfig::new()))
}

/// Sets the options of a request as those of this session alone, not of a client: all of them are
/// checked.
fn configured(request: SseRequest, config: SseConfig) -> SseRequest {
    request.configure(|_| config)
}

mod sealed {
    /// Seals [`ResponseExt`](super::ResponseExt).
    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {}

    impl Sealed for reqwest::Response {}
}
