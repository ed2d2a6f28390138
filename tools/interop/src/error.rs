//! Reasons why a scenario did not pass.

use std::{error::Error, fmt::Write as _};

pub(crate) type Result<T> = std::result::Result<T, ScenarioError>;

#[derive(Debug)]
pub(crate) enum ScenarioError {
    /// Something is not installed on this machine: what, and how to install it.
    Missing(String),
    Failed(String),
}

impl ScenarioError {
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    /// Returns a function that adds to an error what failed with it.
    pub(crate) fn during<E: Error>(what: &str) -> impl FnOnce(E) -> Self {
        move |error| Self::Failed(format!("{what}: {}", with_causes(&error)))
    }

    /// Returns the reason why a program for the JVM was not built.
    pub(crate) fn of_build(error: sse_jvm::BuildError) -> Self {
        match error {
            sse_jvm::BuildError::Missing(what) => Self::Missing(what),
            sse_jvm::BuildError::Failed(why) => Self::Failed(why),
        }
    }
}

impl<E: Error> From<E> for ScenarioError {
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
