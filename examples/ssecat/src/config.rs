//! Options in, the configuration of a session out.

use std::{sync::Arc, time::Duration};

use sse_reqwest::{
    CleanEnd, IdleTimeout, ReconnectDecision, ReconnectPolicy, Resume, SessionObserver, SseConfig,
    Terminal,
};

use crate::args::{
    Args, CleanEndArg, EndArgs, OutputArgs, ReconnectionArgs, RequestArgs, ResumeArg, Silence,
};

/// That of a session with a server.
pub(crate) fn live(args: &Args, observer: Arc<impl SessionObserver>) -> SseConfig {
    let config = reconnection(&args.reconnection);
    let config = connection(config, &args.request, args.reconnection.idle_timeout);
    shown_and_stopped(config, args).observer(observer)
}

/// That of a session with a recording, which knows itself when to go on, and has had its waits.
pub(crate) fn replayed(
    args: &Args,
    connections: usize,
    observer: Arc<impl SessionObserver>,
) -> SseConfig {
    let config = match connections {
        0 | 1 => SseConfig::new(),
        _ => SseConfig::new()
            .reconnect(ReconnectPolicy::custom(|_| ReconnectDecision::After(Duration::ZERO)))
            .resume(Resume::FromBeginning)
            .clean_end(CleanEnd::Reconnect)
            .retry_statuses(|_| true)
            .retry_first_connection(true),
    };
    let config = match args.request.any_content_type {
        true => config.accept_any_content_type(true),
        false => config,
    };
    shown_and_stopped(config, args).observer(observer)
}

fn reconnection(args: &ReconnectionArgs) -> SseConfig {
    let mut config = SseConfig::new().clean_end(args.clean_end.into());
    if args.is_on() {
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
        config = config.reconnect(policy);
    }
    if args.browser {
        config = SseConfig::strict_whatwg();
    }
    if args.retry_first {
        config = config.retry_first_connection(true);
    }
    config.resume(args.resume.into())
}

fn connection(mut config: SseConfig, args: &RequestArgs, silence: Option<Silence>) -> SseConfig {
    if let Some(id) = &args.last_event_id {
        config = config.last_event_id(id);
    }
    if let Some(time) = args.head_timeout {
        config = config.head_timeout(time);
    }
    if args.any_content_type {
        config = config.accept_any_content_type(true);
    }
    match silence {
        None => config,
        Some(Silence::Auto) => config.idle_timeout(IdleTimeout::auto()),
        Some(Silence::For(time)) => config.idle_timeout(time),
    }
}

fn shown_and_stopped(config: SseConfig, args: &Args) -> SseConfig {
    stopped(shown(config, &args.output), &args.end)
}

fn shown(mut config: SseConfig, args: &OutputArgs) -> SseConfig {
    if !args.types.is_empty() {
        let types = args.types.clone();
        config = config.filter_event_types(move |name| types.iter().any(|it| it == name));
    }
    if args.comments {
        config = config.show_comment_events(true);
    }
    if args.retry {
        config = config.show_retry_events(true);
    }
    if args.dataless {
        config = config.show_dataless_events(true);
    }
    config
}

fn stopped(mut config: SseConfig, args: &EndArgs) -> SseConfig {
    if !args.stop_on.is_empty() || !args.stop_before_type.is_empty() {
        let (data, types) = (args.stop_on.clone(), args.stop_before_type.clone());
        config = config.stop_after(move |event| {
            data.iter().any(|it| it == event.data())
                || types.iter().any(|it| it == event.event_type())
        });
    }
    if args.expect_stop {
        config = config.expect_terminal(true);
    }
    config
}

impl From<ResumeArg> for Resume {
    fn from(arg: ResumeArg) -> Self {
        match arg {
            ResumeArg::ByMethod => Self::ByMethod,
            ResumeArg::Never => Self::Never,
            ResumeArg::NothingDelivered => Self::IfNothingDelivered,
            ResumeArg::IdSeen => Self::IfIdSeen,
            ResumeArg::Always => Self::Always,
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
