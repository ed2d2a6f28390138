//! Wakes of a body: when the transport had something for the session, however late that is read.
//!
//! Only a session that learns an idle timeout has them.

use std::{
    sync::Arc,
    task::{Context, Poll},
};
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Wake, Waker},
    time::Duration,
};

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
use atomic_waker::AtomicWaker;
use bytes::Bytes;

use crate::{
    clock::Timekeeper, erased::BoxBody, machine::Machine, transport_error::TransportError,
};

/// Chunk of a body, or its end.
type Chunk = Option<Result<Bytes, TransportError>>;

/// Waker for a body that passes each wake on to the task of the session, and keeps its time.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub(super) struct Wakes {
    shared: Arc<Shared>,
    /// Waker of `shared`: always the same one, so that a body need not replace it.
    waker: Waker,
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
struct Shared {
    clock: Arc<dyn Timekeeper>,
    task: AtomicWaker,
    /// Time of the first wake since the last poll.
    first: Mutex<Option<Duration>>,
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl Wakes {
    pub(super) fn new(clock: &Arc<dyn Timekeeper>) -> Option<Self> {
        let (clock, task) = (clock.clone(), AtomicWaker::new());
        let shared = Arc::new(Shared { clock, task, first: Mutex::default() });
        Some(Self { waker: shared.clone().into(), shared })
    }

    /// Polls a body, and tells the machine the time of the first wake since the last poll.
    #[cold] // kept out of the fast path
    #[inline(never)]
    pub(super) fn poll_chunk(
        &self,
        body: &mut BoxBody,
        machine: &mut Machine,
        cx: &mut Context<'_>,
    ) -> Poll<Chunk> {
        self.shared.task.register(cx.waker());
        let woken = self.shared.first().take();
        if let Some(woken) = woken {
            machine.woken(woken);
        }
        body.as_mut().poll_chunk(&mut Context::from_waker(&self.waker))
    }
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl Shared {
    fn first(&self) -> MutexGuard<'_, Option<Duration>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let now = self.clock.now();
        self.first().get_or_insert(now);
        self.task.wake();
    }
}

/// None: in browsers, a clock is bound to its thread, and a waker is not.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub(super) enum Wakes {}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
impl Wakes {
    pub(super) fn new(_: &Arc<dyn Timekeeper>) -> Option<Self> {
        None
    }

    pub(super) fn poll_chunk(
        &self,
        _: &mut BoxBody,
        _: &mut Machine,
        _: &mut Context<'_>,
    ) -> Poll<Chunk> {
        match *self {}
    }
}
