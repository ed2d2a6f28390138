//! tokio's timer.

use std::{
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{sleep, sleep_until},
};

use super::NoTimer;
use crate::threads::BoxFuture;

/// Time of tokio, which a test can pause.
pub(crate) type Instant = tokio::time::Instant;

/// Waits by the timer of the runtime that polls the wait.
pub(crate) fn sleep_for(duration: Duration) -> BoxFuture<Result<(), NoTimer>> {
    let until = Instant::now().checked_add(duration);
    Box::pin(Sleep { until, runtime: None, probe: None, timer: None })
}

pin_project_lite::pin_project! {
    /// Wait that survives the runtime in which it began.
    struct Sleep {
        // `None` if the clock cannot count so far.
        until: Option<Instant>,
        // Runtime of the timer.
        runtime: Option<Handle>,
        // `None` until the wait is polled outside of any runtime.
        probe: Option<Probe>,
        #[pin]
        timer: Option<tokio::time::Sleep>,
    }
}

impl Sleep {
    /// Moves the wait to the runtime that polls it, if it is not there.
    fn move_here(self: Pin<&mut Self>) -> Result<(), NoTimer> {
        let mut this = self.project();
        match (Handle::try_current(), &this.runtime) {
            (Ok(here), Some(runtime)) if runtime.id() == here.id() => {}
            (Ok(here), _) => {
                let until = *this.until;
                // tokio panics if the timer of the runtime is not enabled, and has no other way to
                // report that.
                let timer =
                    catch_unwind(|| until.map_or_else(|| sleep(Duration::MAX), sleep_until));
                this.timer.set(Some(timer.map_err(|_| NoTimer(NOT_ENABLED))?));
                *this.runtime = Some(here);
                *this.probe = None;
            }
            // The timer works outside of its runtime for as long as that runs.
            (Err(_), Some(runtime)) => {
                if this.probe.get_or_insert_with(|| Probe::new(runtime)).is_over() {
                    return Err(NoTimer(NO_RUNTIME));
                }
            }
            (Err(_), None) => return Err(NoTimer(NO_RUNTIME)),
        }
        Ok(())
    }
}

impl Future for Sleep {
    type Output = Result<(), NoTimer>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.as_mut().move_here()?;
        let Some(timer) = self.project().timer.as_pin_mut() else {
            return Poll::Ready(Err(NoTimer(NO_RUNTIME)));
        };
        // tokio panics in the context of a runtime that was shut down, which a handle can enter.
        catch_unwind(AssertUnwindSafe(|| timer.poll(cx).map(Ok)))
            .unwrap_or(Poll::Ready(Err(NoTimer(SHUT_DOWN))))
    }
}

/// Task that ends when its runtime is shut down: a runtime cancels its tasks before its timers
/// stop, and at once if it was shut down before. There is one for a wait, and not one for each
/// poll: a runtime that nobody drives keeps even a task that was aborted.
struct Probe(JoinHandle<()>);

impl Probe {
    #[cold]
    fn new(runtime: &Handle) -> Self {
        Self(runtime.spawn(pending()))
    }

    fn is_over(&self) -> bool {
        self.0.is_finished()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.abort();
    }
}

const NO_RUNTIME: &str = "polled outside of a tokio runtime";
const NOT_ENABLED: &str = "polled in a tokio runtime whose timer is not enabled";
const SHUT_DOWN: &str = "polled in a tokio runtime that was shut down";
