//! Reasons why a comparison did not run.

use std::{error::Error, fmt::Display};

pub(crate) type Result<T> = std::result::Result<T, Trouble>;

#[derive(Debug)]
pub(crate) enum Trouble {
    /// The machine lacks a program.
    Lacking(String),
    Failed(String),
}

impl Trouble {
    pub(crate) fn failed(why: impl Display) -> Self {
        Self::Failed(why.to_string())
    }

    /// Returns a function that adds what was done when an error occurred.
    pub(crate) fn during<E: Display>(what: impl Display) -> impl Fn(E) -> Self {
        move |error| Self::Failed(format!("{what}: {error}"))
    }
}

impl Trouble {
    /// Returns the reason why a program for the JVM was not built.
    pub(crate) fn of_build(trouble: sse_jvm::Trouble) -> Self {
        match trouble {
            sse_jvm::Trouble::Lacking(what) => Self::Lacking(what),
            sse_jvm::Trouble::Failed(why) => Self::Failed(why),
        }
    }
}

impl<E: Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::failed(error)
    }
}
