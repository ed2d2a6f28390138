//! Sessions over sse-direct: over connections in memory, of which every byte is known, and over
//! sockets.
//!
//! The modules are named like those of `src/` that they test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support; // connections in memory, and the allocator of the tests

mod chunked; // the decoding of chunked bodies, compared with that of hyper and of ureq-proto
mod request; // requests, as they are sent
mod head; // heads of responses
mod scratch; // memory: what a session holds, and what it allocates
mod body; // bodies, in every framing
#[cfg(feature = "tcp")]
mod exchange; // servers that read and write at their own pace: early responses and pauses
mod transport; // whole sessions: connections that are cut, fail, wait, panic, or send without end
#[cfg(feature = "tcp")]
mod connector; // connectors other than those of this crate
#[cfg(feature = "rustls")]
mod tls; // sessions over TLS, by rustls
