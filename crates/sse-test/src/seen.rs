//! A request as a server has seen it.
//!
//! Says what came over the wire, on which connection and when. Judges none of it.

use std::time::Duration;

/// A request as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenRequest {
    /// When its last byte had come: the time since the server was started, or what the clock says
    /// that the server was given.
    pub time: Duration,
    /// The number of its connection. The first is 0.
    pub connection: usize,
    /// The version of HTTP it was sent by.
    pub version: HttpVersion,
    /// As it was sent: `GET`.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// In their order, the names in lower case. HTTP/2's pseudo-headers are not among them.
    pub headers: Vec<(String, Vec<u8>)>,
    /// All of it, without its framing.
    pub body: Vec<u8>,
}

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpVersion {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

impl SeenRequest {
    /// All values of a header, in their order. The name is in lower case.
    ///
    /// # Panics
    ///
    /// If a value is not UTF-8. Look for it in [`headers`](Self::headers).
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

    /// The value of a header that may be there once. The name is in lower case.
    ///
    /// # Panics
    ///
    /// If the header is there twice, or its value is not UTF-8.
    #[track_caller]
    pub fn value(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        assert!(values.len() <= 1, "{name}: {values:?}");
        values.first().copied()
    }

    /// The `Last-Event-ID`: where the client asks the event stream to go on.
    ///
    /// # Panics
    ///
    /// As [`value`](Self::value).
    #[track_caller]
    pub fn last_event_id(&self) -> Option<&str> {
        self.value("last-event-id")
    }
}
