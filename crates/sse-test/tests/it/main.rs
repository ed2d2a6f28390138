//! Tests of the servers, from the client's side of the socket.
//!
//! The modules are named like those of `src/` that they test. No test sleeps; each has servers of
//! its own on free ports.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support; // clients: one that shows raw bytes, and one that is not ours

mod http1; // bytes of replies, as a client receives them
mod script; // waits of a script
mod reply; // ends of replies, as the client and the record see them
mod seen; // record of the requests
mod real; // behavior of servers in production, played to a client that is not ours
mod clock; // test clock
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
mod coding; // compressed replies
#[cfg(feature = "http2")]
mod http2; // replies over HTTP/2, as a client receives them
#[cfg(feature = "tls")]
mod certificate; // certificates, and the clients that trust them
#[cfg(feature = "hyper")]
mod web; // the well-behaved server
#[cfg(feature = "recording")]
mod recording; // files of recordings, and the replies that play them back
#[cfg(all(feature = "recording", feature = "session"))]
mod recorder; // what recorders record of sessions
