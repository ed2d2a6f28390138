//! Options of the session of an answer: those of the caller, the deadlines that an answer has by
//! default, and the options that an answer sets itself.

use std::time::Duration;

use http::HeaderValue;
use sse_core::ExcessPolicy;

use super::{SseConfig, ViewOptions};
use crate::{
    acceptance::Retryable,
    deadlines::IdleTimeout,
    policy::ReconnectPolicy,
    resume::{CleanEnd, Resume},
};

/// Longest time until the head of a response. LiteLLM responds to a 429 of its provider after 22 s
/// of retries of its own, and some servers send no head before the first event.
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);

/// Longest silence. Most agent servers send nothing during a tool call, and some models think for
/// minutes.
const SILENCE: Duration = Duration::from_secs(300);

impl SseConfig {
    /// Returns the options of the session of one attempt.
    ///
    /// The session reconnects only where it resumes: `resume` is then the policy for that.
    pub(crate) fn of_answer(
        mut self,
        resume: Option<ReconnectPolicy>,
        idempotency_key: Option<HeaderValue>,
    ) -> Self {
        self.request.idempotency_key = idempotency_key;
        let deadlines = &mut self.connection.deadlines;
        deadlines.default_head = Some(HEAD_TIMEOUT);
        if deadlines.idle == IdleTimeout::off() {
            deadlines.idle = SILENCE.into();
        }
        // A choice of rejections to retry after a URL has proved right does not apply to an
        // answer's first request.
        let retryable = &self.connection.acceptance.retryable;
        if matches!(retryable, Retryable::Transient | Retryable::Reconnections(_)) {
            self.connection.acceptance.retryable = Retryable::statuses(|status| {
                status.is_server_error() || matches!(status.as_u16(), 408 | 409 | 425 | 429)
            });
        }
        // An answer without an event is not whole.
        let limits = self.connection.limits;
        self.connection.limits = limits.excess_policy(ExcessPolicy::Fail);
        // A whole last event that lacks its blank line may be the error, or the end.
        self.connection.dispatch_unfinished_event = true;
        self.connection.expect_complete_events = true;
        let observers = std::mem::take(&mut self.view.observers);
        let measure_event_intervals = self.view.measure_event_intervals;
        self.view = ViewOptions { observers, measure_event_intervals, ..ViewOptions::default() };
        #[cfg(feature = "tracing")]
        self.view.observers.trace.set_answer();
        self.view.filter.show_dataless = true;
        let (policy, resume, clean_end) = match resume {
            Some(policy) => (policy, Resume::IfIdSeen, CleanEnd::Reconnect),
            None => (ReconnectPolicy::never(), Resume::Never, CleanEnd::Finish),
        };
        self.reconnection = Default::default();
        self.reconnect(policy).resume(resume).clean_end(clean_end)
    }
}
