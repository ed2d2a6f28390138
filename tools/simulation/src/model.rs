//! Model of a session: what it may do next, by the rules of the documentation.

use std::time::Duration;

use http::Uri;
use sse_session::{BodyEnd, Completeness, SseErrorOutcome, TransportErrorKind};

use crate::{
    decision::{Cause, Ended, Wait},
    exchange::LearnedLimit,
    options::{Options, Strategy},
};

/// State of a session as its documentation has it.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) expect: Expect,
    /// Last event ID, without acknowledgment.
    pub(crate) id: String,
    /// Reconnection times that the server has set, of which one counts: that of a block that is not
    /// complete, or exceeds a limit, counts or not.
    pub(crate) retries: Vec<Option<Duration>>,
    pub(crate) attempts: u32,
    repeated_first: bool,
    /// Number of bodies that could not be decoded since then.
    decode_failures: u32,
    outage_since: Option<Duration>,
    pub(crate) connections: u64,
    /// Number of connections without a last event ID, after events were received.
    pub(crate) restarts: u32,
    /// `true` if the last request was a restart.
    pub(crate) is_restart: bool,
    /// `true` if the last stream that brought a byte was complete.
    pub(crate) is_stream_complete: bool,
    pub(crate) refreshes: u32,
    pub(crate) has_refreshed: bool,
    pub(crate) method_known: bool,
    pub(crate) moved_to: Option<Uri>,
    pub(crate) redirects: u32,
    /// Time of the first request of a chain of redirects.
    pub(crate) chain_start: Duration,
    pub(crate) chain_is_at_origin: bool,
    pub(crate) evidence: Option<Evidence>,
    /// Limit of silence learned from the keep-alives of earlier connections.
    pub(crate) learned: LearnedLimit,
    pub(crate) messages: u64,
    /// Cause of the last disconnect.
    pub(crate) last_cause: Option<Cause>,
    /// `true` if an event was received again.
    pub(crate) has_repeated: bool,
    /// `true` if the server was asked for events that were yielded before. IDs that come with them,
    /// of blocks without data as well, then lie before those acknowledged.
    pub(crate) asked_again: bool,
}

/// Next step of the session.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expect {
    /// It makes its first request.
    First,
    /// It repeats its first request at once.
    Repeat,
    /// It waits for its server.
    Exchange,
    /// It makes a request after this wait, or ends if that is not sure.
    Reconnect {
        at: Duration,
        wait: Wait,
        is_sure: bool,
    },
    /// The factory is making a request.
    Making,
    /// It sends the request that was made, or sends it again with new credentials.
    Send,
    /// It follows a redirect.
    Redirected {
        uri: Uri,
        is_post: bool,
    },
    Refresh,
    Refreshing,
    /// It ends with this cause, because it has no other request or because the outage is too long.
    EndInDoubt {
        cause: Cause,
    },
    Ended(Ending),
}

/// Reason for the end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Failed { cause: Cause, outcome: Option<SseErrorOutcome> },
    StreamEnded,
    NoContent,
    Stopped,
    Closed,
}

/// Evidence of the end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) body_end: BodyEnd,
    pub(crate) bytes: u64,
    pub(crate) messages: u64,
    pub(crate) since_last_byte: Option<Duration>,
    pub(crate) completeness: Completeness,
}

/// Number of attempts that follow bodies that could not be decoded.
const MAX_DECODE_RETRIES: u32 = 3;

/// Time within which an empty stream must end for a server to have no more events.
const LONGEST_EMPTY: Duration = Duration::from_secs(5);

impl Model {
    pub(crate) fn new(seed_id: Option<&str>) -> Self {
        Self {
            expect: Expect::First,
            id: seed_id.unwrap_or_default().to_owned(),
            retries: vec![None],
            attempts: 0,
            repeated_first: false,
            decode_failures: 0,
            outage_since: None,
            connections: 0,
            restarts: 0,
            is_restart: false,
            is_stream_complete: false,
            refreshes: 0,
            has_refreshed: false,
            method_known: false,
            moved_to: None,
            redirects: 0,
            chain_start: Duration::ZERO,
            chain_is_at_origin: true,
            evidence: None,
            learned: LearnedLimit::default(),
            messages: 0,
            last_cause: None,
            has_repeated: false,
            asked_again: false,
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.expect, Expect::Ended(_))
    }

    pub(crate) fn end(&mut self, ending: Ending) {
        if !self.has_ended() {
            self.expect = Expect::Ended(ending);
        }
    }

