//! Sessions over sse-direct: over connections in memory, of which every byte is known, and over
//! sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support; // connections in memory

mod heap; // allocator of the tests

mod bodies; // bodies, in every framing
#[cfg(feature = "tcp")]
mod connectors; // connectors other than those of this crate
mod cuts; // whole sessions, whose connections are cut at every byte
mod differential; // compares the decoding of chunked bodies with that of hyper and of ureq-proto
mod faults; // connectors and connections that fail, wait or panic
mod floods; // servers that send without end, and a session that is not polled
mod heads; // heads of responses
mod memory;
#[cfg(feature = "tcp")]
mod pipes; // pipes in memory with a server that reads and writes at its own pace
mod requests;
#[cfg(feature = "tcp")]
mod runtimes;
#[cfg(feature = "tcp")]
mod sockets; // sessions over TCP, with a server that misbehaves
#[cfg(feature = "rustls")]
mod tls; // sessions over TLS, by rustls
