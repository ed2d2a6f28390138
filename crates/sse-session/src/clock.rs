//! Clock: the source of time of sessions.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    platform::NoTimer,
    threads::{BoxFuture, MaybeSendSync},
};

/// Source of time for the waits and measurements of sessions.
///
/// Defaults to tokio's clock (feature `tokio`), and to the browser's in a browser. Another runtime
/// needs a clock of its own, and so does a test in which hours take milliseconds: sse-test has a
/// `TestClock`. tokio's paused clock does not help with real sockets, as it runs ahead to the
/// timeouts of the HTTP client.
///
/// tokio's clock needs a runtime with its timer enabled, in which the session is polled. If the
/// session moves to another runtime, its waits move with it. Outside a runtime, a session that has
/// to wait fails with [`NoTimer`](crate::SseErrorKind::NoTimer).
///
/// While the machine sleeps, tokio's clock and that of the standard library stand still on Linux
/// and macOS: a connection that died meanwhile is noticed a whole timeout after waking. The program
/// `sleep-clock` among the examples of the repository has a clock that counts that time.
///
/// A clock can be as simple as this:
///
/// ```
/// use std::time::{Duration, Instant};
/// use sse_session::{BoxFuture, Clock};
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
/// let config = sse_session::SseConfig::new().clock(clock);
/// ```
pub trait Clock: fmt::Debug + MaybeSendSync + 'static {
    /// Returns the time since a moment that never changes for this clock. It never goes back.
    ///
    /// With [`IdleTimeout::auto`](crate::IdleTimeout::auto), it is also called by whatever wakes
    /// the session when bytes arrive: a clock must not wait for a lock that is held then.
    fn now(&self) -> Duration;

    /// Waits for `duration`, which may be longer than any clock can count.
    ///
    /// Dropping the future must cancel the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<()>;

    /// Waits until a deadline expires, after `duration`.
    ///
    /// The session waits for something else meanwhile, such as the head of a response, and drops
    /// the future when that happens. The wait between two attempts is a [sleep](Self::sleep).
    ///
    /// Defaults to a sleep. A clock for tests distinguishes the two: skipping a sleep only saves
    /// time, and skipping a deadline means that it expires.
    fn deadline(&self, duration: Duration) -> BoxFuture<()> {
        self.sleep(duration)
    }

    /// Returns the time of day, for a `Retry-After` that is a date in a response without `Date`. If
    /// it is `None`, such a header is ignored.
    ///
    /// Defaults to the system's time.
    fn wall_time(&self) -> Option<SystemTime> {
        Some(wall_time())
    }
}

/// Clock of a driver, whose waits may be impossible.
pub(crate) trait Timekeeper: fmt::Debug + MaybeSendSync {
    fn now(&self) -> Duration;

    fn wall_time(&self) -> Option<SystemTime>;

    /// Waits, until a deadline expires or between two attempts.
    fn wait(&self, duration: Duration, is_deadline: bool) -> BoxFuture<Result<(), NoTimer>>;
}

impl<C: Clock> Timekeeper for C {
    fn now(&self) -> Duration {
        Clock::now(self)
    }

    fn wall_time(&self) -> Option<SystemTime> {
        Clock::wall_time(self)
    }

    fn wait(&self, duration: Duration, is_deadline: bool) -> BoxFuture<Result<(), NoTimer>> {
        let wait = if is_deadline { self.deadline(duration) } else { self.sleep(duration) };
        Box::pin(async {
            wait.await;
            Ok(())
        })
    }
}

/// Returns the default clock, if there is one.
pub(crate) fn default_clock() -> Option<Arc<dyn Timekeeper>> {
    #[cfg(any(feature = "tokio", all(target_arch = "wasm32", target_os = "unknown")))]
    let clock: Option<Arc<dyn Timekeeper>> = Some(Arc::new(platform_clock::PlatformClock::new()));
    #[cfg(not(any(feature = "tokio", all(target_arch = "wasm32", target_os = "unknown"))))]
    let clock = None;
    clock
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
fn wall_time() -> SystemTime {
    SystemTime::now()
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
fn wall_time() -> SystemTime {
    crate::platform::wall_time()
}

#[cfg(any(feature = "tokio", all(target_arch = "wasm32", target_os = "unknown")))]
mod platform_clock {
    use std::time::{Duration, SystemTime};

    use super::{Timekeeper, wall_time};
    use crate::{
        platform::{self, NoTimer},
        threads::BoxFuture,
    };

    /// Clock of the platform.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct PlatformClock {
        origin: platform::Instant,
    }

    impl PlatformClock {
        pub(super) fn new() -> Self {
            Self { origin: platform::Instant::now() }
        }
    }

    impl Timekeeper for PlatformClock {
        fn now(&self) -> Duration {
            self.origin.elapsed()
        }

        fn wall_time(&self) -> Option<SystemTime> {
            Some(wall_time())
        }

        fn wait(&self, duration: Duration, _is_deadline: bool) -> BoxFuture<Result<(), NoTimer>> {
            platform::sleep_for(duration)
        }
    }
}
