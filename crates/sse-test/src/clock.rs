//! Clock that stands still unless the test moves it.
//!
//! Records the sleeps that were requested. Waits for nothing itself, and takes no real time.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::gate::until;

/// Clock for the code under test. Clones share one time, which starts at zero.
///
/// With the feature `reqwest` it is a `Clock` of sse-reqwest: pass it to `SseConfig::clock`. Other
/// code can use [`now`](Self::now) and [`sleep`](Self::sleep).
///
/// ```
/// use std::time::Duration;
/// use sse_test::TestClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// const HOUR: Duration = Duration::from_secs(3600);
///
/// // A sleep ends at once …
/// let clock = TestClock::skipping();
/// clock.sleep(HOUR).await;
/// assert_eq!((clock.now(), clock.asked()), (HOUR, vec![HOUR]));
///
/// // … or on the test's command.
/// let clock = TestClock::manual();
/// let sleeper = tokio::spawn(clock.sleep(HOUR));
/// clock.advance(HOUR);
/// sleeper.await.unwrap();
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TestClock {
    time: Arc<watch::Sender<Time>>,
    pace: Pace,
}

#[derive(Debug, Default)]
struct Time {
    now: Duration,
    asked: Vec<Duration>,
    /// Number of sleeps that have neither ended nor been canceled.
    running: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// The sleep ends at once, and the clock jumps to its end.
    Skipping,
    /// The sleep ends when the clock reaches this time.
    Manual,
}

impl TestClock {
    /// Creates a clock on which a sleep ends at once: the clock jumps to its end.
    ///
    /// A [deadline](Self::deadline) does not end at once: it expires only when the clock reaches
    /// it. A session with all its timeouts of production therefore reconnects without a wait, and
    /// no timeout expires, however slow the machine is, unless the test [advances](Self::advance)
    /// the clock. (The sleeps of one session move the clock for all sessions that share it: give
    /// each a clock of its own if that matters.)
    pub fn skipping() -> Self {
        Self { time: Arc::default(), pace: Pace::Skipping }
    }

    /// Creates a clock on which sleeps and deadlines end only by [`advance`](Self::advance).
    pub fn manual() -> Self {
        Self { time: Arc::default(), pace: Pace::Manual }
    }

    /// Returns the time since the clock was created, according to the clock. The clock stops at
    /// `Duration::MAX`.
    pub fn now(&self) -> Duration {
        self.time.borrow().now
    }

    /// Advances the clock, which ends every sleep and deadline that it reaches.
    pub fn advance(&self, by: Duration) {
        self.time.send_modify(|time| time.now = time.now.saturating_add(by));
    }

    /// Starts a sleep on this clock. Dropping the future cancels it.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.start(duration, self.pace)
    }

    /// Starts a deadline on this clock: a sleep that limits the duration of something else.
    /// Dropping the future cancels it.
    pub fn deadline(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.start(duration, Pace::Manual)
    }

    fn start(&self, duration: Duration, pace: Pace) -> impl Future<Output = ()> + Send + use<> {
        let mut end = Duration::MAX;
        self.time.send_modify(|time| {
            time.asked.push(duration);
            time.running += 1;
            end = time.now.saturating_add(duration);
            if pace == Pace::Skipping {
                time.now = end;
            }
        });
        let running = Running { time: self.time.clone() };
        async move { until(&running.time, |time| time.now >= end).await }
    }

    /// Returns all sleeps and deadlines that were requested, in their order, whether or not they
    /// have ended.
    pub fn asked(&self) -> Vec<Duration> {
        self.time.borrow().asked.clone()
    }

    /// Returns the number of sleeps and deadlines that have neither ended nor been canceled.
    pub fn running(&self) -> usize {
        self.time.borrow().running
    }

    /// Waits until `count` sleeps and deadlines have been requested.
    pub async fn asked_for(&self, count: usize) {
        until(&self.time, |time| time.asked.len() >= count).await;
    }
}

/// Clock for the sessions of sse-session and sse-reqwest (feature `session`).
#[cfg(feature = "session")]
impl sse_session::Clock for TestClock {
    fn now(&self) -> Duration {
        self.now()
    }

    fn sleep(&self, duration: Duration) -> sse_session::BoxFuture<()> {
        Box::pin(self.sleep(duration))
    }

    fn deadline(&self, duration: Duration) -> sse_session::BoxFuture<()> {
        Box::pin(self.deadline(duration))
    }
}

/// Guard that counts a sleep while it exists.
#[derive(Debug)]
struct Running {
    time: Arc<watch::Sender<Time>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.time.send_modify(|time| time.running -= 1);
    }
}
