//! Recordings: text files with everything that a server sent, and when.
//!
//! Each line is a JSON object. The first is a [`Heading`]. Each of the others is a [`Line`]: a time
//! in seconds since the start, and an [`Entry`].
//!
//! ```json
//! {"ssecat_recording":1,"started":"2026-11-25T09:00:00.000000Z","url":"http://localhost/events"}
//! {"at":0.012,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/events","headers":[["content-type","text/event-stream"]]}}
//! {"at":0.25,"text":"data: 1\n\nda"}
//! {"at":0.5,"base64":"dGE6IP8KCg=="}
//! {"at":1.5,"disconnected":{"error":"unexpected EOF during chunk size line","kind":"truncated"}}
//! {"at":2.5,"no_response":{"error":"Connection refused","kind":"other"}}
//! ```
//!
//! The body is recorded chunk by chunk, after decompression. A chunk that is not valid UTF-8, for
//! example because it ends within a character, is recorded in base64. A replay goes through the
//! same parser and session, and yields the same events. Requests and cookies are not recorded, so a
//! recording contains no secrets of the client.

mod record;
mod replay;

use std::{error::Error, io};

use serde::{Deserialize, Serialize};

pub(crate) use self::{record::Recorder, replay::Replay};

#[derive(Debug, Serialize, Deserialize)]
struct Heading {
    ssecat_recording: u32,
    /// Time of the start, in the format of RFC 3339.
    started: String,
    /// URL without user, password and query.
    url: String,
}

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: f64,
    #[serde(flatten)]
    entry: Entry,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    /// Head of a response. The chunks of its body follow.
    Response(Head),
    Text(String),
    Base64(String),
    /// Regular end of the body.
    End {},
    /// Failure of the connection within the body.
    Disconnected(RecordedError),
    /// Failure of a request without a response.
    NoResponse(RecordedError),
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    status: u16,
    version: String,
    url: String,
    headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RecordedError {
    error: String,
    kind: RecordedErrorKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordedErrorKind {
    /// The end of the body is missing.
    Truncated,
    Reset,
    Other,
}

impl RecordedError {
    /// Records the innermost cause of an error.
    fn of(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |&it| it.source());
        let mut kind = RecordedErrorKind::Other;
        let mut innermost = String::new();
        for cause in causes {
            innermost = cause.to_string();
            match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
                Some(io::ErrorKind::UnexpectedEof) => kind = RecordedErrorKind::Truncated,
                Some(io::ErrorKind::ConnectionReset) => kind = RecordedErrorKind::Reset,
                _ => {}
            }
        }
        Self { error: innermost, kind }
    }

    /// Converts to an error with the same text and kind.
    fn into_error(self) -> io::Error {
        let kind = match self.kind {
            RecordedErrorKind::Truncated => io::ErrorKind::UnexpectedEof,
            RecordedErrorKind::Reset => io::ErrorKind::ConnectionReset,
            RecordedErrorKind::Other => io::ErrorKind::Other,
        };
        io::Error::new(kind, self.error)
    }
}
