//! Handles that control a session from other tasks.
//!
//! A mailbox for one command, and the waker of the task that polls the session.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, Ordering, fence},
    },
    task::Waker,
};

use atomic_waker::AtomicWaker;

/// Handle that controls a session from another task, a signal handler or a network watcher.
///
/// Created by [`ClientSseSession::handle`](crate::ClientSseSession::handle). Cloning is cheap. A
/// command takes effect when the session is next polled, and wakes the task that waits for the
/// session. A handle keeps nothing of the session alive.
///
/// ```
/// use sse_reqwest::{ClientSseSession, EndReason, SseError};
///
/// /// Reads until `stop` is ready, or the session ends.
/// async fn read_until(
///     mut session: ClientSseSession,
///     stop: impl Future<Output = ()> + Send + 'static,
/// ) -> Result<Option<EndReason>, SseError> {
///     let handle = session.handle();
///     tokio::spawn(async move {
///         stop.await;
///         handle.close();
///     });
///     while let Some(event) = session.next().await {
///         println!("{}", event?.data());
///     }
///     Ok(session.end_reason())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct SessionHandle {
    pub(crate) control: Arc<Control>,
}

impl SessionHandle {
    /// Closes the session, as [`ClientSseSession::close`](crate::ClientSseSession::close) does.
    pub fn close(&self) {
        self.control.ask(Wish::Close);
    }

    /// Makes the session reconnect now: ends a wait, and abandons a connection, or an attempt to
    /// make one, for another. The attempt counter resets.
    ///
    /// Use it when the network has changed or the machine woke up, as a connection may then be dead
    /// without any sign. It takes effect whatever the [policy](crate::ReconnectPolicy) and the
    /// [method](crate::Resume). If there is no request to repeat, the session ends with an error
    /// whose [outcome](crate::SseErrorOutcome) says why. Does nothing to a session that has
    /// ended.
    pub fn reconnect_now(&self) {
        self.control.ask(Wish::ReconnectNow);
    }
}

/// Command to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    ReconnectNow,
    Close,
}

/// A session's own end of its handles. Few have any: what they share is made with the first.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    control: OnceLock<Arc<Control>>,
}

impl Handles {
    pub(crate) fn make(&self) -> SessionHandle {
        SessionHandle { control: self.control.get_or_init(Arc::default).clone() }
    }

    /// Takes what was asked for, and wakes the waker when something will be.
    #[inline(always)] // where events pass: see `Driver::poll_step`
    pub(crate) fn take(&self, waker: &Waker) -> Option<Wish> {
        self.control.get()?.take(waker)
    }
}

/// What a session shares with its handles.
#[derive(Debug, Default)]
pub(crate) struct Control {
    wish: AtomicU8,
    waker: AtomicWaker,
}

impl Control {
    fn ask(&self, wish: Wish) {
        // A wish to close is never replaced by a weaker one.
        self.wish.fetch_max(wish.code(), Ordering::Release);
        self.waker.wake();
    }

    fn take(self: &Arc<Self>, waker: &Waker) -> Option<Wish> {
        // When all handles are gone nobody can ask. Another one is made by whoever holds the
        // session and then polls it, so that it cannot be missed here.
        if Arc::strong_count(self) > 1 {
            self.waker.register(waker);
        } else {
            // Whoever sees that the last one is gone sees what it has asked for: the count alone,
            // which is read without order, does not say so on every processor.
            fence(Ordering::Acquire);
        }
        if self.wish.load(Ordering::Acquire) == 0 {
            return None;
        }
        Wish::of_code(self.wish.swap(0, Ordering::Acquire))
    }
}

impl Wish {
    fn code(self) -> u8 {
        match self {
            Self::ReconnectNow => 1,
            Self::Close => 2,
        }
    }

    fn of_code(code: u8) -> Option<Self> {
        [Self::ReconnectNow, Self::Close].into_iter().find(|wish| wish.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::{Handles, Wish};

    #[test]
    fn a_wish_is_taken_once_and_to_close_is_the_strongest() {
        let handles = Handles::default();
        let take = || handles.take(Waker::noop());
        assert_eq!(take(), None);
        let handle = handles.make();
        handle.reconnect_now();
        handle.reconnect_now();
        assert_eq!(take(), Some(Wish::ReconnectNow));
        assert_eq!(take(), None);
        handle.close();
        handles.make().reconnect_now();
        drop(handle);
        assert_eq!(take(), Some(Wish::Close));
        assert_eq!(take(), None);
    }
}
