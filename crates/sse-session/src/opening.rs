//! Opening of sessions: the future of one, and the lazy stream.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};
use sse_core::ServerSentEvent;

use crate::{
    driver::{Driver, Step},
    error::SseError,
    failure::Failure,
    handle::{Handles, SessionHandle},
    session::ClientSseSession,
    transition::Transition,
};

/// Future of a session that is being opened.
///
/// Dropping it cancels the request, or the wait before the next one. If it is polled again after it
/// was ready, it stays pending.
#[must_use = "no request is made unless the future is polled"]
pub struct OpenSession {
    /// `None` after the future was ready.
    opening: Option<Result<Box<Driver>, SseError>>,
}

impl OpenSession {
    /// Creates a handle that controls the session from other tasks, before it is open and after.
    /// With [`retry_first_connection`](crate::SseConfig::retry_first_connection), opening may
    /// take long.
    ///
    /// If the handle closes the session before it is open, the future is ready with an
    /// [error](crate::SseErrorKind::Closed). A handle created after the future was ready controls
    /// nothing.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        match &self.opening {
            Some(Ok(driver)) => driver.handles.make(),
            // No session is left to control.
            Some(Err(_)) | None => Handles::default().make(),
        }
    }

    /// Returns the session as a stream that opens it. Nothing happens before the stream is polled;
    /// a session that cannot be opened is its first and last item.
    pub fn into_stream(self) -> SessionStream {
        SessionStream { stage: Stage::Opening(self) }
    }

    pub(crate) fn new(driver: Result<Driver, Failure>) -> Self {
        let opening = driver.map(Box::new).map_err(SseError::outside_of_a_session);
        Self { opening: Some(opening) }
    }
}

impl Future for OpenSession {
    type Output = Result<ClientSseSession, SseError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(opening) = self.opening.take() else {
            return Poll::Pending;
        };
        let mut driver = opening?;
        while let Poll::Ready(step) = driver.poll_step(cx) {
            let Step::Transition(transition) = step else {
                continue;
            };
            match *transition {
                Transition::Open(call) | Transition::NoContent(call) => {
                    return Poll::Ready(Ok(ClientSseSession { call, driver }));
                }
                Transition::Failed(error) => return Poll::Ready(Err(error)),
                Transition::Closed => {
                    let error = SseError::outside_of_a_session(Failure::ClosedBeforeOpen);
                    return Poll::Ready(Err(error));
                }
                Transition::Connecting
                | Transition::Disconnected(_)
                | Transition::Gap(_)
                | Transition::Skipped(_) => {}
            }
        }
        self.opening = Some(Ok(driver));
        Poll::Pending
    }
}

impl fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSession").finish_non_exhaustive()
    }
}

/// Stream of a session that opens it first, created by [`OpenSession::into_stream`].
///
/// It yields the events of the session. An `Err` item is always the last.
///
/// ```
/// use futures_util::StreamExt;
/// # use sse_session::{SseClient, SseConfig};
/// # struct Unreachable;
/// # impl sse_session::Transport for Unreachable {
/// #     type Body = http_body_util::Empty<bytes::Bytes>;
/// #     type Error = std::io::Error;
/// #     async fn send(
/// #         &self,
/// #         _: http::Request<bytes::Bytes>,
/// #         _: sse_session::SendContext,
/// #     ) -> Result<http::Response<Self::Body>, Self::Error> {
/// #         Err(std::io::ErrorKind::ConnectionRefused.into())
/// #     }
/// # }
///
/// # #[cfg(not(feature = "tokio"))] fn main() {} // no default clock
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let client = SseClient::new(Unreachable, SseConfig::new());
/// // From a server that is down.
/// let mut events = client.sse_session("http://localhost/").into_stream();
/// let error = events.next().await.unwrap().unwrap_err();
/// assert!(error.is_connect());
/// assert!(events.next().await.is_none());
/// # }
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct SessionStream {
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Opening(OpenSession),
    Open(ClientSseSession),
    Failed,
}

impl SessionStream {
    /// Returns the session, once it is open.
    #[must_use]
    pub fn session(&self) -> Option<&ClientSseSession> {
        match &self.stage {
            Stage::Open(session) => Some(session),
            Stage::Opening(_) | Stage::Failed => None,
        }
    }
}

impl SessionStream {
    /// Returns the session, once it is open, for example to acknowledge events or to close it.
    #[must_use]
    pub fn session_mut(&mut self) -> Option<&mut ClientSseSession> {
        match &mut self.stage {
            Stage::Open(session) => Some(session),
            Stage::Opening(_) | Stage::Failed => None,
        }
    }
}

impl Stream for SessionStream {
    type Item = Result<ServerSentEvent, SseError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.stage {
                Stage::Opening(opening) => match ready!(Pin::new(opening).poll(cx)) {
                    Ok(session) => self.stage = Stage::Open(session),
                    Err(error) => {
                        self.stage = Stage::Failed;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                Stage::Open(session) => return session.poll(cx),
                Stage::Failed => return Poll::Ready(None),
            }
        }
    }
}

impl FusedStream for SessionStream {
    fn is_terminated(&self) -> bool {
        match &self.stage {
            Stage::Opening(_) => false,
            Stage::Open(session) => session.is_terminated(),
            Stage::Failed => true,
        }
    }
}
