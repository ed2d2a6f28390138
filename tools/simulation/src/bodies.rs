//! Bodies as the server sees them: what they yield, and why a session drops them.

use std::{
    task::{Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http_body::Frame;
use sse_session::{BodyEnd, Completeness, Deadline, ExcessPolicy, TransportErrorKind};

use crate::{
    decision::{Cause, Ended},
    exchange::{End, ExchangeState, Head, Step},
    feed::TERMINAL,
    invariant::Invariant,
    model::{Ending, Evidence, failed_end},
    world::World,
};

/// Outcome of a poll of a body.
pub(crate) type Polled = Poll<Option<Result<Frame<Bytes>, TransportErrorKind>>>;

impl World {
    /// Polls a body. `None` means that it panics.
    pub(crate) fn poll_body(&mut self, index: usize, waker: &Waker) -> Option<Polled> {
        if self.exchanges[index].state == ExchangeState::Ended {
            self.violated(Invariant::BodyNotPolledAfterEnd, "a body was polled after its end");
            return Some(Poll::Ready(Some(Err(TransportErrorKind::Other))));
        }
        if self.exchanges[index].state == ExchangeState::Open {
            // All that was received before is parsed.
            self.parse_received(index);
        }
        let now = self.now;
        let keep_alive = self.options.keep_alive_event;
        let exchange = &mut self.exchanges[index];
        exchange.first_read.get_or_insert(now);
        if exchange.ready_at.is_none() {
            let pause = match exchange.steps.front() {
                Some(Step::Chunk(pause, _)) => *pause,
                Some(Step::Trailers) | None => Duration::ZERO,
            };
            exchange.ready_at = Some(now + pause);
        }
        let is_silent = exchange.steps.is_empty() && exchange.end == End::Silence;
        if is_silent || exchange.ready_at.is_some_and(|at| at > now) {
            exchange.waiting_since.get_or_insert(now);
            exchange.keep_alives.wait(now);
            if let (false, Some(at)) = (is_silent, exchange.ready_at) {
                exchange.wakes_at = Some(at);
                self.timers.set(exchange.timer, at, waker);
            }
            return Some(Poll::Pending);
        }
        (exchange.ready_at, exchange.wakes_at) = (None, None);
        match exchange.steps.pop_front() {
            Some(Step::Chunk(_, chunk)) => {
                exchange.deliver(chunk.len(), keep_alive, now);
                if !chunk.is_empty() {
                    exchange.last_byte = Some(now);
                    exchange.waiting_since = None;
                } else {
                    exchange.keep_alives.wait(now);
                }
                let shown = chunk.clone();
                self.note(|| format!("chunk {shown:?}"));
                Some(Poll::Ready(Some(Ok(Frame::data(chunk)))))
            }
            Some(Step::Trailers) => Some(Poll::Ready(Some(Ok(Frame::trailers(<_>::default()))))),
            None => self.body_ended(index),
        }
    }

    fn body_ended(&mut self, index: usize) -> Option<Polled> {
        let end = self.exchanges[index].end;
        self.note(|| format!("body ends: {end:?}"));
        let ended = match end {
            End::Regular | End::Silence => Ok(()),
            End::Error(kind) => Err(kind),
            End::EmptyFrames => return Some(self.empty_frame(index)),
            End::Panic => return None,
        };
        let was_open = self.exchanges[index].state == ExchangeState::Open;
        self.exchanges[index].state = ExchangeState::Ended;
        if was_open {
            let exchange = &self.exchanges[index];
            let regular_end = self.regular_end(index);
            let (body_end, cause, completeness) = match ended {
                Err(TransportErrorKind::Timeout) => {
                    let cause = Cause::BodyFailed(TransportErrorKind::Timeout);
                    (failed_end(TransportErrorKind::Timeout), cause, Completeness::Unknown)
                }
                Err(kind) => (failed_end(kind), Cause::BodyFailed(kind), Completeness::Cut),
                Ok(()) if exchange.is_in_line() => {
                    (regular_end, Cause::Unfinished, Completeness::Cut)
                }
                Ok(()) if exchange.has_unfinished_event() => {
                    (regular_end, Cause::Unfinished, Completeness::Unfinished)
                }
                Ok(()) if is_proof(regular_end) => {
                    (regular_end, Cause::StreamEnded, Completeness::Framed)
                }
                Ok(()) => (regular_end, Cause::StreamEnded, Completeness::Unknown),
            };
            let ended_connection = self.connection_ended(index, body_end, completeness, false);
            self.disconnected(cause, Some(ended_connection));
        } else {
            self.rejected(index);
        }
        Some(Poll::Ready(ended.err().map(Err)))
    }

    /// Yields an empty frame, and lets time pass. After many of them the body ends.
    fn empty_frame(&mut self, index: usize) -> Polled {
        let (now, exchange) = (self.now, &mut self.exchanges[index]);
        exchange.waiting_since.get_or_insert(now);
        exchange.ready_at = Some(now);
        self.advance(now + EMPTY_FRAME_TIME);
        let late = self.now.saturating_sub(Duration::from_secs(1));
        if let Some((at, _)) = self.deadline(&self.exchanges[index]).filter(|(at, _)| *at < late) {
            self.exchanges[index].end = End::Regular;
            self.violated(Invariant::DeadlinesFire, format!("empty frames after {at:?}"));
        }
        if self.now > Duration::from_secs(60) * self.requests as u32 {
            self.exchanges[index].end = End::Regular;
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
    }

    fn regular_end(&self, index: usize) -> BodyEnd {
        match self.exchanges[index].head {
            Head::Stream { regular_end, .. } => regular_end,
            _ => BodyEnd::Unknown,
        }
    }

    /// Takes note of the end of an accepted connection.
    fn connection_ended(
        &mut self,
        index: usize,
        body_end: BodyEnd,
        completeness: Completeness,
        is_expired: bool,
    ) -> Ended {
        self.model.learned = self.exchanges[index].keep_alives.next(is_expired);
        let (now, exchange) = (self.now, &self.exchanges[index]);
        let messages = exchange.messages;
        if let Some(block) = exchange.blocks.get(exchange.parsed) {
            if block.start < exchange.delivered {
                self.model.retries.extend(block.retry.map(Some));
            }
        }
        let since_last_byte = exchange.last_byte.map(|then| now - then);
        let bytes = exchange.delivered as u64;
        let evidence = Evidence { body_end, bytes, messages, since_last_byte, completeness };
        self.model.evidence = Some(evidence);
        self.model.messages += messages;
        let settled = exchange.settled();
        let is_blank = exchange.delivered <= exchange.mark;
        let is_nonsense = messages == 0 && exchange.has_unknown_line();
        if !is_blank {
            self.model.is_stream_complete = completeness == Completeness::Framed;
        }
        let id = exchange.last_id.as_ref().filter(|id| self.options.has_id(id));
        Ended {
            lived: exchange.first_read.map_or(Duration::ZERO, |then| now - then),
            bytes,
            is_blank,
            messages,
            is_proof: is_proof(body_end),
            has_block: settled > 0 && !is_blank && !is_nonsense,
            has_new_id: id.is_some_and(|id| *id != exchange.start_id),
        }
    }

    fn rejected(&mut self, index: usize) {
        let any = self.options.any_content_type;
        if let Some(cause) = self.exchanges[index].head.rejection(any) {
            self.disconnected(cause, None);
        }
    }

    /// Decides what follows a disconnect.
    pub(crate) fn disconnected(&mut self, cause: Cause, ended: Option<Ended>) {
        self.is_request_reported = false;
        let id = self.model.id.clone();
        self.model.disconnected(&self.options, cause, ended, &id, self.now);
        let expect = self.model.expect.clone();
        self.note(|| format!("disconnected by {cause:?}, expected next: {expect:?}"));
    }

    /// Takes note that a body was dropped.
    pub(crate) fn body_dropped(&mut self, index: usize) {
        self.timers.cancel(self.exchanges[index].timer);
        let state = self.exchanges[index].state;
        let deadline = self.deadline(&self.exchanges[index]);
        self.note(|| format!("body dropped while {state:?}"));
        match state {
            ExchangeState::Ended | ExchangeState::Over | ExchangeState::Sending => {}
            ExchangeState::Open => self.abandoned(index),
            ExchangeState::Rejecting => {
                let is_due = deadline.is_some_and(|(at, _)| at <= self.now);
                let is_long = self.exchanges[index].delivered >= MAX_REJECTED_BYTES;
                if self.is_abandoned_by_user(index) || self.has_panicked {
                    // The user did it.
                } else if is_due || is_long {
                    self.rejected(index);
                } else {
                    self.violated(Invariant::NotAbandoned, "rejection abandoned without a reason");
                }
            }
        }
        self.exchanges[index].state = ExchangeState::Over;
    }

    /// Takes note that the session has dropped the body of an open connection.
    fn abandoned(&mut self, index: usize) {
        if self.has_panicked {
            return;
        }
        let is_excess = self.pass_hidden(index);
        let deadline = self.deadline(&self.exchanges[index]).filter(|(at, _)| *at <= self.now);
        let is_silent = matches!(deadline, Some((_, Deadline::Idle)));
        let is_expired = is_silent && !self.is_abandoned_by_user(index);
        let (body_end, completeness) = (BodyEnd::Abandoned, Completeness::Unknown);
        let ended = self.connection_ended(index, body_end, completeness, is_expired);
        if self.is_abandoned_by_user(index) || self.model.has_ended() || self.is_stopping {
            return;
        }
        // A session that has waited for bytes has parsed all others, and exceeded no limit.
        if let Some((_, deadline)) = deadline {
            self.disconnected(Cause::Deadline(deadline), Some(ended));
        } else if is_excess {
            self.disconnected(Cause::Limit, Some(ended));
        } else {
            self.violated(Invariant::NotAbandoned, "connection abandoned without a reason");
        }
    }

    /// Passes the hidden blocks up to a terminal one, or to one that exceeds a limit. Returns
    /// `true` if a limit was exceeded.
    fn pass_hidden(&mut self, index: usize) -> bool {
        if self.is_abandoned_by_user(index) || self.model.has_ended() {
            return false;
        }
        let fails = self.options.small_limits == Some(ExcessPolicy::Fail);
        loop {
            let exchange = &self.exchanges[index];
            let Some(block) = exchange.blocks.get(exchange.parsed) else {
                return false;
            };
            if block.item.is_huge && fails && block.start < exchange.delivered {
                return true;
            }
            let is_last = block.item.event == Some(TERMINAL) && block.end <= exchange.delivered;
            if is_last && self.options.stops_after {
                // The body is dropped before the user sees the event.
                self.is_stopping = true;
                self.exchanges[index].messages += 1;
                return false;
            }
            let is_terminal = is_last && self.options.stops_before;
            if block.end > exchange.delivered || (self.is_visible(block) && !is_terminal) {
                return false;
            }
            self.parse_next(index);
            if is_terminal {
                self.model.end(Ending::Stopped);
                return false;
            }
        }
    }
}

/// Returns `true` if HTTP shows that a body is whole that ended so.
fn is_proof(body_end: BodyEnd) -> bool {
    matches!(body_end, BodyEnd::LastChunk | BodyEnd::LengthReached | BodyEnd::EndStream)
}

/// Number of bytes that are read of the body of a rejected response.
pub(crate) const MAX_REJECTED_BYTES: usize = 64 * 1024;

const EMPTY_FRAME_TIME: Duration = Duration::from_millis(10);
