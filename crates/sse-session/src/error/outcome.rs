//! What a session made of a failure: its kind, its message and its cause.

use std::{error::Error, fmt};

use super::{Outcome, SseErrorKind, SseErrorOutcome};
use crate::failure::{Failure, NotRepeatable};

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Outcome {
    /// Returns the kind of what happened last.
    pub(super) fn kind(&self) -> SseErrorKind {
        match self {
            Self::Failed(failure) => failure.kind(),
            Self::NotRepeatable(_, cause)
            | Self::Exhausted { cause, .. }
            | Self::Incomplete { cause, .. } => cause.kind(),
        }
    }

    /// Returns what was made of what happened last; `None` if the failure itself is reported.
    pub(super) fn reported(&self) -> Option<SseErrorOutcome> {
        match self {
            Self::Failed(_) => None,
            Self::Exhausted { .. } => Some(SseErrorOutcome::Exhausted),
            Self::NotRepeatable(NotRepeatable::BodySpent, _) => {
                Some(SseErrorOutcome::BodyNotRepeatable)
            }
            Self::NotRepeatable(NotRepeatable::NoRequest, _) => {
                Some(SseErrorOutcome::RequestMissing)
            }
            Self::NotRepeatable(NotRepeatable::RestartUnseen, _) => {
                Some(SseErrorOutcome::RestartUnseen)
            }
            Self::Incomplete { cause, .. } => {
                Some(cause.outcome().unwrap_or(SseErrorOutcome::Incomplete))
            }
        }
    }

    pub(super) fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(failure) => failure.source(),
            Self::NotRepeatable(_, cause)
            | Self::Exhausted { cause, .. }
            | Self::Incomplete { cause, .. } => Some(cause),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::NotRepeatable(why, _) => why.fmt(f),
            Self::Exhausted { reason, is_after_complete_stream: false, .. } => {
                write!(f, "reconnection stopped: {reason}")
            }
            Self::Exhausted { reason, is_after_complete_stream: true, .. } => {
                write!(f, "reconnection stopped after a complete event stream: {reason}")
            }
            Self::Incomplete { events, cause } => {
                write!(f, "event stream is incomplete: no terminal event after {events} events")?;
                match cause.end_evidence().map_or(0, |evidence| evidence.unknown_lines()) {
                    0 => Ok(()),
                    lines => write!(f, " and {lines} unknown lines"),
                }
            }
        }
    }
}
