//! What happens to a session's connections, from before it is open to its end.
//!
//! A session tells its observer; here that is a queue, so that all is shown in one place and in
//! order.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use reqwest::Url;
use sse_reqwest::{Call, SessionObserver, SseError};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::recording::Replay;

pub(crate) struct Step {
    pub(crate) time: SystemTime,
    pub(crate) what: Happening,
}

pub(crate) enum Happening {
    Connecting {
        attempt: u32,
    },
    Open(Call),
    /// There will be another attempt after the wait.
    Lost {
        cause: SseError,
        wait: Duration,
    },
}

pub(crate) type Steps = UnboundedReceiver<Step>;

/// What time it is.
#[derive(Clone)]
pub(crate) enum TimeSource {
    System,
    /// What time it was then.
    Recording(Arc<Replay>),
}

impl TimeSource {
    pub(crate) fn now(&self) -> SystemTime {
        match self {
            Self::System => SystemTime::now(),
            Self::Recording(replay) => replay.time(),
        }
    }
}

pub(crate) struct Watcher {
    time: TimeSource,
    steps: UnboundedSender<Step>,
}

pub(crate) fn watch(time: TimeSource) -> (Watcher, Steps) {
    let (sender, steps) = mpsc::unbounded_channel();
    (Watcher { time, steps: sender }, steps)
}

impl Watcher {
    fn tell(&self, what: Happening) {
        // An error says that nobody is interested any more.
        let _ = self.steps.send(Step { time: self.time.now(), what });
    }
}

impl SessionObserver for Watcher {
    fn on_connecting(&self, _url: &Url, attempt: u32) {
        self.tell(Happening::Connecting { attempt });
    }

    fn on_open(&self, call: &Call) {
        self.tell(Happening::Open(call.clone()));
    }

    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        self.tell(Happening::Lost { cause: cause.clone(), wait: delay });
    }
}
