//! Virtual time: timers that fire when time is moved, and the clock that sessions get.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use sse_session::{BoxFuture, Clock};

use crate::world::Shared;

/// Pending timers. There are few at a time.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    pending: Vec<(u64, Duration, Waker)>,
    next_id: u64,
}

impl Timers {
    pub(crate) fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Starts a timer, or changes its waker.
    pub(crate) fn set(&mut self, id: u64, at: Duration, waker: &Waker) {
        self.cancel(id);
        self.pending.push((id, at, waker.clone()));
    }

    pub(crate) fn cancel(&mut self, id: u64) {
        self.pending.retain(|(other, ..)| *other != id);
    }

    /// Returns when the next timer fires.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.pending.iter().map(|(_, at, _)| *at).min()
    }

    /// Wakes whoever waits for a time up to `now`.
    pub(crate) fn fire(&mut self, now: Duration) {
        self.pending.retain(|(_, at, waker)| {
            if *at <= now {
                waker.wake_by_ref();
            }
            *at > now
        });
    }
}

/// Clock of the simulated time.
pub(crate) struct VirtualClock(pub(crate) Arc<Shared>);

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VirtualClock")
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        self.0.stop_runaway();
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(Sleep::new(&self.0, duration))
    }

    fn wall_time(&self) -> Option<SystemTime> {
        None
    }
}

/// Wait of simulated time.
pub(crate) struct Sleep {
    world: Arc<Shared>,
    id: u64,
    until: Duration,
}

impl Sleep {
    pub(crate) fn new(world: &Arc<Shared>, duration: Duration) -> Self {
        let mut guard = world.lock();
        let (id, until) = (guard.timers.new_id(), guard.now.saturating_add(duration));
        Self { world: world.clone(), id, until }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut world = self.world.lock();
        if world.now >= self.until {
            return Poll::Ready(());
        }
        world.timers.set(self.id, self.until, cx.waker());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.world.lock().timers.cancel(self.id);
    }
}
