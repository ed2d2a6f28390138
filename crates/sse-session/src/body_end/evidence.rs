//! Evidence of ends: what was received before, and whether the event stream is complete.
//!
//! Does not judge an answer in the event stream: only its events show whether it is whole.

use std::{fmt, sync::Arc, time::Duration};

use sse_core::Parser;

use super::BodyEnd;
use crate::{body_excerpt::excerpt, transport_error::TransportErrorKind};

/// Completeness of an event stream, as far as its end shows it.
///
/// Only a [terminal event](crate::SseConfig::expect_terminal) proves that an *answer* is whole. A
/// server or a proxy that fails between two events may end the body regularly, which is
/// [`Framed`](Self::Framed) here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Completeness {
    /// A part is missing: the body is truncated, was reset or is malformed, its transport failed,
    /// or it ended within a line.
    Cut,
    /// The body ended after whole lines of an event, without the blank line that ends the event. It
    /// is cut, or the server omits that line.
    Unfinished,
    /// HTTP [shows that the body is whole](BodyEnd::is_framed), and no event is unfinished. This
    /// does not show that the answer is whole.
    Framed,
    /// HTTP does not show whether the body is whole: the connection was
    /// [closed](BodyEnd::CloseDelimited) at its end, or the [session](BodyEnd::Abandoned) or a
    /// timeout of the transport has closed it, or the transport does not know.
    Unknown,
}

impl Completeness {
    /// Returns the completeness of an event stream, given the end of its body, the kind of its
    /// error if it failed, and the parser that read it.
    fn new(body_end: BodyEnd, error: Option<TransportErrorKind>, parser: &Parser) -> Self {
        match body_end {
            BodyEnd::Truncated | BodyEnd::Reset | BodyEnd::Malformed => Self::Cut,
            // The body had not ended.
            _ if error == Some(TransportErrorKind::Timeout) => Self::Unknown,
            BodyEnd::Abandoned => Self::Unknown,
            _ if error.is_some() => Self::Cut,
            _ if parser.is_in_line() => Self::Cut,
            _ if parser.has_unfinished_event() => Self::Unfinished,
            end if end.is_framed() => Self::Framed,
            _ => Self::Unknown,
        }
    }
}

/// Evidence of how a connection ended: the end of its body, and what was received before.
///
/// Cloning is cheap. `Debug` shows nothing of the body.
#[derive(Clone, PartialEq, Eq)]
pub struct EndEvidence {
    facts: EndFacts,
    pending_bytes: u64,
    unknown_lines: u64,
    unknown_line_excerpt: Option<Arc<str>>,
    unfinished_excerpt: Option<Arc<str>>,
    completeness: Completeness,
}

/// End of a connection in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndFacts {
    pub(crate) body_end: BodyEnd,
    /// Number of bytes of the body, after decoding.
    pub(crate) bytes: u64,
    /// Number of events with data.
    pub(crate) messages: u64,
    pub(crate) since_last_byte: Option<Duration>,
}

impl EndEvidence {
    /// Returns how the body ended.
    #[must_use]
    pub fn body_end(&self) -> BodyEnd {
        self.facts.body_end
    }

