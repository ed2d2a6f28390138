//! Tests of the crate through its public API.
//!
//! The modules are in reading order: the tools of the tests, the standard clause by clause, the
//! cases of other suites, the properties of every stream, then the adapters. Opens no connection,
//! reads no clock and writes no file. The random streams are the same in every run unless the
//! environment sets others (`PROPTEST_CASES`, `PROPTEST_RNG_SEED`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod case; // test case of one stream
mod streams; // generators of random streams, splits and limits for the properties
mod heap; // allocator of all tests here, which measures the memory of a thread

mod spec_stream; // clauses P1 to P5
mod spec_fields; // clauses P6 to P15
mod spec_dispatch; // clauses P16 to P22
mod immediate; // latency: an event is returned with its last byte

mod vectors_wpt; // the event streams that web-platform-tests serves from its `eventsource/` folder
mod vectors_eventsource_parser; // the cases of `rexxars/eventsource-parser`
mod vectors_launchdarkly; // the cases of the parser of `launchdarkly/rust-eventsource-client`
mod vectors_sse_stream; // the cases of the parser of `4t145/sse-stream`

mod chunking; // properties of every split of a stream into chunks
mod restart; // streams of several connections with one parser
mod finish; // streams whose last event lacks its blank line
mod ends; // ends of streams
mod unknown_lines; // lines with an unknown field name
mod limits;
mod comments; // comments that are kept
mod skipping; // limits with `ExcessPolicy::Skip`
mod memory; // memory that a parser holds while it reads a stream, and afterwards
mod allocations; // exact counts of allocations and copies while streams are parsed
mod events; // public methods of events
mod last_event_id; // `EventRef::last_event_id`, on every path that creates an `EventRef`
mod sharing; // memory that events share with their chunk
mod roundtrip; // events that are written and read again

#[cfg(any(feature = "std", feature = "stream"))]
mod source; // scripted source for the tests of adapters
#[cfg(feature = "stream")]
mod polling; // helpers that poll futures and streams in tests
#[cfg(feature = "stream")]
mod adapter_stream;
#[cfg(feature = "std")]
mod adapter_read;
#[cfg(feature = "http-body")]
mod adapter_body; // `EventStream::from_body` and `EventBody`
#[cfg(feature = "http-body")]
mod passing_on; // events that are sent on as they were received
#[cfg(any(feature = "futures-io", feature = "tokio-io"))]
mod adapter_async_read; // `EventStream` over asynchronous readers
#[cfg(feature = "codec")]
mod adapter_codec;
#[cfg(feature = "serde")]
mod serde; // events in a format of serde's
