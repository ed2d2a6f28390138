//! Lifecycle of a blocking session: an iterator that also shows connections and disconnects.

use std::{fmt, iter::FusedIterator};

use super::thread::Thread;
use crate::{
    error::SseError,
    lifecycle::{Lifecycle, SessionEvent},
};

/// Iterator of everything that happens to a session, created by
/// [`BlockingSession::lifecycle`](crate::BlockingSession::lifecycle).
///
/// It starts after the connection that the session was opened with. An `Err` item is always the
/// last. The iterator and the session itself take from the same source: an event that one has
/// returned, the other does not return.
#[must_use = "iterators do nothing unless consumed"]
pub struct BlockingLifecycle<'a> {
    pub(super) lifecycle: Lifecycle<'a>,
    pub(super) thread: &'a Thread,
}

impl Iterator for BlockingLifecycle<'_> {
    type Item = Result<SessionEvent, SseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { lifecycle, thread } = self;
        thread.block_on(|cx| lifecycle.poll(cx))
    }
}

impl FusedIterator for BlockingLifecycle<'_> {}

impl fmt::Debug for BlockingLifecycle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingLifecycle").field(&self.lifecycle.session()).finish()
    }
}
