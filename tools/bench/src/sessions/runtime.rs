//! Runs a client's reading loop in one of the shapes that a program on tokio can have.

use std::{fmt, str::FromStr};

use tokio::runtime::Builder;

use super::client::BoxError;

/// Place of the reading loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Runtime {
    /// In the main future of a multi-thread runtime: `#[tokio::main]`.
    Main,
    /// In a spawned task of a multi-thread runtime.
    Spawn,
    /// In the main future of a current-thread runtime: `#[tokio::main(flavor = "current_thread")]`.
    Current,
    /// In a spawned task of a current-thread runtime.
    ///
    /// The default, because it adds the least to what a client itself costs.
    #[default]
    CurrentSpawn,
}

impl Runtime {
    pub const ALL: [Self; 4] = [Self::Main, Self::Spawn, Self::Current, Self::CurrentSpawn];

    /// Builds the runtime, with as many workers as tokio chooses, and runs the loop to its end.
    ///
    /// # Errors
    ///
    /// If the runtime cannot be built, or if the loop's task panics.
    pub fn run<F>(self, reading: F) -> Result<F::Output, BoxError>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let mut builder = match self {
            Self::Main | Self::Spawn => Builder::new_multi_thread(),
            Self::Current | Self::CurrentSpawn => Builder::new_current_thread(),
        };
        let runtime = builder.enable_all().build()?;
        Ok(match self {
            Self::Main | Self::Current => runtime.block_on(reading),
            Self::Spawn | Self::CurrentSpawn => runtime.block_on(runtime.spawn(reading))?,
        })
    }

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Spawn => "spawn",
            Self::Current => "current",
            Self::CurrentSpawn => "current-spawn",
        }
    }

    /// Name in a sentence: "a client reads in …".
    pub const fn place(self) -> &'static str {
        match self {
            Self::Main => "the main future of a multi-thread runtime",
            Self::Spawn => "a spawned task of a multi-thread runtime",
            Self::Current => "the main future of a current-thread runtime",
            Self::CurrentSpawn => "a spawned task of a current-thread runtime",
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Runtime {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|runtime| runtime.name() == name);
        found.ok_or_else(|| format!("no such runtime: `{name}`"))
    }
}
