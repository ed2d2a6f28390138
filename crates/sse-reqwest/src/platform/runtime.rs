//! tokio runtimes: whether the one in which a response was received still runs.
//!
//! reqwest keeps timers of that runtime in a body, and they panic when they are polled after it was
//! shut down.

use std::future::pending;

use tokio::runtime::Handle;

/// Runtime in which a response was received.
pub(crate) struct Runtime {
    /// `None` if the response was received outside of a runtime.
    handle: Option<Handle>,
}

impl Runtime {
    /// Returns the runtime that polls this.
    pub(crate) fn current() -> Self {
        Self { handle: Handle::try_current().ok() }
    }

    /// Returns `true` if there was no runtime.
    pub(crate) fn is_missing(&self) -> bool {
        self.handle.is_none()
    }

    /// Returns `true` if the runtime was shut down.
    #[inline]
    pub(crate) fn is_gone(&self) -> bool {
        let Some(handle) = &self.handle else {
            return false;
        };
        let is_here = Handle::try_current().is_ok_and(|here| here.id() == handle.id());
        !is_here && is_shut_down(handle)
    }
}

/// Returns `true` if a runtime was shut down: it then cancels a task as soon as it is spawned.
#[cold]
fn is_shut_down(handle: &Handle) -> bool {
    let probe = handle.spawn(pending::<()>());
    let is_shut_down = probe.is_finished();
    probe.abort();
    is_shut_down
}
