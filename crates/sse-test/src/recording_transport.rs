//! Transport that records what another one receives.

use std::{error::Error, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Version, header::ACCEPT_ENCODING};
use sse_session::{
    BodyEnd, BoxError, Capabilities, FinalUri, SendContext, Transport, TransportErrorKind,
};

use crate::recorder::{RecordedBody, Recorder, Tape, kind};

/// Transport that passes on what another one receives, and records it (features `recording` and
/// `session`).
///
/// The session receives the same chunks, at the same times, and the same errors. Heads of requests
/// are recorded, without their bodies.
///
/// [`Recorder`] has an example. For sse-reqwest, whose client has a transport of its own, use
/// `Recorder::sender`.
#[derive(Debug)]
pub struct RecordingTransport<T> {
    transport: Arc<T>,
    recorder: Recorder,
    allow_compression: bool,
}

impl<T: Transport> RecordingTransport<T> {
    /// Creates a transport that records to this recorder.
    #[must_use]
    pub fn new(transport: T, recorder: &Recorder) -> Self {
        Self {
            transport: Arc::new(transport),
            recorder: recorder.clone(),
            allow_compression: false,
        }
    }

    /// Sets whether the server may compress bodies. The recording then has the compressed bytes,
    /// which are not text, and whose JSON cannot be [redacted](crate::Redaction::json_path).
    ///
    /// Defaults to `false`: `Accept-Encoding: identity` replaces that header of the session.
    #[must_use]
    pub fn allow_compression(self, allow: bool) -> Self {
        Self { allow_compression: allow, ..self }
    }
}

impl<T: Transport> Transport for RecordingTransport<T> {
    type Body = RecordedBody<T::Body>;
    type Error = BoxError;

    async fn send(
        &self,
        mut request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<Self::Body>, BoxError> {
        if !self.allow_compression {
            let identity = HeaderValue::from_static("identity");
            request.headers_mut().insert(ACCEPT_ENCODING, identity);
        }
        let url = request.uri().to_string();
        let tape = Tape::begin(&self.recorder, request.method(), url, request.headers());
        match self.transport.send(request, context).await {
            Ok(response) => {
                let url = response.extensions().get::<FinalUri>().map(|it| it.uri().to_string());
                tape.respond(&response, url.as_deref());
                let transport = self.transport.clone();
                let classify =
                    Box::new(move |error: &(dyn Error + 'static)| transport.error_kind(error));
                Ok(response.map(|body| RecordedBody::new(body, tape, classify)))
            }
            Err(error) => {
                let error = error.into();
                tape.fail(&*error, kind(&*error, |error| self.transport.error_kind(error)));
                Err(error)
            }
        }
    }

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        self.transport.error_kind(error)
    }

    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd {
        self.transport.regular_end(version, headers)
    }

    fn capabilities(&self) -> Capabilities {
        self.transport.capabilities()
    }
}
