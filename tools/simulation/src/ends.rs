//! Ends of sessions, and what sessions say about themselves, compared with the model.

use std::time::Duration;

use sse_session::{
    ClientSseSession, EndReason, RequestContext, Resume, SessionState, SseError, SseErrorKind,
    SseErrorOutcome,
};

use crate::{
    bodies::MAX_REJECTED_BYTES,
    decision::Cause,
    feed::ServerResume,
    invariant::Invariant,
    model::{Ending, Expect},
    world::World,
};

impl World {
    /// Checks the error that a session has returned.
    pub(crate) fn failed(&mut self, error: &SseError) {
        self.note(|| format!("error {error}: {:?} {:?}", error.kind(), error.outcome()));
        let body = error.body().map_or(0, <[u8]>::len);
        self.check(Invariant::MemoryWithinLimits, body <= MAX_REJECTED_BYTES, "long body");
        let history = error.history().map_or(0, str::len);
        let fits = history <= self.options.max_history();
        self.check(Invariant::MemoryWithinLimits, fits, "long history in an error");
        let (cause, outcome) = match self.model.expect {
            Expect::Ended(Ending::Failed { cause, outcome }) => (cause, outcome),
            Expect::EndInDoubt { cause } => (cause, error.outcome()),
            Expect::Reconnect { .. } | Expect::Refresh
                if error.outcome() == Some(SseErrorOutcome::RestartUnseen) =>
            {
                let restarts = self.restarts_answer() != Some(false);
                self.check(Invariant::EndAsHappened, restarts, "no answer would restart");
                let Some(cause) = self.model.last_cause else { return };
                (cause, error.outcome())
            }
            Expect::Ended(Ending::Closed) if error.kind() == SseErrorKind::Closed => return,
            Expect::Reconnect { is_sure: false, .. } => match self.model.last_cause {
                Some(cause) => (cause, Some(SseErrorOutcome::Exhausted)),
                None => return,
            },
            _ => {
                let observed = format!("{error} instead of {:?}", self.model.expect);
                return self.violated(Invariant::EndAsHappened, observed);
            }
        };
        self.model.expect = Expect::Ended(Ending::Failed { cause, outcome });
        let was_answered = self.model.connections > 0 || cause == Cause::NoContent;
        let is_incomplete = self.options.expects_terminal && was_answered;
        let outcome = match (is_incomplete, outcome) {
            (true, None) => Some(SseErrorOutcome::Incomplete),
            _ => outcome,
        };
        if error.kind() != cause.kind()
            || error.outcome() != outcome
            || error.is_incomplete() != is_incomplete
        {
            let observed = format!("{error} ({:?}) of {cause:?}", error.outcome());
            self.violated(Invariant::EndAsHappened, observed);
        }
        if is_incomplete && error.events_seen() != Some(self.model.messages) {
            let observed = format!("{:?} events, not {}", error.events_seen(), self.model.messages);
            self.violated(Invariant::EvidenceAsHappened, observed);
        }
        let is_after_complete =
            outcome == Some(SseErrorOutcome::Exhausted) && self.model.is_stream_complete;
        let is_said = error.is_after_complete_stream() == is_after_complete;
        self.check(Invariant::EvidenceAsHappened, is_said, "a stream complete, or not");
        let deadline = match cause {
            Cause::Deadline(deadline) => Some(deadline),
            _ => None,
        };
        self.check(Invariant::EndAsHappened, error.deadline() == deadline, "another deadline");
    }

    /// Returns `true` if the next request has the server answer from the beginning again, although
    /// a part of the answer was yielded; `None` if that depends on what was acknowledged.
    pub(crate) fn restarts_answer(&self) -> Option<bool> {
        let (options, id) = (&self.options, &self.model.id);
        if !options.is_post || options.resume == Resume::Feed || !self.has_yielded_data {
            return Some(false);
        }
        (!options.acknowledges).then_some(!options.has_id(id))
    }

    /// Checks the end of a session.
    pub(crate) fn ended(&mut self, reason: Option<EndReason>) {
        self.note(|| format!("end {reason:?}"));
        let expected = match self.model.expect {
            Expect::Ended(ending) => match ending {
                Ending::Failed { .. } => EndReason::Failed,
                Ending::StreamEnded => EndReason::StreamEnded,
                Ending::NoContent => EndReason::NoContent,
                Ending::Stopped => EndReason::Stopped,
                Ending::Closed => EndReason::Closed,
            },
            _ => {
                let observed = format!("{reason:?} instead of {:?}", self.model.expect);
                return self.violated(Invariant::EndAsHappened, observed);
            }
        };
        if reason != Some(expected) {
            self.violated(Invariant::EndAsHappened, format!("{reason:?}, not {expected:?}"));
        }
    }

