//! Timers of a driver: when a wait, a deadline or a silence is over.

use std::{
    task::{Context, Poll, ready},
    time::Duration,
};

use super::{Driver, io::Timer};
use crate::{platform::NoTimer, transition::Transition};

impl Driver {
    /// Takes note of an empty chunk, which does not end the silence of the body: a body that is
    /// always ready with empty chunks is abandoned like any other that is silent.
    #[cold]
    pub(super) fn poll_empty_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Box<Transition>>> {
        if self.is_interrupted() {
            // The command comes before a deadline that the same read has missed.
            return Poll::Ready(None);
        }
        let now = self.clock.now();
        self.waiting(now);
        if self.machine.wakeup().is_some_and(|wakeup| wakeup.at <= now) {
            if !self.blocks {
                return self.poll_silence(cx);
            }
            // The read has waited for all of that time.
            self.machine.time(now);
            return Poll::Ready(self.settle());
        }
        Poll::Ready(None)
    }

    /// Takes note that no byte of the body is available.
    fn waiting(&mut self, now: Duration) {
        self.machine.waiting(now);
        if self.wakes.is_none() {
            // A read that blocks returns when the bytes arrive. In browsers, nothing shows when
            // they did.
            self.machine.woken(Duration::MAX);
        }
    }

    /// Waits until the silence of the body has lasted too long.
    #[inline(never)]
    pub(super) fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Option<Box<Transition>>> {
        self.waiting(self.clock.now());
        if !self.is_expiring {
            if let Err(why) = ready!(self.poll_timer(cx)) {
                self.machine.no_timer(why, self.clock.now());
                return Poll::Ready(self.settle());
            }
            self.is_expiring = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let due = self.machine.wakeup().map_or(Duration::ZERO, |wakeup| wakeup.at);
        self.machine.time(self.clock.now().max(due));
        Poll::Ready(self.settle())
    }

    /// Waits until the machine's wakeup is due, or fails where the clock cannot wait.
    pub(super) fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), NoTimer>> {
        while let Some((timer, due)) = self.start_timer() {
            let waited = ready!(timer.wait.as_mut().poll(cx));
            let at = timer.wakeup.at;
            self.timer = None;
            if at >= due || waited.is_err() {
                return Poll::Ready(waited);
            }
        }
        Poll::Pending
    }

    /// Starts the timer of the machine's wakeup, unless it is running. Returns it with the time at
    /// which the wakeup is due.
    pub(super) fn start_timer(&mut self) -> Option<(&mut Timer, Duration)> {
        let Some(wakeup) = self.machine.wakeup() else {
            self.timer = None;
            return None;
        };
        // A timer that ends earlier is kept, as a deadline moves with every byte.
        if !self.timer.as_ref().is_some_and(|timer| timer.serves(wakeup)) {
            self.timer = Some(Timer::new(wakeup, &*self.clock));
        }
        self.timer.as_mut().map(|timer| (timer, wakeup.at))
    }
}
