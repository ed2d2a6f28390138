//! Tests of the servers, from the client's side of the socket.
//!
//! The modules are in reading order: what is sent, when, how it ends, what was recorded; then what
//! features add. No test sleeps; each has servers of its own on free ports.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support;

mod wire; // bytes of replies, as a client receives them
mod waits; // waits of a script
mod ends; // ends of replies, as the client and the record see them
mod seen; // record of the requests
mod recipes; // behavior of servers in production, played to a client that is not ours
mod clock; // test clock
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
mod codings; // compressed replies
#[cfg(feature = "http2")]
mod http2; // replies over HTTP/2, as a client receives them
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "hyper")]
mod web; // the well-behaved server
#[cfg(feature = "recording")]
mod recordings;
