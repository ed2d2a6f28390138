//! What happened in, yes or no out: what an error is asked.
//!
//! Each question is about the last failure, or about what was made of it. What there is to read of it
//! is in the module above.

use std::{error::Error, io};

use reqwest::StatusCode;
use sse_core::LimitExceeded;

use super::SseError;
use crate::{
    deadlines::Deadline,
    failure::{Failure, Obstacle, causes},
    platform,
};

impl SseError {
    /// Whether the server answered with a status other than 200 or 204.
    #[must_use]
    pub fn is_status(&self) -> bool {
        matches!(self.last_failure(), Failure::Status(_))
    }

    /// Whether the server answered 200 with a content type other than `text/event-stream`.
    #[must_use]
    pub fn is_content_type(&self) -> bool {
        matches!(self.last_failure(), Failure::ContentType(_))
    }

    /// Whether the server answered with an event stream that is compressed in a way that the
    /// `reqwest::Client` does not decompress: reqwest does so if its feature for it (`gzip`, `brotli`,
    /// `zstd`, `deflate`) is on. It could be read without an error, and no event would ever be in it.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        matches!(self.last_failure(), Failure::Compressed(_))
    }

    /// Whether the server ended the event stream as HTTP wants it. A session shows this as the cause
    /// of a disconnect that it survives; at its end it is no error, but for one that was
    /// [incomplete](Self::is_incomplete).
    #[must_use]
    pub fn is_stream_end(&self) -> bool {
        matches!(self.last_failure(), Failure::Ended)
    }

    /// Whether the session ended without the [event](crate::SseConfig::stop_after) that it
    /// [should have](crate::SseConfig::expect_terminal) ended with. The source is an `SseError`:
    /// how the last connection ended.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        matches!(self.inner.failure, Failure::Incomplete { .. })
    }

    /// How many events with data an [incomplete](Self::is_incomplete) event stream had.
    #[must_use]
    pub fn events_seen(&self) -> Option<u64> {
        match self.inner.failure {
            Failure::Incomplete { events, .. } => Some(events),
            _ => None,
        }
    }

    /// Whether the network failed: no connection could be made, no answer came over it or none that
    /// is HTTP, or it was lost in the middle of the event stream.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(self.last_failure(), Failure::NoAnswer(_) | Failure::Broken(_))
            && !self.is_redirect()
    }

    /// Whether the connection was lost before the body was complete: a chunk or the rest of its
    /// length is missing, or that of its compression. Where none of these is used, the end of the
    /// connection is a [regular end](Self::is_stream_end). Over HTTP/2 it is never shown: see
    /// [`is_reset`](Self::is_reset).
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.has_io_error(|kind| kind == io::ErrorKind::UnexpectedEof)
    }

    /// Whether the peer, or something on the way to it, reset the connection.
    ///
    /// Over HTTP/2 it is never shown, be it the stream or the connection, and such a disconnect is
    /// [`is_transport`](Self::is_transport) alone. It has an `h2::Error` among its sources, which knows
    /// more: a program that needs that depends on the crate h2, in the version that reqwest has (0.4),
    /// and downcasts to it.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        self.has_io_error(|kind| matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset))
    }

    fn has_io_error(&self, is_meant: impl Fn(io::ErrorKind) -> bool) -> bool {
        let error: &(dyn Error + 'static) = match self.last_failure() {
            Failure::NoAnswer(error) => &**error,
            Failure::Broken(error) => error,
            _ => return false,
        };
        causes(error)
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| is_meant(error.kind()))
    }

    /// Whether no connection could be made: the host is unknown, refuses, or failed TLS. In a
    /// browser, which does not tell, it never is.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.transport_error().is_some_and(platform::is_connect)
    }

    /// Whether the server redirected in a way that the redirect policy of the `reqwest::Client`
    /// does not follow: too often, or in a circle.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        self.transport_error().is_some_and(reqwest::Error::is_redirect)
    }

    /// Whether something took too long: a [deadline](Self::deadline) of the session or a timeout of
    /// the `reqwest::Client`.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.deadline().is_some() || self.transport_error().is_some_and(reqwest::Error::is_timeout)
    }

    /// Whether the connection was silent for too long, by the session's
    /// [idle timeout](crate::SseConfig::idle_timeout).
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.deadline() == Some(Deadline::Idle)
    }

    /// Which of the session's own deadlines was missed.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        match self.last_failure() {
            Failure::Silence(deadline) => Some(*deadline),
            _ => None,
        }
    }

    /// Whether the server answered 401.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Whether a [factory](crate::SseClient::request_factory) of requests, or what
    /// [renews credentials](crate::SseConfig::refresh_credentials), has failed. What it failed with is
    /// the source.
    #[must_use]
    pub fn is_callback(&self) -> bool {
        matches!(self.last_failure(), Failure::Factory(_) | Failure::Refresh(_))
    }

    /// Whether a [handle](crate::OpenSession::handle) closed the session before it was open.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.inner.failure, Failure::ClosedBeforeOpen)
    }

    /// Whether a handle made the session [reconnect](crate::SessionHandle::reconnect_now).
    #[must_use]
    pub fn is_reconnect_asked(&self) -> bool {
        matches!(self.last_failure(), Failure::ReconnectAsked)
    }

    /// Whether an event was larger than the [limits](crate::SseConfig::limits) allow.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.limit_exceeded().is_some()
    }

    /// Which limit was exceeded, and where in the event stream.
    #[must_use]
    pub fn limit_exceeded(&self) -> Option<&LimitExceeded> {
        match self.last_failure() {
            Failure::Limit(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the session's [policy](crate::ReconnectPolicy) has given up: too many attempts failed,
    /// or took too long. The message says which; the source is an `SseError`: why the last failed.
    #[must_use]
    pub fn is_reconnection_exhausted(&self) -> bool {
        matches!(self.outcome(), Failure::Exhausted { .. })
    }

    /// Whether the session would have reconnected, had the request's body not been a stream that
    /// can be read only once. The source is an `SseError`: how the connection was lost.
    #[must_use]
    pub fn is_body_not_repeatable(&self) -> bool {
        matches!(self.outcome(), Failure::NotRepeatable(Obstacle::BodySpent, _))
    }

    /// Whether the session would have reconnected, had it not begun with a
    /// [response](crate::SseClient::response) and been given no request to
    /// [resume with](crate::SseRequest::resume_request). The source is an `SseError`: how the
    /// connection was lost.
    #[must_use]
    pub fn is_request_missing(&self) -> bool {
        matches!(self.outcome(), Failure::NotRepeatable(Obstacle::NoRequest, _))
    }

    /// Whether the request is at fault and was never sent: its URL or a header is invalid, or the
    /// last event ID to start from is.
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        matches!(
            self.last_failure(),
            Failure::InvalidRequest(_) | Failure::InvalidUrl(_) | Failure::InvalidLastEventId(_)
        )
    }

    /// Whether the same request may go better another time: the network failed, something took too
    /// long, or the status was one that [says so](crate::SseConfig::retry_statuses), which is 408,
    /// 425, 429 and all server errors by default. Never, if the request cannot be repeated.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let is_repeatable = !matches!(self.outcome(), Failure::NotRepeatable(..));
        is_repeatable && self.last_failure().is_retryable()
    }
}
