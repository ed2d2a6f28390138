//! Acceptance of responses: which are event streams, and which rejections may be retried.
//!
//! Reads the head; nothing of the body.

use std::sync::Arc;

use http::{StatusCode, header::HeaderMap};

use crate::{
    content_type::ContentType,
    threads::{MaybeSendSync, Shared},
};

/// Rules by which responses are accepted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acceptance {
    pub(crate) any_content_type: bool,
    pub(crate) missing_content_type: bool,
    /// Statuses with which a response opens a session; `None` for 200.
    pub(crate) opening: Option<Shared<dyn StatusPredicate>>,
    pub(crate) retryable: Retryable,
}

/// Rejected responses after which another attempt may succeed.
#[derive(Debug, Clone, Default)]
pub(crate) enum Retryable {
    /// Responses with a status that indicates a temporary condition.
    #[default]
    Transient,
    Statuses(Shared<dyn StatusPredicate>),
    Heads(Shared<dyn HeadPredicate>),
    /// Like `Transient` until the session was open, and like `Heads` from then on.
    Reconnections(Shared<dyn HeadPredicate>),
}

pub(crate) trait StatusPredicate: Fn(StatusCode) -> bool + MaybeSendSync {}

impl<F: Fn(StatusCode) -> bool + MaybeSendSync> StatusPredicate for F {}

pub(crate) trait HeadPredicate: Fn(StatusCode, &HeaderMap) -> bool + MaybeSendSync {}

impl<F: Fn(StatusCode, &HeaderMap) -> bool + MaybeSendSync> HeadPredicate for F {}

/// Meaning of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    EventStream,
    /// The server has no more events.
    NoContent,
    Rejected(Rejected, RetryAdvice),
}

/// Reason why a response is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    Status,
    ContentType,
    /// An event stream in a coding that is not decoded.
    Coding,
}

/// Prospects of another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAdvice {
    MayHelp,
    WillNotHelp,
}

impl Acceptance {
    /// Returns the meaning of a response. `is_decodable` is `false` if its body is in a coding that
    /// nothing decodes. `was_open` is `true` if the session was open before.
    pub(crate) fn judge(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        is_decodable: bool,
        was_open: bool,
    ) -> Meaning {
        let why = match status {
            StatusCode::NO_CONTENT => return Meaning::NoContent,
            status if !self.opens(status) => Rejected::Status,
            _ if !self.accepts_type(headers) => Rejected::ContentType,
            _ if !is_decodable => Rejected::Coding,
            _ => return Meaning::EventStream,
        };
        Meaning::Rejected(why, self.retryable.advice(why, status, headers, was_open))
    }

    fn opens(&self, status: StatusCode) -> bool {
        self.opening.as_ref().map_or(status == StatusCode::OK, |opening| (opening.0)(status))
    }

    fn accepts_type(&self, headers: &HeaderMap) -> bool {
        self.any_content_type
            || match ContentType::of(headers) {
                ContentType::EventStream => true,
                ContentType::Missing => self.missing_content_type,
                ContentType::Other => false,
            }
    }
}

/// Returns `true` if the head of a response says that it is an event stream: its status is 200, and
/// its content type `text/event-stream`, with whatever parameters.
#[must_use]
pub fn is_event_stream(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::OK && ContentType::of(headers) == ContentType::EventStream
}

impl Retryable {
    pub(crate) fn statuses(predicate: impl StatusPredicate + 'static) -> Self {
        Self::Statuses(Shared(Arc::new(predicate)))
    }

    pub(crate) fn heads(predicate: impl HeadPredicate + 'static) -> Self {
        Self::Heads(Shared(Arc::new(predicate)))
    }

    pub(crate) fn reconnections(predicate: impl HeadPredicate + 'static) -> Self {
        Self::Reconnections(Shared(Arc::new(predicate)))
    }

    /// Returns `true` if a session that was open survives rejections that end others.
    pub(crate) fn is_for_reconnections(&self) -> bool {
        matches!(self, Self::Reconnections(_))
    }

