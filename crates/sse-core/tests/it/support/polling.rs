//! Helpers that poll futures and streams in tests.
//!
//! No waker does anything, so that a test has to poll again by itself.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use futures_util::Stream;

/// Polls once.
pub(crate) fn poll<T>(ask: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    ask(&mut Context::from_waker(Waker::noop()))
}

/// Polls a future once, and drops it.
pub(crate) fn poll_and_drop<T>(future: impl Future<Output = T>) -> Poll<T> {
    poll(|cx| pin!(future).poll(cx))
}

/// Polls a stream until it ends or fails.
pub(crate) fn drain<T, E>(
    stream: &mut (impl Stream<Item = Result<T, E>> + Unpin),
) -> Result<Vec<T>, E> {
    let mut items = Vec::new();
    loop {
        match poll(|cx| Pin::new(&mut *stream).poll_next(cx)) {
            Poll::Ready(Some(item)) => items.push(item?),
            Poll::Ready(None) => return Ok(items),
            Poll::Pending => {}
        }
    }
}
