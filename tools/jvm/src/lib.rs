//! Builds programs in Java and Kotlin. Maven copies their libraries, and the compilers run on their
//! own.
//!
//! A missing tool or an unreachable repository is [missing](BuildError::Missing); an error of a
//! compiler is a failure, and so is a package that does not exist. A build is kept: a program is
//! built again only after a change of its sources or of Java.

mod command;
mod java;
mod project;

pub use java::Java;
pub use project::{Built, Project};

/// Result of a build.
pub type Result<T> = std::result::Result<T, BuildError>;

/// Reason why a program was not built.
#[derive(Debug)]
pub enum BuildError {
    /// The machine lacks a tool, or cannot reach Maven's repository.
    Missing(String),
    /// Something else failed, such as a compiler.
    Failed(String),
}

impl From<std::io::Error> for BuildError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
