//! The one place where a session gets its time from.
//!
//! Knows what time it is and how to wait. Does not know what for.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use crate::{
    platform,
    threads::{BoxFuture, MaybeSendSync},
};

/// A source of time, for every wait and every measurement of a session.
///
/// The default is tokio's clock, and in a browser that of the browser. Bring your own to test waits
/// of hours in milliseconds; tokio's own paused clock is no way to do so with real sockets, as it
/// runs ahead to the timeouts that reqwest keeps. sse-test has one, its `TestClock`; another may be
/// no more than this:
///
/// ```
/// use std::time::{Duration, Instant};
/// use sse_reqwest::{BoxFuture, Clock};
///
/// /// Real time, but every wait is a tenth of it.
/// #[derive(Debug)]
/// struct Hurried {
///     start: Instant,
/// }
///
/// impl Clock for Hurried {
///     fn now(&self) -> Duration {
///         self.start.elapsed() * 10
///     }
///
///     fn sleep(&self, duration: Duration) -> BoxFuture<()> {
///         Box::pin(tokio::time::sleep(duration / 10))
///     }
/// }
///
/// let clock = Hurried { start: Instant::now() };
/// let config = sse_reqwest::SseConfig::new().clock(clock);
/// ```
pub trait Clock: fmt::Debug + MaybeSendSync + 'static {
    /// The time since a moment that never changes for this clock. It never goes back.
    fn now(&self) -> Duration;

    /// A future that is ready after `duration`, which may be longer than any clock can count.
    ///
    /// Dropping the future must cancel the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<()>;

    /// A future that is ready once a deadline is missed, after `duration`.
    ///
    /// A session waits for something else, the head of a response for one, and drops the future
    /// when that has come. What it waits for between two attempts is a [sleep](Self::sleep).
    ///
    /// The default is a sleep as well. Clocks for tests tell the two apart: to skip a sleep changes
    /// nothing but the time, and to skip a deadline is to miss it.
    fn deadline(&self, duration: Duration) -> BoxFuture<()> {
        self.sleep(duration)
    }

    /// The time of day, for a `Retry-After` that names a moment and comes without a `Date`; `None`
    /// where it is not known, and then such a header is ignored.
    ///
    /// The default is the system's time.
    fn wall_time(&self) -> Option<SystemTime> {
        Some(platform::wall_time())
    }
}

/// The platform's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DefaultClock {
    origin: platform::Instant,
}

impl DefaultClock {
    pub(crate) fn new() -> Self {
        Self { origin: platform::Instant::now() }
    }
}

impl Clock for DefaultClock {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        platform::sleep(duration)
    }
}
