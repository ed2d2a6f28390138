//! Tests of the crate through its public API.
//!
//! The modules are in reading order: the tools of the tests, the standard clause by clause, the
//! cases of other suites, the properties of every stream, then the adapters. Opens no connection,
//! reads no clock and writes no file. The random streams are the same in every run unless the
//! environment sets others (`PROPTEST_CASES`, `PROPTEST_RNG_SEED`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod case;
mod streams;
mod heap;

mod spec_stream;
mod spec_fields;
mod spec_dispatch;
mod immediate;

mod vectors_wpt;
mod vectors_eventsource_parser;
mod vectors_launchdarkly;
mod vectors_sse_stream;

mod chunking;
mod restart;
mod finish;
mod ends;
mod unknown_lines;
mod limits;
mod comments;
mod skipping;
mod memory;
mod allocations;
mod events;
mod last_event_id;
mod sharing;
mod roundtrip;

#[cfg(any(feature = "std", feature = "stream"))]
mod source;
#[cfg(feature = "stream")]
mod polling;
#[cfg(feature = "stream")]
mod adapter_stream;
#[cfg(feature = "std")]
mod adapter_read;
#[cfg(feature = "http-body")]
mod adapter_body;
#[cfg(feature = "http-body")]
mod passing_on;
#[cfg(any(feature = "futures-io", feature = "tokio-io"))]
mod adapter_async_read;
#[cfg(feature = "codec")]
mod adapter_codec;
#[cfg(feature = "serde")]
mod serde;
