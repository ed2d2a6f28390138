//! Recorder of sessions over reqwest.

use reqwest::{Body, Client, Request, Response, ResponseBuilderExt as _};
use sse_session::{BoxError, BoxFuture, TransportErrorKind};

use super::{
    Recorder,
    tape::{RecordedBody, Tape},
};

impl Recorder {
    /// Returns a function that sends a request with a `reqwest::Client` and records what follows
    /// (feature `reqwest`), for `SseClient::send_with` of sse-reqwest.
    ///
    /// ```
    /// use sse_reqwest::{SseClient, SseConfig, reqwest};
    /// use sse_test::{Recorder, Reply, ScriptedServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = ScriptedServer::start([Reply::messages(["hello"])]).await;
    /// # let url = server.url("/");
    /// # let http = reqwest::Client::builder().no_proxy().build()?;
    /// let recorder = Recorder::in_memory();
    /// let client = SseClient::new(http.clone(), SseConfig::new());
    /// let client = client.send_with(recorder.sender(http));
    /// let mut session = client.sse_session(url).await?;
    /// while let Some(event) = session.next().await {
    ///     event?;
    /// }
    /// assert_eq!(recorder.recording()?.exchanges()[0].body(), b"data: hello\n\n");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The headers of the request stay as they are. With `Accept-Encoding: identity` among them,
    /// the recording is text, and [paths into JSON](crate::Redaction::json_path) can be redacted. A
    /// client that decompresses by itself, which is a feature of reqwest, does so before the
    /// response is recorded.
    pub fn sender(
        &self,
        client: Client,
    ) -> impl Fn(Request) -> BoxFuture<Result<Response, BoxError>> + Send + Sync + 'static + use<>
    {
        let recorder = self.clone();
        move |request| {
            let (recorder, client) = (recorder.clone(), client.clone());
            Box::pin(async move { send(&recorder, &client, request).await })
        }
    }
}

async fn send(
    recorder: &Recorder,
    client: &Client,
    request: Request,
) -> Result<Response, BoxError> {
    let url = request.url().to_string();
    let tape = Tape::begin(recorder, request.method(), url, request.headers());
    let response = match client.execute(request).await {
        Ok(response) => response,
        Err(error) => {
            tape.fail(&error, TransportErrorKind::of(&error));
            return Err(error.into());
        }
    };
    let url = response.url().clone();
    let (head, body) = http::Response::from(response).into_parts();
    // Whoever reads the copy is to know the URL that responded.
    let mut copy = http::Response::builder().url(url.clone()).body(())?;
    *copy.status_mut() = head.status;
    *copy.version_mut() = head.version;
    *copy.headers_mut() = head.headers;
    copy.extensions_mut().extend(head.extensions);
    tape.respond(&copy, Some(url.as_str()));
    let body = RecordedBody::new(body, tape, Box::new(TransportErrorKind::of));
    Ok(copy.map(|()| Body::wrap(body)).into())
}
