//! Acceptance of responses: which are event streams, and which rejections may be retried.
//!
//! Reads the status and the content type; nothing of the body.

use std::sync::Arc;

use http::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};

use crate::threads::{MaybeSendSync, Shared};

/// Rules by which responses are accepted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acceptance {
    pub(crate) any_content_type: bool,
    pub(crate) statuses: RetryableStatuses,
}

/// Statuses after which another attempt may succeed.
#[derive(Debug, Clone, Default)]
pub(crate) enum RetryableStatuses {
    /// Statuses that indicate a temporary condition.
    #[default]
    Transient,
    Custom(Shared<dyn StatusPredicate>),
}

pub(crate) trait StatusPredicate: Fn(StatusCode) -> bool + MaybeSendSync {}

impl<F: Fn(StatusCode) -> bool + MaybeSendSync> StatusPredicate for F {}

/// Meaning of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    EventStream,
    /// The server has no more events.
    NoContent,
    /// Another content type.
    OtherContent,
    /// An event stream in a coding that is not decoded.
    Encoded,
    /// A status that rejects the request.
    Rejected(RetryAdvice),
}

/// Prospects of another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAdvice {
    MayHelp,
    WillNotHelp,
}

impl Acceptance {
    /// Returns the meaning of a response. `is_decodable` is `false` if its body is in a coding that
    /// nothing decodes.
    pub(crate) fn judge(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        is_decodable: bool,
    ) -> Answer {
        match status {
            StatusCode::OK if !self.any_content_type && !has_event_stream_type(headers) => {
                Answer::OtherContent
            }
            StatusCode::OK if !is_decodable => Answer::Encoded,
            StatusCode::OK => Answer::EventStream,
            StatusCode::NO_CONTENT => Answer::NoContent,
            _ => Answer::Rejected(self.statuses.advice(status)),
        }
    }
}

/// Returns `true` if the head of a response says that it is an event stream: its status is 200, and
/// its content type `text/event-stream`, with whatever parameters.
#[must_use]
pub fn is_event_stream(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::OK && has_event_stream_type(headers)
}

/// Returns `true` if the content type is that of an event stream.
///
/// "If the Content-Type header's essence is not `text/event-stream`, then fail the connection":
/// neither parameters nor the case of the letters matter.
fn has_event_stream_type(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return false;
    };
    let essence = value.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
}

impl RetryableStatuses {
    pub(crate) fn custom(predicate: impl StatusPredicate + 'static) -> Self {
        Self::Custom(Shared(Arc::new(predicate)))
    }

    fn advice(&self, status: StatusCode) -> RetryAdvice {
        let may_help = match self {
            Self::Transient => {
                status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
            }
            Self::Custom(predicate) => (predicate.0)(status),
        };
        if may_help { RetryAdvice::MayHelp } else { RetryAdvice::WillNotHelp }
    }
}

#[cfg(test)]
mod tests {
    use http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap, HeaderValue},
    };

    use super::{Acceptance, Answer, RetryAdvice, RetryableStatuses};

    fn status(code: u16) -> StatusCode {
        StatusCode::from_u16(code).unwrap()
    }

    #[test]
    fn accept_any_content_type_or_the_essence_of_the_content_type() {
        let cases = [
            ("text/event-stream", true),
            ("Text/Event-Stream", true),
            ("text/event-stream;", true),
            ("text/event-stream; charset=utf-8", true),
            ("text/event-stream ;charset=windows-1252", true),
            ("text/event-stream;x=bogus", true),
            ("text/event-stream x bogus", false),
            ("text/event-streams", false),
            ("text/html", false),
            ("", false),
        ];
        let strict = Acceptance::default();
        let lenient = Acceptance { any_content_type: true, ..strict.clone() };
        for (value, expected) in cases {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            let is_stream = strict.judge(StatusCode::OK, &headers, true) == Answer::EventStream;
            assert_eq!(is_stream, expected, "{value:?}");
            assert_eq!(lenient.judge(StatusCode::OK, &headers, true), Answer::EventStream);
        }
        assert_eq!(strict.judge(StatusCode::OK, &HeaderMap::new(), true), Answer::OtherContent);
        assert_eq!(lenient.judge(StatusCode::OK, &HeaderMap::new(), true), Answer::EventStream);
    }

    #[test]
    fn an_event_stream_in_a_coding_that_nothing_decodes_is_rejected() {
        let event_stream = HeaderValue::from_static("text/event-stream");
        let stream = HeaderMap::from_iter([(CONTENT_TYPE, event_stream)]);
        let cases = [
            (200, &stream, Answer::Encoded),
            (200, &HeaderMap::new(), Answer::OtherContent),
            (204, &stream, Answer::NoContent),
            (503, &stream, Answer::Rejected(RetryAdvice::MayHelp)),
        ];
        for (code, headers, expected) in cases {
            let answer = Acceptance::default().judge(status(code), headers, false);
            assert_eq!(answer, expected, "{code}");
        }
    }

    #[test]
    fn status_204_is_not_a_rejection_whatever_the_options() {
        let lenient =
            Acceptance { any_content_type: true, statuses: RetryableStatuses::custom(|_| true) };
        for acceptance in [Acceptance::default(), lenient] {
            let answer = acceptance.judge(StatusCode::NO_CONTENT, &HeaderMap::new(), true);
            assert_eq!(answer, Answer::NoContent);
        }
    }

    #[test]
    fn retry_statuses_default_to_temporary_conditions() {
        let own = RetryableStatuses::custom(|status| status == StatusCode::NOT_FOUND);
        let own = Acceptance { statuses: own, ..Acceptance::default() };
        let none = Acceptance { statuses: RetryableStatuses::custom(|_| false), ..own.clone() };
        let cases = [
            (201, false),
            (304, false),
            (400, false),
            (401, false),
            (403, false),
            (404, false),
            (407, false),
            (408, true),
            (409, false),
            (410, false),
            (425, true),
            (429, true),
            (499, false),
            (500, true),
            (502, true),
            (503, true),
            (504, true),
            (599, true),
        ];
        for (code, expected) in cases {
            let judge = |acceptance: &Acceptance| {
                acceptance.judge(status(code), &HeaderMap::new(), true)
                    == Answer::Rejected(RetryAdvice::MayHelp)
            };
            assert_eq!(judge(&Acceptance::default()), expected, "{code}");
            assert_eq!(judge(&own), code == 404, "{code}");
            assert!(!judge(&none), "{code}");
        }
    }
}
