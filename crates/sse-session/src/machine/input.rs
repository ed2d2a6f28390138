//! Inputs of the machine: what its driver has observed, and when.
//!
//! An input that the session does not wait for is ignored.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use sse_core::LimitExceeded;

use super::{Machine, State, Transition, rules};
use crate::{
    deadlines::Deadline, factory::Made, failure::Failure, platform::NoTimer, state::EndReason,
    threads::BoxError, transport_error::TransportError,
};

impl Machine {
    /// Takes a chunk of the body.
    #[inline(always)] // on the fast path: see `Driver::poll_step`
    pub(crate) fn chunk(&mut self, chunk: Bytes, now: Duration) {
        match &mut self.state {
            State::Open(connection) => connection.chunk(chunk, now),
            _ => self.rejected_chunk(chunk, now),
        }
    }

    /// Decodes a piece of the chunk that was taken last, if the body has a content coding. Returns
    /// the number of bytes of the piece, or `None` once the whole chunk is decoded.
    #[inline(never)] // kept out of the fast path
    pub(crate) fn decode(&mut self, now: impl FnOnce() -> Duration) -> Option<usize> {
        let State::Open(connection) = &mut self.state else {
            return None;
        };
        match connection.decode() {
            Ok(len) => len,
            Err(error) => {
                self.disconnected(Failure::Decode(error.into()), now());
                Some(0)
            }
        }
    }

    /// Takes note that no byte of the body is available.
    pub(crate) fn waiting(&mut self, now: Duration) {
        if let State::Open(connection) = &mut self.state {
            connection.waiting(now);
        }
    }

    /// Takes note that the transport had something at this time, for a session that waited for it.
    pub(crate) fn woken(&mut self, at: Duration) {
        if let State::Open(connection) = &mut self.state {
            connection.woken(at);
        }
    }

    /// Takes note that the body ended regularly. If the session is still open after that, its last
    /// event is next, and then another call.
    pub(crate) fn end(&mut self, now: Duration) {
        match &mut self.state {
            State::Open(connection) if connection.is_short() => {
                self.disconnected(Failure::truncated("a part of Content-Length is missing"), now);
            }
            State::Open(connection) if !connection.is_complete() => {
                self.disconnected(Failure::truncated("end of the coded data is missing"), now);
            }
            State::Open(connection) => {
                let dispatches = self.config.connection.dispatch_unfinished_event;
                if !(dispatches && connection.finish(&self.parser)) {
                    self.disconnected(Failure::stream_ended(&self.parser), now);
                }
            }
            State::Rejecting(_) => self.rejection_complete(now),
            _ => {}
        }
    }

    /// Takes note that the request, or the body, failed.
    pub(crate) fn failed(&mut self, error: TransportError, now: Duration) {
        match &self.state {
            State::Open(_) => self.disconnected(Failure::disconnected(error), now),
            State::Connecting(_) => self.disconnected(Failure::no_response(error), now),
            // As good as an end: the response was rejected anyway.
            State::Rejecting(_) => self.rejection_complete(now),
            _ => {}
        }
    }

    /// Takes note that an event exceeded a limit.
    #[cold]
    pub(crate) fn limit_exceeded(&mut self, error: LimitExceeded, now: Duration) {
        self.disconnected(Failure::Limit(error), now);
    }

    /// Takes note of the time, if a [wakeup](Self::wakeup) is due.
    pub(crate) fn time(&mut self, now: Duration) {
        match &self.state {
            State::Waiting(until) if now >= *until => self.enter(State::Starting),
            State::Connecting(connecting)
                if connecting.head_deadline.is_some_and(|deadline| now >= deadline) =>
            {
                self.disconnected(Failure::Deadline(Deadline::Head), now);
            }
            State::Rejecting(rejecting) if now >= rejecting.deadline => {
                self.rejection_complete(now);
            }
            State::Open(connection) => {
                let deadline = connection.deadline(&self.config.connection.deadlines);
                if let Some((at, deadline)) = deadline {
                    if now >= at {
                        self.disconnected(Failure::Deadline(deadline), now);
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes note that the clock cannot wait where the session is polled, and ends the session.
    #[cold]
    pub(crate) fn no_timer(&mut self, why: NoTimer, now: Duration) {
        self.abandon_connection(now);
        self.fail(Failure::NoTimer(why));
    }

    /// Takes the request that a factory has made.
    pub(crate) fn made(&mut self, made: Made, now: Duration) {
        if !matches!(self.state, State::Making) {
            return;
        }
        if let Err(failure) = self.template.check_made(&self.config, &made) {
            return self.disconnected(failure, now);
        }
        self.prepare();
        let last_event_id = self.last_event_id().to_owned();
        match self.template.made(rules(&self.config, self.capabilities), made, &last_event_id) {
            Ok(outgoing) => self.enter(State::Ready(outgoing)),
            Err(failure) => self.disconnected(failure, now),
        }
    }

    /// Takes new credentials, or the error of the caller's function that should obtain them.
    pub(crate) fn refreshed(&mut self, result: Result<HeaderMap, BoxError>, now: Duration) {
        if !matches!(self.state, State::Refreshing { .. }) {
            return;
        }
        match result {
            Ok(headers) => {
                self.template.use_credentials(headers);
                self.enter(State::Starting);
            }
            Err(error) => {
                self.refreshes.failed();
                self.disconnected(Failure::Refresh(error), now);
            }
        }
    }

    /// Closes the session on behalf of the caller.
    pub(crate) fn close(&mut self, now: Duration) {
        self.abandon_connection(now);
        self.close_with(EndReason::Closed);
    }

    /// Reports the gap that the head of the current response shows, if there is one.
    pub(crate) fn report_gap(&mut self) -> bool {
        let gap = self.gap.take();
        let has_gap = gap.is_some();
        if let Some(gap) = gap {
            self.notify(Transition::Gap(*gap));
        }
        has_gap
    }

    /// Reports events that were dropped since the last report.
    #[cold]
    pub(crate) fn report_skipped(&mut self) {
        let skipped = self.parser.skipped();
        self.skipped_reported = skipped.count();
        // An error is the last item.
        if self.end_reason() != Some(EndReason::Failed) {
            self.notify(Transition::Skipped(skipped));
        }
    }

    #[inline(always)]
    pub(crate) fn has_skipped(&self) -> bool {
        self.parser.skipped().count() != self.skipped_reported
    }
}
