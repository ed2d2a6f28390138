//! Decides which parts of a body are JSON: the data of its events, or the whole body.

use crate::recording::Redaction;

/// Byte order mark.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Extent of the JSON in a body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// There is nothing to redact.
    Plain,
    /// The first byte decides between events and JSON. `is_event_stream` is the `Content-Type`.
    Undecided {
        is_event_stream: bool,
    },
    Events,
    /// The body as a whole may be JSON.
    Json,
    Compressed,
}

impl Mode {
    /// Returns the mode of a response's body.
    pub(super) fn of(redaction: &Redaction, status: u16, headers: &[(String, String)]) -> Self {
        let values = |name: &'static str| {
            let named = headers.iter().filter(move |(it, _)| it.eq_ignore_ascii_case(name));
            named.map(|(_, value)| value.trim().to_ascii_lowercase())
        };
        let kind = values("content-type").next().unwrap_or_default();
        let is_event_stream = kind.starts_with("text/event-stream");
        let is_compressed =
            |it: String| it.split(',').any(|it| !matches!(it.trim(), "" | "identity"));
        if redaction.paths().is_empty() {
            Self::Plain
        } else if values("content-encoding").any(is_compressed) {
            Self::Compressed
        } else if is_event_stream || (status == 200 && !kind.contains("json")) {
            Self::Undecided { is_event_stream }
        } else {
            Self::Json
        }
    }

    /// Returns the mode of an undecided body, if enough of it was received.
    pub(super) fn of_body(body: &[u8], is_event_stream: bool) -> Option<Self> {
        let byte = first_byte(body)?;
        // Fields begin with letters, and comments with a colon. JSON may follow a prefix such as
        // `)]}'`.
        let begins_event = match is_event_stream {
            true => !matches!(byte, b'{' | b'['),
            false => byte.is_ascii_alphabetic() || byte == b':',
        };
        Some(if begins_event { Self::Events } else { Self::Json })
    }
}

/// Returns the first byte that decides whether a body is JSON, if it was received.
fn first_byte(body: &[u8]) -> Option<u8> {
    let text = body.trim_ascii_start();
    let text = text.strip_prefix(BOM).unwrap_or(text).trim_ascii_start();
    text.first().copied().filter(|_| !BOM.starts_with(text))
}
