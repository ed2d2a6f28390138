//! Detects whether the tokio runtime in which a response was received still runs.
//!
//! reqwest keeps timers of that runtime in a body, which panic if they are polled after the runtime
//! was shut down.

use std::{
    future::pending,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::{
    runtime::{Handle, Id},
    task::JoinHandle,
};

/// Runtime in which a response was received, or `None` if there was none.
pub(crate) struct Runtime(Option<Arc<Probe>>);

impl Runtime {
    /// Returns the current runtime.
    pub(crate) fn current() -> Self {
        Self(Handle::try_current().ok().map(|handle| Probe::of(&handle)))
    }

    /// Returns `true` if there was no runtime.
    pub(crate) fn is_missing(&self) -> bool {
        self.0.is_none()
    }

    /// Returns `true` if the runtime was shut down.
    // One load for each chunk. Getting the current runtime would increment and decrement its
    // reference count, which all threads of the runtime share.
    #[inline(always)]
    pub(crate) fn is_gone(&self) -> bool {
        self.0.as_ref().is_some_and(|probe| probe.is_over())
    }
}

/// Task that ends when its runtime is shut down: a runtime cancels its tasks before its timers
/// stop, and immediately if it was shut down before. All responses of a runtime share one.
struct Probe {
    runtime: Id,
    task: JoinHandle<()>,
}

/// The probes in use.
static PROBES: Mutex<Vec<Weak<Probe>>> = Mutex::new(Vec::new());

impl Probe {
    /// Returns the probe of a runtime, and starts one if it has none.
    fn of(handle: &Handle) -> Arc<Self> {
        let runtime = handle.id();
        let mut probes = PROBES.lock().unwrap_or_else(PoisonError::into_inner);
        probes.retain(|probe| probe.strong_count() > 0);
        let known = probes.iter().filter_map(Weak::upgrade).find(|probe| probe.runtime == runtime);
        known.unwrap_or_else(|| {
            let probe = Arc::new(Self { runtime, task: handle.spawn(pending()) });
            probes.push(Arc::downgrade(&probe));
            probe
        })
    }

    #[inline(always)]
    fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.task.abort();
    }
}
