//! Replays a recording: returns its responses at their times.
//!
//! Replaces reqwest and the server for a session. Holds the whole recording in memory.

use std::{
    fs, future, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::stream;
use reqwest::{Body, Response, ResponseBuilderExt, Url, Version};
use sse_reqwest::{BoxError, TransportErrorKind};
use sse_test::{Exchange, RecordedEnd, RecordedResponse, Recording};
use tokio::{sync::Notify, time::Instant};

use crate::{args::Speed, failure::Failure};

pub(crate) struct Replay {
    recording: Recording,
    url: Url,
    speed: Speed,
    begun: Instant,
    /// Number of requests so far.
    requested: AtomicUsize,
    /// Position in the recording, in microseconds.
    position: AtomicU64,
    ended: Notify,
}

impl Replay {
    pub(crate) fn open(path: &Path, speed: Speed) -> Result<Arc<Self>, Failure> {
        let reading = |error| Failure::reading(&path.display().to_string())(error);
        let invalid = |error: BoxError| reading(io::Error::new(io::ErrorKind::InvalidData, error));
        let content = fs::read(path).map_err(reading)?;
        let recording = Recording::parse(content).map_err(|error| invalid(error.into()))?;
        // A recording without a request has none.
        let url = Url::parse(recording.url().unwrap_or("http://localhost/"))
            .map_err(|error| invalid(error.into()))?;
        Ok(Arc::new(Self {
            recording,
            url,
            speed,
            begun: Instant::now(),
            requested: AtomicUsize::new(0),
            position: AtomicU64::new(0),
            ended: Notify::new(),
        }))
    }

    /// Returns the URL that was requested.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the number of requests.
    pub(crate) fn connections(&self) -> usize {
        self.recording.exchanges().len()
    }

    /// Returns the time of day at the current position.
    pub(crate) fn time(&self) -> SystemTime {
        let position = Duration::from_micros(self.position.load(Ordering::Relaxed));
        self.recording.started() + position
    }

    /// Waits until more is requested than was recorded.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }

    /// Returns the response to the next request.
    pub(crate) async fn response(self: Arc<Self>) -> Result<Response, BoxError> {
        let number = self.requested.fetch_add(1, Ordering::Relaxed);
        let Some(exchange) = self.recording.exchanges().get(number) else {
            return self.end().await;
        };
        let Some(head) = exchange.response() else {
            return Err(self.failure(number, exchange).await.into());
        };
        self.wait_until(head.at()).await;
        let response = response(head)?;
        let chunks = stream::unfold((self, 0), move |(replay, index)| async move {
            let chunk = replay.chunk(number, index).await;
            chunk.map(|chunk| (chunk, (replay, index + 1)))
        });
        Ok(response.body(Body::wrap_stream(chunks))?.into())
    }

    /// Returns a chunk of a body, `None` at its end.
    async fn chunk(&self, number: usize, index: usize) -> Option<io::Result<Bytes>> {
        let exchange = self.recording.exchanges().get(number)?;
        match exchange.chunks().get(index) {
            Some(chunk) => {
                self.wait_until(chunk.at()).await;
                Some(Ok(Bytes::copy_from_slice(chunk.bytes())))
            }
            None if exchange.end() == RecordedEnd::Complete => {
                self.wait_until(exchange.ended_at().unwrap_or_default()).await;
                None
            }
            None => Some(Err(self.failure(number, exchange).await)),
        }
    }

    /// Returns the error that an exchange ended with.
    async fn failure(&self, number: usize, exchange: &Exchange) -> io::Error {
        let kind = match exchange.end() {
            // The client closed the connection, or did not: nothing was recorded after that.
            RecordedEnd::Abandoned | RecordedEnd::Unrecorded
                if number + 1 == self.connections() =>
            {
                return self.end().await;
            }
            _ => exchange.error_kind().map_or(io::ErrorKind::Other, io_kind),
        };
        if let Some(at) = exchange.ended_at() {
            self.wait_until(at).await;
        }
        io::Error::new(kind, exchange.error().unwrap_or("connection closed by the client"))
    }

    /// Reports the end of the recording, and waits forever.
    async fn end<T>(&self) -> T {
        self.ended.notify_one();
        future::pending().await
    }

    /// Waits until a time of the recording.
    async fn wait_until(&self, at: Duration) {
        if let Speed::Times(factor) = self.speed {
            let wait = Duration::try_from_secs_f64(at.as_secs_f64() / factor);
            if let Some(moment) = self.begun.checked_add(wait.unwrap_or(Duration::MAX)) {
                tokio::time::sleep_until(moment).await;
            }
        }
        let position = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        self.position.store(position, Ordering::Relaxed);
    }
}

/// Returns the kind of an error of `std::io` that a session takes for this one.
fn io_kind(kind: TransportErrorKind) -> io::ErrorKind {
    match kind {
        TransportErrorKind::Closed | TransportErrorKind::Truncated => io::ErrorKind::UnexpectedEof,
        TransportErrorKind::Reset => io::ErrorKind::ConnectionReset,
        TransportErrorKind::Connect => io::ErrorKind::ConnectionRefused,
        TransportErrorKind::ConnectTimeout | TransportErrorKind::Timeout => io::ErrorKind::TimedOut,
        _ => io::ErrorKind::Other,
    }
}

fn response(head: &RecordedResponse) -> Result<http::response::Builder, BoxError> {
    let mut response = http::Response::builder()
        .status(head.status())
        .version(version(head.version()))
        .url(Url::parse(head.url())?);
    for (name, value) in head.headers() {
        response = response.header(name, value);
    }
    Ok(response)
}

fn version(name: &str) -> Version {
    [Version::HTTP_10, Version::HTTP_2, Version::HTTP_3]
        .into_iter()
        .find(|version| format!("{version:?}") == name)
        .unwrap_or(Version::HTTP_11)
}
