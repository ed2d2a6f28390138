//! Setters of the options of a connection: which response is accepted, how long it may take, and
//! how large its events may be.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};
use sse_core::{Limits, ServerSentEvent};

use super::SseConfig;
use crate::{
    acceptance::Retryable,
    deadlines::IdleTimeout,
    threads::{MaybeSendSync, Shared},
};

impl SseConfig {
    /// Sets which statuses, other than 200 and 204, may be followed by another attempt if
    /// reconnection is on.
    ///
    /// Defaults to 408, 425, 429 and 500 to 599.
    ///
    /// ```
    /// use http::StatusCode;
    /// use sse_session::SseConfig;
    ///
    /// // Behind this proxy, a 404 means that the service is being deployed.
    /// let config = SseConfig::new().retry_statuses(|status| {
    ///     status == StatusCode::NOT_FOUND || status.is_server_error()
    /// });
    /// ```
    #[must_use]
    pub fn retry_statuses<F>(mut self, predicate: F) -> Self
    where
        F: Fn(StatusCode) -> bool + MaybeSendSync + 'static,
    {
        self.connection.acceptance.retryable = Retryable::statuses(predicate);
        self
    }

    /// Sets which rejected responses may be followed by another attempt if reconnection is on. The
    /// predicate is called with the status and headers of every rejected response, also of one with
    /// status 200 and another content type, such as the login page of a captive portal.
    ///
    /// This option, [`retry_rejected_reconnections`](Self::retry_rejected_reconnections) and
    /// [`retry_statuses`](Self::retry_statuses) replace each other: the one that is called last is
    /// in effect.
    ///
    /// With [`retry_first_connection`](Self::retry_first_connection) it applies to the first
    /// response too.
    ///
    /// Defaults to the default of `retry_statuses`.
    ///
    /// ```
    /// use sse_session::SseConfig;
    ///
    /// // A feed that must survive maintenance pages and deployments.
    /// let config = SseConfig::new().retry_rejections(|status, _| status != 401 && status != 403);
    /// ```
    #[must_use]
    pub fn retry_rejections<F>(mut self, predicate: F) -> Self
    where
        F: Fn(StatusCode, &HeaderMap) -> bool + MaybeSendSync + 'static,
    {
        self.connection.acceptance.retryable = Retryable::heads(predicate);
        self
    }

    /// Like [`retry_rejections`](Self::retry_rejections), but applies only to responses to a
    /// *reconnection*.
    ///
    /// Until the session has been open once, the default of
    /// [`retry_statuses`](Self::retry_statuses) applies: a 404 then suggests a wrong URL, and later
    /// a deployment. On a reconnection, a TLS certificate that is not trusted is a failed attempt
    /// too, because captive portals present their own; the predicate is not called for it.
    ///
    /// This option, `retry_rejections` and `retry_statuses` replace each other: the one that is
    /// called last is in effect.
    ///
    /// Defaults to the default of `retry_statuses`.
    ///
    /// ```
    /// use sse_session::SseConfig;
    ///
    /// // Login pages and deployments are survived, but not a token that has expired.
    /// let config = SseConfig::new().retry_rejected_reconnections(|status, _| status != 401);
    /// ```
    #[must_use]
    pub fn retry_rejected_reconnections<F>(mut self, predicate: F) -> Self
    where
        F: Fn(StatusCode, &HeaderMap) -> bool + MaybeSendSync + 'static,
    {
        self.connection.acceptance.retryable = Retryable::reconnections(predicate);
        self
    }

    /// Sets the statuses, other than 204, with which a response can be an event stream. Some
    /// frameworks respond to a POST with 201.
    ///
    /// Defaults to 200 only, as the standard says.
    ///
    /// ```
    /// use sse_session::SseConfig;
    ///
    /// let config = SseConfig::new().accept_statuses(|status| status == 200 || status == 201);
    /// ```
    #[must_use]
    pub fn accept_statuses<F>(mut self, predicate: F) -> Self
    where
        F: Fn(StatusCode) -> bool + MaybeSendSync + 'static,
    {
        self.connection.acceptance.opening = Some(Shared(Arc::new(predicate)));
        self
    }

