//! Reasons why a policy allows no further attempt, as errors show them.

use std::{borrow::Cow, fmt, time::Duration};

/// Reason why a policy allows no further attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StopReason {
    Attempts(u32),
    Restarts(u32),
    Outage {
        wait: Duration,
        max: Duration,
    },
    Undecodable(u32),
    /// The next attempt of an answer would begin after its budget.
    Budget {
        wait: Duration,
        budget: Duration,
    },
    /// All connections of an answer ended at the same age.
    SameAge {
        connections: usize,
        age: Duration,
    },
    Custom(Cow<'static, str>),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts(1) => f.write_str("1 attempt failed"),
            Self::Attempts(attempts) => write!(f, "{attempts} attempts failed in a row"),
            Self::Restarts(0) => f.write_str("no last event ID to resume from"),
            Self::Restarts(1) => f.write_str("no last event ID to resume from after 1 restart"),
            Self::Restarts(restarts) => {
                write!(f, "no last event ID to resume from after {restarts} restarts")
            }
            Self::Outage { wait, max } => {
                write!(f, "next delay of {wait:?} exceeds max_outage of {max:?}")
            }
            Self::Budget { wait, budget } => {
                write!(f, "next delay of {wait:?} exceeds the budget of {budget:?}")
            }
            Self::SameAge { connections, age } => write!(
                f,
                "all {connections} connections ended {:.1} s after they were made, which may be a \
                 limit of a proxy or of the server",
                age.as_secs_f64()
            ),
            Self::Undecodable(streams) => {
                write!(f, "{streams} event streams in a row could not be decoded")
            }
            Self::Custom(reason) => f.write_str(reason),
        }
    }
}
