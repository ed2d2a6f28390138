//! Options of a life, chosen at random, as the session gets them and as the model reads them.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use sse_session::{
    BufferPolicy, CleanEnd, ExcessPolicy, IdleTimeout, Limits, ReconnectDecision, ReconnectPolicy,
    ReconnectUrl, Resume, SseConfig,
};

use crate::{
    chance::Chance,
    feed::{HIDDEN, TERMINAL},
    observer::Witness,
    timers::{Sleep, VirtualClock},
    world::Shared,
};

/// Options of a life.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) policy: Policy,
    pub(crate) retry_first: bool,
    pub(crate) resume: Resume,
    pub(crate) clean_end: CleanEnd,
    pub(crate) finishes_on_empty: bool,
    /// The method is `POST` or `PUT`, and the request has a body.
    pub(crate) is_post: bool,
    pub(crate) is_put: bool,
    pub(crate) is_https: bool,
    pub(crate) has_factory: bool,
    /// The body of a request can be sent only once.
    pub(crate) is_one_shot: bool,
    pub(crate) head_timeout: Option<Duration>,
    pub(crate) first_byte_timeout: Option<Duration>,
    pub(crate) idle: Idle,
    /// Event type of events that are keep-alives.
    pub(crate) keep_alive_event: Option<&'static str>,
    pub(crate) acknowledges: bool,
    pub(crate) stops_before: bool,
    pub(crate) stops_after: bool,
    pub(crate) expects_terminal: bool,
    pub(crate) expects_complete: bool,
    pub(crate) hides_types: bool,
    pub(crate) shows_comments: bool,
    pub(crate) shows_retry: bool,
    pub(crate) shows_dataless: bool,
    pub(crate) small_limits: Option<ExcessPolicy>,
    pub(crate) history: Option<usize>,
    pub(crate) sends_id: bool,
    pub(crate) seed_id: Option<String>,
    pub(crate) reconnects_to_final: bool,
    pub(crate) max_refreshes: Option<u32>,
    /// A 403 asks for new credentials, as a 401 does.
    pub(crate) refreshes_on_403: bool,
    pub(crate) replaces_id: bool,
    pub(crate) any_content_type: bool,
    pub(crate) is_observed: bool,
}

/// Limit of silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idle {
    Off,
    After(Duration),
    Auto,
}

/// Policy of a life.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) strategy: Strategy,
    pub(crate) time: Duration,
    pub(crate) jitter: f64,
    pub(crate) max_server_delay: Option<Duration>,
    pub(crate) max_attempts: Option<u32>,
    /// Never set if the user acknowledges events: the ID of a request depends on the user then.
    pub(crate) max_restarts: Option<u32>,
    pub(crate) max_outage: Option<Duration>,
    /// Zero if the user acknowledges events: whether there is a new ID depends on the user then.
    pub(crate) healthy_after: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Strategy {
    Never,
    Fixed,
    Exponential {
        factor: f64,
        max_delay: Duration,
    },
    /// Waits for the time, and stops after this number of attempts.
    Custom {
        stops_after: u32,
    },
}

fn seconds(chance: &mut Chance, values: &[u64]) -> Duration {
    Duration::from_secs(chance.pick(values))
}

impl Policy {
    fn new(chance: &mut Chance, acknowledges: bool) -> Self {
        let strategy = match chance.below(10) {
            0 => Strategy::Never,
            1..=4 => Strategy::Fixed,
            5..=8 => {
                let factor = chance.pick(&[1.0, 1.5, 2.0, 10.0]);
                Strategy::Exponential { factor, max_delay: seconds(chance, &[2, 10, 60]) }
            }
            _ => Strategy::Custom { stops_after: chance.below(6) as u32 },
        };
        Self {
            strategy,
            time: Duration::from_millis(chance.pick(&[0, 50, 1000, 3000])),
            jitter: chance.pick(&[0.0, 0.0, 0.5, 1.0]),
            max_server_delay: chance.percent(20).then(|| seconds(chance, &[0, 1, 5, 60])),
            max_restarts: (chance.percent(20) && !acknowledges).then(|| chance.below(4) as u32),
            max_attempts: chance.percent(40).then(|| 1 + chance.below(5) as u32),
            max_outage: chance.percent(20).then(|| seconds(chance, &[1, 5, 30])),
            healthy_after: match acknowledges {
                true => Duration::ZERO,
                false => seconds(chance, &[0, 5, 5, 20]),
            },
        }
    }

