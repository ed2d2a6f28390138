//! Options of a broadcaster.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::history::Bounds;

/// Options of a [`Broadcaster`](crate::Broadcaster); made by
/// [`Broadcaster::builder`](crate::Broadcaster::builder).
///
/// ```
/// use std::time::Duration;
/// use sse_fanout::Broadcaster;
///
/// let broadcaster = Broadcaster::builder()
///     .history_events(10_000)
///     .history_bytes(4 * 1024 * 1024)
///     .max_age(Duration::from_secs(30))
///     .build();
/// # assert_eq!(broadcaster.counts().subscribers, 0);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct BroadcasterBuilder {
    options: Options,
}

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) bounds: Bounds,
    pub(crate) max_behind_bytes: u64,
    pub(crate) max_age: Option<Duration>,
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Options {
    /// Returns the current time, or zero if no option depends on it.
    pub(crate) fn now(&self) -> Duration {
        if self.max_age.is_some() { (self.clock)() } else { Duration::ZERO }
    }
}

impl BroadcasterBuilder {
    pub(crate) fn new() -> Self {
        let start = Instant::now();
        let options = Options {
            bounds: Bounds { events: 1_000, bytes: 1024 * 1024 },
            max_behind_bytes: u64::MAX,
            max_age: None,
            clock: Arc::new(move || start.elapsed()),
        };
        Self { options }
    }

    pub(crate) fn into_options(self) -> Options {
        self.options
    }

    /// Sets the number of events that are kept for subscriptions which resume or have not read
    /// them yet.
    ///
    /// The events of the last [`send`](crate::Broadcaster::send) or
    /// [`send_all`](crate::Broadcaster::send_all) are kept in addition. Defaults to 1,000.
    pub fn history_events(mut self, events: usize) -> Self {
        self.options.bounds.events = events;
        self
    }

    /// Sets the bytes of encoded events that are kept.
    ///
    /// The events of the last [`send`](crate::Broadcaster::send) or
    /// [`send_all`](crate::Broadcaster::send_all) are kept in addition. Defaults to 1 MiB.
    pub fn history_bytes(mut self, bytes: usize) -> Self {
        self.options.bounds.bytes = bytes;
        self
    }

    /// Sets how many bytes a subscription may have left unread before it fails with
    /// [`TooSlow`](crate::SubscriptionError::TooSlow).
    ///
    /// Only what was sent since the subscription began counts, and the last call that sent events
    /// does not: no subscription can have read it. Defaults to the history: a subscription fails
    /// once an event that it has not read was removed.
    pub fn max_behind_bytes(mut self, bytes: u64) -> Self {
        self.options.max_behind_bytes = bytes;
        self
    }

    /// Sets how old the oldest event that a subscription has not read may be before it fails with
    /// [`TooSlow`](crate::SubscriptionError::TooSlow).
    ///
    /// Events that were sent before the subscription began count as old as the subscription.
    /// Defaults to no limit.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.options.max_age = Some(age);
        self
    }

    /// Sets the clock that [`max_age`](Self::max_age) is measured with: the time since any fixed
    /// moment.
    ///
    /// Defaults to [`Instant::now`].
    pub fn clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.options.clock = Arc::new(clock);
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("bounds", &self.bounds)
            .field("max_behind_bytes", &self.max_behind_bytes)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}
