//! Properties of errors: the result of each method of an error, for everything that can happen to a
//! connection, over each version of HTTP and over TLS.
//!
//! The expected results are the table of docs/guide/errors.md, which a test keeps up to date.

mod table; // what happened, and the expected results
mod happen; // functions, each of which makes one thing happen

use sse_reqwest::SseError;

/// Protocol of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Http1,
    Http2,
    /// HTTP/1.1 over TLS, by rustls.
    Tls,
}

impl Over {
    const ALL: [Self; 3] = [Self::Http1, Self::Http2, Self::Tls];
}

/// Returns the kind of an error and its properties, as the table shows them.
fn answers(error: &SseError) -> String {
    let properties = [
        (error.is_connect(), "connect"),
        (error.is_tls(), "tls"),
        (error.is_timeout(), "timeout"),
        (error.is_unanswered(), "unanswered"),
        (error.is_truncated(), "truncated"),
        (error.is_reset(), "reset"),
        (error.is_local_limit(), "local_limit"),
        (error.is_decode(), "decode"),
    ];
    let mut text = format!("`{:?}`", error.kind());
    for (_, name) in properties.iter().filter(|(is, _)| *is) {
        text += &format!(" {name}");
    }
    if !error.is_retryable() {
        text += ", final";
    }
    text
}