    /// Checks what a session says about itself.
    pub(crate) fn inspect(&mut self, session: &ClientSseSession) {
        let connections = (session.connections(), self.model.connections);
        if connections.0 != connections.1 {
            self.violated(Invariant::EvidenceAsHappened, format!("connections {connections:?}"));
        }
        let restarts = (session.restarts(), self.model.restarts);
        if !self.options.acknowledges && restarts.0 != restarts.1 {
            self.violated(Invariant::EvidenceAsHappened, format!("restarts {restarts:?}"));
        }
        let id = session.last_event_id();
        if !self.options.acknowledges {
            if id != self.model.id {
                let observed = format!("last event ID {id:?} instead of {:?}", self.model.id);
                self.violated(Invariant::LastEventId, observed);
            }
        } else if self.feed.resume == ServerResume::Exact {
            self.check_acked_id(id);
        }
        let history = session.history().map_or(0, |history| history.len());
        let fits = history <= self.options.max_history();
        self.check(Invariant::MemoryWithinLimits, fits, "long history");
        self.inspect_evidence(session);
        let is_closed = session.state() == SessionState::Closed;
        let has_reason = session.end_reason().is_some();
        self.check(Invariant::EndAsHappened, is_closed == has_reason, "closed without a reason");
    }

    fn inspect_evidence(&mut self, session: &ClientSseSession) {
        let seen = session.end_evidence();
        let is_same = match (&seen, &self.model.evidence) {
            (Some(seen), Some(expected)) => {
                seen.body_end() == expected.body_end
                    && seen.bytes() == expected.bytes
                    && seen.messages() == expected.messages
                    && seen.since_last_byte() == expected.since_last_byte
                    && seen.completeness() == expected.completeness
            }
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            let observed = format!("{seen:?} instead of {:?}", self.model.evidence);
            self.violated(Invariant::EvidenceAsHappened, observed);
        }
    }

    /// Takes the acknowledgment of all events up to a position.
    pub(crate) fn acknowledged(&mut self, position: usize) {
        self.note(|| format!("acknowledged up to {position}"));
        self.acked_least = self.acked_least.max(position);
        self.acked_upto = self.acked_upto.max(self.next_visible(position));
    }

    // Functions of the user's that the session calls.

    /// Takes a call of the factory. Returns how long it takes, and whether it succeeds.
    pub(crate) fn factory_called(&mut self, context: &RequestContext) -> (Duration, bool) {
        self.note(|| format!("factory called {context:?}"));
        match self.model.expect {
            Expect::First | Expect::Repeat | Expect::Send | Expect::Reconnect { .. } => {
                self.check_wait();
            }
            _ => {
                let observed = format!("factory called instead of {:?}", self.model.expect);
                let invariant = match self.model.has_ended() {
                    true => Invariant::NothingAfterEnd,
                    false => Invariant::WithinPolicy,
                };
                self.violated(invariant, observed);
            }
        }
        if context.attempt() != self.model.attempts {
            self.violated(Invariant::WithinPolicy, "wrong attempt for the factory");
        }
        self.model.expect = Expect::Making;
        (self.chance.millis_below(500), self.chance.percent(80))
    }

    /// Takes the outcome of a factory.
    pub(crate) fn made(&mut self, is_ok: bool) {
        if is_ok {
            self.model.expect = Expect::Send;
        } else {
            self.disconnected(Cause::Factory, None);
        }
    }

    /// Takes a call to refresh credentials. Returns how long it takes, and whether it succeeds.
    pub(crate) fn refresh_called(&mut self) -> (Duration, bool) {
        self.note(|| "refresh called".to_owned());
        let is_expected = self.model.expect == Expect::Refresh;
        self.check(Invariant::WithinPolicy, is_expected, "refresh that was not asked for");
        self.model.expect = Expect::Refreshing;
        (self.chance.millis_below(500), self.chance.percent(80))
    }

    /// Takes the outcome of a refresh.
    pub(crate) fn refreshed(&mut self, is_ok: bool) {
        if is_ok {
            self.model.has_refreshed = self.model.chain_is_at_origin || !self.options.has_factory;
            self.model.expect = Expect::Send;
        } else {
            self.model.refreshes = self.model.refreshes.saturating_sub(1);
            self.disconnected(Cause::Refresh, None);
        }
    }
}
