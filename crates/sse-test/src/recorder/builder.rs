//! Constructors and options of recorders, and where a recording goes.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
    time::{Instant, SystemTime},
};

use super::{Recorder, Shared, Sink, State};
use crate::{
    clock::TestClock,
    record::TimeSource,
    recording::{Recording, RecordingError, Redaction, create, heading, to_micros},
};

/// Options of a [`Recorder`] (features `recording` and `session`).
#[derive(Debug, Default)]
#[must_use]
pub struct RecorderBuilder {
    redaction: Redaction,
    clock: Option<TestClock>,
}

impl Recorder {
    /// Returns options for a recorder.
    pub fn builder() -> RecorderBuilder {
        RecorderBuilder::default()
    }

    /// Starts a recorder that keeps the recording in memory.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::builder().in_memory()
    }

    /// Starts a recorder that writes to a new file.
    ///
    /// # Errors
    ///
    /// Fails if the file exists or cannot be written. [`RecorderBuilder::overwrite`] replaces one.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        Self::builder().create(path)
    }
}

impl RecorderBuilder {
    /// Sets what is redacted.
    ///
    /// Defaults to [`Redaction::new`]: well-known secrets in headers and URLs.
    pub fn redaction(self, redaction: Redaction) -> Self {
        Self { redaction, ..self }
    }

    /// Sets the clock of the times in the recording.
    ///
    /// Defaults to real time.
    pub fn clock(self, clock: &TestClock) -> Self {
        Self { clock: Some(clock.clone()), ..self }
    }

    /// Starts a recorder that keeps the recording in memory.
    #[must_use]
    pub fn in_memory(self) -> Recorder {
        self.start(Sink::Memory(Recording::new(time_of_day())))
    }

    /// Starts a recorder that writes to a new file, which on Unix only its owner can read.
    ///
    /// # Errors
    ///
    /// Fails if the file exists or cannot be written.
    pub fn create(self, path: impl AsRef<Path>) -> Result<Recorder, RecordingError> {
        let path = path.as_ref();
        self.write(create(path, false), path)
    }

    /// Starts a recorder that writes to a file, which it replaces if it exists.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn overwrite(self, path: impl AsRef<Path>) -> Result<Recorder, RecordingError> {
        let path = path.as_ref();
        self.write(create(path, true), path)
    }

    fn write(self, file: io::Result<File>, path: &Path) -> Result<Recorder, RecordingError> {
        let started = time_of_day();
        let written = file.and_then(|mut file| {
            file.write_all(heading(started, None)?.as_bytes())?;
            Ok(file)
        });
        let file = written.map_err(|error| RecordingError::io(error).in_file(path))?;
        Ok(self.start(Sink::File(file, path.to_owned())))
    }

    fn start(self, sink: Sink) -> Recorder {
        let time = match self.clock {
            Some(clock) => TimeSource::Clock(clock),
            None => TimeSource::Since(Instant::now()),
        };
        let state = Mutex::new(State { sink, begun: 0, bodies: HashMap::new() });
        Recorder { shared: Arc::new(Shared { time, redaction: self.redaction, state }) }
    }
}

/// Returns the time of day, as precise as in a file.
fn time_of_day() -> SystemTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + to_micros(since)
}
