//! What is asked for once in, its answer out: how the tests of streams and bodies wait.
//!
//! Wakes nobody, so that a test has to ask again by itself.

use std::task::{Context, Poll, Waker};

/// Asks once.
pub(crate) fn poll<T>(ask: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    ask(&mut Context::from_waker(Waker::noop()))
}

/// Asks a future once, and drops it.
pub(crate) fn poll_and_drop<T>(future: impl Future<Output = T>) -> Poll<T> {
    poll(|cx| std::pin::pin!(future).poll(cx))
}
