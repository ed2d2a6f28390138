//! Decides what follows a failure: another attempt, or the end of the session.
//!
//! Every failure passes through [`Driver::disconnected`], the only place where policies are asked.

use std::time::Duration;

use reqwest::header::HeaderMap;

use super::{Change, Disconnected, Driver, State, opening::Opening};
use crate::{
    error::{ErrorContext, SseError, SseErrorKind},
    failure::{Failure, NotRepeatable},
    policy::{Life, LifeEnd},
    reconnect::{Decision, Facts, Repetition},
    resume::{LastEventId, Progress},
    session::EndReason,
    threads::{BoxError, BoxFuture},
};

impl Driver {
    /// Decides what follows when a connection has failed, or could not be made.
    #[inline(never)] // kept out of the fast path, as the way to a connection is
    pub(super) fn disconnected(&mut self, failure: Failure) -> Change {
        if !matches!(self.state, State::Open(_)) {
            self.template.not_connected();
        }
        let life = self.life(&failure);
        let repetition = self.repetition(&failure, life);
        self.reconnect.connection_ended(self.config.reconnection.policy(), life);
        let pending_bytes = self.parser.pending_bytes();
        let cause = SseError::new(failure, ErrorContext { pending_bytes, ..self.context() });
        self.end_connection();
        if cause.is_unauthorized() && self.has_request() {
            if let Some(refreshing) = self.refreshes.after(&self.config.refresh, &cause) {
                return self.refresh_credentials(refreshing, cause);
            }
        }
        let facts = Facts {
            cause: &cause,
            repetition,
            life,
            at: self.config.clock.now(),
            retry: self.parser.reconnection_time(),
            random: self.config.random.next(),
        };
        match self.reconnect.after(self.config.reconnection.policy(), facts) {
            Decision::ReconnectAfter(delay) => self.reconnect_after(delay, cause),
            Decision::Finish
                if cause.kind() == SseErrorKind::StreamEnded
                    && !self.config.stop.expect_terminal =>
            {
                self.end(EndReason::StreamEnded);
                Change::Closed
            }
            Decision::Finish => self.end_in_failure(cause),
            Decision::GiveUp(reason) => {
                let context = ErrorContext { pending_bytes, ..self.context() };
                let error = SseError::new(Failure::Exhausted { reason, cause }, context);
                self.end_in_failure(error)
            }
        }
    }

    fn life(&self, failure: &Failure) -> Life {
        let end =
            if matches!(failure, Failure::Ended) { LifeEnd::Regular } else { LifeEnd::Broken };
        let (lived, messages) = match &self.state {
            State::Open(connection) => (connection.lived(), connection.messages),
            _ => (Duration::ZERO, 0),
        };
        Life { lived, messages, end }
    }

    /// Whether the request may be repeated after this failure.
    fn repetition(&self, failure: &Failure, life: Life) -> Repetition {
        let method = self.template.method.as_ref();
        let progress = Progress {
            messages: life.messages,
            last_event_id: LastEventId::of(self.last_event_id(), self.config.id_header),
        };
        let is_finished = life.end == LifeEnd::Regular && self.config.clean_end.finishes(method);
        let may_be_first =
            self.connections > 0 || (self.config.retry_first_connection && self.has_request());
        let is_allowed = may_be_first
            && failure.is_retryable()
            && self.config.resume.allows(method, progress)
            && !is_finished;
        if is_allowed { Repetition::Allowed } else { Repetition::Forbidden }
    }

    /// Whether the session has ever had a request to make: a response that it was to begin with may
    /// be none to begin with.
    fn has_request(&self) -> bool {
        self.template.obstacle() != Some(NotRepeatable::NoRequest)
    }

    /// "Any pending data must be discarded": no need to hold it through the wait.
    fn end_connection(&mut self) {
        self.parser.restart();
        if let Some(ledger) = &self.ledger {
            // The server will start from there.
            let id = ledger.id().to_owned();
            self.parser = std::mem::take(&mut self.parser).with_last_event_id(id);
        }
        if let Some(history) = &mut self.history {
            history.end_connection();
        }
    }

    /// Gives the connection up for another, because the caller says so.
    pub(super) fn reconnect_now(&mut self) -> Option<Change> {
        let was_open = matches!(self.state, State::Open(_));
        if !self.has_request() {
            // The response that it was to begin with is being refused.
            self.template.resume();
        }
        self.end_connection();
        let cause = SseError::new(Failure::ReconnectAsked, self.context());
        self.reconnect.reset();
        let step = self.reconnect_after(Duration::ZERO, cause);
        // A session that was not connected does not disconnect.
        (was_open || matches!(step, Change::Failed(_))).then_some(step)
    }

    fn refresh_credentials(
        &mut self,
        refreshing: BoxFuture<Result<HeaderMap, BoxError>>,
        cause: SseError,
    ) -> Change {
        if let Some(obstacle) = self.template.obstacle() {
            return self.fail(Failure::NotRepeatable(obstacle, cause));
        }
        self.cause = Some(cause.clone());
        self.state = State::Opening(Opening::Refreshing(refreshing));
        Change::Disconnected(Disconnected { cause, delay: Duration::ZERO, unsendable_id: None })
    }

    fn reconnect_after(&mut self, delay: Duration, cause: SseError) -> Change {
        if let Some(obstacle) = self.template.obstacle() {
            return self.fail(Failure::NotRepeatable(obstacle, cause));
        }
        self.reconnect.count_attempt();
        self.cause = Some(cause.clone());
        self.enter(State::Opening(Opening::Waiting(self.config.clock.sleep(delay))));
        let id = self.last_event_id();
        let unsendable_id = self.config.id_header.loses(id).then(|| id.to_owned());
        Change::Disconnected(Disconnected { cause, delay, unsendable_id })
    }

    pub(super) fn fail(&mut self, failure: Failure) -> Change {
        let error = SseError::new(failure, self.context());
        self.end_in_failure(error)
    }

    fn end_in_failure(&mut self, error: SseError) -> Change {
        self.end(EndReason::Failed);
        let was_answered =
            self.connections > 0 || matches!(error.last_failure(), Failure::NoContent);
        if self.config.stop.expect_terminal && was_answered {
            let events = self.messages;
            let pending_bytes = error.pending_bytes();
            let failure = Failure::Incomplete { events, cause: error };
            let context = ErrorContext { pending_bytes, ..self.context() };
            return Change::Failed(SseError::new(failure, context));
        }
        Change::Failed(error)
    }

    fn context(&self) -> ErrorContext {
        ErrorContext {
            url: self.template.url(),
            attempt: self.reconnect.attempts(),
            last_event_id: self.last_event_id().to_owned(),
            history: self.history.as_ref().map(|history| history.text()),
            pending_bytes: 0,
        }
    }
}
