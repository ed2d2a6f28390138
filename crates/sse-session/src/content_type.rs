//! Content type of a response, as far as it matters to a session.

use http::{HeaderMap, header::CONTENT_TYPE};

/// Content type of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentType {
    EventStream,
    /// There is no `Content-Type` header.
    Missing,
    /// Another content type, or a header that has none.
    Other,
}

impl ContentType {
    /// Extracts the content type.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(CONTENT_TYPE) {
            Self::Missing
        } else if sse_core::is_event_stream_type(headers.get_all(CONTENT_TYPE)) {
            Self::EventStream
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};

    use super::ContentType::{self, EventStream, Missing, Other};

    #[test]
    fn a_content_type_is_an_event_stream_another_type_or_missing() {
        let cases: [(&[&str], ContentType); 7] = [
            (&["Text/Event-Stream; charset=utf-8"], EventStream),
            (&["text/html", "text/event-stream"], EventStream),
            (&["text/event-stream", "text/html"], Other),
            (&["text/html;x=\"", "text/event-stream"], Other),
            (&["text/event-stream;x=\"", "text/html"], EventStream),
            (&[""], Other),
            (&[], Missing),
        ];
        for (values, expected) in cases {
            let value = |&value| (CONTENT_TYPE, HeaderValue::from_static(value));
            let headers: HeaderMap = values.iter().map(value).collect();
            assert_eq!(ContentType::of(&headers), expected, "{values:?}");
        }
    }
}
