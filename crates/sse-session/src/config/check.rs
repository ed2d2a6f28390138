//! Checks of options: a session is not opened with an option that can have no effect.
//!
//! An option that needs another would have no effect without it: nothing would be retried, or every
//! answer would be incomplete. Each [`Rule`] names an option that the caller has set, and the one
//! that is missing. An option is refused only if it cannot do anything in this session. Options of
//! a client that serves several kinds of requests are allowed: `reconnect` of a client, for
//! example, has no effect on a POST.

use http::Method;

use super::SseConfig;
use crate::{
    failure::Failure,
    resume::{CleanEnd, Resume},
    source::Source,
};

/// Session that is being opened.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a> {
    pub(crate) source: &'a Source,
    /// Method of the first request; `None` without one, or as long as a factory has not made it.
    pub(crate) method: Option<&'a Method>,
    pub(crate) resume_request: Option<&'a Source>,
    /// If `true`, options were set for this session alone.
    pub(crate) is_configured: bool,
}

/// Option that has no effect without another.
struct Rule {
    /// Returns `true` if the option is set, and has no effect.
    is_broken: fn(&SseConfig, Opening<'_>) -> bool,
    message: &'static str,
}

const RULES: [Rule; 13] = [
    // Every answer would be incomplete.
    Rule {
        is_broken: |config, _| config.view.stop.expect_terminal && !config.view.stop.is_set(),
        message: "expect_terminal needs stop_before or stop_after to name the terminal event",
    },
    Rule {
        is_broken: |config, _| config.request.refresh.has_limit_without_hook(),
        message: "max_refreshes needs refresh_credentials",
    },
    Rule {
        is_broken: |config, _| config.request.refresh.has_predicate_without_hook(),
        message: "refresh_credentials_on needs refresh_credentials",
    },
    // With `reconnect(ReconnectPolicy::never())`, reconnection is off on purpose.
    Rule {
        is_broken: |config, _| {
            config.reconnection.retry_first_connection && !config.reconnection.is_policy_set()
        },
        message: "retry_first_connection needs reconnect or max_reconnection_attempts",
    },
    Rule {
        is_broken: |config, _| {
            let is_void = matches!(config.reconnection.resume(), Resume::ByMethod | Resume::Never);
            !is_void && !config.reconnection.is_policy_set()
        },
        message: "resume needs reconnect or max_reconnection_attempts",
    },
    Rule {
        is_broken: |config, _| {
            config.reconnection.clean_end == CleanEnd::Reconnect
                && !config.reconnection.is_policy_set()
        },
        message: "CleanEnd::Reconnect needs reconnect or max_reconnection_attempts",
    },
    Rule {
        is_broken: |config, _| {
            config.reconnection.is_time_set() && !config.reconnection.is_policy_set()
        },
        message: "reconnection_time needs reconnect or max_reconnection_attempts",
    },
    Rule {
        is_broken: |config, _| {
            config.reconnection.finish_on_empty_reconnection && !config.reconnection.is_policy_set()
        },
        message: "finish_on_empty_reconnection needs reconnect or max_reconnection_attempts",
    },
    // An explicit `Resume::ByMethod` says that only some requests of a client are repeated.
    Rule {
        is_broken: |config, opening| {
            config.reconnection.retry_first_connection
                && config.reconnection.is_on()
                && config.reconnection.is_resume_missing(opening.method, false)
        },
        message: "retry_first_connection needs resume for a request with this method, for example \
                  Resume::IfNothingDelivered; Resume::ByMethod repeats safe methods only",
    },
    Rule {
        is_broken: |config, opening| {
            config.reconnection.clean_end == CleanEnd::Reconnect
                && config.reconnection.is_on()
                && opening.resume_request.is_none()
                && config.reconnection.is_resume_missing(opening.method, true)
        },
        message: "CleanEnd::Reconnect needs resume for a request with this method, for example \
                  Resume::Feed; Resume::ByMethod repeats safe methods only",
    },
    // A policy that a POST inherits from its client is for other requests of that client.
    Rule {
        is_broken: |config, opening| {
            opening.is_configured
                && config.reconnection.is_policy_own()
                && config.reconnection.is_on()
                && opening.resume_request.is_none()
                && config.reconnection.is_resume_missing(opening.method, true)
                // A PUT, for example, is repeated until it gets an answer.
                && (!config.reconnection.retry_first_connection
                    || config.reconnection.is_resume_missing(opening.method, false))
        },
        message: "reconnection needs resume for a request with this method, for example \
                  Resume::IfNothingDelivered; Resume::ByMethod repeats safe methods only",
    },
    // A policy that it inherits from its client is for the requests of that client.
    Rule {
        is_broken: |config, opening| {
            opening.is_configured
                && config.reconnection.is_policy_own()
                && config.reconnection.is_on()
                && opening.resume_request.is_none()
                && matches!(opening.source, Source::Response(_))
        },
        message: "reconnection needs resume_request for a session that begins with a response",
    },
    // A server that does not learn the ID starts again from the beginning.
    Rule {
        is_broken: |config, opening| {
            let sources = [Some(opening.source), opening.resume_request];
            let has_factory = sources.into_iter().flatten().any(Source::is_factory);
            config.reconnection.resume() == Resume::IfIdSeen
                && !config.request.send_last_event_id
                && !has_factory
        },
        message: "Resume::IfIdSeen needs send_last_event_id, or a request factory that sends the \
                  last event ID in another way",
    },
];

impl SseConfig {
    /// Checks that every option that was set can have an effect in this session. If a factory makes
    /// the first request, it is checked again when the method is known.
    pub(crate) fn check(&self, opening: Opening<'_>) -> Result<(), Failure> {
        let broken = RULES.iter().find(|rule| (rule.is_broken)(self, opening));
        broken.map_or(Ok(()), |rule| Err(Failure::InvalidConfig(rule.message)))
    }
}
