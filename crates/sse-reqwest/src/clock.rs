//! The one place where a session gets its time from.
//!
//! Knows what time it is and how to wait. Does not know what for.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use crate::threads::{BoxFuture, MaybeSendSync};

/// A source of time, for every wait and every measurement of a session.
///
/// The default is tokio's clock. Bring your own to test waits of hours in milliseconds; tokio's
/// own paused clock is no way to do so with real sockets, as it runs ahead to the timeouts that
/// reqwest keeps.
pub trait Clock: fmt::Debug + MaybeSendSync + 'static {
    /// The time since a moment that never changes for this clock. It never goes back.
    fn now(&self) -> Duration;

    /// A future that is ready after `duration`, which may be longer than any clock can count.
    ///
    /// Dropping the future must cancel the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<()>;

    /// The time of day, for a `Retry-After` that names a moment and comes without a `Date`; `None`
    /// where it is not known, and then such a header is ignored.
    ///
    /// The default is the system's time, and `None` in browsers.
    fn wall_time(&self) -> Option<SystemTime> {
        if cfg!(target_arch = "wasm32") { None } else { Some(SystemTime::now()) }
    }
}

/// Tokio's clock. It needs a runtime with its timer enabled when a wait begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokioClock {
    origin: tokio::time::Instant,
}

impl TokioClock {
    pub(crate) fn new() -> Self {
        Self { origin: tokio::time::Instant::now() }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
