//! Sessions over sse-direct: over connections in memory, of which every byte is known, and over
//! sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support;

mod bodies;
#[cfg(feature = "tcp")]
mod connectors;
mod heads;
mod requests;
#[cfg(feature = "tcp")]
mod sockets;
#[cfg(feature = "rustls")]
mod tls;
