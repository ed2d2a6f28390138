//! Context of a request: what led to it, for factories and transports.

use std::{any::Any, fmt, time::Duration};

use crate::{
    call::{Call, ResponseHead},
    error::{SseError, SseErrorKind},
    native_request::NativeRequest,
};

/// Context of a request that is about to be made, for a request factory.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub(crate) attempt: u32,
    pub(crate) last_event_id: String,
    pub(crate) cause: Option<SseError>,
    pub(crate) last_call: Option<Call>,
}

impl RequestContext {
    /// Returns the number of the attempt to reconnect, counted since the last healthy connection; 0
    /// for the first request of a session.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns the last event ID, empty if no ID was received. The session itself sends it as a
    /// header.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Returns the cause of the disconnect before this request; `None` for the first request.
    #[must_use]
    pub fn cause(&self) -> Option<&SseError> {
        self.cause.as_ref()
    }

    /// Returns the head of the last response that was an event stream; `None` before the first one.
    /// Some servers name in it where to resume: LangGraph in `Location`, for example.
    #[must_use]
    pub fn response(&self) -> Option<&ResponseHead> {
        self.last_call.as_ref().map(Call::response)
    }
}

/// Context of a request that is about to be sent, for a [`Transport`](crate::Transport).
///
/// The default is the context of a first request, for tests of a transport.
#[derive(Default)]
pub struct SendContext {
    pub(crate) attempt: u32,
    pub(crate) cause: Option<SseError>,
    pub(crate) is_redirected: bool,
    pub(crate) lift_total_timeout: bool,
    pub(crate) head_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) native: Option<Box<dyn NativeRequest>>,
}

impl SendContext {
    /// Returns the number of the attempt to reconnect, counted since the last healthy connection; 0
    /// for the first request of a session.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns the cause of the disconnect before this request; `None` for the first request.
    #[must_use]
    pub fn cause(&self) -> Option<&SseError> {
        self.cause.as_ref()
    }

    /// Returns `true` if the request should use a new connection: a [deadline](crate::Deadline) of
    /// the session expired on the last one, a [handle](crate::SessionHandle::reconnect_now)
    /// requested a reconnection, or the [first request of the
    /// session](crate::Resume#the-first-request-of-a-session) is repeated.
    ///
    /// Over HTTP/2 a pool otherwise sends the request over the same connection, which may be dead,
    /// or stalled by streams that are not read.
    #[must_use]
    pub fn fresh_connection_wanted(&self) -> bool {
        let wants_fresh = |cause: &SseError| {
            cause.deadline().is_some()
                || cause.kind() == SseErrorKind::ReconnectRequested
                || (self.attempt == 0 && cause.is_unanswered())
        };
        // The connection of a redirected request was made for this attempt.
        !self.is_redirected && self.cause.as_ref().is_some_and(wants_fresh)
    }

    /// Returns `true` if a total timeout of the transport, or of the request, is to be lifted, as
    /// it would truncate the event stream.
    #[must_use]
    pub fn lift_total_timeout(&self) -> bool {
        self.lift_total_timeout
    }

    /// Returns how long the session will wait for the head of the response; `None` if it sets no
    /// [limit](crate::SseConfig::head_timeout). After a redirect, it is the time that is left.
    ///
    /// A session enforces it by dropping the request. A [blocking](crate::BlockingTransport)
    /// request cannot be dropped, so its transport has to return by then.
    #[must_use]
    pub fn head_timeout(&self) -> Option<Duration> {
        self.head_timeout
    }

    /// Returns the time after which a read of the body without a byte should return to the session;
    /// `None` if silence has no limit.
    ///
    /// It is the tighter limit of [first byte](crate::SseConfig::first_byte_timeout) and
    /// [silence](crate::SseConfig::idle_timeout), or 10 s with
    /// [`IdleTimeout::auto`](crate::IdleTimeout::auto), which has no lower limit. It is for
    /// [blocking](crate::BlockingTransport) transports; a session over any other polls its body and
    /// its timer together.
    #[must_use]
    pub fn read_timeout(&self) -> Option<Duration> {
        self.read_timeout
    }

    /// Returns `true` if a redirect, which the session follows, led to this request.
    #[must_use]
    pub fn is_redirected(&self) -> bool {
        self.is_redirected
    }

    /// Sets the [time to wait for the head](Self::head_timeout), for tests of a transport.
    ///
    /// Defaults to no limit.
    #[must_use]
    pub fn with_head_timeout(mut self, time: Duration) -> Self {
        self.head_timeout = Some(time);
        self
    }

    /// Sets the [time of a read without a byte](Self::read_timeout), for tests of a transport.
    ///
    /// Defaults to no limit.
    #[must_use]
    pub fn with_read_timeout(mut self, time: Duration) -> Self {
        self.read_timeout = Some(time);
        self
    }

    /// Takes the part of the request that is the transport's own, if there is one of this type.
    pub fn take_native<T: Any>(&mut self) -> Option<T> {
        let native = self.native.take_if(|native| native.as_any().is::<T>())?;
        native.into_any().downcast().ok().map(|native| *native)
    }
}

impl fmt::Debug for SendContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendContext")
            .field("attempt", &self.attempt)
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}
