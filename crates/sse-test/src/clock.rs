//! A clock that stands still unless the test moves it.
//!
//! Keeps what sleeps were asked for. Waits for nothing itself, and takes no real time.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::gate::until;

/// A clock for what is under test. Its clones are the same clock, and it starts at zero.
///
/// With the feature `reqwest` it is a `Clock` of sse-reqwest: give it to `SseConfig::clock`. Other
/// code can be given [`now`](Self::now) and [`sleep`](Self::sleep).
///
/// ```
/// use std::time::Duration;
/// use sse_test::TestClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// const HOUR: Duration = Duration::from_secs(3600);
///
/// // A sleep is over at once …
/// let clock = TestClock::skipping();
/// clock.sleep(HOUR).await;
/// assert_eq!((clock.now(), clock.asked()), (HOUR, vec![HOUR]));
///
/// // … or when the test says so.
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
    /// How many sleeps are neither over nor cancelled.
    running: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// It is over at once, and has taken its time.
    Skipping,
    /// It is over when the clock has come so far.
    Manual,
}

impl TestClock {
    /// A clock on which a sleep is over at once: the clock jumps to its end.
    ///
    /// A [deadline](Self::deadline) is not, and is missed only when the clock has come so far. So a
    /// session with all the timeouts that it has in production reconnects without a wait, and none of
    /// them fires, however slow the machine is, unless the test [advances](Self::advance) the clock.
    /// (The sleeps of one session move the clock for all that have it: give each a clock of its
    /// own where that matters.)
    pub fn skipping() -> Self {
        Self { time: Arc::default(), pace: Pace::Skipping }
    }

    /// A clock on which sleeps and deadlines end only by [`advance`](Self::advance).
    pub fn manual() -> Self {
        Self { time: Arc::default(), pace: Pace::Manual }
    }

    /// The time since the clock was made, as it shows it. It ends at `Duration::MAX`.
    pub fn now(&self) -> Duration {
        self.time.borrow().now
    }

    /// Moves the clock, and with it ends every sleep and deadline whose time has come.
    pub fn advance(&self, by: Duration) {
        self.time.send_modify(|time| time.now = time.now.saturating_add(by));
    }

    /// Starts a sleep on this clock. Dropping the future cancels it.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.start(duration, self.pace)
    }

    /// Starts a deadline on this clock: a sleep that nobody waits for, but that ends what takes too
    /// long. Dropping the future cancels it.
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

    /// All sleeps and deadlines that were asked for, in their order, how ever they went on.
    pub fn asked(&self) -> Vec<Duration> {
        self.time.borrow().asked.clone()
    }

    /// How many sleeps and deadlines are neither over nor cancelled.
    pub fn running(&self) -> usize {
        self.time.borrow().running
    }

    /// Waits until so many sleeps and deadlines have been asked for.
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

/// Counts a sleep as long as it is there.
#[derive(Debug)]
struct Running {
    time: Arc<watch::Sender<Time>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.time.send_modify(|time| time.running -= 1);
    }
}
