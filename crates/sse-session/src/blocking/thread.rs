//! Wait of a thread: a waker that ends it, and a clock that needs no runtime.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant},
};

use crate::{clock::Clock, threads::BoxFuture};

/// Thread that polls a session, whichever it is at the time.
pub(super) struct Thread {
    signal: Arc<Signal>,
    waker: Waker,
}

impl Thread {
    pub(super) fn new() -> Self {
        let signal = Arc::new(Signal::default());
        Self { waker: signal.clone().into(), signal }
    }

    /// Returns the clock of a session that this thread polls.
    pub(super) fn clock(&self) -> impl Clock + use<> {
        ThreadClock { start: Instant::now(), signal: self.signal.clone() }
    }

    /// Blocks until `poll` is ready.
    #[inline]
    pub(super) fn block_on<T>(&self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        let mut cx = Context::from_waker(&self.waker);
        loop {
            if let Poll::Ready(value) = poll(&mut cx) {
                return value;
            }
            self.signal.wait();
        }
    }
}

/// Signal that ends the wait of a thread. `thread::park` would do, but a session may move to
/// another thread, and its waker may outlive the move.
#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_woken: bool,
    /// Time at which a sleep that was polled is over.
    alarm: Option<Instant>,
}

impl Signal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the waker, or for the first alarm since the last wait. A wait that ends too early
    /// is harmless: its session is polled once more.
    #[cold]
    fn wait(&self) {
        let mut state = self.state();
        while !state.is_woken {
            let Some(alarm) = state.alarm else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = alarm.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *state = State::default();
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.state().is_woken = true;
        self.changed.notify_one();
    }
}

/// Clock of sessions that a thread polls: the system's, with sleeps that end by an alarm.
struct ThreadClock {
    start: Instant,
    signal: Arc<Signal>,
}

impl Clock for ThreadClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let until = Instant::now().checked_add(duration);
        Box::pin(Sleep { until, signal: self.signal.clone() })
    }
}

impl fmt::Debug for ThreadClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadClock").finish_non_exhaustive()
    }
}

struct Sleep {
    /// `None` if the clock cannot count so far.
    until: Option<Instant>,
    signal: Arc<Signal>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
        let Some(until) = self.until else {
            return Poll::Pending;
        };
        if Instant::now() >= until {
            return Poll::Ready(());
        }
        let mut state = self.signal.state();
        state.alarm = Some(state.alarm.map_or(until, |alarm| alarm.min(until)));
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::{task::Poll, time::Duration};

    use super::Thread;
    use crate::clock::Clock;

    #[test]
    fn sleeps_of_the_thread_clock_end_in_their_order() {
        let thread = Thread::new();
        let clock = thread.clock();
        let times = [Duration::MAX, Duration::from_millis(2), Duration::ZERO];
        let mut sleeps: Vec<_> = times.map(|time| Some(clock.sleep(time))).into();
        let mut ended = Vec::new();
        thread.block_on(|cx| {
            for (index, sleep) in sleeps.iter_mut().enumerate() {
                if sleep.as_mut().is_some_and(|it| it.as_mut().poll(cx).is_ready()) {
                    ended.push(index);
                    *sleep = None;
                }
            }
            if ended.len() == 2 { Poll::Ready(()) } else { Poll::Pending }
        });
        assert_eq!(ended, [2, 1]);
        assert!(clock.now() >= times[1]);
    }

    #[test]
    fn a_waker_ends_a_wait_from_another_thread_and_before_it_begins() {
        let thread = Thread::new();
        let mut polls = 0;
        thread.block_on(|cx| {
            polls += 1;
            let waker = cx.waker().clone();
            match polls {
                1 => waker.wake(),
                2 => drop(std::thread::spawn(|| waker.wake())),
                _ => return Poll::Ready(()),
            }
            Poll::Pending
        });
        assert_eq!(polls, 3);
    }
}
