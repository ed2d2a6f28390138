//! Ends of requests and bodies, as the transport reports them.

use super::{Driver, io::Io};
use crate::{
    error::SseError, failure::Failure, transition::Transition, transport_error::TransportError,
};

impl Driver {
    #[cold]
    pub(super) fn body_ended(&mut self, error: Option<TransportError>) -> Option<Box<Transition>> {
        match error {
            Some(error) => self.failed(error),
            None => self.end(),
        }
        self.settle()
    }

    /// Takes the regular end of the body.
    pub(super) fn end(&mut self) {
        if !self.is_interrupted() {
            self.machine.end(self.clock.now());
            // Its last event may still be parsed. The body is not polled again.
            self.io = Io::None;
        }
    }

    /// Takes an error of the request or of the body.
    #[cold]
    pub(super) fn failed(&mut self, error: TransportError) {
        if self.is_interrupted() {
            return;
        }
        let now = self.clock.now();
        if self.blocks {
            // A timeout of the transport stands in for that of the session.
            self.machine.time(now);
        }
        self.machine.failed(error, now);
    }

    /// Ends the session at the end of its answer, which is not that of its body.
    pub(crate) fn answer_complete(&mut self) {
        self.machine.answer_complete(self.clock.now());
        let _ = self.settle();
    }

    /// Ends the session in the failure that the reader of its answer has found. The next step is
    /// the error.
    pub(crate) fn answer_failed(&mut self, failure: Failure) {
        self.machine.answer_failed(failure, self.clock.now());
    }

    /// Ends a session that would otherwise repeat its answer from the beginning, and returns its
    /// error. `None` if its next request does not do so.
    #[cold]
    pub(crate) fn refuse_restart(&mut self, cause: SseError) -> Option<SseError> {
        if !self.machine.restarts_answer() {
            return None;
        }
        self.machine.refuse_restart(cause);
        match *self.settle()? {
            Transition::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Returns `true` if a command came while a read blocked. Whoever closes a session may also
    /// shut down the socket that it reads: the command is then the reason for what the read
    /// returns.
    pub(super) fn is_interrupted(&self) -> bool {
        self.blocks && self.handles.has_command()
    }
}
