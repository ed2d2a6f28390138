//! The way to a connection: a request when its time has come, a connection or a failure out.
//!
//! What follows a failure is decided elsewhere.

use std::task::{Context, Poll, ready};

use reqwest::{RequestBuilder, Response, header::HeaderMap};

use super::{Change, Driver, State};
use crate::{
    connection::{self, Handshake},
    error::SseError,
    factory::RequestContext,
    failure::Failure,
    session::EndReason,
    template::{Next, Outgoing},
    threads::{BoxError, BoxFuture, MaybeSend},
};

/// What a session without a connection waits for.
pub(super) enum Opening {
    /// Nothing: a request is to be made.
    Starting,
    /// No request is made before this is over.
    Waiting(BoxFuture<()>),
    /// The server has answered 401: the caller gets new credentials.
    Refreshing(BoxFuture<Result<HeaderMap, BoxError>>),
    /// The caller makes a request.
    Making(BoxFuture<Result<RequestBuilder, BoxError>>),
    Connecting(BoxFuture<Result<Handshake, Failure>>),
}

/// What there is when the wait for it is over.
pub(super) enum Milestone {
    Time,
    Credentials(HeaderMap),
    NoCredentials(BoxError),
    Request(RequestBuilder),
    Answer(Handshake),
    Failure(Failure),
}

impl Opening {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Milestone> {
        Poll::Ready(match self {
            Self::Starting => Milestone::Time,
            Self::Waiting(wait) => {
                ready!(wait.as_mut().poll(cx));
                Milestone::Time
            }
            Self::Refreshing(refreshing) => match ready!(refreshing.as_mut().poll(cx)) {
                Ok(headers) => Milestone::Credentials(headers),
                Err(error) => Milestone::NoCredentials(error),
            },
            Self::Making(making) => match ready!(making.as_mut().poll(cx)) {
                Ok(made) => Milestone::Request(made),
                Err(error) => Milestone::Failure(Failure::Factory(error)),
            },
            Self::Connecting(handshake) => match ready!(handshake.as_mut().poll(cx)) {
                Ok(handshake) => Milestone::Answer(handshake),
                Err(failure) => Milestone::Failure(failure),
            },
        })
    }
}

impl Driver {
    /// Does what is next; no step, if that is only to wait for something else.
    // Not where events pass, which are many: what they do not need makes their way longer.
    #[inline(never)]
    pub(super) fn go_on(&mut self, milestone: Milestone) -> Option<Change> {
        match milestone {
            Milestone::Time => Some(self.start()),
            Milestone::Credentials(headers) => {
                self.template.use_credentials(headers);
                Some(self.start())
            }
            Milestone::NoCredentials(error) => {
                self.refreshes.failed();
                Some(self.disconnected(Failure::Refresh(error)))
            }
            Milestone::Request(made) => {
                self.finish(made).err().map(|failure| self.disconnected(failure))
            }
            Milestone::Answer(handshake) => Some(self.connected(handshake)),
            Milestone::Failure(failure) => Some(self.disconnected(failure)),
        }
    }

    /// A request is to be made now, unless its response is there.
    fn start(&mut self) -> Change {
        let context = RequestContext {
            attempt: self.reconnect.attempts(),
            last_event_id: self.last_event_id().to_owned(),
            cause: self.cause.clone(),
        };
        match self.template.next(context) {
            Ok(Next::Request(outgoing)) => self.send(outgoing),
            Ok(Next::Making(making)) => self.state = State::Opening(Opening::Making(making)),
            Err(failure) => return self.disconnected(failure),
            Ok(Next::Response(response)) => self.begin_with(*response),
            Ok(Next::Nothing(obstacle)) => {
                let cause = self
                    .cause
                    .take()
                    .unwrap_or_else(|| SseError::outside_of_a_session(Failure::ReconnectAsked));
                return self.fail(Failure::NotRepeatable(obstacle, cause));
            }
        }
        Change::Connecting
    }

    fn finish(&mut self, made: RequestBuilder) -> Result<(), Failure> {
        let last_event_id = self.last_event_id().to_owned();
        let outgoing = self.template.finish(made, &last_event_id)?;
        self.send(outgoing);
        Ok(())
    }

    fn send(&mut self, outgoing: Box<Outgoing>) {
        if let Some(url) = self.template.url() {
            self.audience.connecting(&url, self.reconnect.attempts());
        }
        self.wait_for(connection::connect(outgoing, self.config.clone()));
    }

    /// Takes a response for the answer to a first request.
    fn begin_with(&mut self, response: Response) {
        if let Some(url) = self.template.url() {
            self.audience.beginning_with_response(&url);
        }
        self.wait_for(connection::judge(None, response, self.config.clone()));
    }

    fn wait_for(
        &mut self,
        handshake: impl Future<Output = Result<Handshake, Failure>> + MaybeSend + 'static,
    ) {
        self.state = State::Opening(Opening::Connecting(Box::pin(self.audience.watch(handshake))));
    }

    fn connected(&mut self, handshake: Handshake) -> Change {
        self.cause = None;
        self.refreshes.succeeded();
        match handshake {
            Handshake::Open(connection, call) => {
                self.connections += 1;
                self.template.connected(call.response().url());
                self.state = State::Open(connection);
                Change::Open(call)
            }
            Handshake::NoContent(_) if self.config.stop.expect_terminal => {
                self.fail(Failure::NoContent)
            }
            Handshake::NoContent(call) => {
                self.end(EndReason::NoContent);
                Change::NoContent(call)
            }
        }
    }
}
