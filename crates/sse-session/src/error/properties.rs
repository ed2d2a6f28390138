//! Properties that failures of several kinds can have.
//!
//! Each is about the failure that happened last, whatever its outcome.

use std::time::Duration;

use http::StatusCode;
use sse_core::LimitExceeded;

use super::{Outcome, SseError, SseErrorKind, SseErrorOutcome};
use crate::{
    body_end::EndEvidence, deadlines::Deadline, failure::Failure, stop_reason::StopReason,
    timings::Timings, transport_error::TransportErrorKind,
};

impl SseError {
    /// Returns `true` if the same request may succeed another time: the network failed, a timeout
    /// expired, or the status was one that [may be retried](crate::SseConfig::retry_statuses), by
    /// default 408, 425, 429 and 500 to 599. Always `false` if the request cannot be repeated.
    ///
    /// `false` if [TLS](Self::is_tls) was rejected, if a proxy requires credentials to make a
    /// tunnel, and if the head of the response exceeds a [limit of this
    /// side](Self::is_local_limit): each attempt would fail in the same way.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let is_repeatable = !matches!(
            self.outcome(),
            Some(SseErrorOutcome::BodyNotRepeatable | SseErrorOutcome::RequestMissing)
        );
        is_repeatable && self.last_failure().is_retryable()
    }

    /// Returns `true` if something took too long: a [deadline](Self::deadline) of the session or a
    /// timeout of the transport.
    ///
    /// `false` if an HTTP/2 ping was not answered in the middle of the event stream: hyper reports
    /// it like the end of the connection. Before the head of the response it is a timeout.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.deadline().is_some()
            || matches!(
                self.transport_kind(),
                Some(TransportErrorKind::Timeout | TransportErrorKind::ConnectTimeout)
            )
    }

    /// Returns the deadline of the session that expired, if one did.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        match self.last_failure() {
            Failure::Deadline(deadline) => Some(*deadline),
            _ => None,
        }
    }

    /// Returns `true` if the network failed: no connection was established, no valid HTTP response
    /// was received, or the connection failed in the middle of the event stream.
    ///
    /// These are the kinds [`NoResponse`](SseErrorKind::NoResponse) and
    /// [`Disconnected`](SseErrorKind::Disconnected). reqwest's `is_request()` corresponds to this.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(self.kind(), SseErrorKind::NoResponse | SseErrorKind::Disconnected)
    }

    /// Returns `true` if no connection was established: the host is unknown or unreachable, the
    /// connection was refused, TLS failed, or a proxy makes no tunnel. Always `false` in a browser,
    /// which does not report this.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.kind() == SseErrorKind::NoResponse
            && matches!(
                self.transport_kind(),
                Some(
                    TransportErrorKind::Connect
                        | TransportErrorKind::ConnectTimeout
                        | TransportErrorKind::Tls
                        | TransportErrorKind::ProxyUnauthorized
                )
            )
    }

    /// Returns `true` if this side rejected the peer's TLS: its certificate is not trusted, or it
    /// does not speak TLS, or no version of TLS that this side accepts.
    /// [`is_connect`](Self::is_connect) is `true` as well.
    ///
    /// Known of rustls. `false` in a browser, and with reqwest's `native-tls`, which does not
    /// report it.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.kind() == SseErrorKind::NoResponse
            && self.transport_kind() == Some(TransportErrorKind::Tls)
    }

    /// Returns `true` if a limit of this side's HTTP client was exceeded. The message names the
    /// limit.
    ///
    /// - The head of the response has too many headers, or is too long. The kind is
    ///   [`NoResponse`](SseErrorKind::NoResponse), and no attempt will succeed. With hyper and
    ///   reqwest, `http1_max_headers` raises the limit of 100 headers. Over HTTP/2 this cannot be
    ///   known: the head exceeds a size (`http2_max_header_list_size`), and the error is one of
    ///   the protocol.
    /// - The HTTP/2 client closed the connection, because too many small frames waited to be read
    ///   on it, for this session or for others: h2 calls that `too_many_data_frames`. Read sessions
    ///   without long pauses, or raise the limit, which grows with the window of the connection:
    ///   for reqwest with `sse_reqwest::ClientBuilderExt::for_event_streams`, for hyper-util as in
    ///   [`TowerTransport`](crate::TowerTransport#http2). More than 100 *empty* frames over the
    ///   life of a connection are the same error, which no window prevents.
    #[must_use]
    pub fn is_local_limit(&self) -> bool {
        matches!(
            self.transport_kind(),
            Some(TransportErrorKind::HeadLimit | TransportErrorKind::FrameLimit)
        )
    }

    /// Returns `true` if the connection was closed or reset before the head of a response was
    /// received.
    ///
    /// A pooled connection may have been closed by the server just as the request was sent. The
    /// session repeats its [first request](crate::Resume#the-first-request-of-a-session) once in
    /// this case, if it can: the error is then that of the repetition.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.last_failure().is_unanswered()
    }

    /// Returns `true` if the body is incomplete because the connection ended, or because its
    /// framing is invalid: the last chunk, a part of the content length, or the end of the
    /// compressed data is missing. A server that fails in the middle of a body has no other way to
    /// say so.
    ///
    /// If the body has none of these, the end of its connection is a
    /// [regular end](SseErrorKind::StreamEnded). `false` if the connection ended before the head of
    /// the response: nothing was truncated, and the request is [unanswered](Self::is_unanswered).
    /// `false` after a [reset](Self::is_reset), and if only the event stream in the body is
    /// [unfinished](Self::is_unfinished). [`end_evidence`](Self::end_evidence) has more.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.kind() == SseErrorKind::Disconnected
            && matches!(
                self.transport_kind(),
                Some(
                    TransportErrorKind::Truncated
                        | TransportErrorKind::Malformed
                        | TransportErrorKind::FrameLimit
                )
            )
    }

    /// Returns `true` if the peer, or something in between, reset the connection, or over HTTP/2
    /// the stream of this session; before the head of the response or after it.
    ///
    /// Over HTTP/2 this is known of reqwest with the feature `http2` of sse-reqwest, and of hyper
    /// with the feature `h2` of sse-session. One of the sources of the error is then an
    /// `h2::Error`.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        self.transport_kind() == Some(TransportErrorKind::Reset)
    }

    /// Returns `true` if the event stream is not in the content coding that its head names, or is
    /// corrupt. A coded body that ends too early [is truncated](Self::is_truncated).
    ///
    /// Another attempt may follow, as after a disconnect, but not many: with a
    /// [fixed](crate::ReconnectPolicy::fixed) or [exponential](crate::ReconnectPolicy::exponential)
    /// policy, at most 3 in a row, whatever the events that were decoded before each error.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.kind() == SseErrorKind::Decode
    }

    fn transport_kind(&self) -> Option<TransportErrorKind> {
        self.last_failure().transport_kind()
    }

    /// Returns `true` if the server responded with a status other than 200 or 204; see
    /// [`status`](Self::status).
    #[must_use]
    pub fn is_status(&self) -> bool {
        self.kind() == SseErrorKind::Status
    }

    /// Returns `true` if the server responded 401.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Returns `true` if the request was invalid and was never sent: its URI, a header, or the last
    /// event ID to start from.
    ///
    /// This is not reqwest's `is_request()`, which covers every failure to send a request; that is
    /// [`is_transport`](Self::is_transport).
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        self.kind() == SseErrorKind::InvalidRequest
    }

    /// Returns `true` if the session ended without its [terminal
    /// event](crate::SseConfig::stop_after), although it [expects
    /// one](crate::SseConfig::expect_terminal). The source is an `SseError` that says how the last
    /// connection ended.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        matches!(self.inner.outcome, Outcome::Incomplete { .. })
    }

    /// Returns `true` if the session reconnected [in vain](SseErrorOutcome::Exhausted) after an
    /// event stream that was complete: nothing is missing of the last event stream that brought a
    /// byte, as far as HTTP shows it. [`BodyEnd`](crate::BodyEnd) says what HTTP can show.
    #[must_use]
    pub fn is_after_complete_stream(&self) -> bool {
        match &self.inner.outcome {
            Outcome::Exhausted { is_after_complete_stream, .. } => *is_after_complete_stream,
            Outcome::Incomplete { cause, .. } => cause.is_after_complete_stream(),
            _ => false,
        }
    }

    /// Returns `true` if the event stream ended in the middle of a line or of an event, although
    /// the body ended regularly, as far as HTTP shows it. The server or a proxy has failed, or the
    /// server omits the last blank line, which
    /// [`dispatch_unfinished_event`](crate::SseConfig::dispatch_unfinished_event) allows.
    ///
    /// [`completeness`](crate::EndEvidence::completeness) of the evidence is
    /// [`Cut`](crate::Completeness::Cut) in the middle of a line, and
    /// [`Unfinished`](crate::Completeness::Unfinished) after it. If the body itself is incomplete,
    /// [`is_truncated`](Self::is_truncated) or [`is_reset`](Self::is_reset) is `true` instead.
    ///
    /// This is the cause of a disconnect if reconnection is on, and an error if
    /// [`Resume`](crate::Resume) no longer allows the request to be repeated. Otherwise it is an
    /// error only with [`expect_complete_events`](crate::SseConfig::expect_complete_events).
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.kind() == SseErrorKind::Unfinished
    }

    /// Returns the number of events with data that an [incomplete](Self::is_incomplete) event
    /// stream had.
    #[must_use]
    pub fn events_seen(&self) -> Option<u64> {
        match self.inner.outcome {
            Outcome::Incomplete { events, .. } => Some(events),
            _ => None,
        }
    }

    /// Returns the server's message, if the event stream of an [`Answer`](crate::Answer) says that
    /// the answer [failed](SseErrorKind::Reported). It is the server's text, unchanged.
    #[must_use]
    pub fn reported(&self) -> Option<&str> {
        match self.last_failure() {
            Failure::Reported { message, .. } => Some(message),
            _ => None,
        }
    }

    /// Returns the age at which all connections of an [`Answer`](crate::Answer) ended, if there
    /// were several and they ended at the same age. A limit of a proxy or of the server is then
    /// likely, such as the 15 s of Envoy's default route, and no further attempt will help.
    #[must_use]
    pub fn suspected_limit(&self) -> Option<Duration> {
        match &self.inner.outcome {
            Outcome::Exhausted { reason: StopReason::SameAge { age, .. }, .. } => Some(*age),
            Outcome::Incomplete { cause, .. } => cause.suspected_limit(),
            _ => None,
        }
    }

    /// Returns how the last connection ended, and how much was received over it; `None` if no
    /// connection was made.
    #[must_use]
    pub fn end_evidence(&self) -> Option<EndEvidence> {
        self.inner.evidence.clone()
    }

    /// Returns the times of the request that failed and of its connection, also if the response was
    /// rejected or never received; `None` if the attempt had not sent its request.
    #[must_use]
    pub fn timings(&self) -> Option<Timings> {
        self.inner.timings
    }

    /// Returns the limit that was exceeded, and where in the event stream.
    #[must_use]
    pub fn limit_exceeded(&self) -> Option<&LimitExceeded> {
        match self.last_failure() {
            Failure::Limit(error) => Some(error),
            _ => None,
        }
    }
}
