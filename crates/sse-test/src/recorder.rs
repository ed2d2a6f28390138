//! Records exchanges while they happen, in memory or in a file.
//!
//! Applies the redaction, and writes each line of a file at once, so that a file is valid up to its
//! end whenever the recorder is stopped. An error of the recorder does not affect the session.

mod builder;
mod tape;
#[cfg(feature = "reqwest")]
mod sender;

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::Write,
    mem,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub(crate) use self::tape::{Tape, kind};
pub use self::{builder::RecorderBuilder, tape::RecordedBody};
use crate::{
    record::TimeSource,
    recording::{
        BodyRedactor, Entry, Recording, RecordingError, RecordingErrorKind, Redaction, line,
        to_micros,
    },
};

/// Recorder of the answers of real servers, for a [`RecordingTransport`](crate::RecordingTransport)
/// (features `recording` and `session`).
///
/// Clones record to the same recording. Requests may overlap.
///
/// ```
/// # use bytes::Bytes;
/// # use http_body_util::Full;
/// use sse_session::{SseClient, SseConfig};
/// use sse_test::{Recorder, RecordingTransport};
///
/// # async fn transport(_: http::Request<Bytes>) -> http::Result<http::Response<Full<Bytes>>> {
/// #     let response = http::Response::builder().header("content-type", "text/event-stream");
/// #     response.body(Full::from("data: hello\n\n"))
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let recorder = Recorder::in_memory();
/// let transport = RecordingTransport::new(transport, &recorder);
/// let client = SseClient::new(transport, SseConfig::new());
///
/// // The code under test, with a real server.
/// let mut session = client.sse_session("https://example.org/events").await?;
/// while let Some(event) = session.next().await {
///     event?;
/// }
///
/// let recording = recorder.recording()?;
/// assert_eq!(recording.exchanges()[0].body(), b"data: hello\n\n");
/// # let path = std::env::temp_dir().join(format!("sse-test-{}.jsonl", std::process::id()));
/// // For the tests: recording.save("tests/answer.jsonl")?
/// recording.save(&path)?;
/// # std::fs::remove_file(&path)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    time: TimeSource,
    redaction: Redaction,
    state: Mutex<State>,
}

struct State {
    sink: Sink,
    /// Number of exchanges that have begun.
    begun: usize,
    /// Bodies that are being received, by the number of their exchange.
    bodies: HashMap<usize, BodyRedactor>,
}

enum Sink {
    Memory(Recording),
    File(File, PathBuf),
    Failed(RecordingError),
    /// The failure has been reported.
    Closed,
}

impl Recorder {
    /// Returns what has been recorded so far; from the file, if there is one.
    ///
    /// # Errors
    ///
    /// Fails if the recorder has failed, or the file cannot be read. [`check`](Self::check) still
    /// returns the error of the recorder.
    pub fn recording(&self) -> Result<Recording, RecordingError> {
        match &self.state().sink {
            Sink::Memory(recording) => Ok(recording.clone()),
            Sink::File(_, path) => Recording::load(path),
            Sink::Failed(error) => Err(error.copy()),
            Sink::Closed => {
                Err(RecordingError::new(RecordingErrorKind::Io, "recorder has failed before"))
            }
        }
    }

    /// Returns the error of the recorder, once.
    ///
    /// It may be that of the file, or of the [redaction](Redaction#json). After an error, the
    /// recorder records nothing more, and the session continues.
    ///
    /// # Errors
    ///
    /// Returns the error of the recorder.
    pub fn check(&self) -> Result<(), RecordingError> {
        let mut state = self.state();
        match mem::replace(&mut state.sink, Sink::Closed) {
            Sink::Failed(error) => Err(error),
            other => {
                state.sink = other;
                Ok(())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time since the start, as precise as in a file.
    fn now(&self) -> Duration {
        to_micros(self.shared.time.now())
    }

    /// Begins an exchange, and returns its number.
    fn begin(&self, request: Entry) -> usize {
        let mut state = self.state();
        let number = state.begun;
        state.begun += 1;
        state.write(self.now(), number, request);
        number
    }

    /// Records the head of a response, whose body is to be redacted.
    fn respond(&self, number: usize, response: Entry, body: BodyRedactor) {
        let mut state = self.state();
        state.write(self.now(), number, response);
        state.bodies.insert(number, body);
    }

    /// Records a chunk of a body.
    fn receive(&self, number: usize, bytes: &[u8]) {
        let mut state = self.state();
        let now = self.now();
        match state.bodies.get_mut(&number).map(|body| body.push(now, bytes)) {
            Some(Ok(chunks)) => state.write_chunks(number, chunks),
            Some(Err(error)) => state.fail(error),
            None => {}
        }
    }

    /// Records the end of an exchange.
    fn end(&self, number: usize, end: Entry) {
        let mut state = self.state();
        if let Some(mut body) = state.bodies.remove(&number) {
            state.write_chunks(number, body.finish());
        }
        state.write(self.now(), number, end);
    }
}

impl State {
    fn write_chunks(&mut self, number: usize, chunks: Vec<(Duration, Vec<u8>)>) {
        for (at, bytes) in chunks.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
            self.write(at, number, Entry::chunk(&bytes));
        }
    }

    fn write(&mut self, at: Duration, number: usize, entry: Entry) {
        let named = Some(number).filter(|_| number + 1 != self.begun);
        let written = match &mut self.sink {
            Sink::Memory(recording) => recording
                .apply(at, named, entry)
                .map_err(|why| RecordingError::new(RecordingErrorKind::InvalidLine, why)),
            Sink::File(file, path) => {
                let text = line(at, named, entry).map_err(std::io::Error::from);
                let written = text.and_then(|text| file.write_all(text.as_bytes()));
                written.map_err(|error| RecordingError::io(error).in_file(path))
            }
            Sink::Failed(_) | Sink::Closed => Ok(()),
        };
        if let Err(error) = written {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: RecordingError) {
        if !matches!(self.sink, Sink::Failed(_) | Sink::Closed) {
            self.sink = Sink::Failed(error);
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}
