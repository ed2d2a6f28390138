//! Requests of a driver, and the heads of their responses.

use std::mem;

use super::{Driver, io::Io};
use crate::{context::SendContext, erased::ErasedResponse, machine::Outgoing};

impl Driver {
    pub(super) fn send(&mut self, mut outgoing: Outgoing) {
        if !outgoing.is_redirected() {
            if let Some(uri) = self.machine.shown_uri() {
                self.observers.connecting(&uri, self.machine.attempts());
            }
        }
        let deadlines = &self.config.connection.deadlines;
        // It has begun if this request follows a redirect.
        let head_deadline = self.machine.wakeup().map(|wakeup| wakeup.at);
        let time_left = head_deadline.map(|at| at.saturating_sub(self.clock.now()));
        let context = SendContext {
            attempt: self.machine.attempts(),
            cause: self.machine.cause().cloned(),
            is_redirected: outgoing.is_redirected(),
            lift_total_timeout: self.config.request.lift_total_timeout,
            head_timeout: time_left.or(self.machine.head_timeout()),
            read_timeout: deadlines.shortest_silence(),
            native: outgoing.native.take(),
        };
        let sending = self.transport.clone().send(outgoing.request(), context);
        self.io = Io::Sending(self.observers.watch(sending));
    }

    /// Takes the response that the session begins with.
    pub(super) fn take_response(&mut self) {
        if let Some(uri) = self.machine.shown_uri() {
            self.observers.beginning_with_response(&uri);
        }
        if let Io::Given(response) = mem::replace(&mut self.io, Io::None) {
            self.responded(*response);
        }
    }

    pub(super) fn responded(&mut self, response: ErasedResponse) {
        let ErasedResponse { response, regular_end } = response;
        let (parts, body) = response.into_parts();
        self.io = Io::Unread(body);
        let wall_time = self.clock.wall_time();
        self.machine.response(&parts, regular_end, self.clock.now(), wall_time);
    }
}
