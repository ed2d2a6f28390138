//! Tests of the crate through its public API.
//!
//! The modules are named like those of `src/` that they test. Opens no connection, reads no clock
//! and writes no file. The random streams are the same in every run unless the environment sets
//! others (`PROPTEST_CASES`, `PROPTEST_RNG_SEED`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support; // cases, random streams, sources and the allocator that the tests share

mod parser; // the standard clause by clause, the cases of other suites, `restart` and `finish`
mod reader; // chunks: splits, latency and skipped events
mod limits; // the exact byte that exceeds a limit
mod unknown; // lines with an unknown field name
mod buffer; // memory and allocations
mod event_ref; // `EventRef::last_event_id`, on every path that creates an `EventRef`
mod event; // public methods of events
mod text; // memory that events share with their chunk
mod encode; // events that are written and read again

#[cfg(feature = "stream")]
mod stream; // `EventStream`
#[cfg(feature = "std")]
mod read; // `EventReader`
#[cfg(feature = "http-body")]
mod body; // `EventStream::from_body` and `EventBody`
#[cfg(feature = "http-body")]
mod wire_event; // events that are sent on as they were received
#[cfg(feature = "codec")]
mod codec; // `EventCodec`
#[cfg(feature = "serde")]
mod serde; // events in a format of serde's
