//! Progress of one attempt: what its judgments add up to.
//!
//! Pure: it knows neither the session nor the time.

use std::time::Duration;

use super::Judgment;
use crate::{
    body_end::{Completeness, EndEvidence},
    failure::Failure,
};

/// State of an attempt, as its events and connections have made it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    has_begun: bool,
    /// `true` if a delta was yielded, even if it is void by now.
    pub(super) has_delta: bool,
    /// `true` if the server has begun to work, as a delta or another event shows.
    pub(super) has_work: bool,
    /// `true` if the reason to finish was the last thing that this connection brought of the
    /// answer.
    is_finished: bool,
    connection: Option<Connection>,
    /// `true` if the attempt had a connection.
    pub(super) was_open: bool,
    /// The last event could not be decoded, for this reason.
    malformed: Option<Failure>,
}

/// Connection of an attempt.
#[derive(Debug)]
struct Connection {
    opened_at: Duration,
    /// ID that it resumes from; `None` if it is the first of its attempt.
    resumed_from: Option<String>,
    has_event: bool,
}

/// Consequence of an event.
#[derive(Debug)]
pub(super) enum Next<T> {
    Nothing,
    Delta(T),
    BegunAgain,
    Whole(Option<T>),
    Failed(Failure),
}

impl Progress {
    /// Takes note of a connection, and of the last event ID that its request had.
    pub(super) fn opened(&mut self, last_event_id: &str, now: Duration) {
        let resumed_from = self.was_open.then(|| last_event_id.to_owned());
        self.was_open = true;
        // A connection that resumes has to show the end by itself.
        self.is_finished = false;
        self.connection = Some(Connection { opened_at: now, resumed_from, has_event: false });
    }

    /// Takes the judgment of an event.
    pub(super) fn take<T>(&mut self, judgment: Judgment<T>) -> Next<T> {
        if matches!(judgment, Judgment::KeepAlive) {
            return Next::Nothing;
        }
        if let Some(connection) = &mut self.connection {
            connection.has_event = true;
        }
        self.has_work |= matches!(
            judgment,
            Judgment::Working | Judgment::BeginWorking | Judgment::Delta(_) | Judgment::Finished(_)
        );
        // A gateway may close half an event with a blank line, and report why in the next one.
        if let Some(malformed) = self.malformed.take() {
            return match judgment {
                Judgment::Failed { message, is_transient } => {
                    Next::Failed(Failure::Reported { message, is_transient })
                }
                _ => Next::Failed(malformed),
            };
        }
        match judgment {
            Judgment::KeepAlive | Judgment::NotYet | Judgment::Working => Next::Nothing,
            Judgment::Begin | Judgment::BeginWorking if self.has_begun => {
                self.is_finished = false;
                Next::BegunAgain
            }
            Judgment::Begin | Judgment::BeginWorking => {
                self.has_begun = true;
                Next::Nothing
            }
            Judgment::Delta(delta) => {
                self.has_delta = true;
                // An answer that continues has not finished.
                self.is_finished = false;
                Next::Delta(delta)
            }
            Judgment::Finished(delta) => {
                self.is_finished = true;
                self.has_delta |= delta.is_some();
                delta.map_or(Next::Nothing, Next::Delta)
            }
            Judgment::Whole(delta) => Next::Whole(delta),
            Judgment::Incomplete => Next::Failed(Failure::StreamEnded),
            Judgment::Failed { message, is_transient } => {
                Next::Failed(Failure::Reported { message, is_transient })
            }
            Judgment::Malformed(error) => {
                self.malformed = Some(Failure::Malformed(error));
                Next::Nothing
            }
        }
    }

    /// Takes note of the regular end of a connection. Returns `None` if the answer is whole.
    pub(super) fn ended(&mut self, evidence: Option<&EndEvidence>, id: &str) -> Option<Failure> {
        if let Some(malformed) = self.malformed.take() {
            return Some(malformed);
        }
        if self.resumed_nothing(id) {
            return Some(Failure::NotResumed);
        }
        let is_framed = evidence.is_some_and(|it| it.completeness() == Completeness::Framed);
        (!self.is_finished || !is_framed).then_some(Failure::StreamEnded)
    }

    /// Returns `true` if the last event could not be decoded, and nothing has followed it.
    pub(super) fn is_malformed(&self) -> bool {
        self.malformed.is_some()
    }

    /// Returns `true` if the connection resumed, and brought neither an event nor an ID.
    fn resumed_nothing(&self, id: &str) -> bool {
        self.connection.as_ref().is_some_and(|connection| {
            !connection.has_event && connection.resumed_from.as_deref().is_some_and(|it| it == id)
        })
    }

    /// Takes note of the end of the connection, if there is one, and returns its age.
    pub(super) fn closed(&mut self, now: Duration) -> Option<Duration> {
        let connection = self.connection.take()?;
        Some(now.saturating_sub(connection.opened_at))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Judgment, Next, Progress};

    #[test]
    fn begin_voids_what_was_before_it_only_if_it_is_not_the_first() {
        let mut progress = Progress::default();
        assert!(matches!(progress.take(Judgment::<()>::Begin), Next::Nothing));
        assert!(matches!(progress.take(Judgment::Delta(())), Next::Delta(())));
        assert!(matches!(progress.take(Judgment::<()>::Begin), Next::BegunAgain));
        // It was yielded, and paid for.
        assert!(progress.has_delta);
    }

    #[test]
    fn a_delta_after_finished_takes_it_back() {
        let mut progress = Progress::default();
        progress.take(Judgment::Finished(Some(())));
        assert!(progress.is_finished);
        progress.take(Judgment::<()>::NotYet);
        progress.take(Judgment::<()>::KeepAlive);
        assert!(progress.is_finished);
        progress.take(Judgment::Delta(()));
        assert!(!progress.is_finished);
        progress.take(Judgment::Finished(Some(())));
        progress.opened("1", Duration::ZERO);
        assert!(!progress.is_finished);
    }

    #[test]
    fn working_delta_and_finished_show_work_and_other_judgments_do_not() {
        let has_work = |judgment: Judgment<()>| {
            let mut progress = Progress::default();
            progress.take(judgment);
            (progress.has_work, progress.has_delta)
        };
        assert_eq!(has_work(Judgment::Delta(())), (true, true));
        for works in [Judgment::Working, Judgment::BeginWorking, Judgment::Finished(None)] {
            assert_eq!(has_work(works), (true, false));
        }
        for other in [Judgment::KeepAlive, Judgment::NotYet, Judgment::Begin] {
            assert_eq!(has_work(other), (false, false));
        }
    }
}
