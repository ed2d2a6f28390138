//! Reads recordings: lines of text → exchanges.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use super::{
    Exchange, RecordedChunk, RecordedEnd, Recording, RecordingError, RecordingErrorKind,
    exchange::EndedAt,
    format::{Entry, Heading, Line, RecordedError, VERSION, decode, to_micros},
};

impl Recording {
    /// Loads a recording from a file.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, or as [`parse`](Self::parse) does.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        let path = path.as_ref();
        let loaded = fs::read(path).map_err(RecordingError::io).and_then(Self::parse);
        loaded.map_err(|error| error.in_file(path))
    }

    /// Parses the content of a file, such as that of `include_bytes!`.
    ///
    /// A last line that is incomplete is ignored, as the recorder was stopped while it wrote the
    /// line: [`is_interrupted`](Self::is_interrupted).
    ///
    /// # Errors
    ///
    /// Fails if a line is not that of a recording. The error has its number.
    pub fn parse(content: impl AsRef<[u8]>) -> Result<Self, RecordingError> {
        parse(content.as_ref())
    }
}

fn parse(content: &[u8]) -> Result<Recording, RecordingError> {
    let mut lines = content.split_inclusive(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let mut recording = heading(first).map_err(|error| error.at(1, 0))?;
    let mut offset = first.len();
    for (number, line) in (2..).zip(lines) {
        let at = offset;
        offset += line.len();
        if line.trim_ascii().is_empty() {
            continue;
        }
        let applied = match serde_json::from_slice::<Line>(line) {
            Ok(line) => recording.apply_line(line),
            Err(_) if !line.ends_with(b"\n") => {
                recording.is_interrupted = true;
                break;
            }
            Err(error) => Err(error.to_string()),
        };
        applied.map_err(|why| {
            RecordingError::new(RecordingErrorKind::InvalidLine, why).at(number, at)
        })?;
    }
    Ok(recording)
}

fn heading(line: &[u8]) -> Result<Recording, RecordingError> {
    let invalid = |why: &dyn std::fmt::Display| {
        let text = format!("not the first line of a recording: {why}");
        RecordingError::new(RecordingErrorKind::NotARecording, text)
    };
    let heading: Heading = serde_json::from_slice(line).map_err(|error| invalid(&error))?;
    match (heading.sse_recording, heading.ssecat_recording) {
        (Some(VERSION), None) | (None, Some(1)) => {}
        (Some(version), _) | (_, Some(version)) => {
            let text = format!("unsupported version {version}");
            return Err(RecordingError::new(RecordingErrorKind::UnsupportedVersion, text));
        }
        (None, None) => return Err(invalid(&"missing field `sse_recording`")),
    }
    let started = humantime::parse_rfc3339(&heading.started).map_err(|error| invalid(&error))?;
    let since = started.duration_since(SystemTime::UNIX_EPOCH).map_err(|error| invalid(&error))?;
    let started = SystemTime::UNIX_EPOCH + to_micros(since);
    Ok(Recording { url: heading.url, ..Recording::new(started) })
}

impl Recording {
    pub(crate) fn new(started: SystemTime) -> Self {
        Self { started, url: None, exchanges: Vec::new(), is_interrupted: false }
    }

    fn apply_line(&mut self, line: Line) -> Result<(), String> {
        self.apply(line.at()?, line.exchange, line.entry)
    }

    /// Adds what was observed at a time, in an exchange or in the one that began last.
    pub(crate) fn apply(
        &mut self,
        at: Duration,
        number: Option<usize>,
        entry: Entry,
    ) -> Result<(), String> {
        let begins = match &entry {
            Entry::Request(_) => true,
            // Only in a recording of version 1.
            Entry::Response(_) | Entry::NoResponse(_) if number.is_none() => {
                self.exchanges.last().is_none_or(|last| last.response.is_some() || last.is_over())
            }
            _ => false,
        };
        if begins {
            return self.begin(at, entry);
        }
        let exchange = match number {
            Some(number) => self.exchanges.get_mut(number),
            None => self.exchanges.last_mut(),
        };
        exchange.ok_or("there is no such exchange")?.apply(at, entry)
    }

    fn begin(&mut self, at: Duration, entry: Entry) -> Result<(), String> {
        let mut exchange = Exchange::default();
        let previous = self.exchanges.last_mut();
        // Only requests with a line of their own overlap.
        let earliest = previous.as_deref().map(|previous| match &entry {
            Entry::Request(_) => previous.begun_at(false),
            _ => previous.last_time(),
        });
        if earliest.is_some_and(|earliest| at < earliest) {
            return Err(TIME_DECREASES.to_owned());
        }
        if let Entry::Request(head) = entry {
            exchange.request = Some(head.received(at));
        } else {
            if let Some(previous) = previous.filter(|it| !it.is_over()) {
                previous.finish(at, RecordedEnd::Abandoned, None);
            }
            exchange.apply(at, entry)?;
        }
        self.exchanges.push(exchange);
        Ok(())
    }
}

impl Exchange {
    fn is_over(&self) -> bool {
        self.end.is_some()
    }

    fn apply(&mut self, at: Duration, entry: Entry) -> Result<(), String> {
        if at < self.last_time() {
            return Err(TIME_DECREASES.to_owned());
        }
        if self.is_over() {
            return Err("the exchange has ended".to_owned());
        }
        match (entry, self.response.is_some()) {
            (Entry::Request(_), _) => Err("a second request in an exchange".to_owned()),
            (Entry::Response(head), false) => {
                self.response = Some(head.received(at));
                Ok(())
            }
            (Entry::NoResponse(error), false) => {
                self.finish(at, error.kind.into(), Some(error));
                Ok(())
            }
            (Entry::Response(_) | Entry::NoResponse(_), true) => {
                Err("a second response in an exchange".to_owned())
            }
            (Entry::Abandoned {}, _) => {
                self.finish(at, RecordedEnd::Abandoned, None);
                Ok(())
            }
            (_, false) => Err("a body without a response".to_owned()),
            (Entry::Text(text), true) => self.receive(at, text.into_bytes()),
            (Entry::Base64(text), true) => self.receive(at, decode(&text)?),
            (Entry::End {}, true) => {
                self.finish(at, RecordedEnd::Complete, None);
                Ok(())
            }
            (Entry::Disconnected(error), true) => {
                self.finish(at, error.kind.into(), Some(error));
                Ok(())
            }
        }
    }

    fn receive(&mut self, at: Duration, bytes: Vec<u8>) -> Result<(), String> {
        if !bytes.is_empty() {
            self.chunks.push(RecordedChunk { at, bytes });
        }
        Ok(())
    }

    fn finish(&mut self, at: Duration, end: RecordedEnd, error: Option<RecordedError>) {
        let (kind, error) = error.map(|it| (it.kind, it.error)).unzip();
        self.end = Some(EndedAt { at, end, kind, error });
    }
}

const TIME_DECREASES: &str = "time is before that of an earlier line";
