//! Disconnects: what follows when a connection has ended, or could not be made.
//!
//! Every failure passes through [`Machine::disconnected`], the only place where policies are asked.

use std::time::Duration;

use super::{Machine, State, Transition, rules};
use crate::{
    body_end::discarded_bytes,
    error::{ErrorContext, Outcome, SseError, SseErrorKind},
    failure::{Failure, NotRepeatable},
    method::{is_idempotent, is_safe},
    policy::{Disconnect, End},
    reconnect::Decision,
    resume::{Progress, Resume},
    state::EndReason,
    timings::Stopwatch,
    transition::Disconnected,
};

impl Machine {
    /// Decides what follows when a connection has ended, or could not be made.
    #[inline(never)] // kept out of the fast path
    pub(super) fn disconnected(&mut self, failure: Failure, now: Duration) {
        if !self.is_open() {
            self.template.not_connected();
        }
        let end = self.end_connection(&failure, now);
        let pending_bytes = discarded_bytes(&self.parser);
        let may_repeat = self.may_repeat(&failure, end) && !self.has_no_more(end);
        // A connection that was never open is not healthy, even with `healthy_after` zero.
        if end.is_some_and(|end| self.config.reconnection.policy().is_healthy(&end)) {
            self.reconnect.reset();
        }
        let may_repeat_first = self.may_repeat_first(&failure);
        let is_rejection = failure.is_rejection();
        let cause = SseError::new(failure, ErrorContext { pending_bytes, ..self.context() });
        self.restart_parser();
        if may_repeat_first {
            return self.repeat_first(cause);
        }
        let refresh = &self.config.request.refresh;
        if is_rejection
            && self.has_request()
            && refresh.applies_to(&cause)
            && self.refreshes.begin(refresh)
        {
            return self.refresh_credentials(cause);
        }
        if !may_repeat || self.config.reconnection.policy().is_never() {
            return self.end_with(cause);
        }
        let disconnect = Disconnect {
            cause: &cause,
            end,
            attempts: 0,
            decode_failures: 0,
            outage: Duration::ZERO,
            retry: self.parser.reconnection_time(),
            retry_after: None,
            is_restart: self.will_restart(),
            restarts: self.restarts,
            random: self.config.random.next(),
        };
        let policy = self.config.reconnection.policy();
        match self.reconnect.after(policy, disconnect, now) {
            Decision::ReconnectAfter(delay) => self.reconnect_after(delay, cause, now),
            Decision::Stop(reason) => {
                let context = ErrorContext { pending_bytes, ..self.context() };
                let is_after_complete_stream = self.is_stream_complete;
                let exhausted = Outcome::Exhausted { reason, is_after_complete_stream, cause };
                self.end_in_failure(SseError::new(exhausted, context));
            }
        }
    }

    /// Returns `true` if the request may be repeated after this failure, as far as the request
    /// goes.
    fn allows_repetition(&self, failure: &Failure, end: Option<End>) -> bool {
        let progress = Progress {
            is_answered: failure.is_answered(),
            messages: end.map_or(0, |end| end.facts.messages),
            has_id: self.has_id(),
        };
        self.config.reconnection.resume().allows(self.template.method.as_ref(), progress)
    }

    /// Returns `true` if the request may be repeated after this failure.
    fn may_repeat(&self, failure: &Failure, end: Option<End>) -> bool {
        let options = &self.config.reconnection;
        let method = self.template.method.as_ref();
        let is_finished =
            matches!(failure, Failure::StreamEnded) && options.clean_end.finishes(method);
        let may_be_first =
            self.connections > 0 || (options.retry_first_connection && self.has_request());
        // A URL that has had an event stream was right: a login page or a 404 may then be an
        // outage, and so may the certificate of the network's own login page.
        let was_open = self.connections > 0;
        let is_left_to_policy = (failure.is_rejection() || failure.is_peer_rejected())
            && was_open
            && self.config.reconnection.policy().is_custom();
        let is_survived = failure.is_tls_rejected()
            && was_open
            && self.config.connection.acceptance.retryable.is_for_reconnections();
        may_be_first
            && (failure.is_retryable() || is_left_to_policy || is_survived)
            && self.allows_repetition(failure, end)
            && !is_finished
    }

    /// Returns `true` if the first request of the session is repeated at once after this failure:
    /// its connection may have been a pooled one that the server closed just as the request was
    /// sent.
    fn may_repeat_first(&self, failure: &Failure) -> bool {
        let is_first =
            self.connections == 0 && self.reconnect.attempts() == 0 && !self.repeated_first;
        is_first
            && failure.is_unanswered()
            && !self.capabilities.connects_each_time
            && self.template.method.as_ref().is_some_and(is_idempotent)
            && self.template.not_repeatable().is_none()
            && self.allows_repetition(failure, None)
    }

    /// Repeats the first request of the session. A server that always closes gets no further one.
    fn repeat_first(&mut self, cause: SseError) {
        self.repeated_first = true;
        self.start_again(State::Starting, cause);
    }

    /// Returns `true` unless the session began with a response, and has no request yet.
    fn has_request(&self) -> bool {
        self.template.not_repeatable() != Some(NotRepeatable::NoRequest)
    }

    /// Discards what was received of an incomplete event, as the standard says.
    fn restart_parser(&mut self) {
        self.parser.restart();
        if let Some(history) = &mut self.history {
            history.end_connection();
        }
    }

