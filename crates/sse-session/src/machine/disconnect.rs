//! Disconnects: what follows when a connection has ended, or could not be made.
//!
//! Every failure passes through [`Machine::disconnected`], the only place where policies are asked.

use std::time::Duration;

use super::{Disconnected, Machine, State, Transition, rules};
use crate::{
    body_end::{BodyEnd, EndEvidence},
    error::{ErrorContext, SseError, SseErrorKind},
    failure::{Failure, NotRepeatable},
    policy::Disconnect,
    reconnect::Decision,
    session::EndReason,
};

impl Machine {
    /// Decides what follows when a connection has ended, or could not be made.
    #[inline(never)] // kept out of the fast path
    pub(super) fn disconnected(&mut self, failure: Failure, now: Duration) {
        if !self.is_open() {
            self.template.not_connected();
        }
        let (lived, evidence) = self.end_connection(&failure, now);
        let pending_bytes = self.parser.pending_bytes();
        let may_repeat = self.may_repeat(&failure, evidence);
        // A connection that was never open is not healthy, even with `healthy_after` zero.
        if let Some(evidence) = evidence {
            let policy = self.config.reconnection.policy();
            let is_regular = matches!(failure, Failure::StreamEnded);
            // An event before the damage does not heal a body that cannot be decoded.
            let is_decoded = !matches!(failure, Failure::Decode(_));
            if is_decoded && policy.is_healthy(lived, evidence.messages(), is_regular) {
                self.reconnect.reset();
            }
        }
        let cause = SseError::new(failure, ErrorContext { pending_bytes, ..self.context() });
        self.restart_parser();
        if cause.is_unauthorized()
            && self.has_request()
            && self.refreshes.begin(&self.config.request.refresh)
        {
            return self.refresh_credentials(cause);
        }
        if !may_repeat || self.config.reconnection.policy().is_never() {
            return self.end_with(cause);
        }
        let disconnect = Disconnect {
            cause: &cause,
            evidence,
            lived,
            attempts: 0,
            decode_failures: 0,
            outage: Duration::ZERO,
            retry: self.parser.reconnection_time(),
            random: self.config.random.next(),
        };
        let policy = self.config.reconnection.policy();
        match self.reconnect.after(policy, disconnect, now) {
            Decision::ReconnectAfter(delay) => self.reconnect_after(delay, cause, now),
            Decision::Stop(reason) => {
                let context = ErrorContext { pending_bytes, ..self.context() };
                let exhausted = Failure::Exhausted { reason, cause };
                self.end_in_failure(SseError::new(exhausted, context));
            }
        }
    }

    /// Takes note of the end of the connection, if there is one.
    fn end_connection(
        &mut self,
        failure: &Failure,
        now: Duration,
    ) -> (Duration, Option<EndEvidence>) {
        let State::Open(connection) = &self.state else {
            return (Duration::ZERO, None);
        };
        let body_end = match failure {
            Failure::StreamEnded => None,
            failure => Some(failure.transport_kind().map_or(BodyEnd::Abandoned, BodyEnd::of_error)),
        };
        let evidence = connection.evidence(body_end, now);
        let lived = connection.lived(now);
        self.evidence = Some(Box::new(evidence));
        (lived, Some(evidence))
    }

    /// Takes note that the session itself ends the connection, if there is one.
    pub(super) fn abandon_connection(&mut self, now: Duration) {
        if let State::Open(connection) = &self.state {
            self.evidence = Some(Box::new(connection.evidence(Some(BodyEnd::Abandoned), now)));
        }
    }

    /// Returns `true` if the request may be repeated after this failure.
    fn may_repeat(&self, failure: &Failure, evidence: Option<EndEvidence>) -> bool {
        let options = &self.config.reconnection;
        let method = self.template.method.as_ref();
        let messages = evidence.map_or(0, |evidence| evidence.messages());
        let id = self.last_event_id();
        let id_header = rules(&self.config, self.capabilities).id_header();
        let has_id = !id.is_empty() && !id_header.omits(id);
        let is_finished =
            matches!(failure, Failure::StreamEnded) && options.clean_end.finishes(method);
        let may_be_first =
            self.connections > 0 || (options.retry_first_connection && self.has_request());
        // Where there was an event stream, a login page or a 404 may be an outage, and so may the
        // certificate of the network's own login page.
        let is_left_to_policy = (failure.is_rejection() || failure.is_peer_rejected())
            && self.connections > 0
            && self.config.reconnection.policy().is_custom();
        may_be_first
            && (failure.is_retryable() || is_left_to_policy)
            && options.resume.allows(method, messages, has_id)
            && !is_finished
    }

    /// Returns `true` unless the session began with a response, and has no request yet.
    fn has_request(&self) -> bool {
        self.template.obstacle() != Some(NotRepeatable::NoRequest)
    }

    /// Discards what was received of an incomplete event, as the standard says.
    fn restart_parser(&mut self) {
        self.parser.restart();
        if let Some(history) = &mut self.history {
            history.end_connection();
        }
    }

    /// Has the parser go on from the event that was acknowledged last, as the server will. More
    /// events may have been acknowledged since the last connection ended.
    pub(super) fn resume_parser(&mut self) {
        if let Some(acks) = &mut self.acks {
            let id = acks.id().to_owned();
            acks.resume(&id);
            self.parser = std::mem::take(&mut self.parser).with_last_event_id(id);
        }
    }

    /// Abandons the connection, or the attempt to make one, for another, on behalf of the caller.
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

    fn refresh_credentials(&mut self, cause: SseError) {
        if let Some(obstacle) = self.template.obstacle() {
            return self.fail(Failure::NotRepeatable(obstacle, cause));
        }
        self.cause = Some(cause.clone());
        self.enter(State::Refreshing { rejection: Some(cause.clone()) });
        let delay = Duration::ZERO;
        self.notify(Transition::Disconnected(Disconnected { cause, delay, unsendable_id: None }));
    }

    fn reconnect_after(&mut self, delay: Duration, cause: SseError, now: Duration) {
        if let Some(obstacle) = self.template.obstacle() {
            return self.fail(Failure::NotRepeatable(obstacle, cause));
        }
        self.reconnect.count_attempt();
        self.cause = Some(cause.clone());
        self.enter(State::Waiting(now.saturating_add(delay)));
        let id = self.last_event_id();
        let id_header = rules(&self.config, self.capabilities).id_header();
        let unsendable_id = id_header.omits(id).then(|| id.to_owned());
        self.notify(Transition::Disconnected(Disconnected { cause, delay, unsendable_id }));
    }

    /// Ends the session with a disconnect that no attempt follows.
    fn end_with(&mut self, cause: SseError) {
        if cause.kind() == SseErrorKind::StreamEnded && !self.config.view.stop.expect_terminal {
            self.close_with(EndReason::StreamEnded);
        } else {
            self.end_in_failure(cause);
        }
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        let error = SseError::new(failure, self.context());
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
        let failure = Failure::Incomplete { events, cause: error };
        let context = ErrorContext { pending_bytes, ..self.context() };
        self.notify(Transition::Failed(SseError::new(failure, context)));
    }

    fn context(&self) -> ErrorContext {
        ErrorContext {
            uri: self.template.shown_uri(),
            attempt: self.reconnect.attempts(),
            last_event_id: self.last_event_id().to_owned(),
            history: self.history.as_ref().map(|history| history.text()),
            pending_bytes: 0,
            evidence: self.end_evidence(),
        }
    }
}
