//! Sessions over sse-direct: over connections in memory, of which every byte is known, and over
//! sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support;

mod heap;

mod bodies;
#[cfg(feature = "tcp")]
mod connectors;
mod cuts;
mod differential;
mod faults;
mod floods;
mod heads;
mod memory;
#[cfg(feature = "tcp")]
mod pipes;
mod requests;
#[cfg(feature = "tcp")]
mod runtimes;
#[cfg(feature = "tcp")]
mod sockets;
#[cfg(feature = "rustls")]
mod tls;