    /// Sets whether a response without a content type is read as an event stream. One with another
    /// content type is not.
    ///
    /// Defaults to `false`, as the standard says.
    #[must_use]
    pub fn accept_missing_content_type(mut self, accept: bool) -> Self {
        self.connection.acceptance.missing_content_type = accept;
        self
    }

    /// Sets whether every response with status 200 is read as an event stream, whatever its content
    /// type: for servers that do not set it.
    ///
    /// Defaults to `false`, as the standard says: the content type must be `text/event-stream`,
    /// with any parameters; of several types, the last one counts. See
    /// [`accept_missing_content_type`](Self::accept_missing_content_type) for a narrower option.
    #[must_use]
    pub fn accept_any_content_type(mut self, accept: bool) -> Self {
        self.connection.acceptance.any_content_type = accept;
        self
    }

    /// Sets the longest time from sending a request until the head of its response is received,
    /// connecting included. It applies to each attempt.
    ///
    /// Without it, a session waits forever for a server that accepts the connection and never
    /// responds: it [lifts](Self::lift_total_timeout) total timeouts of the transport. That of
    /// a request becomes the default of this one.
    ///
    /// Some servers send no head before the first event, such as those of Spring, Micronaut, Ktor
    /// on Netty and Armeria. For those it must be longer than the longest silence between events.
    ///
    /// Defaults to the total timeout of the request, if it has one that is lifted, and otherwise to
    /// no limit, as some servers compute for a while before they respond.
    #[must_use]
    pub fn head_timeout(mut self, time: Duration) -> Self {
        self.connection.deadlines.head = Some(time);
        self
    }

    /// Sets the longest time from the head of a response until the first byte of its body.
    ///
    /// Defaults to the [idle timeout](Self::idle_timeout), which it replaces until that byte.
    #[must_use]
    pub fn first_byte_timeout(mut self, time: Duration) -> Self {
        self.connection.deadlines.first_byte = Some(time);
        self
    }