    fn build(&self) -> ReconnectPolicy {
        let time = self.time;
        let policy = match self.strategy {
            Strategy::Never => return ReconnectPolicy::never(),
            Strategy::Fixed => ReconnectPolicy::fixed(time),
            Strategy::Exponential { factor, max_delay } => ReconnectPolicy::exponential()
                .reconnection_time(time)
                .factor(factor)
                .max_delay(max_delay),
            Strategy::Custom { stops_after } => ReconnectPolicy::custom(move |disconnect| {
                if disconnect.attempts() >= stops_after {
                    return ReconnectDecision::Stop("enough".into());
                }
                let asked = disconnect.retry().max(disconnect.retry_after());
                ReconnectDecision::After(time.max(asked.unwrap_or_default()))
            }),
        };
        let policy = policy.jitter(self.jitter).healthy_after(self.healthy_after);
        let policy = match self.max_attempts {
            Some(attempts) => policy.max_attempts(attempts),
            None => policy,
        };
        let policy = match self.max_restarts {
            Some(restarts) => policy.max_restarts(restarts),
            None => policy,
        };
        let policy = match self.max_server_delay {
            Some(delay) => policy.max_server_delay(delay),
            None => policy,
        };
        match self.max_outage {
            Some(outage) => policy.max_outage(outage),
            None => policy,
        }
    }
}

