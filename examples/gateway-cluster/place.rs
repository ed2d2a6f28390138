//! Places in the history, which are the event IDs that browsers receive.

use std::fmt;

/// Place after an event of a generation; number 0 is the place before the first event.
///
/// Its text is `GENERATION-NUMBER`. The number is that of the entry in the engine's stream. It
/// counts from 1 without gaps, so that a missing event is always noticed. The generation is
/// different each time that a history begins, so that an ID of a lost history is recognized.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) generation: String,
    pub(crate) number: u64,
}

impl Place {
    pub(crate) fn new(generation: impl Into<String>, number: u64) -> Self {
        Self { generation: generation.into(), number }
    }

    /// Parses the ID that a browser has sent.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let (generation, number) = id.rsplit_once('-')?;
        let is_written_so = !generation.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
        let number = number.parse().ok().filter(|&number| is_written_so && number > 0)?;
        Some(Self::new(generation, number))
    }

    /// Returns the place after the next event.
    pub(crate) fn next(&self) -> Self {
        Self::new(self.generation.clone(), self.number + 1)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.generation, self.number)
    }
}

/// Returns a name for a generation or a process that no other has.
pub(crate) fn random_name() -> String {
    format!("{:016x}", fastrand::u64(..))
}
