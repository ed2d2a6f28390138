//! Decisions as the documentation of policies states them: after which disconnects a session
//! reconnects, and when.

use std::time::Duration;

use sse_session::{CleanEnd, Deadline, Resume, SseErrorKind, TransportErrorKind};

use crate::{
    feed::sent_id,
    options::{Options, Policy, Strategy},
};

/// Cause of a disconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    StreamEnded,
    /// The body ended regularly, in the middle of a line or of an event.
    Unfinished,
    BodyFailed(TransportErrorKind),
    NoResponse(TransportErrorKind),
    Deadline(Deadline),
    Status {
        code: u16,
        retry_after: Option<Duration>,
    },
    ContentType,
    ContentEncoding,
    Redirect,
    Limit,
    Factory,
    Refresh,
    NoContent,
    ReconnectRequested,
}

impl Cause {
    pub(crate) fn kind(self) -> SseErrorKind {
        match self {
            Self::StreamEnded => SseErrorKind::StreamEnded,
            Self::Unfinished => SseErrorKind::Unfinished,
            Self::BodyFailed(TransportErrorKind::Decode) => SseErrorKind::Decode,
            Self::BodyFailed(_) => SseErrorKind::Disconnected,
            Self::NoResponse(TransportErrorKind::InvalidRequest) => SseErrorKind::InvalidRequest,
            Self::NoResponse(TransportErrorKind::Redirect) | Self::Redirect => {
                SseErrorKind::Redirect
            }
            Self::NoResponse(_) => SseErrorKind::NoResponse,
            Self::Deadline(_) => SseErrorKind::Deadline,
            Self::Status { .. } => SseErrorKind::Status,
            Self::ContentType => SseErrorKind::ContentType,
            Self::ContentEncoding => SseErrorKind::ContentEncoding,
            Self::Limit => SseErrorKind::LimitExceeded,
            Self::Factory => SseErrorKind::RequestFactory,
            Self::Refresh => SseErrorKind::CredentialsRefresh,
            Self::NoContent => SseErrorKind::NoContent,
            Self::ReconnectRequested => SseErrorKind::ReconnectRequested,
        }
    }

    pub(crate) fn is_retryable(self) -> bool {
        use TransportErrorKind::{InvalidRequest, Redirect};
        match self {
            Self::NoResponse(InvalidRequest | Redirect) => false,
            Self::NoResponse(_) => !self.is_peer_rejected(),
            Self::Status { code, .. } => matches!(code, 408 | 425 | 429 | 500..=599),
            Self::StreamEnded | Self::Unfinished => true,
            Self::BodyFailed(_) | Self::Deadline(_) => true,
            Self::Factory | Self::Refresh => true,
            Self::ContentType | Self::ContentEncoding | Self::Redirect => false,
            Self::Limit | Self::NoContent | Self::ReconnectRequested => false,
        }
    }

    /// Returns `true` if the connection ended before the head of a response.
    pub(crate) fn is_closed_without_response(self) -> bool {
        use TransportErrorKind::{Closed, Reset, Truncated};
        matches!(self, Self::NoResponse(Closed | Reset | Truncated))
    }

    /// Returns `true` if the last request had a response.
    fn is_answered(self) -> bool {
        !matches!(
            self,
            Self::NoResponse(_) | Self::Deadline(Deadline::Head) | Self::Factory | Self::Refresh
        )
    }

    /// Returns `true` if a response was rejected.
    fn is_rejection(self) -> bool {
        matches!(self, Self::Status { .. } | Self::ContentType | Self::ContentEncoding)
    }

    /// Returns `true` if one side of the connection does not accept the other.
    fn is_peer_rejected(self) -> bool {
        use TransportErrorKind::{HeadLimit, ProxyUnauthorized, Tls};
        matches!(self, Self::NoResponse(HeadLimit | ProxyUnauthorized | Tls))
    }

    pub(crate) fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => retry_after,
            _ => None,
        }
    }
}

/// Facts about a connection that ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ended {
    pub(crate) lived: Duration,
    pub(crate) bytes: u64,
    /// `true` if the bytes are line ends, or a byte order mark.
    pub(crate) is_blank: bool,
    pub(crate) messages: u64,
    /// `true` if HTTP shows that the body is complete.
    pub(crate) is_proof: bool,
    pub(crate) has_block: bool,
    pub(crate) has_new_id: bool,
}

impl Ended {
    pub(crate) fn is_regular(self, cause: Cause) -> bool {
        cause == Cause::StreamEnded
    }
}

/// Bounds of a wait, before and with jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) shortest: Duration,
    pub(crate) longest: Duration,
}

impl Wait {
    /// Creates bounds, with a margin for rounding.
    fn new(shortest: Duration, longest: Duration) -> Self {
        let margin = Duration::from_micros(1);
        Self { shortest: shortest.saturating_sub(margin), longest: longest + margin }
    }

