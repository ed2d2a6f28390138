//! Getters of an answer, and changes of its stage, which keep the facts that the getters return.

use super::{Answer, AnswerTimings, Stage};
use crate::{body_end::EndEvidence, call::Call};

impl<T> Answer<T> {
    /// Returns the heads of the request and the response of the current connection or, between two
    /// connections and after the end, of the last one; `None` before the first response, and if
    /// there was none.
    ///
    /// A rejected response is not among these: [the error has it](crate::SseError::headers).
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        self.facts.call.as_ref()
    }

    /// Returns how the last connection ended, and how much was received over it; `None` before the
    /// first one has ended.
    #[must_use]
    pub fn end_evidence(&self) -> Option<EndEvidence> {
        let of_attempt = match &self.stage {
            Stage::Running(attempt) => attempt.driver.machine.end_evidence(),
            _ => None,
        };
        of_attempt.or_else(|| self.facts.evidence.clone())
    }

    /// Returns the last event ID of the current attempt or, between two attempts and after the end,
    /// of the last one; empty if no ID was received.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        match &self.stage {
            Stage::Running(attempt) => attempt.driver.machine.last_event_id(),
            _ => &self.facts.last_event_id,
        }
    }

    /// Returns the times of the answer so far, such as the time to its first token.
    #[must_use]
    pub fn timings(&self) -> AnswerTimings {
        self.times.timings()
    }

    /// Leaves the current stage, whose facts are kept.
    pub(super) fn enter(&mut self, stage: Stage<T>) {
        if let Stage::Running(attempt) = &self.stage {
            let machine = &attempt.driver.machine;
            if let Some(evidence) = machine.end_evidence() {
                self.facts.evidence = Some(evidence);
            }
            machine.last_event_id().clone_into(&mut self.facts.last_event_id);
        }
        self.stage = stage;
    }

    /// Ends the answer.
    pub(super) fn end(&mut self) {
        let now = self.now();
        self.times.ended(now);
        self.enter(Stage::Ended);
    }
}
