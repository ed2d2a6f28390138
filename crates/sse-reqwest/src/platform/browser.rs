//! In a browser: its timers, and reqwest over `fetch`.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_core::Stream;
use gloo_timers::future::TimeoutFuture;
use reqwest::{
    Client, Request, RequestBuilder, Response,
    header::{CACHE_CONTROL, HeaderValue},
};
use web_time::web::SystemTimeExt as _;

use crate::threads::BoxFuture;

/// A `performance.now()`.
pub(crate) type Instant = web_time::Instant;

/// One `setTimeout` after the other.
pub(crate) fn sleep(duration: Duration) -> BoxFuture<()> {
    Box::pin(async move {
        let mut left = duration;
        while !left.is_zero() {
            let piece = left.min(LONGEST_TIMEOUT);
            TimeoutFuture::new(whole_millis(piece)).await;
            left -= piece;
        }
    })
}

/// A longer `setTimeout` is over at once: browsers count its milliseconds in an `i32`.
const LONGEST_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// Rounded up: a wait is never too short.
fn whole_millis(piece: Duration) -> u32 {
    u32::try_from(piece.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX as u32)
}

pub(crate) fn wall_time() -> SystemTime {
    web_time::SystemTime::now().to_std()
}

/// Which HTTP a response came over: browsers do not tell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum HttpVersion {
    Unknown,
}

pub(crate) fn http_version(_response: &Response) -> HttpVersion {
    HttpVersion::Unknown
}

/// Whether a header can carry the value: reqwest gives `fetch` ASCII only.
pub(crate) fn is_sendable(value: &HeaderValue) -> bool {
    value.to_str().is_ok()
}

/// Whether bodies come decompressed, whatever `Content-Encoding` says: browsers leave the header as
/// it was.
pub(crate) const DECOMPRESSES_ALL: bool = true;

/// Asks caches for no answer of theirs, as the standard says: by the request's mode, since a
/// `Cache-Control` would make the browser ask a server of another origin for leave first. One that
/// the caller has set is sent.
pub(crate) fn bypass_caches(client: &Client, request: Request) -> reqwest::Result<Request> {
    if request.headers().contains_key(CACHE_CONTROL) {
        return Ok(request);
    }
    RequestBuilder::from_parts(client.clone(), request).fetch_cache_no_store().build()
}

/// Lifts the timeout of the request, which would cut every event stream. The client has none.
pub(crate) fn without_total_timeout(request: &mut Request) {
    *request.timeout_mut() = None;
}

/// Browsers do not tell why there was no answer.
pub(crate) fn is_connect(_error: &reqwest::Error) -> bool {
    false
}

/// The chunks of a response's body, as they come.
pub(crate) struct Chunks {
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>>>>,
}

impl Chunks {
    pub(crate) fn of(response: Response) -> Self {
        Self { body: Box::pin(response.bytes_stream()) }
    }

    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<reqwest::Result<Bytes>>> {
        self.body.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").finish_non_exhaustive()
    }
}
