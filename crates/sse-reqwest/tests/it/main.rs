//! Sessions against real servers on loopback, through the public API.
//!
//! The modules are named like those of `src/` that they test, of this crate or of sse-session.
//! Every test starts its own server on a free port. None sleeps, leaves loopback, or measures real
//! time. docs/KTOR.md lists the counterparts of the cases of Ktor's own client tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support; // steps that many tests share

// Modules of this crate.
mod request; // first request of a session, as it is sent
mod transport; // reqwest's redirects, cookies, proxies, timeouts and versions of HTTP
mod ext; // sessions that begin with a response that was already received
mod platform; // tokio runtimes that end before their session

// Modules of sse-session, over reqwest.
mod acceptance; // heads of first responses: which open a session, and which are rejected
mod session; // consuming the events of a session
mod filter; // which blocks are shown
mod stop; // terminal events, and ends that report whether the event was received
mod id_header; // `Last-Event-ID` headers after the IDs of events
mod body_end; // ends of connections, and whether each one is a disconnect
mod reconnect; // attempts after a connection ends, and when they stop
mod policy; // reconnection policies, and the waits between connections
mod resume; // requests with side effects, and whether they are repeated
mod factory; // functions of the caller's that supply requests, clients and credentials
mod ack; // acknowledgment of events
mod config; // options for feeds, and the limits of events
mod driver; // back-pressure
mod handle; // ways to stop a session, and what the server sees of each
mod deadlines; // silences that end in a disconnect
mod keep_alives; // the idle timeout that `IdleTimeout::auto` learns from keep-alives
// The session decodes all of them.
#[cfg(all(feature = "gzip", feature = "deflate", feature = "br", feature = "zstd"))]
mod coding; // compressed event streams over sockets
mod history; // buffer policies: the part of a session that is kept
mod lifecycle; // every step of a session, in order
mod observer; // notifications of a session
#[cfg(feature = "tracing")]
mod trace; // spans and events of sessions, as a subscriber sees them
mod error; // errors: kinds, outcomes and properties, and the secrets that none shows
mod answer; // answers of language models from a server that fails in every way

mod typed; // sessions with sse-typed
