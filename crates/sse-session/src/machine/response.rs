//! Responses: which open the session, which redirect it, which end it, and which are rejected.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Uri, header::CONTENT_LENGTH, response::Parts};

use super::{Machine, State, Transition, connection::Connection, rejecting::Rejecting, rules};
use crate::{
    acceptance::{Meaning, Rejected},
    body_end::BodyEnd,
    call::{Call, RequestHead, ResponseHead},
    coding::{self, Decoder, Undecodable},
    failure::{Failure, Rejection},
    gap::Gap,
    id_header::LAST_EVENT_ID,
    keep_alives::KeepAlives,
    retry_after::retry_after,
    state::EndReason,
};

impl Machine {
    /// Takes the head of a response. `regular_end` is what a regular end of its body proves.
    pub(crate) fn response(
        &mut self,
        parts: &Parts,
        regular_end: BodyEnd,
        now: Duration,
        wall_time: Option<SystemTime>,
    ) {
        let State::Connecting(connecting) = &self.state else {
            return;
        };
        let rules = rules(&self.config, self.capabilities);
        let redirected = connecting
            .outgoing
            .as_ref()
            .and_then(|it| self.template.redirected(rules, it, parts.status, &parts.headers));
        match redirected {
            Some(Ok(outgoing)) => return self.enter(State::Ready(Box::new(outgoing))),
            Some(Err(why)) => return self.disconnected(Failure::Redirect(why), now),
            None => {}
        }
        let request = self.template.last_request().cloned();
        if let Some(stopwatch) = self.stopwatch.as_ref().filter(|_| request.is_some()) {
            stopwatch.head(now);
        }
        let outgoing = connecting.outgoing.as_ref();
        let head = match outgoing.map(|it| it.head.uri()).or_else(|| self.template.last_uri()) {
            Some(uri) => ResponseHead::new(parts, uri, request.as_ref()),
            // A response is received to a request, or the session began with it.
            None => ResponseHead::new(parts, &Uri::default(), None),
        };
        self.judge(&parts.headers, head, request, regular_end, now, wall_time);
    }

    /// Decides what a response means. `headers` are those of `head`, which has them only packed.
    fn judge(
        &mut self,
        headers: &HeaderMap,
        head: ResponseHead,
        request: Option<RequestHead>,
        regular_end: BodyEnd,
        now: Duration,
        wall_time: Option<SystemTime>,
    ) {
        let replaced = self.config.request.id_replacement.of(&head, self.last_event_id());
        if let Some(id) = replaced {
            self.set_last_event_id(id);
        }
        let (decoder, undecodable) = self.decoder(headers);
        let acceptance = &self.config.connection.acceptance;
        let is_decodable = undecodable.is_none();
        let was_open = self.connections > 0;
        let stopwatch = self.stopwatch.clone().unwrap_or_default();
        let answer = acceptance.judge(head.status(), headers, is_decodable, was_open);
        let (advice, failure): (_, fn(Box<Rejection>) -> Failure) = match answer {
            Meaning::EventStream => {
                self.gap = self.gap(request.as_ref(), headers).map(Box::new);
                let length = body_length(regular_end, headers);
                let call = Call::new(request, head, stopwatch);
                return self.open(call, regular_end, length, decoder, now);
            }
            Meaning::NoContent => {
                stopwatch.end(now);
                return self.no_content(Call::new(request, head, stopwatch));
            }
            Meaning::Rejected(Rejected::ContentType, advice) => (advice, Failure::ContentType),
            Meaning::Rejected(Rejected::Coding, advice) => (advice, Failure::ContentEncoding),
            Meaning::Rejected(Rejected::Status, advice) => (advice, Failure::Status),
        };
        let retry_after = retry_after(headers, wall_time);
        let rejection = Rejection { head, body: Vec::new(), advice, retry_after, undecodable };
        let deadline = now.saturating_add(REJECTION_DEADLINE);
        let rejecting = Rejecting::new(rejection, failure, decoder, deadline);
        self.enter(State::Rejecting(Box::new(rejecting)));
    }

    /// Returns the decoder of a body with this head, or the coding that nothing decodes.
    fn decoder(&self, headers: &HeaderMap) -> (Option<Box<Decoder>>, Option<Undecodable>) {
        if self.capabilities.decodes_content {
            return (None, None);
        }
        match coding::codings(headers) {
            Ok(codings) => (Decoder::new(&codings), None),
            Err(undecodable) => (None, Some(undecodable)),
        }
    }

    /// Returns the gap between what was asked for and what the response says.
    fn gap(&self, request: Option<&RequestHead>, headers: &HeaderMap) -> Option<Gap> {
        let sent = request?.header(&LAST_EVENT_ID);
        match sent.map(|id| std::str::from_utf8(id.as_bytes())) {
            Some(id) => Gap::of(id.ok()?, headers),
            // The factory may have sent it in another way.
            None if self.template.has_factory() => Gap::of(self.last_event_id(), headers),
            None => None,
        }
    }

    fn open(
        &mut self,
        call: Call,
        regular_end: BodyEnd,
        length: Option<u64>,
        decoder: Option<Box<Decoder>>,
        now: Duration,
    ) {
        self.responded();
        self.connections += 1;
        if self.is_restart {
            self.restarts = self.restarts.saturating_add(1);
        }
        self.id_at_open = self.last_event_id().to_owned();
        self.template.connected(&self.config.request, call.response().uri());
        self.last_call = self.template.has_factory().then(|| call.clone());
        let comment_lines = self.parser.comment_lines();
        let learns = self.config.connection.deadlines.idle.learns();
        let keep_alives = learns.then(|| {
            let learned = self.learned.as_deref().copied().unwrap_or_default();
            Box::new(KeepAlives::new(learned, comment_lines, now))
        });
        let connection = Connection::new(regular_end, decoder, keep_alives);
        self.enter(State::Open(Box::new(connection.with_length(length))));
        self.notify(Transition::Open(call));
    }

    fn no_content(&mut self, call: Call) {
        self.responded();
        if self.config.view.stop.expect_terminal {
            return self.fail(Failure::NoContent);
        }
        self.close_with(EndReason::NoContent);
        self.notify(Transition::NoContent(call));
    }

    /// Takes note that the server has accepted the request.
    fn responded(&mut self) {
        self.cause = None;
        self.refreshes.succeeded();
    }

    /// Takes a chunk of the body of a rejected response.
    pub(super) fn rejected_chunk(&mut self, chunk: Bytes, now: Duration) {
        let State::Rejecting(rejecting) = &mut self.state else {
            return;
        };
        let is_empty = chunk.is_empty();
        let is_complete = rejecting.take(chunk).is_break();
        if !is_empty {
            self.time_bytes(now);
        }
        if is_complete {
            self.rejection_complete(now);
        }
    }

    /// Fails with the rejected response: its body has ended, or enough of it was read.
    pub(super) fn rejection_complete(&mut self, now: Duration) {
        let state = std::mem::replace(&mut self.state, State::Connecting(Box::default()));
        if let State::Rejecting(rejecting) = state {
            self.disconnected(rejecting.into_failure(), now);
        }
    }
}

/// Returns the length of a body that the session has to check. Every client of HTTP/1.1 checks it
/// itself; but hyper takes an HTTP/2 stream that is reset with NO_ERROR for one that ended.
fn body_length(regular_end: BodyEnd, headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(CONTENT_LENGTH).filter(|_| regular_end == BodyEnd::EndStream)?;
    value.to_str().ok()?.parse().ok()
}

/// Time within which the start of the body of a rejected response is read.
const REJECTION_DEADLINE: Duration = Duration::from_secs(5);
