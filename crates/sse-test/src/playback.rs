//! Transport that plays a recording back in memory, instead of a server.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Version, header::CONTENT_LENGTH};
use http_body::{Body, Frame};
use sse_session::{BoxFuture, Clock, SendContext, Transport, TransportError, TransportErrorKind};

use crate::recording::{Exchange, RecordedEnd, RecordedResponse, Recording};

/// Transport that plays a recording back in memory (features `recording` and `session`).
///
/// It sends nothing, and responds to the requests of a session with the exchanges of the recording,
/// in their order. The chunks and the end of each body are exactly those that were recorded,
/// although a socket could merge or split chunks. Errors have the recorded kind, such as a reset.
/// Clones share their requests.
///
/// ```
/// use sse_session::{SseClient, SseConfig};
/// use sse_test::{PlaybackTransport, Recording};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let recording = Recording::parse(concat!(
/// #     r#"{"sse_recording":2,"started":"2026-11-25T09:00:00Z"}"#, "\n",
/// #     r#"{"at":0,"request":{"method":"GET","url":"http://localhost/","headers":[]}}"#, "\n",
/// #     r#"{"at":2,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/","headers":[["content-type","text/event-stream"]]}}"#, "\n",
/// #     r#"{"at":60,"text":"data: hello\n\n"}"#, "\n",
/// #     r#"{"at":60,"end":{}}"#, "\n",
/// # ))?;
/// let playback = PlaybackTransport::new(recording);
/// let client = SseClient::new(playback.clone(), SseConfig::new());
/// let mut session = client.sse_session("https://example.org/events").await?;
/// assert_eq!(session.next().await.unwrap()?.data(), "hello");
/// assert_eq!(playback.requests()[0].uri(), "https://example.org/events");
/// # Ok(())
/// # }
/// ```
///
/// An exchange that the client [abandoned](RecordedEnd::Abandoned), or whose end is
/// [not recorded](RecordedEnd::Unrecorded), ends as a truncated one. A request after the last
/// exchange is an error that is not retried.
#[derive(Clone)]
pub struct PlaybackTransport {
    recording: Arc<Recording>,
    clock: Option<Arc<dyn Clock>>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl PlaybackTransport {
    /// Creates a transport that responds without waits.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        Self { recording: Arc::new(recording), clock: None, requests: Arc::default() }
    }

    /// Sets a clock on which the head, the chunks and the end of a body come at their recorded
    /// times after the request, as in [`timed_replies`](Recording::timed_replies).
    ///
    /// Defaults to none: the transport responds without waits.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Some(Arc::new(clock)), ..self }
    }

    /// Returns all requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for PlaybackTransport {
    type Body = PlaybackBody;
    type Error = TransportError;

    async fn send(
        &self,
        request: Request<Bytes>,
        _: SendContext,
    ) -> Result<Response<PlaybackBody>, TransportError> {
        let number = {
            let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.push(request);
            requests.len() - 1
        };
        let Some(exchange) = self.recording.exchanges().get(number) else {
            let text = "recording has no more exchanges";
            return Err(TransportError::new(TransportErrorKind::InvalidRequest, text));
        };
        let timing = self.clock.as_ref().map(|clock| Timing {
            clock: clock.clone(),
            started: clock.now(),
            begun: exchange.begun_at(number == 0),
        });
        let Some(response) = exchange.response() else {
            wait(timing.as_ref(), exchange.ended_at()).await;
            return Err(failure(exchange));
        };
        wait(timing.as_ref(), Some(response.at())).await;
        let recording = self.recording.clone();
        let body = PlaybackBody { recording, number, next: 0, timing, waiting: None };
        head(exchange, response)
            .body(body)
            .map_err(|error| TransportError::new(TransportErrorKind::InvalidRequest, error))
    }
}

impl fmt::Debug for PlaybackTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlaybackTransport").finish_non_exhaustive()
    }
}

/// Times of an exchange on a clock.
#[derive(Debug)]
struct Timing {
    clock: Arc<dyn Clock>,
    /// Time of the request on the clock, and in the recording.
    started: Duration,
    begun: Duration,
}

impl Timing {
    /// Returns how long it takes until a time of the recording.
    fn until(&self, at: Duration) -> Duration {
        let due = self.started.saturating_add(at.saturating_sub(self.begun));
        due.saturating_sub(self.clock.now())
    }
}

async fn wait(timing: Option<&Timing>, at: Option<Duration>) {
    if let (Some(timing), Some(at)) = (timing, at) {
        let remaining = timing.until(at);
        if !remaining.is_zero() {
            timing.clock.sleep(remaining).await;
        }
    }
}

fn head(exchange: &Exchange, response: &RecordedResponse) -> http::response::Builder {
    let version = match response.version() {
        "HTTP/0.9" => Version::HTTP_09,
        "HTTP/1.0" => Version::HTTP_10,
        "HTTP/2.0" => Version::HTTP_2,
        "HTTP/3.0" => Version::HTTP_3,
        _ => Version::HTTP_11,
    };
    let mut builder = Response::builder().status(response.status()).version(version);
    for (name, value) in response.headers() {
        // A redacted body may have another length.
        if exchange.end() != RecordedEnd::Complete || name != CONTENT_LENGTH.as_str() {
            builder = builder.header(name, value);
        }
    }
    if exchange.end() == RecordedEnd::Complete && response.header("content-length").is_some() {
        let length: usize = exchange.chunks().iter().map(|chunk| chunk.bytes().len()).sum();
        builder = builder.header(CONTENT_LENGTH, length);
    }
    builder
}

/// Returns the error that an exchange ended with.
fn failure(exchange: &Exchange) -> TransportError {
    let kind = match exchange.error_kind().unwrap_or(TransportErrorKind::Truncated) {
        // Older recordings have one kind for both.
        TransportErrorKind::Truncated if exchange.response().is_none() => {
            TransportErrorKind::Closed
        }
        kind => kind,
    };
    TransportError::new(kind, exchange.error().unwrap_or("the recording ends here"))
}

/// Body of a response that is played back (features `recording` and `session`).
pub struct PlaybackBody {
    recording: Arc<Recording>,
    number: usize,
    /// Number of the next chunk.
    next: usize,
    timing: Option<Timing>,
    waiting: Option<BoxFuture<()>>,
}

impl Body for PlaybackBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = &mut *self;
        let Some(exchange) = this.recording.exchanges().get(this.number) else {
            return Poll::Ready(None);
        };
        let chunk = exchange.chunks().get(this.next);
        let due = chunk.map(|chunk| chunk.at()).or(exchange.ended_at());
        if let (None, Some(timing), Some(due)) = (&this.waiting, &this.timing, due) {
            let remaining = timing.until(due);
            if !remaining.is_zero() {
                this.waiting = Some(timing.clock.sleep(remaining));
            }
        }
        if let Some(waiting) = &mut this.waiting {
            ready!(waiting.as_mut().poll(cx));
            this.waiting = None;
        }
        Poll::Ready(match chunk {
            Some(chunk) => {
                this.next += 1;
                Some(Ok(Frame::data(Bytes::copy_from_slice(chunk.bytes()))))
            }
            None if exchange.end() == RecordedEnd::Complete => None,
            None => Some(Err(failure(exchange))),
        })
    }
}

impl fmt::Debug for PlaybackBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlaybackBody").finish_non_exhaustive()
    }
}
