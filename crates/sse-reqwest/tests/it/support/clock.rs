//! A clock that stands still unless the test moves it.
//!
//! Keeps what sleeps a session has asked for. Waits for nothing itself, and takes no real time.

use std::time::Duration;

use sse_reqwest::{BoxFuture, Clock};
use tokio::sync::watch;

/// A clock for a session under test. Its clones are the same clock.
#[derive(Debug, Clone)]
pub(crate) struct TestClock {
    time: watch::Sender<Time>,
    pace: Pace,
}

#[derive(Debug, Clone, Default)]
struct Time {
    now: Duration,
    asked: Vec<Duration>,
    /// How many sleeps are neither over nor cancelled.
    running: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// A sleep is over at once, and has taken its time.
    Skipping,
    /// A sleep is over when the test has advanced the clock far enough.
    Manual,
}

impl TestClock {
    /// A clock on which no sleep takes real time.
    pub(crate) fn skipping() -> Self {
        Self { time: watch::Sender::default(), pace: Pace::Skipping }
    }

    /// A clock on which a sleep ends only by [`advance`](Self::advance).
    pub(crate) fn manual() -> Self {
        Self { time: watch::Sender::default(), pace: Pace::Manual }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.time.send_modify(|time| time.now = time.now.saturating_add(by));
    }

    /// All sleeps that were asked for.
    pub(crate) fn asked(&self) -> Vec<Duration> {
        self.time.borrow().asked.clone()
    }

    /// How many sleeps are neither over nor cancelled.
    pub(crate) fn running(&self) -> usize {
        self.time.borrow().running
    }

    /// Waits until so many sleeps have been asked for.
    pub(crate) async fn asked_for(&self, count: usize) {
        let mut changes = self.time.subscribe();
        changes.wait_for(|time| time.asked.len() >= count).await.unwrap();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        self.time.borrow().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let mut end = Duration::MAX;
        self.time.send_modify(|time| {
            time.asked.push(duration);
            time.running += 1;
            end = time.now.saturating_add(duration);
            if self.pace == Pace::Skipping {
                time.now = end;
            }
        });
        let running = Running { time: self.time.clone() };
        Box::pin(async move {
            let mut changes = running.time.subscribe();
            changes.wait_for(|time| time.now >= end).await.unwrap();
        })
    }
}

/// Counts a sleep as long as it is there.
#[derive(Debug)]
struct Running {
    time: watch::Sender<Time>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.time.send_modify(|time| time.running -= 1);
    }
}