impl Options {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let some_time =
            |chance: &mut Chance| chance.percent(35).then(|| seconds(chance, &[1, 4, 15]));
        let stops = chance.below(8);
        let is_plain = chance.percent(40);
        let mut shown = |cases| !is_plain && chance.percent(cases);
        let (hides_types, shows_comments) = (shown(30), shown(20));
        let (shows_retry, shows_dataless) = (shown(20), shown(25));
        let acknowledges = shown(40);
        // With acknowledgment, the ID seen depends on what the user does.
        let id_seen = if acknowledges { Resume::FromBeginning } else { Resume::IfIdSeen };
        let mut options = Self {
            policy: Policy::new(chance, acknowledges),
            retry_first: chance.percent(50),
            resume: chance.pick(&[
                Resume::ByMethod,
                Resume::ByMethod,
                Resume::ByMethod,
                Resume::Never,
                Resume::IfNothingDelivered,
                id_seen,
                Resume::FromBeginning,
                Resume::Feed,
            ]),
            clean_end: chance.pick(&[
                CleanEnd::ByMethod,
                CleanEnd::Reconnect,
                CleanEnd::Reconnect,
                CleanEnd::Finish,
            ]),
            finishes_on_empty: chance.percent(25),
            is_post: chance.percent(15),
            is_put: chance.percent(40),
            is_https: chance.percent(50),
            has_factory: chance.percent(10),
            is_one_shot: chance.percent(8),
            head_timeout: some_time(chance),
            first_byte_timeout: some_time(chance),
            idle: match chance.below(6) {
                0..=2 => Idle::Off,
                3..=4 => Idle::After(seconds(chance, &[2, 6, 20])),
                _ => Idle::Auto,
            },
            keep_alive_event: chance.percent(30).then_some(HIDDEN),
            acknowledges,
            stops_before: matches!(stops, 0..=1),
            stops_after: matches!(stops, 2..=3),
            expects_terminal: stops < 4 && chance.percent(50),
            hides_types,
            shows_comments,
            shows_retry,
            shows_dataless,
            small_limits: match chance.below(10) {
                0 => Some(ExcessPolicy::Fail),
                1 => Some(ExcessPolicy::Skip),
                _ => None,
            },
            history: (!is_plain && chance.percent(20)).then(|| chance.pick(&[0, 10, 100, 4096])),
            // The header shows from which ID a session resumes that acknowledges events.
            sends_id: acknowledges || !chance.percent(5),
            seed_id: chance.percent(10).then(|| format!("e{}", chance.below(5))),
            reconnects_to_final: chance.percent(50),
            max_refreshes: chance.percent(50).then(|| 1 + chance.below(2) as u32),
            refreshes_on_403: chance.percent(30),
            replaces_id: chance.percent(50),
            any_content_type: chance.percent(10),
            is_observed: chance.percent(50),
            expects_complete: chance.percent(25),
        };
        // A session is not opened whose server never learns the ID that it is to resume after.
        options.sends_id |= options.resume == Resume::IfIdSeen && !options.has_factory;
        options
    }

    /// Returns the largest history, with a margin for text that was cut within a character.
    pub(crate) fn max_history(&self) -> usize {
        self.history.map_or(0, |bytes| bytes + 8)
    }

    pub(crate) fn config(&self, world: &Arc<Shared>, observer: &Arc<Witness>) -> SseConfig {
        let (clock, random) = (VirtualClock(world.clone()), world.clone());
        let mut config = SseConfig::new()
            .clock(clock)
            .randomness(move || random.lock().random())
            .reconnect(self.policy.build())
            .retry_first_connection(self.retry_first)
            .resume(self.resume)
            .clean_end(self.clean_end)
            .finish_on_empty_reconnection(self.finishes_on_empty)
            .acknowledge_events(self.acknowledges)
            .expect_terminal(self.expects_terminal)
            .expect_complete_events(self.expects_complete)
            .show_comment_events(self.shows_comments)
            .show_retry_events(self.shows_retry)
            .show_dataless_events(self.shows_dataless)
            .send_last_event_id(self.sends_id)
            .accept_any_content_type(self.any_content_type)
            .sensitive_headers([HeaderName::from_static("x-api-key")])
            .idle_timeout(match self.idle {
                Idle::Off => IdleTimeout::off(),
                Idle::After(time) => IdleTimeout::after(time),
                Idle::Auto => IdleTimeout::auto(),
            });
        if let Some(time) = self.head_timeout {
            config = config.head_timeout(time);
        }
        if let Some(time) = self.first_byte_timeout {
            config = config.first_byte_timeout(time);
        }
        if self.stops_before {
            config = config.stop_before(|event| event.event_type() == TERMINAL);
        }
        if self.stops_after {
            config = config.stop_after(|event| event.event_type() == TERMINAL);
        }
        if self.hides_types {
            config = config.filter_event_types(|name| name != HIDDEN);
        }
        if let Some(policy) = self.small_limits {
            let limits = Limits::default().max_event_bytes(SMALL_LIMIT).excess_policy(policy);
            config = config.limits(limits);
        }
        if let Some(bytes) = self.history {
            let lines = bytes % 4 == 0;
            let policy = if lines { BufferPolicy::all() } else { BufferPolicy::last_events(3) };
            config = config.buffer_policy(policy.max_bytes(bytes));
        }
        if let Some(id) = &self.seed_id {
            config = config.last_event_id(id.clone());
        }
        if self.reconnects_to_final {
            config = config.reconnect_url(ReconnectUrl::Final);
        }
        if self.replaces_id {
            config = config.replace_last_event_id(|head, _| {
                head.headers().contains_key("x-restarted").then(String::new)
            });
        }
        if self.refreshes_on_403 && self.max_refreshes.is_some() {
            config = config.refresh_credentials_on(|rejection| {
                rejection.status().is_some_and(|it| matches!(it.as_u16(), 401 | 403))
            });
        }
        if let Some(name) = self.keep_alive_event {
            config = config.keep_alive_events(move |event| event.event() == Some(name));
        }
        if let Some(times) = self.max_refreshes {
            let world = world.clone();
            config = config.max_refreshes(times).refresh_credentials(move |_| {
                let world = world.clone();
                let (delay, is_ok) = world.lock().refresh_called();
                async move {
                    Sleep::new(&world, delay).await;
                    world.lock().refreshed(is_ok);
                    let token = HeaderValue::from_static("refreshed");
                    let headers = HeaderMap::from_iter([(AUTHORIZATION, token)]);
                    if is_ok { Ok(headers) } else { Err("no new credentials") }
                }
            });
        }
        if self.is_observed { config.observer(observer.clone()) } else { config }
    }
}

/// Limit of an event in lives with small limits: every item that is not huge is shorter.
pub(crate) const SMALL_LIMIT: usize = 400;
