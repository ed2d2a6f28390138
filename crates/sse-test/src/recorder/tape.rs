//! One exchange while it is recorded: its response or failure, and the chunks of the body.

use std::{
    error::Error,
    iter,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use sse_session::{BoxError, TransportError, TransportErrorKind};

use super::Recorder;
use crate::recording::{BodyRedactor, Entry, REDACTED, RecordedError, RequestHead, ResponseHead};

/// Recorder of one exchange. Dropped before the end, it records that the client has abandoned the
/// exchange.
#[derive(Debug)]
pub(crate) struct Tape {
    recorder: Recorder,
    number: usize,
    url: String,
    is_over: bool,
}

impl Tape {
    /// Begins an exchange with a request.
    pub(crate) fn begin(
        recorder: &Recorder,
        method: &http::Method,
        url: String,
        headers: &HeaderMap,
    ) -> Self {
        let redaction = &recorder.shared.redaction;
        let request = Entry::Request(RequestHead {
            method: method.to_string(),
            url: redaction.url(&url),
            headers: redacted(recorder, &as_text(headers)),
        });
        let number = recorder.begin(request);
        Self { recorder: recorder.clone(), number, url, is_over: false }
    }

    /// Records the head of the response, and the URL that responded, if it is another one.
    pub(crate) fn respond<B>(&self, response: &http::Response<B>, url: Option<&str>) {
        let (status, headers) = (response.status().as_u16(), as_text(response.headers()));
        let redaction = &self.recorder.shared.redaction;
        let body = BodyRedactor::new(redaction, status, &headers);
        let head = Entry::Response(ResponseHead {
            status,
            version: format!("{:?}", response.version()),
            url: redaction.url(url.unwrap_or(&self.url)),
            headers: redacted(&self.recorder, &headers),
        });
        self.recorder.respond(self.number, head, body);
    }

    /// Records a failure without a response.
    pub(crate) fn fail(mut self, error: &(dyn Error + 'static), kind: TransportErrorKind) {
        let error = self.error(error, kind);
        self.finish(Entry::NoResponse(error));
    }

    fn error(&self, error: &(dyn Error + 'static), kind: TransportErrorKind) -> RecordedError {
        // The innermost cause says most.
        let causes = iter::successors(Some(error), |&it| it.source());
        let text = causes.last().map(ToString::to_string).unwrap_or_default();
        let redaction = &self.recorder.shared.redaction;
        RecordedError { error: redaction.error(&text), kind: kind.into() }
    }

    fn finish(&mut self, end: Entry) {
        if !self.is_over {
            self.is_over = true;
            self.recorder.end(self.number, end);
        }
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.finish(Entry::Abandoned {});
    }
}

fn as_text(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| match value.is_sensitive() {
        true => REDACTED.to_owned(),
        false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

fn redacted(recorder: &Recorder, headers: &[(String, String)]) -> Vec<(String, String)> {
    let redaction = &recorder.shared.redaction;
    let value = |name: &str, value: &str| redaction.header_value(name, value);
    headers.iter().map(|(name, text)| (name.clone(), value(name, text))).collect()
}

/// Function that returns the kind of an error of a body.
pub(crate) type Classify = Box<dyn Fn(&(dyn Error + 'static)) -> TransportErrorKind + Send + Sync>;

/// Body of a response that is recorded while it is received (features `recording` and `session`).
pub struct RecordedBody<B> {
    body: Pin<Box<B>>,
    tape: Tape,
    classify: Classify,
}

impl<B: Body> RecordedBody<B> {
    pub(crate) fn new(body: B, mut tape: Tape, classify: Classify) -> Self {
        if body.is_end_stream() {
            // Whoever drops it unread does not abandon anything.
            tape.finish(Entry::End {});
        }
        Self { body: Box::pin(body), tape, classify }
    }
}

impl<B> Body for RecordedBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        Poll::Ready(match ready!(this.body.as_mut().poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    this.tape.recorder.receive(this.tape.number, bytes);
                }
                if this.body.is_end_stream() {
                    // Whoever reads it may ask for no more.
                    this.tape.finish(Entry::End {});
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let error = error.into();
                let kind = kind(&*error, &this.classify);
                let recorded = this.tape.error(&*error, kind);
                this.tape.finish(Entry::Disconnected(recorded));
                Some(Err(error))
            }
            None => {
                this.tape.finish(Entry::End {});
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> std::fmt::Debug for RecordedBody<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordedBody").finish_non_exhaustive()
    }
}

/// Returns the kind of an error: its own, if it has one.
pub(crate) fn kind(
    error: &(dyn Error + 'static),
    classify: impl Fn(&(dyn Error + 'static)) -> TransportErrorKind,
) -> TransportErrorKind {
    error.downcast_ref::<TransportError>().map_or_else(|| classify(error), TransportError::kind)
}
