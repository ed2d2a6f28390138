//! Errors of transports, with their kinds.

mod kind;
#[cfg(all(
    any(feature = "hyper", feature = "h2"),
    not(all(target_arch = "wasm32", target_os = "unknown"))
))]
mod hyper;

use std::{error::Error, fmt};

pub use self::kind::TransportErrorKind;
#[cfg(all(feature = "ureq", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub(crate) use self::kind::is_untrusted;
use crate::threads::BoxError;

/// Error of a transport, with its kind.
#[derive(Debug)]
pub struct TransportError {
    pub(crate) kind: TransportErrorKind,
    pub(crate) source: BoxError,
}

impl TransportError {
    /// Creates an error of this kind.
    pub fn new(kind: TransportErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: source.into() }
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

impl TransportErrorKind {
    /// Returns the kind that an error and its sources indicate, or [`Other`](Self::Other).
    ///
    /// It knows the errors of `std::io`, as [`of_sources`](Self::of_sources) does. With the feature
    /// `hyper` it also knows those of hyper and of hyper-util's client, and with the feature
    /// `h2` those of h2.
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        #[cfg(all(
            any(feature = "hyper", feature = "h2"),
            not(all(target_arch = "wasm32", target_os = "unknown"))
        ))]
        if let Some(kind) = hyper::kind(error) {
            return kind;
        }
        Self::of_sources(error)
    }
}
