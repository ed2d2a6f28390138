//! Request as a server has received it.
//!
//! Records the bytes, the connection and the time. Does not interpret them.

use std::time::Duration;

/// Request as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenRequest {
    /// Time at which its last byte had arrived: since the start of the server, or by the clock of
    /// the server.
    pub time: Duration,
    /// Number of its connection. The first is 0.
    pub connection: usize,
    /// HTTP version.
    pub version: HttpVersion,
    /// Method as it was sent, such as `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in their order, the names in lower case, without HTTP/2's pseudo-headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Whole body, without its framing.
    pub body: Vec<u8>,
}

/// HTTP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpVersion {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

impl SeenRequest {
    /// Returns all values of a header, in their order. The name is in lower case.
    ///
    /// # Panics
    ///
    /// Panics if a value is not UTF-8. Look for it in [`headers`](Self::headers).
    #[track_caller]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for (_, value) in self.headers.iter().filter(|(header, _)| header == name) {
            let text = std::str::from_utf8(value);
            assert!(text.is_ok(), "{name} is not UTF-8: {:?}", value.escape_ascii().to_string());
            values.extend(text);
        }
        values
    }

    /// Returns the value of a header that occurs at most once. The name is in lower case.
    ///
    /// # Panics
    ///
    /// Panics if the header occurs twice, or if its value is not UTF-8.
    #[track_caller]
    pub fn value(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        assert!(values.len() <= 1, "{name}: {values:?}");
        values.first().copied()
    }

    /// Returns the `Last-Event-ID`: the event after which the client asks to resume.
    ///
    /// # Panics
    ///
    /// Panics like [`value`](Self::value).
    #[track_caller]
    pub fn last_event_id(&self) -> Option<&str> {
        self.value("last-event-id")
    }
}