    fn advice(
        &self,
        why: Rejected,
        status: StatusCode,
        headers: &HeaderMap,
        was_open: bool,
    ) -> RetryAdvice {
        let is_status = why == Rejected::Status;
        let may_help = match self {
            Self::Reconnections(predicate) if was_open => (predicate.0)(status, headers),
            Self::Transient | Self::Reconnections(_) => {
                is_status
                    && (status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429))
            }
            Self::Statuses(predicate) => is_status && (predicate.0)(status),
            Self::Heads(predicate) => (predicate.0)(status, headers),
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

    use super::{Acceptance, Meaning, Rejected, RetryAdvice, Retryable};
    use crate::threads::Shared;

    fn status(code: u16) -> StatusCode {
        StatusCode::from_u16(code).unwrap()
    }

    fn of_type(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))])
    }

    /// Returns the answer with the rules for content types.
    fn typed(any: bool, missing: bool, headers: &HeaderMap) -> Meaning {
        let rules = Acceptance {
            any_content_type: any,
            missing_content_type: missing,
            ..Acceptance::default()
        };
        rules.judge(StatusCode::OK, headers, true, false)
    }

    #[test]
    fn accept_any_content_type_accepts_all_and_accept_missing_content_type_only_none() {
        let rejected = Meaning::Rejected(Rejected::ContentType, RetryAdvice::WillNotHelp);
        let (stream, html, none) =
            (of_type("text/event-stream"), of_type("text/html"), HeaderMap::new());
        for headers in [&stream, &html, &none] {
            assert_eq!(typed(true, false, headers), Meaning::EventStream);
        }
        for missing in [false, true] {
            assert_eq!(typed(false, missing, &stream), Meaning::EventStream);
            assert_eq!(typed(false, missing, &html), rejected);
        }
        assert_eq!(typed(false, false, &none), rejected);
        assert_eq!(typed(false, true, &none), Meaning::EventStream);
    }

    #[test]
    fn an_event_stream_in_a_coding_that_nothing_decodes_is_rejected() {
        use RetryAdvice::{MayHelp, WillNotHelp};
        let stream = of_type("text/event-stream");
        let cases = [
            (200, &stream, Meaning::Rejected(Rejected::Coding, WillNotHelp)),
            (200, &HeaderMap::new(), Meaning::Rejected(Rejected::ContentType, WillNotHelp)),
            (204, &stream, Meaning::NoContent),
            (503, &stream, Meaning::Rejected(Rejected::Status, MayHelp)),
        ];
        for (code, headers, expected) in cases {
            let answer = Acceptance::default().judge(status(code), headers, false, false);
            assert_eq!(answer, expected, "{code}");
        }
    }

    #[test]
    fn status_204_is_not_a_rejection_whatever_the_options() {
        let lenient = Acceptance {
            any_content_type: true,
            missing_content_type: true,
            opening: Some(Shared(std::sync::Arc::new(|_| true))),
            retryable: Retryable::heads(|_, _| true),
        };
        for acceptance in [Acceptance::default(), lenient] {
            let answer = acceptance.judge(StatusCode::NO_CONTENT, &HeaderMap::new(), false, false);
            assert_eq!(answer, Meaning::NoContent);
        }
    }

    #[test]
    fn accept_statuses_decides_which_statuses_open_a_session() {
        let opening = Some(Shared::<dyn super::StatusPredicate>(std::sync::Arc::new(
            |status: StatusCode| status.is_success(),
        )));
        let lenient = Acceptance { opening, ..Acceptance::default() };
        let stream = of_type("text/event-stream");
        for (code, expected) in [(200, true), (201, true), (299, true), (300, false), (500, false)]
        {
            let answer = lenient.judge(status(code), &stream, true, false);
            assert_eq!(answer == Meaning::EventStream, expected, "{code}");
        }
        let strict = Acceptance::default().judge(status(201), &stream, true, false);
        assert_eq!(strict, Meaning::Rejected(Rejected::Status, RetryAdvice::WillNotHelp));
    }

    #[test]
    fn retry_statuses_default_to_temporary_conditions() {
        let with = |retryable| Acceptance { retryable, ..Acceptance::default() };
        let own = with(Retryable::statuses(|status| status == StatusCode::NOT_FOUND));
        let none = with(Retryable::statuses(|_| false));
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
                acceptance.judge(status(code), &HeaderMap::new(), true, false)
                    == Meaning::Rejected(Rejected::Status, RetryAdvice::MayHelp)
            };
            assert_eq!(judge(&Acceptance::default()), expected, "{code}");
            assert_eq!(judge(&own), code == 404, "{code}");
            assert!(!judge(&none), "{code}");
        }
    }

    #[test]
    fn retry_rejections_also_decides_about_content_types_and_codings() {
        let is_html = |_, headers: &HeaderMap| {
            headers.get(CONTENT_TYPE).is_some_and(|value| value == "text/html")
        };
        let acceptance =
            Acceptance { retryable: Retryable::heads(is_html), ..Acceptance::default() };
        let judge = |code, value| acceptance.judge(status(code), &of_type(value), false, false);
        use RetryAdvice::{MayHelp, WillNotHelp};
        assert_eq!(judge(200, "text/html"), Meaning::Rejected(Rejected::ContentType, MayHelp));
        assert_eq!(judge(404, "text/html"), Meaning::Rejected(Rejected::Status, MayHelp));
        assert_eq!(judge(503, "text/plain"), Meaning::Rejected(Rejected::Status, WillNotHelp));
        let coded = judge(200, "text/event-stream");
        assert_eq!(coded, Meaning::Rejected(Rejected::Coding, WillNotHelp));
        // Of statuses only, it knows nothing of content types.
        let all = Acceptance { retryable: Retryable::statuses(|_| true), ..Acceptance::default() };
        let html = all.judge(StatusCode::OK, &of_type("text/html"), true, false);
        assert_eq!(html, Meaning::Rejected(Rejected::ContentType, WillNotHelp));
    }
}