    /// Returns the number of bytes of the body that were received, after decoding.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.facts.bytes
    }

    /// Returns the number of events with data that were received, hidden ones included.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.facts.messages
    }

    /// Returns the time from the last byte to the end; `None` if no byte was received.
    #[must_use]
    pub fn since_last_byte(&self) -> Option<Duration> {
        self.facts.since_last_byte
    }

    /// Returns what the end shows about the completeness of the event stream.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use sse_session::{BlockingClient, SseConfig};
    /// # let send = |_: http::Request<Bytes>| {
    /// #     let body = "data: 1\n\nInternal Server Error".as_bytes();
    /// #     http::Response::builder().header("content-type", "text/event-stream").body(body)
    /// # };
    /// # let client = BlockingClient::new(send, SseConfig::new());
    /// use sse_session::Completeness;
    ///
    /// // The server fails after an event, and ends the response regularly.
    /// let mut session = client.sse_session("http://example.org/")?;
    /// assert_eq!(session.next().unwrap()?.data(), "1");
    /// assert!(session.next().is_none());
    ///
    /// let evidence = session.end_evidence().expect("the session has ended");
    /// assert_eq!(evidence.completeness(), Completeness::Cut);
    /// # Ok::<(), sse_session::SseError>(())
    /// ```
    #[must_use]
    pub fn completeness(&self) -> Completeness {
        self.completeness
    }

    /// Returns the number of bytes that were received of an event or a line that was never
    /// completed, and that were therefore discarded. Whole lines of comments alone do not count.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.pending_bytes
    }

    /// Returns the start of the data of the event that was never completed, fit for a terminal or a
    /// log, as [`unknown_line_excerpt`](Self::unknown_line_excerpt) is. Returns `None` if there is
    /// no such event, or if its data is blank or had not begun.
    ///
    /// The text is the server's, and may end anywhere: use it for diagnosis only.
    #[must_use]
    pub fn unfinished_excerpt(&self) -> Option<&str> {
        self.unfinished_excerpt.as_deref()
    }

    /// Returns the number of lines that are neither a comment nor a field of the standard. They
    /// were ignored, as the standard says, an incomplete last line included.
    ///
    /// Some servers and proxies write an error into the event stream without `data:` before it.
    /// [`unknown_line_excerpt`](Self::unknown_line_excerpt) shows the first of these lines.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use sse_session::{BlockingClient, SseConfig};
    /// # let send = |_: http::Request<Bytes>| {
    /// #     let body = "{\"error\": \"overloaded\"}\n".as_bytes();
    /// #     http::Response::builder().header("content-type", "text/event-stream").body(body)
    /// # };
    /// # let client = BlockingClient::new(send, SseConfig::new());
    /// // The server responds with `{"error": "overloaded"}` and nothing else.
    /// let mut session = client.sse_session("http://example.org/")?;
    /// assert!(session.next().is_none());
    ///
    /// let evidence = session.end_evidence().expect("the session has ended");
    /// assert_eq!(evidence.unknown_lines(), 1);
    /// assert_eq!(evidence.unknown_line_excerpt(), Some("{\"error\": \"overloaded\"}"));
    /// # Ok::<(), sse_session::SseError>(())
    /// ```
    #[must_use]
    pub fn unknown_lines(&self) -> u64 {
        self.unknown_lines
    }

    /// Returns the start of the first of the [unknown lines](Self::unknown_lines), fit for a
    /// terminal or a log: at most 200 characters and 256 bytes, escaped as
    /// [`SseError::body_excerpt`](crate::SseError::body_excerpt) is. Returns `None` if there is no
    /// such line, or if it is blank.
    ///
    /// The text is the server's: it may repeat what the request contained, secrets among it.
    #[must_use]
    pub fn unknown_line_excerpt(&self) -> Option<&str> {
        self.unknown_line_excerpt.as_deref()
    }

    /// Returns the evidence that these facts and a parser have.
    pub(crate) fn new(facts: EndFacts, error: Option<TransportErrorKind>, parser: &Parser) -> Self {
        let unknown = parser.unknown_lines();
        // The start of a long text is enough.
        let data = parser.unfinished_data();
        let data = &data[..data.len().min(MAX_EXCERPT_BYTES)];
        let [line, data] = [unknown.first(), data].map(|text| {
            excerpt(Some(b"text/event-stream"), whole_characters(text)).map(Into::into)
        });
        Self {
            facts,
            pending_bytes: discarded_bytes(parser),
            unknown_lines: unknown.count(),
            unknown_line_excerpt: line,
            unfinished_excerpt: data,
            completeness: Completeness::new(facts.body_end, error, parser),
        }
    }

    pub(crate) fn facts(&self) -> EndFacts {
        self.facts
    }
}

impl fmt::Debug for EndEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndEvidence")
            .field("body_end", &self.facts.body_end)
            .field("bytes", &self.facts.bytes)
            .field("messages", &self.facts.messages)
            .field("since_last_byte", &self.facts.since_last_byte)
            .field("pending_bytes", &self.pending_bytes)
            .field("unknown_lines", &self.unknown_lines)
            .field("completeness", &self.completeness)
            .finish_non_exhaustive()
    }
}

/// Returns the number of bytes of an event or a line that a parser has not completed.
pub(crate) fn discarded_bytes(parser: &Parser) -> u64 {
    if parser.is_in_line() || parser.has_unfinished_event() { parser.pending_bytes() } else { 0 }
}

/// Number of bytes of a text from which an excerpt is made: more than an excerpt has.
const MAX_EXCERPT_BYTES: usize = 1024;

/// Returns bytes without the start of a character at their end: the text may have been split there.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::whole_characters;

    #[test]
    fn unknown_line_excerpt_does_not_end_within_a_character() {
        assert_eq!(whole_characters("Zoë".as_bytes()), "Zoë".as_bytes());
        assert_eq!(whole_characters(&"Zoë".as_bytes()[..3]), b"Zo");
        assert_eq!(whole_characters(b"\xffx"), b"\xffx");
    }
}
