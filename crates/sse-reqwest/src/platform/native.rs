//! With an operating system: tokio's timers, and reqwest over sockets.

use std::{
    fmt,
    pin::pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use reqwest::{
    Client, Request, Response,
    header::{CACHE_CONTROL, HeaderValue},
};

use crate::threads::BoxFuture;

/// That of tokio, which a test can stop.
pub(crate) type Instant = tokio::time::Instant;

/// Needs a runtime with its timer enabled.
pub(crate) fn sleep(duration: Duration) -> BoxFuture<()> {
    Box::pin(tokio::time::sleep(duration))
}

pub(crate) fn wall_time() -> SystemTime {
    SystemTime::now()
}

/// Which HTTP a response came over.
pub(crate) type HttpVersion = reqwest::Version;

pub(crate) fn http_version(response: &Response) -> HttpVersion {
    response.version()
}

/// Whether a header can carry the value: hyper sends any byte that [`HeaderValue`] takes.
pub(crate) fn is_sendable(_value: &HeaderValue) -> bool {
    true
}

/// Whether bodies come decompressed, whatever `Content-Encoding` says: when reqwest decompresses
/// one, it takes the header away.
pub(crate) const DECOMPRESSES_ALL: bool = false;

/// Asks caches for no answer of theirs, unless the caller has told them something.
pub(crate) fn bypass_caches(_client: &Client, mut request: Request) -> reqwest::Result<Request> {
    let no_cache = HeaderValue::from_static("no-cache");
    request.headers_mut().entry(CACHE_CONTROL).or_insert(no_cache);
    Ok(request)
}

/// Lifts the total timeout of the client, which would cut every event stream. reqwest has no way to
/// have none, so it keeps a timer that never fires, and with it wants a runtime that has timers.
pub(crate) fn without_total_timeout(request: &mut Request) {
    *request.timeout_mut() = Some(Duration::MAX);
}

pub(crate) fn is_connect(error: &reqwest::Error) -> bool {
    error.is_connect()
}

/// The chunks of a response's body, as they come.
pub(crate) struct Chunks {
    response: Response,
}

impl Chunks {
    pub(crate) fn of(mut response: Response) -> Self {
        // Of use to nobody from here on, and there as long as the response is.
        *response.extensions_mut() = Default::default();
        Self { response }
    }

    /// The future is made anew for each poll, and keeps nothing between two of them: that is in the
    /// response, which is nearer to the socket than a body or a stream made of it would be.
    #[inline(always)] // where events pass: see `Driver::poll_step`
    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<reqwest::Result<Bytes>>> {
        pin!(self.response.chunk()).poll(cx).map(Result::transpose)
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").finish_non_exhaustive()
    }
}
