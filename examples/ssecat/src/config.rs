//! Converts options to the configuration of a session.

use std::{sync::Arc, time::Duration};

use sse_reqwest::{
    CleanEnd, IdleTimeout, ReconnectDecision, ReconnectPolicy, Resume, SessionObserver, SseConfig,
};

use crate::args::{
    Args, CleanEndArg, EndArgs, IdleTimeoutArg, OutputArgs, ReconnectionArgs, RequestArgs,
    ResumeArg,
};
use crate::terminal::Terminal;

/// Returns the configuration of a session with a server.
pub(crate) fn live(
    args: &Args,
    terminal: &Terminal,
    observer: Arc<impl SessionObserver>,
) -> SseConfig {
    let config = reconnection(&args.reconnection);
    let config = connection(config, &args.request, args.reconnection.idle_timeout);
    view_and_end(config, args, terminal).observer(observer).measure_event_intervals(true)
}

/// Returns the configuration of a session with a recording. The recording determines when the
/// session reconnects, and its timing includes the waits.
pub(crate) fn replayed(
    args: &Args,
    terminal: &Terminal,
    connections: usize,
    observer: Arc<impl SessionObserver>,
) -> SseConfig {
    let config = match connections {
        0 | 1 => SseConfig::new(),
        _ => SseConfig::new()
            .reconnect(ReconnectPolicy::custom(|_| ReconnectDecision::After(Duration::ZERO)))
            .resume(Resume::Feed)
            .clean_end(CleanEnd::Reconnect)
            .retry_statuses(|_| true)
            .retry_first_connection(true),
    };
    let config = config.accept_any_content_type(args.request.any_content_type);
    view_and_end(config, args, terminal).observer(observer)
}

fn reconnection(args: &ReconnectionArgs) -> SseConfig {
    let config = if args.browser {
        SseConfig::strict_whatwg()
    } else {
        let config = SseConfig::new()
            .clean_end(args.clean_end.into())
            .retry_first_connection(args.retry_first);
        if args.is_on() { config.reconnect(policy(args)) } else { config }
    };
    config.resume(args.resume.into())
}

fn policy(args: &ReconnectionArgs) -> ReconnectPolicy {
    let mut policy = ReconnectPolicy::exponential();
    if let Some(attempts) = args.attempts {
        policy = policy.max_attempts(attempts);
    }
    if let Some(time) = args.wait {
        policy = policy.reconnection_time(time);
    }
    if let Some(time) = args.max_wait {
        policy = policy.max_delay(time);
    }
    if let Some(time) = args.max_outage {
        policy = policy.max_outage(time);
    }
    policy
}

fn connection(
    mut config: SseConfig,
    args: &RequestArgs,
    idle_timeout: Option<IdleTimeoutArg>,
) -> SseConfig {
    if let Some(id) = &args.last_event_id {
        config = config.last_event_id(id);
    }
    if let Some(time) = args.head_timeout {
        config = config.head_timeout(time);
    }
    match idle_timeout {
        None => {}
        Some(IdleTimeoutArg::Auto) => config = config.idle_timeout(IdleTimeout::auto()),
        Some(IdleTimeoutArg::After(time)) => config = config.idle_timeout(time),
    }
    config.accept_any_content_type(args.any_content_type)
}

fn view_and_end(config: SseConfig, args: &Args, terminal: &Terminal) -> SseConfig {
    end(view(config, &args.output, terminal), &args.end, terminal)
}

fn view(mut config: SseConfig, args: &OutputArgs, terminal: &Terminal) -> SseConfig {
    if !args.types.is_empty() {
        let types = args.types.clone();
        config = config.filter_event_types(move |name| types.iter().any(|it| it == name));
    }
    config
        .show_comment_events(args.comments)
        .show_retry_events(args.retry)
        // The conditions see what the session yields. The output hides what was not asked for.
        .show_dataless_events(args.dataless || terminal.names_types())
}

fn end(mut config: SseConfig, args: &EndArgs, terminal: &Terminal) -> SseConfig {
    if terminal.is_any() {
        let terminal = terminal.clone();
        config = config.stop_after(move |event| terminal.is_met_by(event));
    }
    config
        .expect_terminal(args.expect_terminal)
        .expect_complete_events(true)
        .dispatch_unfinished_event(args.unfinished)
}

impl From<ResumeArg> for Resume {
    fn from(arg: ResumeArg) -> Self {
        match arg {
            ResumeArg::ByMethod => Self::ByMethod,
            ResumeArg::Never => Self::Never,
            ResumeArg::NothingDelivered => Self::IfNothingDelivered,
            ResumeArg::IdSeen => Self::IfIdSeen,
            // Disconnects are shown between the events, so that a second beginning can be seen.
            ResumeArg::FromBeginning => Self::Feed,
        }
    }
}

impl From<CleanEndArg> for CleanEnd {
    fn from(arg: CleanEndArg) -> Self {
        match arg {
            CleanEndArg::ByMethod => Self::ByMethod,
            CleanEndArg::Reconnect => Self::Reconnect,
            CleanEndArg::Finish => Self::Finish,
        }
    }
}
