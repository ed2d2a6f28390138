//! tokio runtimes: whether the one in which a response was received still runs.
//!
//! reqwest keeps timers of that runtime in a body, and they panic when they are polled after it was
//! shut down.

use std::future::pending;

use tokio::{runtime::Handle, task::JoinHandle};

/// Runtime in which a response was received.
pub(crate) struct Runtime {
    /// `None` if the response was received outside of a runtime.
    handle: Option<Handle>,
    /// `None` until the response is polled elsewhere.
    probe: Option<Probe>,
}

impl Runtime {
    /// Returns the runtime that polls this.
    pub(crate) fn current() -> Self {
        Self { handle: Handle::try_current().ok(), probe: None }
    }

    /// Returns `true` if there was no runtime.
    pub(crate) fn is_missing(&self) -> bool {
        self.handle.is_none()
    }

    /// Returns `true` if the runtime was shut down.
    #[inline]
    pub(crate) fn is_gone(&mut self) -> bool {
        let Some(handle) = &self.handle else {
            return false;
        };
        let is_here = Handle::try_current().is_ok_and(|here| here.id() == handle.id());
        !is_here && self.probe.get_or_insert_with(|| Probe::new(handle)).is_over()
    }
}

/// Task that ends when its runtime is shut down: a runtime cancels its tasks before its timers stop, and
/// at once if it was shut down before. There is one for a response, and not one for each poll: a runtime
/// that nobody drives keeps even a task that was aborted.
struct Probe(JoinHandle<()>);

impl Probe {
    #[cold]
    fn new(handle: &Handle) -> Self {
        Self(handle.spawn(pending()))
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