    /// Makes the parser continue from the event that was acknowledged last, as the server will.
    /// More events may have been acknowledged since the last connection ended.
    pub(super) fn resume_parser(&mut self) {
        if let Some(acks) = &mut self.acks {
            let id = acks.id().to_owned();
            acks.resume(&id);
            self.parser = std::mem::take(&mut self.parser).with_last_event_id(id);
        }
    }

    /// Abandons the connection, or the attempt to make one, and starts another, on behalf of the
    /// caller.
    pub(crate) fn reconnect_now(&mut self, now: Duration) {
        if matches!(self.state, State::Closed(_)) {
            return;
        }
        let was_open = self.is_open();
        if matches!(self.state, State::Refreshing { .. }) {
            self.refreshes.failed();
        }
        if !self.has_request() {
            // The response that the session began with is being rejected.
            self.template.resume();
        }
        let failure = Failure::ReconnectRequested;
        self.end_connection(&failure, now);
        self.restart_parser();
        let cause = SseError::new(failure, self.context());
        self.reconnect.reset();
        self.reconnect_after(Duration::ZERO, cause, now);
        // A session that was not connected does not disconnect.
        if !was_open && matches!(self.transition.as_deref(), Some(Transition::Disconnected(_))) {
            self.transition = None;
        }
    }

    /// Returns `true` if the server would answer the next request from the beginning, although a
    /// part of the answer was yielded.
    pub(crate) fn restarts_answer(&self) -> bool {
        let is_feed = self.config.reconnection.resume() == Resume::Feed
            || self.template.method.as_ref().is_some_and(is_safe);
        let has_yielded = if self.examines_blocks { self.has_yielded } else { self.messages > 0 };
        has_yielded && !is_feed && !self.has_id()
    }

    /// Ends the session instead of a request that [restarts](Self::restarts_answer) the answer.
    pub(crate) fn refuse_restart(&mut self, cause: SseError) {
        self.fail(Outcome::NotRepeatable(NotRepeatable::RestartUnseen, cause));
    }

    fn refresh_credentials(&mut self, cause: SseError) {
        if let Some(reason) = self.template.not_repeatable() {
            return self.fail(Outcome::NotRepeatable(reason, cause));
        }
        self.start_again(State::Refreshing { rejection: Some(cause.clone()) }, cause);
    }

    /// Enters a state that leads to another request without an attempt being counted.
    fn start_again(&mut self, state: State, cause: SseError) {
        self.cause = Some(cause.clone());
        self.enter(state);
        let is_restart = self.will_restart();
        let (delay, unsendable_id) = (Duration::ZERO, None);
        let disconnected = Disconnected { cause, delay, unsendable_id, is_restart };
        self.notify(Transition::Disconnected(disconnected));
    }

    fn reconnect_after(&mut self, delay: Duration, cause: SseError, now: Duration) {
        if let Some(reason) = self.template.not_repeatable() {
            return self.fail(Outcome::NotRepeatable(reason, cause));
        }
        self.reconnect.count_attempt();
        self.cause = Some(cause.clone());
        let is_restart = self.will_restart();
        self.enter(State::Waiting(now.saturating_add(delay)));
        let id = self.last_event_id();
        let id_header = rules(&self.config, self.capabilities).id_header();
        let unsendable_id = id_header.omits(id).then(|| id.to_owned());
        let disconnected = Disconnected { cause, delay, unsendable_id, is_restart };
        self.notify(Transition::Disconnected(disconnected));
    }

    /// Ends the session with a disconnect that no attempt follows.
    fn end_with(&mut self, cause: SseError) {
        let is_regular = match cause.kind() {
            SseErrorKind::StreamEnded => true,
            SseErrorKind::Unfinished => !self.expects_complete_events(),
            _ => false,
        };
        if is_regular && !self.config.view.stop.expect_terminal {
            self.close_with(EndReason::StreamEnded);
        } else {
            self.end_in_failure(cause);
        }
    }

    /// Returns `true` if an event stream that ends in the middle of an event is an error: the
    /// caller says so, or the session would have reconnected.
    fn expects_complete_events(&self) -> bool {
        let options = &self.config.reconnection;
        let best = Progress { is_answered: true, messages: 0, has_id: true };
        let reconnects = !options.policy().is_never()
            && options.resume().allows(self.template.method.as_ref(), best);
        self.config.connection.expect_complete_events || reconnects
    }

    pub(super) fn fail(&mut self, outcome: impl Into<Outcome>) {
        let error = SseError::new(outcome, self.context());
        self.end_in_failure(error);
    }

    fn end_in_failure(&mut self, error: SseError) {
        self.close_with(EndReason::Failed);
        let was_answered =
            self.connections > 0 || matches!(error.last_failure(), Failure::NoContent);
        if !self.config.view.stop.expect_terminal || !was_answered {
            return self.notify(Transition::Failed(error));
        }
        let events = self.messages;
        let pending_bytes = error.pending_bytes();
        let incomplete = Outcome::Incomplete { events, cause: error };
        let context = ErrorContext { pending_bytes, ..self.context() };
        self.notify(Transition::Failed(SseError::new(incomplete, context)));
    }

    pub(super) fn context(&self) -> ErrorContext {
        ErrorContext {
            uri: self.template.shown_uri(),
            attempt: self.reconnect.attempts(),
            last_event_id: self.last_event_id().to_owned(),
            history: self.history.as_ref().map(|history| history.text()),
            pending_bytes: 0,
            evidence: self.end_evidence(),
            timings: self.stopwatch.as_ref().map(Stopwatch::timings),
        }
    }
}
