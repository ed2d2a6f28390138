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
mod support; // transport in memory, which follows a script and records its requests

#[cfg(feature = "tokio")]
mod addresses; // addresses of a connection, as far as the transport reports them
#[cfg(feature = "tokio")]
mod answers;
mod blocking; // blocking sessions over a transport in memory, without a runtime
mod clocks;
// All codings: a body has two at once.
#[cfg(all(
    feature = "tokio",
    feature = "gzip",
    feature = "deflate",
    feature = "br",
    feature = "zstd"
))]
mod codings; // content codings
// These sessions wait by the default clock.
#[cfg(feature = "tokio")]
mod ends; // ends of bodies, as `end_evidence()` reports them on the session, on a disconnect
#[cfg(feature = "tokio")]
mod first_request; // first requests of sessions whose connection ends before the head of a response
#[cfg(feature = "tokio")]
mod gaps; // gaps that the `Last-Event-ID` header of a response shows
// Its error kinds are those of all features.
#[cfg(all(feature = "tokio", feature = "hyper", feature = "h2"))]
mod hyper; // hyper-util's client as the transport, over sockets
#[cfg(feature = "tokio")]
mod last_event_ids; // last event IDs that are not sent as they were received
#[cfg(feature = "tokio")]
mod options; // options that can have no effect
#[cfg(feature = "tokio")]
mod redirects; // redirects that the session follows, for a transport that follows none
#[cfg(feature = "tokio")]
mod regular_ends; // regular ends of event streams
#[cfg(feature = "tokio")]
mod rejections; // rejected responses
#[cfg(feature = "tokio")]
mod requests; // requests that the session makes
#[cfg(feature = "tokio")]
mod restarts; // answers that a reconnection starts again from the beginning
#[cfg(all(feature = "tokio", feature = "tower"))]
mod services; // services of tower as transports, in memory
#[cfg(feature = "tokio")]
mod runtimes;
#[cfg(feature = "tokio")]
mod streams; // sessions as lazy streams, and sessions that begin with a response
mod timings; // timings of connections and answers
#[cfg(all(feature = "tokio", feature = "hyper", feature = "h2"))]
mod tls; // hyper-util's client with the connector of hyper-rustls
#[cfg(feature = "tokio")]
mod transports; // transports that misbehave
#[cfg(feature = "tokio")]
mod unfinished; // bodies whose last event lacks its blank line
#[cfg(feature = "tokio")]
mod completeness; // event streams that end in the middle of an event
#[cfg(feature = "tokio")]
mod unknown_lines; // lines that are not fields, such as an error without `data:`
#[cfg(feature = "tokio")]
mod ways; // ways in for HTTP clients
