//! Steps of a session's connection, from before the session is open.
//!
//! An observer puts them in a queue, so that they are printed in one place and in order.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use sse_reqwest::{Call, Gap, SessionObserver, SseError, http::Uri};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::replay::Replay;

pub(crate) struct Step {
    pub(crate) time: SystemTime,
    pub(crate) kind: StepKind,
}

pub(crate) enum StepKind {
    Connecting {
        attempt: u32,
    },
    Open(Call),
    /// Another attempt follows after the delay.
    Disconnected {
        cause: SseError,
        delay: Duration,
    },
    /// The server resumes from another event than requested.
    Gap(Gap),
}

pub(crate) type Steps = UnboundedReceiver<Step>;

/// Source of the time of day.
#[derive(Clone)]
pub(crate) enum TimeSource {
    System,
    /// Time at the current position of a recording.
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

/// Observer that puts steps in the queue.
pub(crate) struct Watcher {
    time: TimeSource,
    steps: UnboundedSender<Step>,
}

pub(crate) fn watch(time: TimeSource) -> (Watcher, Steps) {
    let (sender, steps) = mpsc::unbounded_channel();
    (Watcher { time, steps: sender }, steps)
}

impl Watcher {
    fn send(&self, kind: StepKind) {
        // Fails if the receiver was dropped, at the end of the program.
        let _ = self.steps.send(Step { time: self.time.now(), kind });
    }
}

impl SessionObserver for Watcher {
    fn on_connecting(&self, _uri: &Uri, attempt: u32) {
        self.send(StepKind::Connecting { attempt });
    }

    fn on_open(&self, call: &Call) {
        self.send(StepKind::Open(call.clone()));
    }

    fn on_gap(&self, gap: &Gap) {
        self.send(StepKind::Gap(gap.clone()));
    }

    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        self.send(StepKind::Disconnected { cause: cause.clone(), delay });
    }
}
