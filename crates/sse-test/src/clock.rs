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
/// // Every sleep is over at once …
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
    /// A sleep is over at once, and has taken its time.
    Skipping,
    /// A sleep is over when the test has advanced the clock far enough.
    Manual,
}

impl TestClock {
    /// A clock on which a sleep is over at once: the clock jumps to its end.
    ///
    /// A deadline is a sleep too. Of a client with a timeout that is kept by this clock, the timeout
    /// fires while the request is under way, however fast the server is. Leave `head_timeout`,
    /// `first_byte_timeout` and `idle_timeout` out of an `SseConfig` that is tested with this clock,
    /// or take a [manual](Self::manual) one, on which they fire only when the test says so.
    pub fn skipping() -> Self {
        Self { time: Arc::default(), pace: Pace::Skipping }
    }

    /// A clock on which a sleep ends only by [`advance`](Self::advance).
    pub fn manual() -> Self {
        Self { time: Arc::default(), pace: Pace::Manual }
    }

    /// The time since the clock was made, as it shows it. It ends at `Duration::MAX`.
    pub fn now(&self) -> Duration {
        self.time.borrow().now
    }

    /// Moves the clock, and with it ends every sleep whose time has come.
    pub fn advance(&self, by: Duration) {
        self.time.send_modify(|time| time.now = time.now.saturating_add(by));
    }

    /// Starts a sleep on this clock. Dropping the future cancels it.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
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
        async move { until(&running.time, |time| time.now >= end).await }
    }

    /// All sleeps that were asked for, in their order, how ever they went on.
    pub fn asked(&self) -> Vec<Duration> {
        self.time.borrow().asked.clone()
    }

    /// How many sleeps are neither over nor cancelled.
    pub fn running(&self) -> usize {
        self.time.borrow().running
    }

    /// Waits until so many sleeps have been asked for.
    pub async fn asked_for(&self, count: usize) {
        until(&self.time, |time| time.asked.len() >= count).await;
    }
}

#[cfg(feature = "reqwest")]
impl sse_reqwest::Clock for TestClock {
    fn now(&self) -> Duration {
        self.now()
    }

    fn sleep(&self, duration: Duration) -> sse_reqwest::BoxFuture<()> {
        Box::pin(self.sleep(duration))
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
