//! Sessions over a transport in memory: what the session does for a transport that does nothing.
//!
//! Sessions over reqwest are tested in sse-reqwest, whole lives in the simulation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod clocks;
mod ends;
mod redirects;
mod requests;
mod streams;
mod transports;
