//! Error that all adapters share: either the source's own error or an exceeded limit.

use core::{error::Error, fmt};

use crate::limits::LimitExceeded;

/// Error that ends a stream of events early (feature `std` or `stream`).
///
/// All events that were complete before it have been returned, and no item follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The source of the bytes failed, with this error.
    Source(E),
    /// An event exceeds the parser's [`Limits`](crate::Limits).
    Limit(LimitExceeded),
}

impl<E> StreamError<E> {
    /// Converts the error of the source.
    #[must_use]
    pub fn map_source<F>(self, map: impl FnOnce(E) -> F) -> StreamError<F> {
        match self {
            Self::Source(error) => StreamError::Source(map(error)),
            Self::Limit(error) => StreamError::Limit(error),
        }
    }
}

impl<E> fmt::Display for StreamError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source(_) => "failed to read the event stream",
            Self::Limit(_) => "event stream exceeds a limit",
        })
    }
}

impl<E: Error + 'static> Error for StreamError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            Self::Limit(error) => Some(error),
        }
    }
}

impl<E> From<LimitExceeded> for StreamError<E> {
    fn from(error: LimitExceeded) -> Self {
        Self::Limit(error)
    }
}

#[cfg(feature = "std")]
impl From<std::io::Error> for StreamError<std::io::Error> {
    fn from(error: std::io::Error) -> Self {
        Self::Source(error)
    }
}
