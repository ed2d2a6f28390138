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
    time::{sleep, sleep_until},
};

use crate::{clock::NoTimer, threads::BoxFuture};

/// Time of tokio, which a test can pause.
pub(crate) type Instant = tokio::time::Instant;

/// Waits by the timer of the runtime that polls the wait.
pub(crate) fn sleep_for(duration: Duration) -> BoxFuture<Result<(), NoTimer>> {
    let until = Instant::now().checked_add(duration);
    Box::pin(Sleep { until, runtime: None, timer: None })
}

pin_project_lite::pin_project! {
    /// Wait that survives the runtime in which it began.
    struct Sleep {
        // `None` if the clock cannot count so far.
        until: Option<Instant>,
        // Runtime of the timer.
        runtime: Option<Handle>,
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
            }
            // The timer works outside of its runtime for as long as that runs.
            (Err(_), Some(runtime)) if is_running(runtime) => {}
            (Err(_), _) => return Err(NoTimer(NO_RUNTIME)),
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

/// Returns `false` if a runtime was shut down: it then cancels a task as soon as it is spawned.
fn is_running(runtime: &Handle) -> bool {
    let probe = runtime.spawn(pending::<()>());
    let is_running = !probe.is_finished();
    probe.abort();
    is_running
}

const NO_RUNTIME: &str = "polled outside of a tokio runtime";
const NOT_ENABLED: &str = "polled in a tokio runtime whose timer is not enabled";
const SHUT_DOWN: &str = "polled in a tokio runtime that was shut down";
