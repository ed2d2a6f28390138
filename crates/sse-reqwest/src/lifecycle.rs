//! The steps of a session in, its whole life out: the second view of it.
//!
//! Shows what the first view hides, connections made and lost. Changes nothing of either.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::{FusedStream, Stream};
use sse_core::{ServerSentEvent, Skipped};

use crate::{
    call::Call,
    driver::{Change, Disconnected, Step},
    error::SseError,
    session::{ClientSseSession, EndReason},
};

/// One step in the life of a session, as [`Lifecycle`] shows it.
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionEvent {
    /// The wait is over, and a request is made.
    Connecting,
    /// A connection was made, with this request and response head.
    Open(Call),
    /// An event.
    Event(ServerSentEvent),
    /// The connection was lost, or none could be made, and the session will try again.
    #[non_exhaustive]
    Disconnected {
        /// Why. That the server ended the event stream regularly is among the causes.
        cause: SseError,
        /// How long the session waits before it makes the next request.
        delay: Duration,
        /// The last event ID, if it is one that no header can carry, having a control character or
        /// more than 4 KiB: the next request goes without any.
        unsendable_id: Option<String>,
    },
    /// Events were dropped because they exceed a limit, and the [limits](crate::SseConfig::limits)
    /// say to skip these: so many in the session so far, and the last of them. It comes when the
    /// session notices, which may be one event later, and never behind an error: then ask
    /// [`skipped`](ClientSseSession::skipped).
    Skipped(Skipped),
    /// The session has ended without an error. This is the last step, and comes once.
    Closed(EndReason),
}

/// The life of a session as a stream; made by [`ClientSseSession::lifecycle`].
///
/// ```
/// use sse_reqwest::{ClientSseSession, SessionEvent, SseError};
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
///             _ => {} // there may be more kinds of steps one day
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// It starts after the connection that the session was opened with. An `Err` item is the last one,
/// as it is among the session's own. Both views take from the same session: what one has given
/// out, the other does not see.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Lifecycle<'a> {
    pub(crate) session: &'a mut ClientSseSession,
}

impl Lifecycle<'_> {
    /// The session that is viewed.
    pub fn session(&self) -> &ClientSseSession {
        self.session
    }

    /// Waits for the next step; `None` after the end.
    ///
    /// # Errors
    ///
    /// If the session has failed; see [`SseError`].
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future, or the whole view, loses nothing.
    pub async fn next(&mut self) -> Option<Result<SessionEvent, SseError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<SessionEvent, SseError>>> {
        let session = &mut *self.session;
        let step = loop {
            let change = match ready!(session.driver.poll_step(cx)) {
                Step::Event(event) => break SessionEvent::Event(event),
                Step::Change(change) => *change,
            };
            match change {
                Change::Skipped(skipped) => break SessionEvent::Skipped(skipped),
                Change::Connecting => break SessionEvent::Connecting,
                Change::Open(call) => {
                    session.call = call.clone();
                    break SessionEvent::Open(call);
                }
                Change::NoContent(call) => session.call = call,
                Change::Disconnected(Disconnected { cause, delay, unsendable_id }) => {
                    break SessionEvent::Disconnected { cause, delay, unsendable_id };
                }
                Change::Failed(error) => return Poll::Ready(Some(Err(error))),
                Change::Closed => match session.driver.tell_end() {
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
        self.session.is_terminated() && !self.session.driver.has_end_to_tell()
    }
}
