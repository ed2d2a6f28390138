//! What a recording is: a text file that has, line by line, what came from the server and when.
//!
//! Each line is a JSON object. The first is a [`Heading`]; each of the others is a [`Line`], which
//! says when something came, in seconds since the start, and what:
//!
//! ```json
//! {"ssecat_recording":1,"started":"2026-11-25T09:00:00.000000Z","url":"http://localhost/events"}
//! {"at":0.012,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/events","headers":[["content-type","text/event-stream"]]}}
//! {"at":0.25,"text":"data: 1\n\nda"}
//! {"at":0.5,"base64":"dGE6IP8KCg=="}
//! {"at":1.5,"broken":{"error":"unexpected EOF during chunk size line","kind":"truncated"}}
//! {"at":2.5,"no_answer":{"error":"Connection refused","kind":"other"}}
//! ```
//!
//! These are the bytes of the body as they came, chunk by chunk, decompressed: what is not UTF-8 by
//! itself (a chunk may end within a character) is in base64. So a recording can be replayed through
//! the same parser and session, and gives the same events. Requests are not recorded, nor are
//! cookies: no secret of the client's is in it.

mod record;
mod replay;

use std::{error::Error, io};

use serde::{Deserialize, Serialize};

pub(crate) use self::{record::Recorder, replay::Replay};

#[derive(Debug, Serialize, Deserialize)]
struct Heading {
    ssecat_recording: u32,
    /// RFC 3339.
    started: String,
    /// Without user, password and query.
    url: String,
}

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: f64,
    #[serde(flatten)]
    what: What,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// The head of a response; what follows is its body.
    Response(Head),
    Text(String),
    Base64(String),
    /// The body has ended as it should.
    End {},
    /// The connection was lost within the body.
    Broken(Trouble),
    /// There was no response.
    NoAnswer(Trouble),
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    status: u16,
    version: String,
    url: String,
    headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Trouble {
    error: String,
    kind: TroubleKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TroubleKind {
    /// Something of the body is missing.
    Truncated,
    Reset,
    Other,
}

impl Trouble {
    /// What is known of an error by its innermost cause.
    fn of(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |&it| it.source());
        let mut kind = TroubleKind::Other;
        let mut innermost = String::new();
        for cause in causes {
            innermost = cause.to_string();
            match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
                Some(io::ErrorKind::UnexpectedEof) => kind = TroubleKind::Truncated,
                Some(io::ErrorKind::ConnectionReset) => kind = TroubleKind::Reset,
                _ => {}
            }
        }
        Self { error: innermost, kind }
    }

    /// An error of which the same is known.
    fn into_error(self) -> io::Error {
        let kind = match self.kind {
            TroubleKind::Truncated => io::ErrorKind::UnexpectedEof,
            TroubleKind::Reset => io::ErrorKind::ConnectionReset,
            TroubleKind::Other => io::ErrorKind::Other,
        };
        io::Error::new(kind, self.error)
    }
}