    /// Decides what follows a disconnect. `ended` is the connection, if there was one; `id` is the
    /// ID that the next request would carry.
    pub(crate) fn disconnected(
        &mut self,
        options: &Options,
        cause: Cause,
        ended: Option<Ended>,
        id: &str,
        now: Duration,
    ) {
        self.last_cause = Some(cause);
        if ended.is_none() {
            self.moved_to = None;
        }
        let is_undecodable = cause == Cause::BodyFailed(TransportErrorKind::Decode);
        let is_healthy = ended.is_some_and(|it| options.policy.is_healthy(it, cause));
        let is_regular = is_healthy && ended.is_some_and(|it| it.is_regular(cause));
        if is_healthy {
            self.reset();
        }
        if self.repeats_first(options, cause, id) {
            self.repeated_first = true;
            self.expect = Expect::Repeat;
            return;
        }
        let is_unauthorized = matches!(cause, Cause::Status { code: 401, .. })
            || (options.refreshes_on_403 && matches!(cause, Cause::Status { code: 403, .. }));
        if is_unauthorized && options.max_refreshes.is_some_and(|max| self.refreshes < max) {
            self.refreshes += 1;
            if options.has_no_other_request() {
                let outcome = SseErrorOutcome::BodyNotRepeatable;
                return self.ended_by(options, cause, Some(outcome));
            }
            self.expect = Expect::Refresh;
            return;
        }
        let is_post = options.is_post && (self.method_known || !options.has_factory);
        let messages = ended.map_or(0, |ended| ended.messages);
        let may_repeat = (self.connections > 0 || options.retry_first)
            && options.may_repeat(cause, self.connections > 0, is_post, messages, id)
            && options.policy.strategy != Strategy::Never;
        let is_finished = options.finishes_on_empty
            && self.connections > 1
            && cause == Cause::StreamEnded
            && ended.is_some_and(|it| it.is_blank && it.is_proof && it.lived < LONGEST_EMPTY);
        if !may_repeat || is_finished {
            return self.ended_by(options, cause, None);
        }
        self.decode_failures += u32::from(is_undecodable);
        let is_custom = matches!(options.policy.strategy, Strategy::Custom { .. });
        if self.decode_failures > MAX_DECODE_RETRIES && !is_custom {
            return self.ended_by(options, cause, Some(SseErrorOutcome::Exhausted));
        }
        let max_restarts = options.policy.max_restarts.unwrap_or(u32::MAX);
        if self.will_restart(options) && self.restarts >= max_restarts {
            return self.ended_by(options, cause, Some(SseErrorOutcome::Exhausted));
        }
        let outage = now - *self.outage_since.get_or_insert(now);
        let (attempts, after) = (self.attempts, cause.retry_after());
        let waits = self.retries.iter();
        let waits =
            waits.filter_map(|&retry| options.policy.wait(attempts, retry, after, is_regular));
        let Some(wait) = waits.reduce(Wait::union) else {
            return self.ended_by(options, cause, Some(SseErrorOutcome::Exhausted));
        };
        let max = options.policy.max_outage.unwrap_or(Duration::MAX);
        if outage + wait.shortest > max {
            return self.ended_by(options, cause, Some(SseErrorOutcome::Exhausted));
        }
        let is_sure = outage + wait.longest <= max;
        if options.has_no_other_request() {
            let outcome = match is_sure {
                true => SseErrorOutcome::BodyNotRepeatable,
                false => return self.expect = Expect::EndInDoubt { cause },
            };
            return self.ended_by(options, cause, Some(outcome));
        }
        self.attempts += 1;
        self.expect = Expect::Reconnect { at: now, wait, is_sure };
    }

    /// Returns `true` if the first request is repeated without asking the policy.
    fn repeats_first(&self, options: &Options, cause: Cause, id: &str) -> bool {
        let is_first = self.connections == 0 && self.attempts == 0 && !self.repeated_first;
        is_first
            && cause.is_closed_without_response()
            && (!options.is_post || options.is_put)
            && !options.has_no_other_request()
            && options.may_repeat(cause, false, options.is_post, 0, id)
    }

    /// Returns `true` if the next request names no event, although there were some.
    pub(crate) fn will_restart(&self, options: &Options) -> bool {
        self.messages > 0 && !options.has_id(&self.id)
    }

    fn ended_by(&mut self, options: &Options, cause: Cause, outcome: Option<SseErrorOutcome>) {
        let is_regular = match cause {
            Cause::StreamEnded => true,
            Cause::Unfinished => !options.expects_complete_events(),
            _ => false,
        };
        let is_end = is_regular && outcome.is_none() && !options.expects_terminal;
        self.end(if is_end { Ending::StreamEnded } else { Ending::Failed { cause, outcome } });
    }

    /// Applies the user's command to reconnect now.
    pub(crate) fn reconnect_now(&mut self, options: &Options, now: Duration) {
        if !self.has_ended() {
            self.reset();
            if matches!(self.expect, Expect::Refresh | Expect::Refreshing) {
                // The refresh is canceled, and does not count.
                self.refreshes = self.refreshes.saturating_sub(1);
            }
            if options.has_no_other_request() && self.method_known {
                let cause = Cause::ReconnectRequested;
                let outcome = SseErrorOutcome::BodyNotRepeatable;
                return self.ended_by(options, cause, Some(outcome));
            }
            self.attempts = 1;
            self.last_cause = Some(Cause::ReconnectRequested);
            let wait = Wait { shortest: Duration::ZERO, longest: Duration::ZERO };
            self.expect = Expect::Reconnect { at: now, wait, is_sure: true };
        }
    }

    fn reset(&mut self) {
        self.attempts = 0;
        self.decode_failures = 0;
        self.outage_since = None;
    }
}

/// Returns how a body ended whose transport reported this error.
pub(crate) fn failed_end(kind: TransportErrorKind) -> BodyEnd {
    match kind {
        TransportErrorKind::Truncated | TransportErrorKind::FrameLimit => BodyEnd::Truncated,
        TransportErrorKind::Reset => BodyEnd::Reset,
        TransportErrorKind::Decode => BodyEnd::Malformed,
        _ => BodyEnd::Unknown,
    }
}
