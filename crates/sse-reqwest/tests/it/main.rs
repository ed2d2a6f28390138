//! The session against real servers on loopback, from the outside.
//!
//! The modules stand in reading order: what the tests are made of, one connection, what of it is
//! seen, many connections, how it all ends, and what can be said of the types. Every test makes
//! its own server on a free port. None sleeps, leaves loopback, or measures real time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support;

mod requests;
mod handshake;
mod redirects;
mod parsing;
mod sessions;
mod filters;
mod last_event_id;
mod delays;
mod reconnection;
mod losses;
mod resume;
mod closing;
mod timeouts;
mod limits;
mod buffers;
mod lifecycle;
mod wpt;
mod errors;
mod secrets;
mod types;
