//! Reasons why a comparison did not run.

use std::{error::Error, fmt::Display};

pub(crate) type Result<T> = std::result::Result<T, RunError>;

#[derive(Debug)]
pub(crate) enum RunError {
    /// The machine lacks a program.
    Missing(String),
    Failed(String),
}

impl RunError {
    pub(crate) fn failed(why: impl Display) -> Self {
        Self::Failed(why.to_string())
    }

    /// Returns a function that adds what was done when an error occurred.
    pub(crate) fn during<E: Display>(what: impl Display) -> impl Fn(E) -> Self {
        move |error| Self::Failed(format!("{what}: {error}"))
    }

    /// Returns the reason why a program for the JVM was not built.
    pub(crate) fn of_build(error: sse_jvm::BuildError) -> Self {
        match error {
            sse_jvm::BuildError::Missing(what) => Self::Missing(what),
            sse_jvm::BuildError::Failed(why) => Self::Failed(why),
        }
    }
}

impl<E: Error> From<E> for RunError {
    fn from(error: E) -> Self {
        Self::failed(error)
    }
}
