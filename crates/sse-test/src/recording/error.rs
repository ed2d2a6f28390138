//! Errors of recordings, with the place in the text.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

/// Error of a [`Recording`](super::Recording) or a recorder (feature `recording`).
#[derive(Debug)]
pub struct RecordingError {
    kind: RecordingErrorKind,
    path: Option<PathBuf>,
    place: Option<Place>,
    text: String,
    source: Option<io::Error>,
}

/// Kind of a [`RecordingError`] (feature `recording`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordingErrorKind {
    /// The file cannot be read or written, or exists although it must not. The
    /// [source](Error::source) is the error of the operating system.
    Io,
    /// The first line is not that of a recording.
    NotARecording,
    /// The recording was made by a newer version of this crate.
    UnsupportedVersion,
    /// A line after the first is invalid.
    InvalidLine,
    /// A path into JSON is to be redacted in a body that is compressed.
    Compressed,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    line: usize,
    offset: usize,
}

impl RecordingError {
    pub(crate) fn new(kind: RecordingErrorKind, text: impl Into<String>) -> Self {
        Self { kind, path: None, place: None, text: text.into(), source: None }
    }

    pub(crate) fn io(error: io::Error) -> Self {
        Self { source: Some(error), ..Self::new(RecordingErrorKind::Io, "") }
    }

    /// Returns an error with the same text, kind and place.
    #[cfg(feature = "session")]
    pub(crate) fn copy(&self) -> Self {
        let copy = |error: &io::Error| match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        Self {
            kind: self.kind,
            path: self.path.clone(),
            place: self.place,
            text: self.text.clone(),
            source: self.source.as_ref().map(copy),
        }
    }

    pub(crate) fn at(self, line: usize, offset: usize) -> Self {
        Self { place: Some(Place { line, offset }), ..self }
    }

    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> RecordingErrorKind {
        self.kind
    }

    /// Returns the path of the file, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the number of the invalid line, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.place.map(|place| place.line)
    }

    /// Returns the number of bytes before the invalid line.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.place.map(|place| place.offset)
    }
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        if let Some(Place { line, .. }) = self.place {
            write!(f, "line {line}: ")?;
        }
        match &self.source {
            Some(error) => error.fmt(f),
            None => f.write_str(&self.text),
        }
    }
}

impl Error for RecordingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}
