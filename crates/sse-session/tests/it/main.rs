//! Sessions over a transport in memory: what the session does for a transport that does nothing.
//!
//! The modules are named like those of `src/` that they test, as are those of sse-reqwest, which
//! tests sessions over reqwest. Whole lives are tested in the simulation.

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

// Sessions with the default clock are skipped without tokio.
#[cfg(feature = "tokio")]
mod transport; // transports that misbehave, and those made of functions and streams
#[cfg(feature = "tokio")]
mod platform; // runtimes: a session that is polled in another one than it began in
mod clock; // sessions wait by the clock that they are given
#[cfg(feature = "tokio")]
mod connection_info; // addresses of a connection, as far as the transport reports them
mod timings; // timings of connections and answers
#[cfg(feature = "tokio")]
mod body_end; // ends of bodies, and what they prove
// All codings: a body has two at once.
#[cfg(all(
    feature = "tokio",
    feature = "gzip",
    feature = "deflate",
    feature = "br",
    feature = "zstd"
))]
mod coding; // content codings
#[cfg(all(feature = "tokio", feature = "tower"))]
mod service; // services of tower as transports, hyper-util's client among them
#[cfg(feature = "tokio")]
mod id_header; // last event IDs that are not sent as they were received
#[cfg(feature = "tokio")]
mod gap; // gaps that the `Last-Event-ID` header of a response shows
#[cfg(feature = "tokio")]
mod destination; // redirects that the session follows, for a transport that follows none
#[cfg(feature = "tokio")]
mod resume; // requests that are repeated, and answers that begin again
#[cfg(feature = "tokio")]
mod policy; // rejected responses that a policy decides about
#[cfg(feature = "tokio")]
mod reconnect; // regular ends, and the counters of attempts and restarts
#[cfg(feature = "tokio")]
mod config; // options that can have no effect
#[cfg(feature = "tokio")]
mod machine; // requests that the session makes
#[cfg(feature = "tokio")]
mod opening; // sessions as lazy streams, and sessions that begin with a response
#[cfg(feature = "tokio")]
mod answer; // answers: `SseRequest::answer`
mod blocking; // blocking sessions over a transport in memory, without a runtime
#[cfg(feature = "ureq")]
mod ureq_transport; // `UreqTransport`, over sockets
