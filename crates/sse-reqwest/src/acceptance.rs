//! The head of a response in, what it means for a session out.
//!
//! Pure: reads the status, the content type and the content coding, and nothing of the body.

use std::sync::Arc;

use reqwest::{
    StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap},
};

use crate::{
    platform,
    threads::{MaybeSendSync, Shared},
};

/// Which responses are taken for an event stream, and which refusals may be followed by another
/// request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acceptance {
    pub(crate) any_content_type: bool,
    pub(crate) statuses: RetryableStatuses,
}

/// After which statuses another request may go better.
#[derive(Debug, Clone, Default)]
pub(crate) enum RetryableStatuses {
    /// Those that say that the server cannot now.
    #[default]
    Transient,
    Custom(Shared<dyn StatusPredicate>),
}

pub(crate) trait StatusPredicate: Fn(StatusCode) -> bool + MaybeSendSync {}

impl<F: Fn(StatusCode) -> bool + MaybeSendSync> StatusPredicate for F {}

/// What a server has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    EventStream,
    /// There is nothing, and nothing to come.
    NoContent,
    /// Something else than an event stream.
    OtherContent,
    /// An event stream that is compressed, and that nobody has decompressed.
    Compressed,
    /// A status that says no.
    Refused(RetryAdvice),
}

/// Whether the same request may go better another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAdvice {
    MayHelp,
    WillNotHelp,
}

impl Acceptance {
    pub(crate) fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Answer {
        match status {
            StatusCode::OK if !self.any_content_type && !is_event_stream(headers) => {
                Answer::OtherContent
            }
            StatusCode::OK if is_compressed(headers) => Answer::Compressed,
            StatusCode::OK => Answer::EventStream,
            StatusCode::NO_CONTENT => Answer::NoContent,
            _ => Answer::Refused(self.statuses.advice(status)),
        }
    }
}

/// Returns `true` if the content type is that of an event stream.
///
/// "If the Content-Type header's essence is not `text/event-stream`, then fail the connection":
/// neither parameters nor the case of the letters matter.
fn is_event_stream(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return false;
    };
    let essence = value.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
}

/// Whether a body that comes with these headers has to be decompressed before it can be read.
///
/// What is no coding of HTTP's is not looked at: servers write `utf-8` and `none` there.
fn is_compressed(headers: &HeaderMap) -> bool {
    if platform::DECOMPRESSES_ALL {
        return false;
    }
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let mut names = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    names.any(|name| {
        CODINGS.iter().any(|coding| name.trim_ascii().eq_ignore_ascii_case(coding.as_bytes()))
    })
}

/// RFC 9110, section 8.4.1, and those that were registered after it.
const CODINGS: [&str; 7] = ["br", "compress", "deflate", "gzip", "x-compress", "x-gzip", "zstd"];

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
    use reqwest::{
        StatusCode,
        header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue},
    };

    use super::{Acceptance, Answer, RetryAdvice, RetryableStatuses};

    fn status(code: u16) -> StatusCode {
        StatusCode::from_u16(code).unwrap()
    }

    #[test]
    fn the_essence_of_the_content_type_counts() {
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
            let is_stream = strict.judge(StatusCode::OK, &headers) == Answer::EventStream;
            assert_eq!(is_stream, expected, "{value:?}");
            assert_eq!(lenient.judge(StatusCode::OK, &headers), Answer::EventStream);
        }
        assert_eq!(strict.judge(StatusCode::OK, &HeaderMap::new()), Answer::OtherContent);
        assert_eq!(lenient.judge(StatusCode::OK, &HeaderMap::new()), Answer::EventStream);
    }

    #[test]
    fn what_is_still_compressed_is_no_event_stream() {
        let lenient = Acceptance { any_content_type: true, ..Acceptance::default() };
        let cases: [(&[&str], Answer); 9] = [
            (&["gzip"], Answer::Compressed),
            (&["X-GZip"], Answer::Compressed),
            (&["identity, br"], Answer::Compressed),
            (&["none", "zstd"], Answer::Compressed),
            (&["identity"], Answer::EventStream),
            (&["none"], Answer::EventStream),
            (&["UTF-8"], Answer::EventStream),
            (&["gzipped"], Answer::EventStream),
            (&[""], Answer::EventStream),
        ];
        for (values, expected) in cases {
            let event_stream = HeaderValue::from_static("text/event-stream");
            let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, event_stream)]);
            for value in values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            for acceptance in [Acceptance::default(), lenient.clone()] {
                assert_eq!(acceptance.judge(StatusCode::OK, &headers), expected, "{headers:?}");
            }
        }
    }

    #[test]
    fn a_204_is_no_refusal_whatever_the_options() {
        let lenient =
            Acceptance { any_content_type: true, statuses: RetryableStatuses::custom(|_| true) };
        for acceptance in [Acceptance::default(), lenient] {
            let answer = acceptance.judge(StatusCode::NO_CONTENT, &HeaderMap::new());
            assert_eq!(answer, Answer::NoContent);
        }
    }

    #[test]
    fn some_statuses_say_that_the_server_cannot_now() {
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
                acceptance.judge(status(code), &HeaderMap::new())
                    == Answer::Refused(RetryAdvice::MayHelp)
            };
            assert_eq!(judge(&Acceptance::default()), expected, "{code}");
            assert_eq!(judge(&own), code == 404, "{code}");
            assert!(!judge(&none), "{code}");
        }
    }
}
