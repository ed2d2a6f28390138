//! Starts of connections: their requests, made or sent.

use std::{mem, time::Duration};

use super::{Action, Connecting, Machine, Next, State, Transition, rules};
use crate::{
    context::RequestContext,
    error::{Outcome, SseError},
    failure::{Failure, NotRepeatable},
    timings::Stopwatch,
};

impl Machine {
    /// Starts the next connection: returns the action that makes or sends its request. Returns
    /// `None` if no request can be made, which fails the session.
    pub(super) fn start(&mut self, now: Duration) -> Option<Action> {
        self.stopwatch = None;
        self.prepare();
        let context = RequestContext {
            attempt: self.reconnect.attempts(),
            last_event_id: self.last_event_id().to_owned(),
            cause: self.cause.clone(),
            last_call: self.last_call.clone(),
        };
        match self.template.next(rules(&self.config, self.capabilities), &context) {
            Next::Request(outgoing) => {
                self.enter(State::Ready(outgoing));
                self.notify(Transition::Connecting);
                Some(self.send(now))
            }
            Next::Factory(factory) => {
                self.enter(State::Making);
                self.notify(Transition::Connecting);
                Some(Action::Make(factory, context))
            }
            Next::Response => {
                self.start_stopwatch(now);
                self.enter(State::Connecting(Box::default()));
                self.notify(Transition::Connecting);
                Some(Action::TakeResponse)
            }
            Next::Nothing(obstacle) => {
                self.fail_without_request(obstacle);
                None
            }
        }
    }

    /// Determines the event from which the next request resumes.
    pub(super) fn prepare(&mut self) {
        self.resume_parser();
        self.is_restart = self.will_restart();
    }

    /// Sends the request that is ready.
    pub(super) fn send(&mut self, now: Duration) -> Action {
        let State::Ready(outgoing) = mem::replace(&mut self.state, State::Making) else {
            return Action::Wait;
        };
        if !outgoing.is_redirected() {
            self.start_stopwatch(now);
        }
        let head_deadline = outgoing.head_deadline;
        let copy = (!self.capabilities.follows_redirects).then(|| outgoing.to_redirect());
        self.enter(State::Connecting(Box::new(Connecting { head_deadline, outgoing: copy })));
        Action::Send(outgoing)
    }

    fn start_stopwatch(&mut self, now: Duration) {
        let measures_intervals = self.config.view.measure_event_intervals;
        self.stopwatch = Some(Stopwatch::start(now, measures_intervals));
    }

    fn fail_without_request(&mut self, obstacle: NotRepeatable) {
        let cause = self
            .cause
            .take()
            .unwrap_or_else(|| SseError::outside_of_a_session(Failure::ReconnectRequested));
        self.fail(Outcome::NotRepeatable(obstacle, cause));
    }
}
