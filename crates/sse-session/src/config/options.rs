//! Options of each layer, with their defaults, as the layer sees them.

use std::time::Duration;

use http::{HeaderValue, Method};
use sse_core::Limits;

use crate::{
    acceptance::Acceptance,
    deadlines::Deadlines,
    destination::Destination,
    factory::Refresh,
    filter::Filter,
    history::BufferPolicy,
    id_replacement::IdReplacement,
    observer::Observers,
    policy::ReconnectPolicy,
    resume::{CleanEnd, Progress, Resume},
    stop::{EventPredicate, Stop},
    threads::Shared,
};

/// Options of the layer that makes requests.
#[derive(Debug, Clone)]
pub(crate) struct RequestOptions {
    pub(crate) destination: Destination,
    pub(crate) refresh: Refresh,
    pub(crate) last_event_id: Option<String>,
    pub(crate) id_replacement: IdReplacement,
    pub(crate) send_last_event_id: bool,
    pub(crate) lift_total_timeout: bool,
    /// Key of an answer, the same for all of its attempts.
    pub(crate) idempotency_key: Option<HeaderValue>,
}

impl Default for RequestOptions {
    fn default() -> Self {
        Self {
            destination: Destination::default(),
            refresh: Refresh::default(),
            last_event_id: None,
            id_replacement: IdReplacement::default(),
            send_last_event_id: true,
            lift_total_timeout: true,
            idempotency_key: None,
        }
    }
}

/// Options of the layer that reads one response.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionOptions {
    pub(crate) acceptance: Acceptance,
    pub(crate) deadlines: Deadlines,
    pub(crate) limits: Limits,
    pub(crate) dispatch_unfinished_event: bool,
    pub(crate) expect_complete_events: bool,
    pub(super) keep_alive_events: Option<Shared<dyn EventPredicate>>,
}

impl ConnectionOptions {
    /// Returns the predicate of the events that are keep-alives, for an idle timeout that learns.
    pub(crate) fn keep_alive_events(&self) -> Option<&dyn EventPredicate> {
        self.keep_alive_events.as_ref().map(|predicate| &*predicate.0)
    }
}

/// Options of the layer that decides what follows a disconnect.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReconnectionOptions {
    pub(super) policy: Policy,
    pub(crate) retry_first_connection: bool,
    /// `None` if it was not set.
    pub(super) resume: Option<Resume>,
    pub(crate) clean_end: CleanEnd,
    pub(crate) finish_on_empty_reconnection: bool,
}

impl ReconnectionOptions {
    pub(crate) fn policy(&self) -> &ReconnectPolicy {
        &self.policy.effective
    }

    pub(crate) fn resume(&self) -> Resume {
        self.resume.unwrap_or_default()
    }

    /// Takes note that the options so far are those of a client, and not of one session.
    pub(crate) fn inherit(&mut self) {
        self.policy.is_own = false;
    }

    /// Returns `true` if the caller has turned reconnection on or off.
    pub(super) fn is_policy_set(&self) -> bool {
        self.policy.base.is_some() || self.policy.max_attempts.is_some()
    }

    /// Returns `true` if the caller has set the reconnection time.
    pub(super) fn is_time_set(&self) -> bool {
        self.policy.time.is_some()
    }

    /// Returns `true` if the policy, or a part of it, was set for this session.
    pub(super) fn is_policy_own(&self) -> bool {
        self.policy.is_own
    }

    /// Returns `true` if reconnection is on.
    pub(super) fn is_on(&self) -> bool {
        !self.policy().is_never()
    }

    /// Returns `true` if this request is never repeated, even if it got no answer or only if it got
    /// one: its method does not allow that, and the caller has not said when to repeat it.
    pub(super) fn is_resume_missing(&self, method: Option<&Method>, is_answered: bool) -> bool {
        let progress = Progress { is_answered, messages: 0, has_id: true };
        let is_allowed = method.is_none() || Resume::ByMethod.allows(method, progress);
        self.resume.is_none() && !is_allowed
    }
}

/// Policy of a session: the caller's, with the options that override parts of it.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    /// The policy as it was set; `None` if none was.
    pub(super) base: Option<ReconnectPolicy>,
    pub(super) max_attempts: Option<u32>,
    pub(super) time: Option<Duration>,
    /// All of the above put together.
    effective: ReconnectPolicy,
    /// If `true`, a part of it was set after the session has
    /// [inherited](ReconnectionOptions::inherit) the options of its client.
    is_own: bool,
}

impl Policy {
    /// Changes an option. The order of changes does not matter.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Self)) {
        change(self);
        self.is_own = true;
        self.effective = match &self.base {
            // It was turned off on purpose: a number of attempts does not turn it on.
            Some(base) if base.is_never() => base.clone(),
            base => {
                let policy = base.clone().unwrap_or_else(ReconnectPolicy::never);
                policy.overridden(self.max_attempts, self.time)
            }
        };
    }
}

impl Default for Policy {
    fn default() -> Self {
        let effective = ReconnectPolicy::never();
        Self { base: None, max_attempts: None, time: None, effective, is_own: false }
    }
}

/// Options of the layer that decides what the caller sees.
#[derive(Debug, Clone, Default)]
pub(crate) struct ViewOptions {
    pub(crate) filter: Filter,
    pub(crate) stop: Stop,
    pub(crate) acknowledge_events: bool,
    pub(crate) buffer_policy: BufferPolicy,
    pub(crate) measure_event_intervals: bool,
    pub(crate) observers: Observers,
}
