//! Handles that control a session from other tasks.
//!
//! Holds one command, and the waker of the task that polls the session.

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
/// use sse_session::{ClientSseSession, EndReason, SseError};
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
        self.control.send(Command::Close);
    }

    /// Makes the session reconnect now. Ends a wait, or abandons the current connection or attempt,
    /// and makes another attempt. Resets the attempt counter.
    ///
    /// Use it when the network has changed or the machine woke up, as a connection may then be dead
    /// without any sign. It takes effect with every [policy](crate::ReconnectPolicy) and
    /// [method](crate::Resume). If the request cannot be repeated, the session ends with an error
    /// whose [outcome](crate::SseErrorOutcome) says why. The same happens if an answer would [start
    /// again](crate::SseErrorOutcome::RestartUnseen) without its reader seeing that. Has no effect
    /// after the end of the session.
    pub fn reconnect_now(&self) {
        self.control.send(Command::ReconnectNow);
    }
}

/// Command to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    ReconnectNow,
    Close,
}

/// Session's end of its handles. The state that they share is allocated with the first handle.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    control: OnceLock<Arc<Control>>,
}

impl Handles {
    pub(crate) fn make(&self) -> SessionHandle {
        SessionHandle { control: self.control.get_or_init(Arc::default).clone() }
    }

    /// Returns `true` if a command was sent and not taken.
    pub(crate) fn has_command(&self) -> bool {
        self.control.get().is_some_and(|it| it.command.load(Ordering::Acquire) != 0)
    }

    /// Takes the command that was sent. Wakes the waker when another is.
    #[inline(always)] // where events pass: see `Driver::poll_step`
    pub(crate) fn take(&self, waker: &Waker) -> Option<Command> {
        self.control.get()?.take(waker)
    }
}

/// State that a session shares with its handles.
#[derive(Debug, Default)]
pub(crate) struct Control {
    command: AtomicU8,
    waker: AtomicWaker,
}

impl Control {
    fn send(&self, command: Command) {
        // A command to close is never replaced by a weaker one.
        self.command.fetch_max(command.code(), Ordering::Release);
        self.waker.wake();
    }

    fn take(self: &Arc<Self>, waker: &Waker) -> Option<Command> {
        // Without other handles, no command can be sent. A new handle is created by the holder of
        // the session, who then polls it, so that it cannot be missed here.
        if Arc::strong_count(self) > 1 {
            self.waker.register(waker);
        } else {
            // The count is read without ordering: the fence makes the last handle's command visible
            // on weakly ordered processors.
            fence(Ordering::Acquire);
        }
        if self.command.load(Ordering::Acquire) == 0 {
            return None;
        }
        Command::of_code(self.command.swap(0, Ordering::Acquire))
    }
}

impl Command {
    fn code(self) -> u8 {
        match self {
            Self::ReconnectNow => 1,
            Self::Close => 2,
        }
    }

    fn of_code(code: u8) -> Option<Self> {
        [Self::ReconnectNow, Self::Close].into_iter().find(|command| command.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::{Command, Handles};

    #[test]
    fn a_command_is_taken_once_and_close_is_the_strongest() {
        let handles = Handles::default();
        let take = || handles.take(Waker::noop());
        assert_eq!(take(), None);
        let handle = handles.make();
        handle.reconnect_now();
        handle.reconnect_now();
        assert_eq!(take(), Some(Command::ReconnectNow));
        assert_eq!(take(), None);
        handle.close();
        handles.make().reconnect_now();
        drop(handle);
        assert_eq!(take(), Some(Command::Close));
        assert_eq!(take(), None);
    }
}
