//! Sessions over a transport in memory: what the session does for a transport that does nothing.
//!
//! Sessions over reqwest are tested in sse-reqwest, whole lives in the simulation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

// Most tests need the default clock, and some all codings.
#[cfg_attr(
    not(all(
        feature = "tokio",
        feature = "gzip",
        feature = "deflate",
        feature = "br",
        feature = "zstd"
    )),
    allow(dead_code)
)]
mod support;

#[cfg(feature = "tokio")]
mod addresses;
#[cfg(feature = "tokio")]
mod answers;
mod blocking;
mod clocks;
// All codings: a body has two at once.
#[cfg(all(
    feature = "tokio",
    feature = "gzip",
    feature = "deflate",
    feature = "br",
    feature = "zstd"
))]
mod codings;
// These sessions wait by the default clock.
#[cfg(feature = "tokio")]
mod ends;
#[cfg(feature = "tokio")]
mod first_request;
#[cfg(feature = "tokio")]
mod gaps;
// Its error kinds are those of all features.
#[cfg(all(feature = "tokio", feature = "hyper", feature = "h2"))]
mod hyper;
#[cfg(feature = "tokio")]
mod last_event_ids;
#[cfg(feature = "tokio")]
mod options;
#[cfg(feature = "tokio")]
mod redirects;
#[cfg(feature = "tokio")]
mod regular_ends;
#[cfg(feature = "tokio")]
mod rejections;
#[cfg(feature = "tokio")]
mod requests;
#[cfg(feature = "tokio")]
mod restarts;
#[cfg(all(feature = "tokio", feature = "tower"))]
mod services;
#[cfg(feature = "tokio")]
mod runtimes;
#[cfg(feature = "tokio")]
mod streams;
mod timings;
#[cfg(all(feature = "tokio", feature = "hyper", feature = "h2"))]
mod tls;
#[cfg(feature = "tokio")]
mod transports;
#[cfg(feature = "tokio")]
mod unfinished;
#[cfg(feature = "tokio")]
mod completeness;
#[cfg(feature = "tokio")]
mod unknown_lines;
#[cfg(feature = "tokio")]
mod ways;
