//! Tests of the servers, from the client's side of the socket.
//!
//! The modules are in reading order: what is sent, when, how it ends, what was recorded; then what
//! features add. No test sleeps; each has servers of its own on free ports.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support;

mod wire;
mod waits;
mod ends;
mod seen;
mod recipes;
mod clock;
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
mod codings;
#[cfg(feature = "http2")]
mod http2;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "hyper")]
mod web;
