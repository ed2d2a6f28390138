//! Why a trial did not come to a good end.

use std::{error::Error, fmt::Write as _};

pub(crate) type Result<T> = std::result::Result<T, Trouble>;

#[derive(Debug)]
pub(crate) enum Trouble {
    /// This machine lacks something: what, and how to get it.
    Lacking(String),
    Failed(String),
}

impl Trouble {
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    /// What went wrong, and what was done at that.
    pub(crate) fn during<E: Error>(what: &str) -> impl FnOnce(E) -> Self {
        move |error| Self::Failed(format!("{what}: {}", with_causes(&error)))
    }
}

impl<E: Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Failed(with_causes(&error))
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
