//! Lifecycle of a session: a stream that also shows connections and disconnects.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::{FusedStream, Stream};
use sse_core::{ServerSentEvent, Skipped};

use crate::{
    call::Call,
    driver::Step,
    error::SseError,
    gap::Gap,
    session::ClientSseSession,
    state::EndReason,
    transition::{Disconnected, Transition},
};

/// Item of a [`Lifecycle`]: one thing that happened to a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionEvent {
    /// A request is made.
    Connecting,
    /// A connection was made, with these heads of its request and response.
    Open(Call),
    /// The server resumes from another event than the session asked for: events may be lost. This
    /// follows the connection's [`Open`](Self::Open), before its first event; for the connection
    /// that the session was opened with, it is the first item.
    Gap(Gap),
    /// An event.
    Event(ServerSentEvent),
    /// The connection ended, or could not be made, and the session will try again.
    #[non_exhaustive]
    Disconnected {
        /// Cause. A regular end of the event stream is a cause too
        /// ([`StreamEnded`](crate::SseErrorKind::StreamEnded)).
        cause: SseError,
        /// Time that the session waits before it makes the next request.
        delay: Duration,
        /// Last event ID, if it cannot be sent (it contains a control character, is longer than 4
        /// KiB, or consists of spaces and tabs). The next request is made without it.
        unsendable_id: Option<String>,
        /// `true` if the next request does not say from which event to resume, although events were
        /// received: the session has no last event ID, or the request does not carry it and no
        /// factory makes it. The server then begins from the beginning, and the same events may
        /// come again. [`max_restarts`](crate::ReconnectPolicy::max_restarts) limits this.
        is_restart: bool,
    },
    /// Events were dropped because they exceeded a limit, and the
    /// [limits](crate::SseConfig::limits) say to skip those: their number in the session so far,
    /// and the last of them. It may be reported one event late, and is not reported after an
    /// error; [`skipped`](ClientSseSession::skipped) then knows.
    Skipped(Skipped),
    /// The session ended without an error. This is the last item.
    Closed(EndReason),
}

/// Stream of everything that happens to a session, created by [`ClientSseSession::lifecycle`].
///
/// ```
/// use sse_session::{ClientSseSession, SessionEvent, SseError};
///
/// async fn watch(mut session: ClientSseSession) -> Result<(), SseError> {
///     let mut life = session.lifecycle();
///     while let Some(step) = life.next().await {
///         match step? {
///             SessionEvent::Connecting => println!("connecting"),
///             SessionEvent::Open(call) => println!("{}", call.response().status()),
///             SessionEvent::Event(event) => println!("{}", event.data()),
///             SessionEvent::Disconnected { cause, delay, .. } => {
///                 println!("{cause}; again in {delay:?}");
///             }
///             SessionEvent::Closed(reason) => println!("{reason:?}"),
///             _ => {} // other items may be added
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// It starts after the connection that the session was opened with. An `Err` item is always the
/// last. This stream and the session itself take from the same source: an event that one has
/// yielded, the other does not yield.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Lifecycle<'a> {
    pub(crate) session: &'a mut ClientSseSession,
}

impl ClientSseSession {
    /// Returns a stream of everything that happens to the session: connections, disconnects and
    /// events.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     mut session: sse_session::ClientSseSession,
    /// # ) -> Result<(), sse_session::SseError> {
    /// use sse_session::SessionEvent;
    ///
    /// while let Some(step) = session.lifecycle().next().await {
    ///     match step? {
    ///         SessionEvent::Event(event) => println!("{}", event.data()),
    ///         SessionEvent::Disconnected { cause, .. } => eprintln!("{cause}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn lifecycle(&mut self) -> Lifecycle<'_> {
        Lifecycle { session: self }
    }
}

impl Lifecycle<'_> {
    /// Returns the session.
    pub fn session(&self) -> &ClientSseSession {
        self.session
    }

    /// Returns the next item, or `None` after the end.
    ///
    /// # Errors
    ///
    /// Fails if the session failed; see [`SseError`].
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future, or the whole lifecycle, loses nothing.
    pub async fn next(&mut self) -> Option<Result<SessionEvent, SseError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<SessionEvent, SseError>>> {
        let session = &mut *self.session;
        let step = loop {
            let transition = match ready!(session.driver.poll_step(cx)) {
                Step::Event(event) => break SessionEvent::Event(event),
                Step::Transition(transition) => *transition,
            };
            match transition {
                Transition::Gap(gap) => break SessionEvent::Gap(gap),
                Transition::Skipped(skipped) => break SessionEvent::Skipped(skipped),
                Transition::Connecting => break SessionEvent::Connecting,
                Transition::Open(call) => {
                    session.call = call.clone();
                    break SessionEvent::Open(call);
                }
                Transition::NoContent(call) => session.call = call,
                Transition::Disconnected(Disconnected {
                    cause,
                    delay,
                    unsendable_id,
                    is_restart,
                }) => {
                    break SessionEvent::Disconnected { cause, delay, unsendable_id, is_restart };
                }
                Transition::Failed(error) => return Poll::Ready(Some(Err(error))),
                Transition::Closed => match session.driver.take_end() {
                    Some(reason) => break SessionEvent::Closed(reason),
                    None => return Poll::Ready(None),
                },
            }
        };
        Poll::Ready(Some(Ok(step)))
    }
}

impl Stream for Lifecycle<'_> {
    type Item = Result<SessionEvent, SseError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl FusedStream for Lifecycle<'_> {
    fn is_terminated(&self) -> bool {
        self.session.is_terminated() && !self.session.driver.has_end_to_report()
    }
}