    /// Sets how long a connection may be silent: a `Duration` or an [`IdleTimeout`].
    ///
    /// A connection can be dead without any sign, and only bytes from the server, such as comments
    /// sent as keep-alives, show that it is not. An expired idle timeout is a disconnect like any
    /// other, after which the session reconnects if reconnection is on.
    ///
    /// Defaults to [`IdleTimeout::off`], as many servers are silent for hours.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: impl Into<IdleTimeout>) -> Self {
        self.connection.deadlines.idle = timeout.into();
        self
    }

    /// Sets whether an event without a blank line after it is yielded at the end of a body that
    /// HTTP shows to be [whole](crate::BodyEnd::is_framed). Its last line may lack its line end
    /// too.
    ///
    /// Some servers omit the last blank line. If that event is the [terminal
    /// event](Self::expect_terminal), such as `data: [DONE]`, a whole answer would count as
    /// incomplete. If HTTP does not show the end of a body, its last event may be truncated, and is
    /// discarded in any case.
    ///
    /// A proxy can turn a truncated body into a whole one, and an HTTP/2 stream that is reset with
    /// NO_ERROR may [look whole](crate::BodyEnd::EndStream). A truncated event is then yielded. Set
    /// this only for servers that are known to omit the blank line.
    ///
    /// Defaults to `false`: the event is discarded, as the standard says.
    ///
    /// ```
    /// use sse_session::SseConfig;
    ///
    /// let config = SseConfig::new()
    ///     .dispatch_unfinished_event(true)
    ///     .stop_before(|event| event.data() == "[DONE]")
    ///     .expect_terminal(true);
    /// ```
    #[must_use]
    pub fn dispatch_unfinished_event(mut self, dispatch: bool) -> Self {
        self.connection.dispatch_unfinished_event = dispatch;
        self
    }

    /// Sets whether an event stream that ends in the middle of a line or of an event is an
    /// [error](crate::SseError::is_unfinished), although the body ended regularly, as far as HTTP
    /// shows it.
    ///
    /// Some proxies turn a broken connection into a regular end, and some servers that fail write a
    /// sentence without a line end into the event stream. A server that omits the last blank line
    /// looks the same. For such a server, set
    /// [`dispatch_unfinished_event`](Self::dispatch_unfinished_event), which yields its last event.
    ///
    /// If reconnection is on, such an end counts as a broken connection even without this option:
    /// the session reconnects, or fails if the request cannot be repeated.
    ///
    /// An event stream that ends between two events may be incomplete too. Only a
    /// [terminal event](Self::expect_terminal) shows that an answer is whole.
    ///
    /// Defaults to `false`: it is a regular end, as the standard says. The unfinished event is
    /// discarded, [`completeness`](crate::EndEvidence::completeness) shows it, and `tracing` warns.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use sse_session::{BlockingClient, SseConfig};
    /// # let send = |_: http::Request<Bytes>| {
    /// #     let body = "data: 1\n\ndata: tw".as_bytes();
    /// #     http::Response::builder().header("content-type", "text/event-stream").body(body)
    /// # };
    /// let client = BlockingClient::new(send, SseConfig::new().expect_complete_events(true));
    /// // The server responds with `data: 1`, a blank line, and `data: tw`.
    /// let mut session = client.sse_session("http://example.org/")?;
    /// assert_eq!(session.next().unwrap()?.data(), "1");
    /// let error = session.next().unwrap().unwrap_err();
    /// assert!(error.is_unfinished() && error.pending_bytes() == 8);
    /// # Ok::<(), sse_session::SseError>(())
    /// ```
    #[must_use]
    pub fn expect_complete_events(mut self, expect: bool) -> Self {
        self.connection.expect_complete_events = expect;
        self
    }

    /// Sets which events are keep-alives, from which [`IdleTimeout::auto`] learns as it does from
    /// comments: for servers whose keep-alives are events.
    ///
    /// The predicate is called with every event, whether it is shown or hidden, with or without
    /// data, and only if the idle timeout is `IdleTimeout::auto`. It changes nothing else: a
    /// keep-alive event is yielded, unless [`filter_event_types`](Self::filter_event_types) hides
    /// it, and counts like any other for [health](crate::ReconnectPolicy::healthy_after) and
    /// [`Resume`](crate::Resume). The predicate should match events that are sent at regular
    /// intervals.
    ///
    /// Defaults to none.
    ///
    /// ```
    /// use sse_session::{IdleTimeout, SseConfig};
    ///
    /// // `ping` of Anthropic and tRPC, and the heart that webpack-hot-middleware sends as data.
    /// let config = SseConfig::new()
    ///     .idle_timeout(IdleTimeout::auto())
    ///     .keep_alive_events(|event| event.event_type() == "ping" || event.data() == "\u{1f493}");
    /// ```
    #[must_use]
    pub fn keep_alive_events<F>(mut self, predicate: F) -> Self
    where
        F: Fn(&ServerSentEvent) -> bool + MaybeSendSync + 'static,
    {
        self.connection.keep_alive_events = Some(Shared(Arc::new(predicate)));
        self
    }

    /// Sets how large an event may be. A larger one ends the session with an
    /// [error](crate::SseErrorKind::LimitExceeded), or is dropped and
    /// [reported](crate::SessionEvent::Skipped), as the [policy](Limits::excess_policy) of the
    /// limits says.
    ///
    /// Defaults to 16 MiB per event, 64 KiB per ID or event type, and an error.
    ///
    /// ```
    /// use sse_session::{ExcessPolicy, Limits, SseConfig};
    ///
    /// let limits = Limits::default().max_event_bytes(1024 * 1024);
    /// let config = SseConfig::new().limits(limits.excess_policy(ExcessPolicy::Skip));
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.connection.limits = limits;
        self
    }
}