    pub(crate) fn union(self, other: Self) -> Self {
        let shortest = self.shortest.min(other.shortest);
        Self { shortest, longest: self.longest.max(other.longest) }
    }
}

impl Policy {
    pub(crate) fn is_healthy(&self, ended: Ended, cause: Cause) -> bool {
        let is_mute = matches!(cause, Cause::Deadline(_)) && ended.bytes == 0;
        let has_lasted = ended.lived >= self.healthy_after && !is_mute;
        let is_undecodable = cause == Cause::BodyFailed(TransportErrorKind::Decode);
        let ended_well = ended.is_regular(cause) && ended.has_block;
        !is_undecodable && (ended.has_new_id || ended_well || has_lasted)
    }

    /// Returns the wait after this number of failed attempts; `None` if the policy itself stops.
    /// `is_regular` says that the server has ended a healthy connection.
    pub(crate) fn wait(
        &self,
        attempts: u32,
        retry: Option<Duration>,
        retry_after: Option<Duration>,
        is_regular: bool,
    ) -> Option<Wait> {
        if self.max_attempts.is_some_and(|max| attempts >= max) {
            return None;
        }
        let cap = self.max_server_delay.unwrap_or(Duration::MAX);
        let retry = retry.map(|retry| retry.min(cap).max(Duration::from_millis(100)));
        let retry_after = retry_after.map(|delay| delay.min(cap));
        let floor = retry.max(retry_after).unwrap_or_default();
        let minute = Duration::from_secs(60);
        let little = |asked: Duration| asked + asked.min(minute).mul_f64(self.jitter.min(0.1));
        let is_custom = matches!(self.strategy, Strategy::Custom { .. });
        if let (true, false, Some(retry)) = (is_regular, is_custom, retry) {
            return Some(Wait::new(retry, little(retry)));
        }
        let (own, shortest, max) = match self.strategy {
            Strategy::Never => return None,
            Strategy::Fixed => {
                let shortest = retry.unwrap_or(self.time).max(retry_after.unwrap_or_default());
                (self.time, shortest, Duration::MAX)
            }
            Strategy::Exponential { factor, max_delay } => {
                let grown = self.time.as_secs_f64() * factor.powi(attempts as i32);
                let max_grown = max_delay.as_secs_f64() / (1.0 + self.jitter);
                let grown = Duration::from_secs_f64(grown.min(max_grown));
                (grown, grown.max(floor), max_delay.max(little(floor)))
            }
            Strategy::Custom { stops_after } if attempts >= stops_after => return None,
            Strategy::Custom { .. } => (self.time.max(floor), self.time.max(floor), Duration::MAX),
        };
        let jittered = shortest.min(own.max(minute));
        Some(Wait::new(shortest, max.min(shortest + jittered.mul_f64(self.jitter))))
    }
}

impl Options {
    /// Returns `true` if the session can make only one request.
    pub(crate) fn has_no_other_request(&self) -> bool {
        self.is_one_shot && !self.has_factory
    }

    /// Returns `true` if a request says that it resumes from this ID: in the header, or in the
    /// factory's way.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        !id.is_empty() && (self.has_factory || (self.sends_id && is_sendable(id)))
    }

    /// Returns `true` if the request may be repeated after a disconnect of a session that was open
    /// before, or was not.
    pub(crate) fn may_repeat(
        &self,
        cause: Cause,
        was_open: bool,
        is_post: bool,
        messages: u64,
        id: &str,
    ) -> bool {
        let has_id = self.has_id(id);
        let resumes = match self.resume {
            Resume::Never => false,
            Resume::IfNothingDelivered => messages == 0,
            Resume::IfIdSeen => has_id,
            Resume::FromBeginning | Resume::Feed => true,
            _ => !is_post || (self.is_put && !cause.is_answered()),
        };
        let is_finished = cause == Cause::StreamEnded
            && match self.clean_end {
                CleanEnd::Finish => true,
                CleanEnd::Reconnect => false,
                _ => is_post,
            };
        // Once a session was open, a custom policy decides about every rejection.
        let is_custom = matches!(self.policy.strategy, Strategy::Custom { .. });
        let is_left_to_policy =
            was_open && is_custom && (cause.is_rejection() || cause.is_peer_rejected());
        (cause.is_retryable() || is_left_to_policy) && resumes && !is_finished
    }

    /// Returns `true` if an event stream that ends in the middle of an event is an error.
    pub(crate) fn expects_complete_events(&self) -> bool {
        let may_resume = match self.resume {
            Resume::Never => false,
            Resume::ByMethod => !self.is_post,
            _ => true,
        };
        self.expects_complete || (may_resume && self.policy.strategy != Strategy::Never)
    }
}

/// Returns `true` if a header can carry an ID.
pub(crate) fn is_sendable(id: &str) -> bool {
    !sent_id(id).is_empty()
        && id.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}
